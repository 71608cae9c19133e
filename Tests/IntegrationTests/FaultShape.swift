import Linux
import OCI
import Testing

/// Kinds of container that are made in different ways: together they need every step of the table
/// (FaultCoverageTests).
enum FaultShape: String, CaseIterable, Sendable {
  // Of these every step fails.
  /// Every namespace new, and nearly everything that a configuration can ask for.
  case plain
  /// With a user namespace: mounts are made ready by the runtime.
  case users
  /// Namespaces of another container, a time namespace, an id-mapped mount, no pivot_root.
  case joined
  /// A new user namespace beside others' namespaces: a helper enters them.
  case joinedUsers

  // Of these only what the others do not have.
  /// In the foreground with a terminal, and the program dies with the runtime.
  case terminal
  /// The root is an overlay and read-only.
  case overlay
  /// An agent answers for a system call.
  case agent
  /// A link of the host moves in.
  case link
  /// Connected to a network by a veth pair.
  case network
  /// Made by an ordinary user, who maps himself.
  case person

  /// The steps that it is made for; nil is all.
  var own: Set<String>? {
    switch self {
    case .plain, .users, .joined, .joinedUsers: nil
    case .terminal:
      ["tty.open", "tty.control", "dev.bind", "process.streams", "process.death-signal"]
    case .overlay: ["rootfs.overlay", "rootfs.readonly"]
    case .agent: ["seccomp.load", "seccomp.notify"]
    case .link: ["net.device.move", "net.device.up"]
    case .network:
      [
        "net.veth.create", "net.veth.attach", "net.veth.isolate", "net.sysctl", "net.address.add",
        "net.link.up", "net.route.add",
      ]
    case .person: ["user.setgroups", "user.map.uid", "user.map.gid"]
    }
  }

  var hasUsers: Bool { self == .users || self == .joinedUsers }
  var joins: Bool { self == .joined || self == .joinedUsers }

  /// The words of `run`, without its id.
  var command: [String] {
    switch self {
    case .terminal: ["run", "--die-with-parent"]
    case .joined: ["run", "--detach", "--no-pivot"]
    default: ["run", "--detach"]
    }
  }

  /// What it asks for, in a bundle with the standard configuration.
  func configure(_ bundle: Bundle, joining pid: Int32) throws {
    switch self {
    case .overlay:
      bundle.config.process?.args = ["sleep", "300"]
      bundle.config.root.readonly = true
      // Two layers and no writable one: that may lie on an overlay too.
      let empty = bundle.path + "/empty"
      try File.makeDirectory(empty)
      bundle.config.mounts.insert(
        Mount(
          destination: "/", type: "overlay", source: "overlay",
          options: ["lowerdir=\(empty):\(bundle.rootfs)"]), at: 0)
    case .person: try configureForPerson(bundle)
    default: FaultShape.configureAll(&bundle.config)
    }
    if hasUsers { try mapUsers(bundle) }
    if joins { join(&bundle.config, pid) }
    if self == .terminal {
      bundle.config.process?.terminal = true
      bundle.config.process?.args = ["true"]
    }
    if self == .agent {
      var rules = Seccomp(defaultAction: "SCMP_ACT_ALLOW")
      rules.syscalls = [SeccompRule(names: ["kexec_load"], action: "SCMP_ACT_NOTIFY")]
      rules.listenerPath = bundle.path + "/agent"
      bundle.config.linux.seccomp = rules
    }
    try bundle.write()
    if self == .person {
      try #require(run(["/bin/chown", "-R", "\(FaultShape.user)", bundle.path]).code == 0)
    }
  }

  /// Nearly every kind of step.
  private static func configureAll(_ config: inout Config) {
    config.process?.args = ["sleep", "300"]
    config.process?.oomScoreAdj = 500
    config.process?.scheduler = Scheduler(policy: "SCHED_BATCH")
    config.process?.ioPriority = IOPriority("IOPRIO_CLASS_IDLE")
    var affinity = ExecCPUAffinity()
    affinity.final = "0"
    config.process?.execCPUAffinity = affinity
    // Without AppArmor every process is that, and there is nothing to do.
    config.process?.apparmorProfile = "unconfined"
    config.linux.personality = "LINUX"
    if Scheduling.hasMemoryPolicies { config.linux.memoryPolicy = MemoryPolicy(mode: "MPOL_LOCAL") }
    config.process?.user.uid = 1000
    config.process?.user.gid = 1000
    config.process?.user.umask = 0o27
    config.process?.user.additionalGids = [7]
    config.process?.capabilities?.inheritable = ["CAP_KILL"]
    config.process?.capabilities?.ambient = ["CAP_KILL"]
    config.hostname = "fault"
    config.domainname = "fault.example"
    config.mounts.append(
      Mount(destination: "/bound", type: "bind", source: "/etc", options: ["rbind", "ro"]))
    config.mounts.append(
      Mount(destination: "/spread", type: "tmpfs", source: "t", options: ["shared"]))
    config.linux.sysctl = [KeyValue("net.ipv4.ip_forward", "1")]
    config.linux.resources.memory.limit = 64 << 20
    config.linux.resources.memory.reservation = 32 << 20
    config.linux.resources.cpu.shares = 512
    config.linux.resources.cpu.quota = 50_000
    config.linux.resources.cpu.period = 100_000
    config.linux.resources.cpu.cpus = "0"
    config.linux.resources.pids = 64
    config.linux.rootfsPropagation = "private"
    var rules = Seccomp(defaultAction: "SCMP_ACT_ALLOW")
    rules.syscalls = [SeccompRule(names: ["kexec_load"], action: "SCMP_ACT_ERRNO")]
    config.linux.seccomp = rules
    let hook = Hook(path: "/bin/true")
    config.hooks.createRuntime = [hook]
    config.hooks.createContainer = [hook]
    config.hooks.startContainer = [hook]
    config.hooks.poststart = [hook]
    config.hooks.poststop = [hook]
  }

  private func mapUsers(_ bundle: Bundle) throws {
    bundle.config.linux.namespaces.append(Namespace(.user))
    let map = IDMapping(containerID: 0, hostID: 100_000, size: 65536)
    bundle.config.linux.uidMappings = [map]
    bundle.config.linux.gidMappings = [map]
    // The way to the root must be passable for a stranger.
    try #require(run(["/bin/chown", "-R", "100000:100000", bundle.rootfs]).code == 0)
    try File.setMode(bundle.path, 0o755)
    bundle.config.mounts.append(
      Mount(destination: "/own", type: "bind", source: "/etc", options: ["idmap"]))
  }

  private func join(_ config: inout Config, _ pid: Int32) {
    for (kind, file) in [(NamespaceKind.network, "net"), (.ipc, "ipc")] {
      config.linux.namespaces.removeAll { $0.kind == kind }
      config.linux.namespaces.append(Namespace(kind, path: "/proc/\(pid)/ns/\(file)"))
    }
    config.mounts.removeAll { ["sysfs", "mqueue", "cgroup"].contains($0.type) }
    // Settings of a network namespace are its owner's.
    if hasUsers { config.linux.sysctl = [] }
    config.linux.namespaces.append(Namespace(.time))
    config.linux.timeOffsets.monotonic = TimeOffset(seconds: 100)
    var mapped = Mount(
      destination: "/mapped", type: "bind", source: "/etc", options: ["ridmap", "rro"])
    mapped.uidMappings = [IDMapping(containerID: 0, hostID: 1000, size: 10)]
    mapped.gidMappings = mapped.uidMappings
    config.mounts.append(mapped)
  }

  private static let user: UInt32 = 45_678

  /// The runtime is copied to where he can execute it.
  private func configureForPerson(_ bundle: Bundle) throws {
    let (user, program) = (FaultShape.user, bundle.path + "/drydock-runtime")
    try #require(run(["/bin/cp", Machine.runtime, program]).code == 0)
    try File.setMode(program, 0o755)
    bundle.caller = [
      "/usr/bin/setpriv", "--reuid", "\(user)", "--regid", "\(user)", "--clear-groups", program,
    ]
    let path = bundle.config.process?.env ?? []
    bundle.config = Config.rootless(uid: user, gid: user)
    bundle.config.process?.env = path
    bundle.config.process?.terminal = false
    bundle.config.process?.args = ["sleep", "300"]
  }
}

/// A process whose namespaces containers of a shape that joins enter.
final class FaultKeeper {
  private var process: Running?
  let pid: Int32

  init(_ shape: FaultShape) throws {
    guard shape.joins else {
      process = nil
      pid = 0
      return
    }
    let process = try Running(
      ["/usr/bin/unshare", "-n", "-i", "sh", "-c", "echo ready; exec sleep 3600"])
    pid = process.pid
    #expect(try eventually { try process.written() == "ready\n" })
    self.process = consume process
  }

  /// It lives until here; its process is killed and reaped with it.
  func end() { process = nil }
}
