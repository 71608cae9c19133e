import Images
import Linux
import OCI

/// From `drydock run`'s options to the bundle's config.json: Docker's default container.
struct ContainerConfig {
  /// The container's place in every cgroup tree: by its short id, so that the paths can be read.
  static func cgroupPath(_ id: String) -> String { "/drydock/\(id.prefix(12))" }

  /// What was asked for, checked by `OptionRules`.
  var options: RunOptions
  /// 64 hexadecimal digits.
  var id: String
  /// How the image wants to be run.
  var image: ImageSettings
  /// The image's layers, the topmost first, separated by colons: the overlay's lower directories.
  var lower: String
  /// Where the container's own files are: `upper` and `work`.
  var layer: String
  /// Who the program runs as.
  var user: ContainerUser
  /// What can be granted at all.
  var bounding: [String]
  /// Which ids inside are which outside; nil without a user namespace.
  var maps: IDMaps?
  /// Rules for system calls; nil for none.
  var seccomp: Seccomp?
  /// The host's environment, for `-e NAME` and the value of TERM.
  var hostEnvironment: [String] = []
  /// The host's name, which a container on the host's network shares.
  var hostName = ""
  /// The init program on the host, for `--init`.
  var initProgram = ""

  /// Where it is in the container: on the tmpfs that is /dev, so that no layer holds it.
  private static let initPlace = "/dev/init"

  /// What was asked to run, without an init before it.
  var command: [String] { image.arguments(options.command) }

  /// The name inside.
  var hostname: String {
    let isHosts = options.network == "host" || options.uts == "host"
    return options.hostname ?? (isHosts ? hostName : String(id.prefix(12)))
  }

  /// The whole configuration.
  func config() throws(EngineError) -> Config {
    var config = Config()
    config.root.readonly = options.readOnly
    if options.uts != "host" { config.hostname = hostname }
    config.process = try process()
    config.mounts = try mounts()
    config.hooks = try HookOptions.hooks(options.hooks)
    config.linux.namespaces = namespaces
    config.linux.rootfsPropagation = try Volume.rootPropagation(options.volumes)
    config.linux.uidMappings = maps?.uids ?? []
    config.linux.gidMappings = maps?.gids ?? []
    config.linux.cgroupsPath = ContainerConfig.cgroupPath(id)
    config.linux.resources = resources
    config.linux.seccomp = seccomp
    config.linux.maskedPaths = ContainerConfig.maskedPaths
    config.linux.readonlyPaths = ContainerConfig.readonlyPaths
    return config
  }

  // MARK: The program

  private func process() throws(EngineError) -> OCI.Process {
    var process = OCI.Process()
    process.terminal = options.tty
    process.args = command
    guard let program = process.args.first, !program.isEmpty else {
      throw EngineError("No command specified", hint: "Name one behind the image.")
    }
    if options.hasInit { process.args.insert(ContainerConfig.initPlace, at: 0) }
    process.cwd = options.workingDirectory ?? image.workingDirectory
    process.env = environment
    process.user = user.user
    // A group without an id outside cannot be held (setgroups(2), EINVAL).
    if let maps { process.user.additionalGids.removeAll { maps.host(gid: $0) == nil } }
    process.noNewPrivileges = try SecurityOptions(options.securityOptions).noNewPrivileges
    let granted = try CapabilityRules.granted(
      add: options.capAdd, drop: options.capDrop, bounding: bounding)
    var capabilities = Capabilities()
    capabilities.bounding = granted
    capabilities.permitted = granted
    capabilities.effective = granted
    process.capabilities = capabilities
    return process
  }

  /// As Docker makes it: the image's PATH, the name, TERM with a terminal, then what was asked
  /// for, and HOME when nobody set it.
  private var environment: [String] {
    var list = image.environment
    list.append("HOSTNAME=\(hostname)")
    if options.tty { list.append("TERM=xterm") }
    for entry in options.environment {
      ContainerConfig.set(entry, in: &list, host: hostEnvironment)
    }
    if !list.contains(where: { $0.hasPrefix("HOME=") }) { list.append("HOME=\(user.home)") }
    return list
  }

  /// `-e NAME=value` replaces; `-e NAME` takes the host's value, or removes when it has none.
  static func set(_ entry: String, in list: inout [String], host: [String]) {
    let name = entry.prefix { $0 != "=" }
    var value: String? = entry
    if !entry.contains("=") { value = host.first { $0.hasPrefix(name + "=") } }
    let place = list.firstIndex { $0.hasPrefix(name + "=") }
    switch (value, place) {
    case (let value?, let place?): list[place] = value
    case (let value?, nil): list.append(value)
    case (nil, let place?): list.remove(at: place)
    case (nil, nil): break
    }
  }

  // MARK: The world around it

  private var namespaces: [Namespace] {
    var kinds: [NamespaceKind] = [.pid, .mount, .ipc, .cgroup]
    if options.uts != "host" { kinds.insert(.uts, at: 3) }
    if options.network == "none" { kinds.insert(.network, at: 1) }
    if maps != nil { kinds.insert(.user, at: 0) }
    return kinds.map { Namespace($0) }
  }

  /// The default ones, of which a volume at the same place replaces one, then the volumes.
  private func mounts() throws(EngineError) -> [Mount] {
    var list = standardMounts
    if options.hasInit {
      list.append(
        Mount(
          destination: ContainerConfig.initPlace, type: "bind", source: initProgram,
          options: ["bind", "ro", "nosuid", "nodev"]))
    }
    for text in options.volumes {
      let mount = try Volume(text).mount
      if let place = list.firstIndex(where: { $0.destination == mount.destination }) {
        list[place] = mount
      } else {
        list.append(mount)
      }
    }
    return list
  }

  /// The overlay, then Docker's own (moby, `oci/defaults.go`).
  ///
  /// The overlay lies over the root itself, in the container's mount namespace only, so that it
  /// ends with the container.
  private var standardMounts: [Mount] {
    [
      Mount(
        destination: "/", type: "overlay", source: "overlay",
        options: ["lowerdir=\(lower)", "upperdir=\(layer)/upper", "workdir=\(layer)/work"]
          // In a user namespace the layer's notes cannot be trusted.* attributes (overlayfs.rst).
          + (maps == nil ? [] : ["userxattr"])),
      Mount(
        destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"]),
      Mount(
        destination: "/dev", type: "tmpfs", source: "tmpfs",
        options: ["nosuid", "strictatime", "mode=755", "size=65536k"]),
      Mount(
        destination: "/dev/pts", type: "devpts", source: "devpts",
        options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]
          + (maps.map { $0.host(gid: 5) != nil } ?? true ? ["gid=5"] : [])),
      Mount(
        destination: "/sys", type: "sysfs", source: "sysfs",
        options: ["nosuid", "noexec", "nodev", "ro"]),
      Mount(
        destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup",
        options: ["ro", "nosuid", "noexec", "nodev"]),
      Mount(
        destination: "/dev/mqueue", type: "mqueue", source: "mqueue",
        options: ["nosuid", "noexec", "nodev"]),
      Mount(
        destination: "/dev/shm", type: "tmpfs", source: "shm",
        options: ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]),
    ]
  }

  private static let maskedPaths = [
    "/proc/asound", "/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
    "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware",
    "/sys/devices/virtual/powercap",
  ]
  private static let readonlyPaths = [
    "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
  ]

  // MARK: Limits

  private var resources: Resources {
    var resources = Resources()
    resources.devices = ContainerConfig.deviceRules
    if let memory = options.memory, memory > 0 {
      resources.memory.limit = memory
      // Docker would allow as much swap again. Here a limit closes swap unless asked otherwise,
      // so that 64 MiB means 64 MiB wherever the lab runs.
      let swap = options.memorySwap ?? 0
      resources.memory.swap = swap == 0 ? memory : swap
    }
    if let shares = options.cpuShares, shares > 0 { resources.cpu.shares = shares }
    if let cpus = options.cpus, cpus > 0 {
      resources.cpu.period = 100_000
      resources.cpu.quota = Int64((cpus * 100_000).rounded())
    }
    if let list = options.cpusetCpus, !list.isEmpty { resources.cpu.cpus = list }
    if let limit = options.pidsLimit, limit > 0 { resources.pids = limit }
    return resources
  }

  /// Nothing, but nodes may be made, and the usual ones used: null, zero, full, random, urandom,
  /// tty, console, ptmx and the container's terminals (devices.txt of the kernel).
  private static let deviceRules: [DeviceRule] = {
    var rules = [DeviceRule(allow: false)]
    for type in ["c", "b"] {
      var make = DeviceRule(allow: true)
      make.type = type
      make.access = "m"
      rules.append(make)
    }
    let usual: [(Int64, Int64?)] = [
      (1, 3), (1, 5), (1, 7), (1, 8), (1, 9), (5, 0), (5, 1), (5, 2), (136, nil),
    ]
    for (major, minor) in usual {
      var rule = DeviceRule(allow: true)
      rule.type = "c"
      rule.major = major
      rule.minor = minor
      rules.append(rule)
    }
    return rules
  }()
}
