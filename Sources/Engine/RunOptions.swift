/// What `drydock run` can be told, one property an option.
public struct RunOptions: Sendable {
  /// `busybox`, `stress` or `probe`.
  public var image: String
  /// Command and arguments; empty runs the image's own.
  ///
  /// For an image with an entrypoint (stress) these are its arguments.
  public var command: [String] = []
  /// `--name`; nil makes one.
  public var name: String?
  /// `--rm`.
  public var removeOnExit = false
  /// `-i`.
  public var interactive = false
  /// `-t`.
  public var tty = false
  /// `-e`, `NAME=value`.
  public var environment: [String] = []
  /// `-w`.
  public var workingDirectory: String?
  /// `-u`, `uid[:gid]` or names from the image's /etc/passwd and /etc/group.
  public var user: String?
  /// `--hostname`.
  public var hostname: String?
  /// `-c`, relative.
  public var cpuShares: UInt64?
  /// `--cpus`, in CPUs.
  public var cpus: Double?
  /// `--cpuset-cpus`, `0-1`.
  public var cpusetCpus: String?
  /// `-m`, bytes.
  public var memory: Int64?
  /// `--memory-swap`, bytes of memory and swap together, -1 for no limit.
  public var memorySwap: Int64?
  /// `--pids-limit`, -1 for no limit.
  public var pidsLimit: Int64?
  /// `--network`: `none` or `host`.
  public var network = "none"
  /// `--uts`: `host` for the host's own name, or empty for a name of its own.
  public var uts = ""
  /// `-v`, `SOURCE:TARGET[:OPTIONS]`.
  public var volumes: [String] = []
  /// `--init`: an init of ours is process 1, passes signals on and reaps.
  public var hasInit = false
  /// `--hook`, `STAGE=COMMAND`, with the stages of config.json (config.md, "POSIX-platform Hooks").
  public var hooks: [String] = []
  /// `--read-only`.
  public var readOnly = false
  /// `--cap-add`, with or without `CAP_`.
  public var capAdd: [String] = []
  /// `--cap-drop`.
  public var capDrop: [String] = []
  /// `--security-opt`, such as `seccomp=unconfined`.
  public var securityOptions: [String] = []
  /// `--uidmap`, `CONTAINER:HOST[:SIZE]`; with none here nor in `gidMap` there is no user namespace.
  public var uidMap: [String] = []
  /// `--gidmap`; empty takes `uidMap`, and the other way round.
  public var gidMap: [String] = []
  /// Flags handed to the runtime as they are: `--explain`, `--step`, `--trace FILE`, `--lang L`,
  /// `--fault ID[:errno|kill]`.
  public var glass: [String] = []

  /// A plain run of an image.
  public init(image: String) { self.image = image }
}
