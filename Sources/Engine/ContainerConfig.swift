import Images
import Linux
import OCI
import State

/// From `drydock run`'s options to the bundle's config.json: Docker's default container.
struct ContainerConfig {
  /// The container's place in every cgroup tree: by its short id, so that the paths can be read.
  ///
  /// - Parameters:
  ///   - id: 64 hexadecimal digits.
  ///   - parent: `--cgroup-parent`.
  /// - Returns: an absolute path within the trees.
  static func cgroupPath(_ id: String, below parent: String? = nil) -> String {
    let parts = (parent ?? "drydock").split(separator: "/")
    return "/" + parts.joined(separator: "/") + "/\(id.prefix(12))"
  }

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
  /// What it has mounted beside the usual.
  var mounts: [MountRecord] = []
  /// The host's environment, for `-e NAME` and the value of TERM.
  var hostEnvironment: [String] = []
  /// The host's name, which a container on the host's network shares.
  var hostName = ""
  /// The init program on the host, for `--init`.
  var initProgram = ""

  /// Where it is in the container: on the tmpfs that is /dev, so that no layer holds it.
  static let initPlace = "/dev/init"

  /// What was asked to run, without an init before it.
  var command: [String] {
    guard options.entrypoint != nil else { return image.arguments(options.command) }
    // The image's own command was meant for the image's own entrypoint.
    return entrypoint + options.command
  }

  /// What of the command is the entrypoint.
  var entrypoint: [String] {
    guard let entrypoint = options.entrypoint else { return image.entrypoint ?? [] }
    return entrypoint.isEmpty ? [] : [entrypoint]
  }

  /// The name inside.
  var hostname: String {
    let isHosts = options.network == "host" || options.uts == "host"
    return options.hostname ?? (isHosts ? hostName : String(id.prefix(12)))
  }

  /// The whole configuration.
  func config() throws(EngineError) -> Config {
    let security = try SecurityOptions(options.securityOptions)
    let devices = try DeviceOptions(options)
    let showsAll = options.privileged || security.showsSystemPaths
    var config = Config()
    config.root.readonly = options.readOnly
    if options.uts != "host" {
      config.hostname = hostname
      config.domainname = options.domainname
    }
    config.process = try process(security)
    config.mounts = allMounts
    config.hooks = try HookOptions.hooks(options.hooks)
    config.linux.namespaces = namespaces
    // Nothing reaches the host from a tree that was made a slave, so a shared volume needs a shared
    // root (as Docker does it).
    if mounts.contains(where: \.isShared) { config.linux.rootfsPropagation = "shared" }
    config.linux.uidMappings = maps?.uids ?? []
    config.linux.gidMappings = maps?.gids ?? []
    config.linux.cgroupsPath = ContainerConfig.cgroupPath(id, below: options.cgroupParent)
    config.linux.resources = try ResourceOptions.resources(options)
    config.linux.resources.devices =
      options.privileged ? devices.rules : ContainerConfig.deviceRules + devices.rules
    config.linux.devices = devices.nodes
    config.linux.sysctl = NamespaceOptions.sysctls(options)
    config.linux.seccomp = seccomp
    config.linux.mountLabel = security.selinuxLabel
    config.linux.maskedPaths = showsAll ? [] : ContainerConfig.maskedPaths
    config.linux.readonlyPaths = showsAll ? [] : ContainerConfig.readonlyPaths
    return config
  }

  // MARK: The program

  private func process(_ security: SecurityOptions) throws(EngineError) -> OCI.Process {
    var process = OCI.Process()
    process.terminal = options.tty
    process.args = command
    guard let program = process.args.first, !program.isEmpty else {
      throw EngineError("No command specified", hint: "Name one behind the image.")
    }
    if options.hasInit { process.args.insert(ContainerConfig.initPlace, at: 0) }
    process.cwd = options.workingDirectory ?? image.workingDirectory
    if process.cwd.isEmpty { process.cwd = "/" }
    process.env = try environment()
    process.user = user.user
    // A group without an id outside cannot be held (setgroups(2), EINVAL).
    if let maps { process.user.additionalGids.removeAll { maps.host(gid: $0) == nil } }
    process.noNewPrivileges = security.noNewPrivileges
    process.apparmorProfile = security.apparmor
    process.selinuxLabel = security.selinuxLabel
    process.oomScoreAdj = options.oomScore.map { Int32($0) }
    for text in options.ulimits { process.rlimits.append(try Ulimit(text).rlimit) }
    let granted = try CapabilityRules.granted(
      add: options.privileged ? ["ALL"] : options.capAdd, drop: options.capDrop, bounding: bounding)
    var capabilities = Capabilities()
    capabilities.bounding = granted
    capabilities.permitted = granted
    capabilities.effective = granted
    process.capabilities = capabilities
    return process
  }

  /// As Docker makes it: the image's PATH, the name, TERM with a terminal, then what was asked
  /// for, and HOME when nobody set it.
  private func environment() throws(EngineError) -> [String] {
    var list = image.environment
    if !list.contains(where: { $0.hasPrefix("PATH=") }) {
      list.insert(ImageSettings.defaultPath, at: 0)
    }
    list.append("HOSTNAME=\(hostname)")
    if options.tty { list.append("TERM=xterm") }
    for entry in try KeyFiles.environment(options) {
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

  private static let maskedPaths = [
    "/proc/asound", "/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
    "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware",
    "/sys/devices/virtual/powercap",
  ]
  private static let readonlyPaths = [
    "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
  ]

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
