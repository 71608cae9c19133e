// The container's init: what happens between clone3 and execve, in the child.
//
//   runtime                                init
//   ───────                                ────
//   clone3 ──────────────────────────────► (born in the new namespaces)
//   uid_map, gid_map ── M ───────────────► becomes root of its user namespace
//   cgroups, limits, pid file              mounts (both at once, on two CPUs)
//              ──────── J ───────────────► joins the cgroups, cgroup namespace, cgroup mounts
//   prestart hooks ◄─── P ──────────────── (only when there are such hooks)
//              ──────── G ───────────────► pivot_root
//   created ◄────────── R ──────────────── waits: for G (run), or on the start socket (create)
//   (start)                                startContainer hooks, ids, capabilities, seccomp
//                  ◄── X ─────────────── about to load the filter and to execute
//   channel closes ◄────────────────────── execve (every descriptor is close-on-exec)
//
// When the runtime dies before R the channel ends, and init exits: nothing half-made stays.

internal import Linux
internal import OCI
internal import Steps

/// Everything init needs; made before the clone, since afterwards nothing can be looked up.
struct InitPlan {
  var id: String
  /// Absolute path, for the state that hooks read.
  var bundle = ""
  var config: Config
  var process: Process?
  /// Absolute path of the root on the host.
  var rootfs: String
  var cgroups: Cgroups?
  /// Namespaces to enter, already open: kind, descriptor, path.
  var joins: [NamespaceJoin] = []
  /// Mounts that the runtime made ready with the host's rights.
  var prepared: [PreparedMount] = []
  /// False for `--no-pivot`.
  var pivots = true
  /// Namespaces that clone3 makes.
  var newNamespaces: NamespaceFlags = []
  /// Compiled rules.
  var filter: [UInt8]?
  var filterFlags: UInt32 = 0
  /// Where the security labels are written; nil when none is asked for.
  var labels: LabelFiles?
  /// Links that come from the host; nil is none.
  var netDevices: NetDevices?
  /// Networks of the host that it is connected to; nil is none.
  var connection: Connection?
  /// Whether this is `exec`.
  var isExecuted = false
  /// Where the terminal's master goes: a connected socket, or -1.
  var console: Int32 = -1
  /// The other end of that socket, when the runtime itself relays the terminal, or -1.
  var consoleOutside: Int32 = -1
  /// Listening socket on which `start` connects, or -1: then the runtime says G.
  var startListener: Int32 = -1
  var newKeyring = true
  var watch = Watcher.Options()
  /// Whether the program is killed when the runtime that waits for it dies.
  var diesWithParent = false
  /// Descriptors from 3 up that the program inherits.
  var preservedDescriptors: Int32 = 0

  /// Whether init moves itself into its v1 cgroups.
  ///
  /// It cannot when its user owns nothing there, or when the mount namespace it enters shows other
  /// trees: then the runtime moves it.
  var joinsCgroups: Bool {
    !hasUserNamespace && newNamespaces.contains(.mount) && cgroups?.layout.mode != .v2
  }

  /// What hooks in the container are told.
  func state(_ status: State.Status) -> State {
    var state = State(id: id, status: status, bundle: bundle)
    state.pid = Processes.current
    state.annotations = config.annotations
    return state
  }

  /// Whether init waits for M before it does or says anything.
  var waitsForMaps: Bool { newNamespaces.contains(.user) || entersFirst }

  /// Whether the user namespace is one of this container's own.
  var hasUserNamespace: Bool {
    newNamespaces.contains(.user) || joins.contains { $0.flag == .user }
  }
}

/// The child's side.
struct InitProcess {
  let plan: InitPlan
  let glass: Glass
  let line: InitLine

  /// Runs to execve or to an exit; never returns to the caller's code.
  static func run(_ plan: InitPlan, socket: Int32) -> Never {
    let line = InitLine(socket: socket)
    let glass = Glass()
    glass.side = .`init`
    if plan.watch.isNeeded {
      glass.observer = Reporter(
        line: line, waits: plan.watch.waits, faults: Faults(plan.watch.faults))
    }
    let process = InitProcess(plan: plan, glass: glass, line: line)
    do {
      try process.build()
    } catch {
      Channel.send(error.payload, over: socket)
      Processes.exit(error.exitCode)
    }
  }

  private static let gone = RuntimeError("the runtime is gone; init gives up")

  /// The whole way.
  func build() throws(RuntimeError) -> Never {
    Events.defaultSignals()
    try plan.labels?.open()
    try stepping { () throws(StepFailure) in try becomeRoot() }
    try stepping { () throws(StepFailure) in try enterNamespaces() }
    followClock()

    let rootfs = Rootfs(
      config: plan.config, path: plan.rootfs, glass: glass, cgroups: plan.cgroups,
      hasCgroupNamespace: hasNew(.cgroup) || hasJoined(.cgroup),
      hasUserNamespace: plan.hasUserNamespace, prepared: plan.prepared, pivots: plan.pivots)
    let hasMountNamespace = plan.newNamespaces.contains(.mount) || hasJoined(.mount)
    guard hasMountNamespace else {
      throw RuntimeError(
        "linux.namespaces has no mount namespace",
        hint: "without one, every mount of the container would be made on the host")
    }
    let root = try rootfs.open()
    try stepping { () throws(StepFailure) in try name() }
    var joined = false
    let join = { () throws(RuntimeError) -> Void in
      if joined { return }
      joined = true
      guard line.wait(for: .joined) else { throw InitProcess.gone }
      if plan.joinsCgroups, let cgroups = plan.cgroups {
        try stepping { () throws(StepFailure) in try cgroups.joinSelf(glass) }
      }
      guard hasNew(.cgroup) else { return }
      try stepping { () throws(StepFailure) in
        try glass.perform(.nsCgroupUnshare, .unshare(.cgroup))
      }
    }
    try rootfs.fill(root.raw, joined: join)
    try stepping { () throws(StepFailure) in try writeSysctls() }
    var terminal: Int32 = -1
    if let process = plan.process, process.terminal {
      terminal = try openTerminal(rootfs, root.raw, process)
    }
    try rootfs.restrictDevices(root.raw)
    try join()
    try stepping { () throws(StepFailure) in try plan.netDevices?.settle(glass) }
    try runPrestartHooks(root.raw)
    try rootfs.enter(root.raw)
    if plan.startListener >= 0 { try letGo(but: [root.raw, terminal]) }

    guard let program = plan.process else {
      line.say(.ready)
      try waitForStart()
      throw RuntimeError("config.json has no process: there is nothing to start")
    }
    try makeWorkingDirectory(program.cwd)
    let becoming = Becoming(plan: plan, process: program, glass: glass, line: line)
    // Looked up now, so that `create` can say that it is missing.
    let executable = try becoming.findExecutable()
    try stepping { () throws(StepFailure) in try becoming.takeSession(terminal) }
    line.say(.ready)
    try waitForStart()
    try becoming.exec(executable)
  }

  /// A created container may wait for long, and `exec` brings others into it: one with CAP_SYS_PTRACE
  /// must find neither what the caller left open nor the lock's directory (CVE-2024-21626).
  ///
  /// With the lock gone, one whose runtime is killed before it is `created` is seen to be left.
  private func letGo(but kept: [Int32]) throws(RuntimeError) {
    try lookingUp { () throws(SystemError) in
      try Descriptors.closeAll(
        from: 3 + plan.preservedDescriptors,
        but: kept + [line.socket, plan.startListener] + (plan.labels?.descriptors ?? []))
    }
  }

  /// A working directory that the image lacks is made, as runc and crun do it.
  private func makeWorkingDirectory(_ path: String) throws(RuntimeError) {
    guard !File.exists(path) else { return }
    try stepping { () throws(StepFailure) in
      try glass.around(
        .processCwd, .described(call: "mkdir(2)", object: path, shell: "mkdir -p " + path)
      ) { () throws(SystemError) in try File.makeDirectories(path) }
    }
  }

  private func hasNew(_ flag: NamespaceFlags) -> Bool {
    plan.config.linux.namespaces.contains { $0.path == nil && $0.kind.flag == flag }
  }

  private func hasJoined(_ flag: NamespaceFlags) -> Bool {
    plan.joins.contains { $0.flag == flag }
  }

  /// In a new user namespace this process is nobody until the maps are written.
  private func becomeRoot() throws(StepFailure) {
    guard plan.waitsForMaps else { return }
    guard line.wait(for: .mapped) else {
      throw StepFailure(.userMapUid, SystemError("read(2)", Errno(32), "id maps"))
    }
    guard plan.hasUserNamespace else { return }
    try glass.perform(.processGid, .setGroup(0))
    try glass.perform(.processUid, .setUser(0))
  }

  private func enterNamespaces() throws(StepFailure) {
    for join in plan.joinsOfInit {
      try glass.perform(.nsJoin, .join(join.fd, join.flag, path: join.path))
    }
  }

  /// From here on this process's clock is the container's: only who watches must know.
  private func followClock() {
    guard let reporter = glass.observer as? Reporter else { return }
    if plan.config.linux.namespaces.contains(where: { $0.kind == .time }) {
      reporter.shift = Clock.shift
    }
  }

  private func name() throws(StepFailure) {
    if let name = plan.config.hostname, !name.isEmpty {
      try glass.perform(.utsSethostname, .hostName(name))
    }
    if let name = plan.config.domainname, !name.isEmpty {
      try glass.perform(.utsSetdomainname, .domainName(name))
    }
    if plan.newNamespaces.contains(.network) { try glass.perform(.netLoUp, .linkUp("lo")) }
  }

  private func writeSysctls() throws(StepFailure) {
    for entry in plan.config.linux.sysctl {
      let path = "sys/" + entry.key.replacingDots
      try glass.perform(.sysctlWrite, .writeProc(path, entry.value))
    }
  }

  private func openTerminal(
    _ rootfs: Rootfs, _ root: Int32, _ process: Process
  ) throws(RuntimeError) -> Int32 {
    let pair = try rootfs.openTerminal(root)
    if let size = process.consoleSize {
      try lookingUp { () throws(SystemError) in try Terminal.resize(pair.slave, size) }
    }
    guard plan.console >= 0 else {
      throw RuntimeError(
        "process.terminal is true and nobody takes the terminal",
        hint: "give --console-socket, or use `run` without --detach")
    }
    try lookingUp { () throws(SystemError) in
      try Channel.pass(pair.master, over: plan.console, name: "/dev/ptmx")
    }
    _ = Descriptor(owning: pair.master)
    return pair.slave
  }

  private func runPrestartHooks(_ root: Int32) throws(RuntimeError) {
    let hooks = plan.config.hooks
    if !hooks.prestart.isEmpty || !hooks.createRuntime.isEmpty {
      line.say(.prestart)
      guard line.wait(for: .go) else { throw InitProcess.gone }
    }
    guard !hooks.createContainer.isEmpty else { return }
    try Hooks.run(
      hooks.createContainer, "createContainer", state: plan.state(.creating), glass, in: root)
  }

  private func waitForStart() throws(RuntimeError) {
    if plan.startListener < 0 {
      guard line.wait(for: .go) else { throw InitProcess.gone }
      return
    }
    // From here on the runtime that created us is gone, and `start` is who we talk to: the
    // connection takes the channel's place.
    do throws(SystemError) {
      let connection = try Channel.accept(plan.startListener)
      try Descriptors.replace(line.socket, with: connection)
    } catch { throw RuntimeError(error) }
    guard line.wait(for: .go) else { throw InitProcess.gone }
  }
}

extension Process {
  /// The terminal's size; nil when nobody said.
  var consoleSize: TerminalSize? {
    guard consoleHeight > 0 || consoleWidth > 0 else { return nil }
    return TerminalSize(rows: consoleHeight, columns: consoleWidth)
  }

  /// Takes the size of the terminal that will be relayed, so that the program never sees another.
  mutating func takeSize() {
    guard terminal, let size = Terminal.size(0) else { return }
    consoleHeight = size.rows
    consoleWidth = size.columns
  }
}

extension NamespaceKind {
  /// The flag of clone3(2).
  var flag: NamespaceFlags {
    switch self {
    case .pid: .pid
    case .network: .network
    case .mount: .mount
    case .ipc: .ipc
    case .uts: .uts
    case .user: .user
    case .cgroup: .cgroup
    case .time: .time
    }
  }
}

extension String {
  /// sysctl(8): dots separate, unless slashes are used; then dots belong to names.
  fileprivate var replacingDots: String {
    if contains("/") { return self }
    return String(map { $0 == "." ? "/" : $0 })
  }
}
