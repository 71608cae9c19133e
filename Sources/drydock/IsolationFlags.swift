import ArgumentParser
import Engine

/// Which files it sees.
struct FileFlags: ParsableArguments {
  @Option(
    name: [.customShort("v", allowingJoined: true), .customLong("volume")],
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Mount a volume, or a directory of the host.", valueName: "[source:]target[:options]"))
  var volumes: [String] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "The same in words: type=bind|volume|tmpfs,source=…,target=…[,readonly].",
      valueName: "key=value,…"))
  var mount: [String] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Memory at a place.", valueName: "target[:options]"))
  var tmpfs: [String] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Mount what another container has.", valueName: "container[:ro]"))
  var volumesFrom: [String] = []

  @Flag(help: "Make its root read-only.")
  var readOnly = false

  @Option(parsing: .unconditional, help: "How large /dev/shm is.")
  var shmSize: String?

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("A device of the host.", valueName: "path[:path][:rwm]"))
  var device: [String] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("A rule of the devices cgroup.", valueName: "rule"))
  var deviceCgroupRule: [String] = []

  func apply(to options: inout RunOptions) throws {
    options.volumes = volumes
    options.mounts = mount
    options.tmpfs = tmpfs
    options.volumesFrom = volumesFrom
    options.readOnly = readOnly
    options.shmSize = try shmSize.map(Amount.bytes)
    options.devices = device
    options.deviceRules = deviceCgroupRule
  }
}

/// What it may see and do.
struct IsolationFlags: ParsableArguments {
  @Option(help: "host: the host's own name.")
  var uts = ""

  @Option(help: "host, or container:NAME: whose processes it sees.")
  var pid = ""

  @Option(help: "private, shareable, host, or container:NAME: whose shared memory it has.")
  var ipc = ""

  @Option(help: "host: no user namespace.")
  var userns = ""

  @Flag(help: "Give it all capabilities and devices, and hide nothing.")
  var privileged = false

  @Option(parsing: .unconditionalSingleValue, help: "Grant a capability.")
  var capAdd: [String] = []

  @Option(parsing: .unconditionalSingleValue, help: "Take a capability away.")
  var capDrop: [String] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "seccomp=unconfined, seccomp=FILE, no-new-privileges, apparmor=PROFILE, label=disable or "
        + "systempaths=unconfined.", valueName: "option"))
  var securityOpt: [String] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("A parameter of its namespaces.", valueName: "name=value"))
  var sysctl: [String] = []

  @Option(help: "default.")
  var isolation = ""

  @Option(
    name: .customLong("uidmap"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Make a user namespace: from this uid inside, so many are others outside.",
      valueName: "container:host[:size]"))
  var uidMap: [String] = []

  @Option(
    name: .customLong("gidmap"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "The same for groups; as --uidmap when not given.", valueName: "container:host[:size]"))
  var gidMap: [String] = []

  func apply(to options: inout RunOptions) {
    options.uts = uts
    options.pid = pid
    options.ipc = ipc
    options.userns = userns
    options.privileged = privileged
    options.capAdd = capAdd
    options.capDrop = capDrop
    options.securityOptions = securityOpt
    options.sysctls = sysctl
    options.isolation = isolation
    options.uidMap = uidMap
    options.gidMap = gidMap
  }
}
