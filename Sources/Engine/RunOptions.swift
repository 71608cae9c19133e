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
  /// `-d`: nobody is joined to it.
  public var isDetached = false
  /// `--label`, `KEY=value`.
  public var labels: [String] = []

  // Its life.

  /// `--restart`: `no`, `always`, `unless-stopped`, `on-failure[:N]`; nil for no.
  public var restart: String?
  /// `--stop-signal`; nil for the image's, or TERM.
  public var stopSignal: String?
  /// `--stop-timeout`, seconds; nil for 10.
  public var stopTimeout: Int64?
  /// `--health-…`.
  public var health = HealthOptions()
  /// `--log-driver`: `json-file` or `none`; nil for json-file.
  public var logDriver: String?
  /// `--log-opt`, `KEY=VALUE`.
  public var logOptions: [String] = []

  /// Flags handed to the runtime as they are: `--explain`, `--step`, `--trace FILE`, `--lang L`,
  /// `--fault ID[:errno|kill]`.
  public var glass: [String] = []

  /// A plain run of an image.
  public init(image: String) { self.image = image }
}

/// `--health-…`: how to find out whether what runs works.
public struct HealthOptions: Equatable, Sendable {
  /// `--health-cmd`, a line for the container's shell; nil for the image's own.
  public var command: String?
  /// `--health-interval`, such as `30s`.
  public var interval: String?
  /// `--health-timeout`.
  public var timeout: String?
  /// `--health-start-period`.
  public var startPeriod: String?
  /// `--health-retries`.
  public var retries: Int64?
  /// `--no-healthcheck`.
  public var isOff = false

  /// The image's own.
  public init() {}
}
