/// What `drydock run` and `create` can be told, one property an option.
///
/// Texts are as typed; `OptionRules` reads each of them once before anything is made.
public struct RunOptions: Sendable {
  /// The image: a name, an id, or the beginning of one.
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
  /// `-d`: nobody is joined to it.
  public var isDetached = false
  /// `-a`: `stdin`, `stdout`, `stderr`; empty for Docker's choice.
  public var attach: [String] = []
  /// `--entrypoint`; empty for none, nil for the image's own.
  public var entrypoint: String?
  /// `-e`, `NAME=value`.
  public var environment: [String] = []
  /// `--env-file`.
  public var environmentFiles: [String] = []
  /// `--label`, `KEY=value`.
  public var labels: [String] = []
  /// `--label-file`.
  public var labelFiles: [String] = []
  /// `-w`.
  public var workingDirectory: String?
  /// `-u`, `uid[:gid]` or names from the image's /etc/passwd and /etc/group.
  public var user: String?
  /// `--group-add`, numbers or names from the image's /etc/group.
  public var groups: [String] = []
  /// `--cidfile`: where the id is written.
  public var idFile: String?
  /// `--init`: an init of ours is process 1, passes signals on and reaps.
  public var hasInit = false
  /// `--hook`, `STAGE=COMMAND`, with the stages of config.json (config.md, "POSIX-platform Hooks").
  public var hooks: [String] = []

  // What it is called, and whom it knows.

  /// `--hostname`.
  public var hostname: String?
  /// `--domainname`.
  public var domainname: String?
  /// `--add-host`, `NAME:IP`.
  public var addedHosts: [String] = []
  /// `--dns`.
  public var dns: [String] = []
  /// `--dns-search`.
  public var dnsSearch: [String] = []
  /// `--dns-option`.
  public var dnsOptions: [String] = []
  /// `--expose`, `PORT[-PORT][/tcp|udp|sctp]`.
  public var expose: [String] = []

  // Limits.

  /// `-c`, relative.
  public var cpuShares: UInt64?
  /// `--cpus`, in CPUs.
  public var cpus: Double?
  /// `--cpu-period`, microseconds.
  public var cpuPeriod: Int64?
  /// `--cpu-quota`, microseconds.
  public var cpuQuota: Int64?
  /// `--cpu-rt-period`, microseconds.
  public var cpuRealtimePeriod: Int64?
  /// `--cpu-rt-runtime`, microseconds.
  public var cpuRealtimeRuntime: Int64?
  /// `--cpuset-cpus`, `0-1`.
  public var cpusetCpus: String?
  /// `--cpuset-mems`, `0`.
  public var cpusetMems: String?
  /// `-m`, bytes.
  public var memory: Int64?
  /// `--memory-reservation`, bytes.
  public var memoryReservation: Int64?
  /// `--memory-swap`, bytes of memory and swap together, -1 for no limit.
  public var memorySwap: Int64?
  /// `--memory-swappiness`, 0 to 100; -1 leaves it.
  public var memorySwappiness: Int64?
  /// `--oom-kill-disable`.
  public var disablesOOMKiller = false
  /// `--oom-score-adj`, -1000 to 1000.
  public var oomScore: Int64?
  /// `--pids-limit`, -1 for no limit.
  public var pidsLimit: Int64?
  /// `--blkio-weight`, 10 to 1000.
  public var ioWeight: UInt64?
  /// `--blkio-weight-device`, `PATH:WEIGHT`.
  public var ioWeights: [String] = []
  /// `--device-read-bps`, `PATH:RATE`.
  public var readBps: [String] = []
  /// `--device-write-bps`.
  public var writeBps: [String] = []
  /// `--device-read-iops`.
  public var readIops: [String] = []
  /// `--device-write-iops`.
  public var writeIops: [String] = []
  /// `--ulimit`, `NAME=SOFT[:HARD]`.
  public var ulimits: [String] = []
  /// `--cgroup-parent`.
  public var cgroupParent: String?
  /// `--storage-opt`.
  public var storageOptions: [String] = []

  // Files.

  /// `-v`, `[SOURCE:]TARGET[:OPTIONS]`.
  public var volumes: [String] = []
  /// `--mount`.
  public var mounts: [String] = []
  /// `--tmpfs`, `TARGET[:OPTIONS]`.
  public var tmpfs: [String] = []
  /// `--volumes-from`, `CONTAINER[:ro]`.
  public var volumesFrom: [String] = []
  /// `--read-only`.
  public var readOnly = false
  /// `--shm-size`, bytes.
  public var shmSize: Int64?
  /// `--device`, `HOST[:CONTAINER][:rwm]`.
  public var devices: [String] = []
  /// `--device-cgroup-rule`, `c 1:3 rwm`.
  public var deviceRules: [String] = []

  // Isolation.

  /// `--network`: `none`, `host`, `container:NAME`, a network's name, or `default` for what the root's
  /// settings say.
  public var network = "none"
  /// `--network` again: further networks.
  public var moreNetworks: [String] = []
  /// `--ip`.
  public var address: String?
  /// `--ip6`.
  public var longAddress: String?
  /// `--mac-address`.
  public var hardwareAddress: String?
  /// `--network-alias`.
  public var networkAliases: [String] = []
  /// `--link`, `CONTAINER[:ALIAS]`.
  public var links: [String] = []
  /// `-p`, `[[IP:]HOST:]CONTAINER[/PROTOCOL]`.
  public var published: [String] = []
  /// `-P`.
  public var publishesAll = false
  /// `--uts`: `host` for the host's own name, or empty for a name of its own.
  public var uts = ""
  /// `--pid`: `host`, `container:NAME`, or empty for processes of its own.
  public var pid = ""
  /// `--ipc`: `private`, `shareable`, `host`, `container:NAME`, or empty for private.
  public var ipc = ""
  /// `--userns`: `host` for none, as is usual here.
  public var userns = ""
  /// `--privileged`.
  public var privileged = false
  /// `--cap-add`, with or without `CAP_`.
  public var capAdd: [String] = []
  /// `--cap-drop`.
  public var capDrop: [String] = []
  /// `--security-opt`, such as `seccomp=unconfined`.
  public var securityOptions: [String] = []
  /// `--sysctl`, `NAME=VALUE`.
  public var sysctls: [String] = []
  /// `--isolation`: `default`.
  public var isolation = ""
  /// `--uidmap`, `CONTAINER:HOST[:SIZE]`; with none here nor in `gidMap` there is no user namespace.
  public var uidMap: [String] = []
  /// `--gidmap`; empty takes `uidMap`, and the other way round.
  public var gidMap: [String] = []

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
