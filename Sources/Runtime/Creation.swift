// Making a container, the runtime's side (InitProcess.swift has the protocol's picture).
//
// What is made is undone in reverse when anything fails: init is killed and reaped, the cgroups
// removed, the directory removed. A runtime that is killed leaves a directory with state.json,
// from which `delete --force` finds the rest.

internal import Linux
internal import OCI
internal import Steps

/// What `create` and `run` were asked.
struct CreateRequest {
  var id: String
  var bundle = "."
  var configFile: String?
  var pidFile: String?
  /// `--network`.
  var networkFile: String?
  var consoleSocket: String?
  var newKeyring = true
  /// False for `--no-pivot`.
  var pivots = true
  var preservedDescriptors: Int32 = 0
  /// Whether systemd makes the cgroups.
  var systemd = false
  /// Whether the program is killed when this process dies.
  var diesWithParent = false
  /// `run`: init is started over the channel, and no start socket is needed.
  var startsAtOnce = false
  /// Whether this process relays the terminal, when there is one.
  var relaysTerminal = false
}

/// A container that was just created, still connected.
struct CreatedContainer: ~Copyable {
  let id: String
  let pid: Int32
  let channel: Channel
  let config: Config
  let state: State
  let cgroups: Cgroups
  /// Whether init was told already that it may execute the program.
  let isReleased: Bool
  /// Where the terminal's master comes from when this process relays it, or -1.
  let console: Int32
  /// Held on the container's directory as long as this process or init before execve(2) lives:
  /// so others see whether a half-made container is being made, or was left.
  let lock: FileLock
}

/// Makes containers.
struct Creation {
  let store: Store
  let glass: Glass
  let watcher: Watcher?

  /// Everything up to the moment before the program starts.
  func create(_ request: CreateRequest) throws(RuntimeError) -> CreatedContainer {
    try Store.check(id: request.id)
    let bundle = try absolute(request.bundle)
    var (config, text) = try Creation.load(request.configFile ?? bundle + "/config.json")
    if config.process?.terminal == true, request.consoleSocket == nil,
      !request.relaysTerminal
    {
      throw RuntimeError(
        "process.terminal is true and no --console-socket is given",
        hint: "only a foreground `run` can relay a terminal itself")
    }
    let joins = try Namespaces.open(&config)
    try Validation.check(config)
    try IDMaps(linux: config.linux).check()
    try SeccompAgent.check(config.linux.seccomp)
    if let process = config.process {
      try ProcessRules(process: process, linux: config.linux).check()
    }
    var plan = try makePlan(request, config, bundle, joins)
    var cgroups = try Cgroups.plan(config, id: request.id, systemd: request.systemd)
    let writes = try config.linux.resources.writes(cgroups.layout.mode)
    try cgroups.leaveIfForeign(config.linux, limited: !writes.isEmpty)
    plan.cgroups = cgroups

    try cgroups.check(writes)
    try cgroups.checkRealtime(config.process, config.linux.resources.cpu)
    try cgroups.checkIsFree()

    let lock = try makeDirectory(request.id)
    var state = State(id: request.id, status: .creating, bundle: bundle)
    state.annotations = config.annotations
    state.created = Clock.rfc3339(Clock.wall)
    state.cgroups = cgroups.listed
    state.keepsKeyring = !request.newKeyring
    var pid: Int32 = 0
    do {
      return try build(request, text, &plan, &state, cgroups, writes, &pid, lock)
    } catch {
      plan.netDevices?.undo(glass)
      if pid > 0 { plan.connection?.undo(glass) }
      undo(pid, cgroups, request.id)
      throw error
    }
  }

  private func absolute(_ path: String) throws(RuntimeError) -> String {
    if path.hasPrefix("/") { return path }
    let here = try lookingUp { () throws(SystemError) in try Directory.current() }
    return path == "." ? here : here + "/" + path
  }

  /// Reads and parses config.json; a file over 16 MiB is refused before it is read whole.
  static func load(_ path: String) throws(RuntimeError) -> (Config, text: [UInt8]) {
    let bytes = try lookingUp(hint: "a bundle is a directory with config.json and rootfs") {
      () throws(SystemError) in try File.read(path)
    }
    do {
      return (try Config.parse(bytes, warn: Log.warn), bytes)
    } catch { throw RuntimeError(error) }
  }

  private func makePlan(
    _ request: CreateRequest, _ config: Config, _ bundle: String, _ joins: [NamespaceJoin]
  ) throws(RuntimeError) -> InitPlan {
    let rootfs =
      config.root.path.hasPrefix("/") ? config.root.path : bundle + "/" + config.root.path
    let isDirectory = try lookingUp(hint: "root.path is relative to the bundle") {
      () throws(SystemError) in try File.status(rootfs).isDirectory
    }
    guard isDirectory else { throw RuntimeError("root.path \(rootfs) is not a directory") }
    var plan = InitPlan(id: request.id, config: config, process: config.process, rootfs: rootfs)
    plan.bundle = bundle
    for index in plan.config.mounts.indices {
      let mount = plan.config.mounts[index]
      guard
        mount.type == "bind" || mount.options.contains(where: { $0 == "bind" || $0 == "rbind" }),
        !mount.source.hasPrefix("/")
      else { continue }
      plan.config.mounts[index].source = bundle + "/" + mount.source
    }
    plan.joins = joins
    // A cgroup namespace's root is where its maker stands: it comes after joining the cgroup. A time
    // namespace begins with a child (TimeNamespace).
    for namespace in config.linux.namespaces
    where namespace.path == nil && namespace.kind != .cgroup && namespace.kind != .time {
      plan.newNamespaces.insert(namespace.kind.flag)
    }
    plan.pivots = request.pivots
    if let rules = config.linux.seccomp {
      plan.filter = try SeccompCompiler.program(rules, store: store)
      plan.filterFlags = try SeccompCompiler.flags(rules)
    }
    if config.process?.terminal == true {
      let path = request.consoleSocket
      (plan.consoleOutside, plan.console) = try lookingUp { () throws(SystemError) in
        guard let path else { return try Channel.pair() }
        return (-1, try Channel.connect(path, messages: false).release())
      }
      if path == nil { plan.process?.takeSize() }
    }
    if !config.linux.netDevices.isEmpty { plan.netDevices = try NetDevices(config.linux) }
    if let file = request.networkFile { plan.connection = try Connection(file: file, config.linux) }
    if let label = config.linux.mountLabel { plan.config.label(mounts: label) }
    plan.labels = try LabelFiles(config.process)
    plan.newKeyring = request.newKeyring
    plan.diesWithParent = request.diesWithParent
    plan.preservedDescriptors = request.preservedDescriptors
    if let watcher { plan.watch = watcher.options }
    plan.prepared = try MountPreparation(plan: plan, glass: glass).run()
    return plan
  }

  private func makeDirectory(_ id: String) throws(RuntimeError) -> FileLock {
    try lookingUp(hint: "--root must be a directory you may write to") {
      () throws(SystemError) in try File.makeDirectories(store.root, mode: 0o700)
    }
    do {
      try glass.perform(.stateCreate, .makeDirectory(store.directory(id)))
    } catch {
      guard error.error.errno == .exists else { throw RuntimeError(error) }
      throw RuntimeError(
        "container with id \"\(id)\" exists already: \(store.directory(id))",
        hint: "choose another id, or delete the container first")
    }
    do {
      return try FileLock(directory: store.directory(id))
    } catch {
      try stepping { () throws(StepFailure) in
        try glass.perform(.stateRemove, .removeTree(store.directory(id)))
      }
      throw RuntimeError(error)
    }
  }

  private func build(
    _ request: CreateRequest, _ text: [UInt8], _ plan: inout InitPlan, _ state: inout State,
    _ cgroups: Cgroups, _ writes: [CgroupWrite], _ pid: inout Int32,
    _ lock: consuming FileLock
  ) throws(RuntimeError) -> CreatedContainer {
    let id = request.id
    let resources = plan.config.linux.resources
    try stepping { () throws(StepFailure) in
      try glass.perform(.stateSave, .saveFile(store.statePath(id), state.encode(pretty: false)))
    }
    // v2: the child is born in its cgroup. v1: the cgroups are made while it mounts, then it joins.
    // systemd puts its scope around a process that is there.
    let born = cgroups.layout.mode == .v2 && cgroups.unit == nil
    if born { try cgroups.make(writes, resources, id: id, pid: 0, glass) }
    if !request.startsAtOnce {
      plan.startListener = try lookingUp { () throws(SystemError) in
        try Channel.listen(store.startPath(id)).release()
      }
    }
    defer { if plan.startListener >= 0 { Descriptors.close(plan.startListener) } }
    let (mine, its) = try lookingUp { () throws(SystemError) in try Channel.pair() }
    let channel = Channel(owning: mine)
    if plan.config.linux.namespaces.contains(where: { $0.kind == .time && $0.path == nil }) {
      let time = try TimeNamespace.make(plan.config.linux.timeOffsets, glass)
      pid = try clone(plan, mine, its, lock.descriptor.raw, cgroups: born ? cgroups : nil)
      try time.leave()
    } else {
      pid = try clone(plan, mine, its, lock.descriptor.raw, cgroups: born ? cgroups : nil)
    }
    watcher?.initPID = pid
    for join in plan.joins { Descriptors.close(join.fd) }
    for mount in plan.prepared { Descriptors.close(mount.fd) }
    if plan.console >= 0 { Descriptors.close(plan.console) }

    try Creation.setOOMScore(plan.process, pid, glass)
    if plan.hasUserNamespace { try Creation.raiseLimits(plan.process, pid, glass) }
    if plan.newNamespaces.contains(.user) { try IDMaps(linux: plan.config.linux).write(pid, glass) }
    if plan.waitsForMaps { try tell(channel, .mapped) }
    if !born { try cgroups.make(writes, resources, id: id, pid: pid, glass) }
    try savePID(id, pid)
    if !born, !plan.joinsCgroups {
      try stepping { () throws(StepFailure) in try cgroups.join(pid, glass) }
    }
    if let path = request.pidFile {
      try lookingUp { () throws(SystemError) in
        try File.replace(path, with: String(pid).utf8)
      }
    }
    try plan.netDevices?.move(pid, glass)
    try tell(channel, .joined)
    try plan.connection?.make(pid, glass)
    // Not needed to clean up, so it is saved while init is busy.
    try stepping { () throws(StepFailure) in
      try glass.perform(.stateSave, .saveFile(store.configPath(id), text))
    }
    // `run` has nothing to do between the two words, unless there are hooks or somebody watches:
    // then init need not stop and wait for the second.
    let hooks = plan.config.hooks
    let isReleased =
      request.startsAtOnce && watcher == nil && hooks.prestart.isEmpty
      && hooks.createRuntime.isEmpty
    if isReleased { try tell(channel, .go) }
    state.pid = pid
    try follow(channel, plan.config, state)
    try stepping { () throws(StepFailure) in
      try glass.around(
        .stateSave, .described(call: "rename(2)", object: store.pidPath(id), shell: nil)
      ) { () throws(SystemError) in
        try File.rename(store.initPath(id), to: store.pidPath(id))
      }
    }
    state.status = .created
    plan.netDevices?.keep()
    return CreatedContainer(
      id: id, pid: pid, channel: channel, config: plan.config, state: state, cgroups: cgroups,
      isReleased: isReleased, console: plan.consoleOutside, lock: lock)
  }

  private func savePID(_ id: String, _ pid: Int32) throws(RuntimeError) {
    let started = Processes.startTime(pid) ?? 0
    try stepping { () throws(StepFailure) in
      try glass.perform(
        .stateSave, .saveFile(store.initPath(id), Array("\(pid) \(started)\n".utf8)))
    }
  }

  /// clone3 with all new namespaces.
  ///
  /// When a user or PID namespace is to be entered, a helper enters it first and makes init as this
  /// process's child (CLONE_PARENT), so that this process stays where it is.
  private func clone(
    _ plan: InitPlan, _ mine: Int32, _ its: Int32, _ lock: Int32, cgroups: Cgroups?
  ) throws(RuntimeError) -> Int32 {
    var into: Int32 = -1
    if let cgroups, let tree = cgroups.layout.trees.first {
      into = try lookingUp { () throws(SystemError) in
        try File.open(cgroups.directory(tree), [.readOnly, .directory]).release()
      }
    }
    defer { if into >= 0 { Descriptors.close(into) } }
    if !plan.entersFirst {
      let pid = try stepping { () throws(StepFailure) in
        try glass.perform(.processClone, .clone(plan.newNamespaces, cgroup: into))
      }
      if pid == 0 {
        Descriptors.close(mine)
        InitProcess.run(plan, socket: its)
      }
      Descriptors.close(its)
      return Int32(pid)
    }
    return try ParentedClone.run(
      socket: its, mine: mine, namespaces: plan.newNamespaces, cgroup: into, watcher: watcher,
      enter: { () throws(RuntimeError) in try Creation.enter(plan, its, but: [its, lock, into]) },
      child: { InitProcess.run(plan, socket: its) })
  }

  /// The helper's way into the namespaces, told as init's.
  private static func enter(
    _ plan: InitPlan, _ socket: Int32, but kept: [Int32]
  ) throws(RuntimeError) {
    let glass = Glass()
    glass.side = .`init`
    if plan.watch.isNeeded {
      glass.observer = Reporter(
        line: InitLine(socket: socket), waits: plan.watch.waits, faults: Faults(plan.watch.faults))
    }
    // Who lives in that PID namespace must not look into a process that is still the host's
    // (CVE-2016-9962).
    // Who has CAP_SYS_PTRACE may all the same, and must find nothing that the caller left open, nor
    // a connection of the runtime's (CVE-2024-21626).
    if plan.joins.contains(where: { $0.flag == .pid }) {
      try lookingUp { () throws(SystemError) in
        try Identity.setDumpable(false)
        try Descriptors.closeAll(
          from: 3 + plan.preservedDescriptors,
          but: kept + [plan.console, plan.startListener] + (plan.labels?.descriptors ?? [])
            + plan.joins.map { $0.fd } + plan.prepared.map { $0.fd })
      }
    }
    try stepping { () throws(StepFailure) in
      for join in plan.joinsOfHelper {
        try glass.perform(.nsJoin, .join(join.fd, join.flag, path: join.path))
      }
    }
  }

  /// Written from here, since the container may have no /proc.
  static func setOOMScore(
    _ process: Process?, _ pid: Int32, _ glass: Glass
  ) throws(RuntimeError) {
    guard let score = process?.oomScoreAdj else { return }
    try stepping { () throws(StepFailure) in
      try glass.perform(
        .processOomScore, .write("/proc/\(pid)/oom_score_adj", String(score)))
    }
  }

  /// Hard limits above the runtime's own, which init could not set in a user namespace.
  ///
  /// Nobody inside has the capability for them (getrlimit(2)). Init sets the rest.
  static func raiseLimits(
    _ process: Process?, _ pid: Int32, _ glass: Glass
  ) throws(RuntimeError) {
    for limit in process?.rlimits ?? [] {
      guard let number = Identity.limitNumber(limit.type) else { continue }
      let own = try lookingUp { () throws(SystemError) in try Identity.limit(number) }
      guard limit.hard > own.hard else { continue }
      try stepping { () throws(StepFailure) in
        try glass.around(
          .processRlimit,
          .described(
            call: "prlimit(2)", object: "\(limit.type) of \(pid) \(own.soft):\(limit.hard)",
            shell: "prlimit --pid \(pid) --\(limit.type.dropFirst(7).lowercased())=:\(limit.hard)")
        ) { () throws(SystemError) in
          try Identity.setLimit(of: pid, number, soft: own.soft, hard: limit.hard)
        }
      }
    }
  }

  private func tell(
    _ channel: borrowing Channel, _ kind: MessageKind
  ) throws(RuntimeError) {
    do {
      try channel.send([kind.rawValue])
    } catch {
      // Init is gone; what it had to say is still in the channel.
      try follow(channel, Config(), State(id: "", status: .creating, bundle: ""))
    }
  }

  /// Listens to init until it is ready.
  private func follow(
    _ channel: borrowing Channel, _ config: Config, _ state: State
  ) throws(RuntimeError) {
    while true {
      let message = try lookingUp { () throws(SystemError) in try channel.receive() }
      guard let message, let kind = message.first.flatMap({ MessageKind(rawValue: $0) }) else {
        throw RuntimeError(
          "init ended before it was ready",
          hint: "it was killed, perhaps by the OOM killer under a very small memory limit: dmesg")
      }
      switch kind {
      case .ready: return
      case .prestart:
        try Hooks.run(config.hooks.prestart, "prestart", state: state, glass)
        try Hooks.run(config.hooks.createRuntime, "createRuntime", state: state, glass)
        try tell(channel, .go)
      default: try Creation.relay(message, kind, watcher, over: channel.raw)
      }
    }
  }

  /// What every listener to init does with steps and failures.
  static func relay(
    _ message: [UInt8], _ kind: MessageKind, _ watcher: Watcher?, over socket: Int32,
    agent: SeccompAgent? = nil
  ) throws(RuntimeError) {
    switch kind {
    case .failed: throw RuntimeError(payload: message)
    case .notify:
      do {
        try agent?.serve(message, over: socket)
      } catch {
        // Init is gone. When it failed by itself it has said why, and that is the reason of this.
        while let last = Channel.receive(over: socket),
          let kind = last.first.flatMap({ MessageKind(rawValue: $0) })
        {
          try relay(last, kind, watcher, over: socket)
        }
        throw error
      }
    case .begin:
      guard let watcher, let record = StepRecord(message: message) else { return }
      let go = watcher.begins(record)
      if watcher.options.waits {
        Channel.send([(go ? MessageKind.go : MessageKind.deny).rawValue], over: socket)
      }
    case .end:
      if let record = StepRecord(message: message) { watcher?.ended(record) }
    default: break
    }
  }

  /// Undoes what a failed creation made.
  ///
  /// What cannot be undone is told, with the way to do it.
  private func undo(_ pid: Int32, _ cgroups: Cgroups, _ id: String) {
    if pid > 0 {
      do {
        try Processes.kill(pid, Signal.kill)
        _ = try Processes.wait(pid)
      } catch { if error.errno != .noProcess { File.report("drydock-runtime: \(error.text)\n") } }
    }
    do {
      try cgroups.undo(glass)
      try glass.perform(.stateRemove, .removeTree(store.directory(id)))
    } catch {
      File.report(
        "drydock-runtime: cleaning up failed: \(error.text)\n"
          + "  try: drydock-runtime --root \(store.root) delete --force \(id)\n")
    }
  }
}
