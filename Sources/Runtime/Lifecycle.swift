// The commands on containers that exist: start, kill, delete.

internal import Linux
internal import OCI
internal import Steps

extension Container {
  /// Lets a created container's program start, and waits until it was executed or could not be.
  func start(_ glass: Glass, _ watcher: Watcher?) throws(RuntimeError) {
    guard state.status == .created else {
      throw RuntimeError(
        "cannot start container \(id): it is \(state.status.rawValue), not created", exitCode: 1)
    }
    watcher?.initPID = state.pid ?? 0
    // Renaming decides between two `start`s at once: one finds the socket, the other nothing.
    let path = store.startPath(id)
    let claimed = path + "ing"
    do {
      try File.rename(path, to: claimed)
    } catch {
      guard error.errno == .noEntry else { throw RuntimeError(error) }
      throw RuntimeError(
        "cannot start container \(id): another start was faster", exitCode: 1)
    }
    let socket = try lookingUp(hint: "its init is not waiting any more; `state` shows why") {
      () throws(SystemError) in
      let socket = try Channel.connect(claimed, messages: true)
      try File.remove(claimed)
      return socket
    }
    let channel = Channel(owning: socket.release())
    try lookingUp { () throws(SystemError) in try channel.send([MessageKind.go.rawValue]) }
    let config = try config()
    let agent = SeccompAgent(config.linux.seccomp, state, of: state.pid ?? 0, glass)
    try Container.listen(channel, watcher, agent: agent)
    var state = state
    state.status = .running
    let hooks = config.hooks.poststart
    guard !hooks.isEmpty else { return }
    do throws(RuntimeError) {
      try Hooks.run(hooks, "poststart", state: state, glass)
    } catch {
      // runtime.md, "Lifecycle", step 9: it is an error, and the container is stopped.
      try end(glass)
      throw error
    }
  }

  /// Listens to init until the channel closes: then the program was executed.
  static func listen(
    _ channel: borrowing Channel, _ watcher: Watcher?, executing: Bool = false,
    agent: SeccompAgent? = nil
  ) throws(RuntimeError) {
    var executing = executing
    while let message = try lookingUp({ () throws(SystemError) in try channel.receive() }) {
      guard let kind = message.first.flatMap({ MessageKind(rawValue: $0) }) else { continue }
      if kind == .executing { executing = true }
      try Creation.relay(message, kind, watcher, over: channel.raw, agent: agent)
    }
    guard executing else { throw endedEarly }
    watcher?.closed()
  }

  /// The channel closed without the word that comes before execve(2).
  static var endedEarly: RuntimeError {
    RuntimeError(
      "init ended before the program was executed",
      hint: "it was killed, perhaps by the OOM killer under a very small memory limit: dmesg")
  }

  /// Sends a signal to init, or to every process of the container.
  func kill(_ signal: Int32, all: Bool, _ glass: Glass) throws(RuntimeError) {
    if all { return try killAll(signal, glass) }
    try killInit(signal, glass)
    // On v1 what stands still dies only when it may go on.
    if signal == Signal.kill, state.status == .paused, let freezer = Freezer(state.cgroups),
      freezer.holdsKills
    {
      try freezer.thaw(glass)
    }
  }

  private func killInit(_ signal: Int32, _ glass: Glass) throws(RuntimeError) {
    let handle = try handle()
    let pid = state.pid ?? 0
    try stepping { () throws(StepFailure) in
      try glass.around(
        .processKill,
        .described(
          call: "pidfd_send_signal(2)", object: "process \(pid), \(Signal.name(signal))",
          shell: "kill -\(signal) \(pid)")
      ) { () throws(SystemError) in try Processes.signal(handle, signal) }
    }
  }

  /// Every process of the cgroup, also those that are being born meanwhile.
  ///
  /// On v2 the kernel kills them in one go. Else all are stopped first, so that none forks while
  /// the others are told; and SIGKILL is repeated until nobody is left.
  private func killAll(_ signal: Int32, _ glass: Glass) throws(RuntimeError) {
    var pause: UInt64 = 1_000_000
    while true {
      let pids = try processes()
      guard !pids.isEmpty else { return }
      let done = signal == Signal.kill ? try killCgroup(glass) : false
      if !done { try signalEach(signal, glass) }
      guard signal == Signal.kill, pause < 1_000_000_000 else { return }
      Clock.sleep(pause)
      pause *= 2
    }
  }

  private func signalEach(_ signal: Int32, _ glass: Glass) throws(RuntimeError) {
    let stands = state.status == .paused
    let freezer = Freezer(state.cgroups)
    var failure: RuntimeError?
    do throws(RuntimeError) {
      if !stands { try freezer?.stop(glass) }
      for pid in try processes() {
        do {
          try glass.perform(.processKill, .kill(pid, signal: signal))
        } catch { if error.error.errno != .noProcess { throw RuntimeError(error) } }
      }
    } catch { failure = error }
    if !stands || signal == Signal.kill { try freezer?.thaw(glass) }
    if let failure { throw failure }
  }

  /// cgroup.kill, which v2 has since Linux 5.14; false where it is not.
  private func killCgroup(_ glass: Glass) throws(RuntimeError) -> Bool {
    guard let cgroup = state.cgroups.first, cgroup.controllers.isEmpty else { return false }
    let file = cgroup.path + "/cgroup.kill"
    guard File.exists(file) else { return false }
    try stepping { () throws(StepFailure) in try glass.perform(.cgroupKill, .write(file, "1")) }
    return true
  }

  /// Every process in the container's cgroups.
  func processes() throws(RuntimeError) -> [Int32] {
    guard
      let cgroup = state.cgroups.first(where: { $0.controllers == "pids" })
        ?? state.cgroups.first
    else { return [] }
    return try Container.processes(beneath: cgroup.path)
  }

  /// In a cgroup and those inside it.
  private static func processes(beneath directory: String) throws(RuntimeError) -> [Int32] {
    do {
      var pids = try File.text(directory + "/cgroup.procs").split(separator: "\n")
        .compactMap { Int32($0) }
      for name in try File.list(directory)
      where try File.status(directory + "/" + name, follow: false).isDirectory {
        pids += try processes(beneath: directory + "/" + name)
      }
      return pids
    } catch let error as SystemError {
      if error.errno == .noEntry || error.errno == .noDevice { return [] }
      throw RuntimeError(error)
    } catch let error as RuntimeError {
      throw error
    } catch { return [] }
  }

  /// Removes a stopped container: cgroups, then its directory.
  ///
  /// With `force` a running one is killed first.
  func delete(force: Bool, _ glass: Glass) throws(RuntimeError) {
    switch state.status {
    case .stopped:
      // Without a PID namespace of its own, init's children outlive it.
      if force { try kill(Signal.kill, all: true, glass) }
    case .running, .paused, .created, .creating:
      guard force else {
        throw RuntimeError(
          "cannot delete container \(id): it is \(state.status.rawValue), not stopped",
          hint: "kill it first, or use --force", exitCode: 1)
      }
      try end(glass)
    }
    try remove(glass)
  }

  /// SIGKILL to all, and waits until init is gone.
  private func end(_ glass: Glass) throws(RuntimeError) {
    if state.pid != nil {
      do throws(RuntimeError) {
        try endInit(glass)
      } catch { if error != notRunning { throw error } }
    }
    // What shared the host's PID namespace, or an init whose pid was never written down.
    try kill(Signal.kill, all: true, glass)
  }

  private func endInit(_ glass: Glass) throws(RuntimeError) {
    let handle = try handle()
    try kill(Signal.kill, all: false, glass)
    func isGone(after milliseconds: Int32) throws(RuntimeError) -> Bool {
      try lookingUp { () throws(SystemError) in
        try Events.wait([handle.raw], milliseconds: milliseconds) != 0
      }
    }
    if try isGone(after: 1000) { return }
    // Somebody may have put it into a cgroup that stands still (v1): back into its own.
    if let freezer = state.cgroups.first(where: { $0.controllers == "freezer" }) {
      do throws(StepFailure) {
        try glass.perform(
          .cgroupJoin, .write(freezer.path + "/cgroup.procs", String(state.pid ?? 0)))
      } catch { if error.error.errno != .noProcess { throw RuntimeError(error) } }
    }
    guard try isGone(after: 9000) else {
      throw RuntimeError(
        "container \(id): init \(state.pid ?? 0) did not end 10 s after SIGKILL",
        hint: "it is in a system call that cannot be interrupted (state D)")
    }
  }

  /// Removes what a container without processes leaves.
  private func remove(_ glass: Glass) throws(RuntimeError) {
    let cgroups = try cgroups()?.withUnit()
    // The hooks are in the directory's config.json, so they are read before it goes.
    var hooks: [Hook] = []
    if File.exists(store.configPath(id)) {
      do throws(RuntimeError) {
        hooks = try config().hooks.poststop
      } catch {
        // Nothing says any more which hooks there were; the container goes all the same.
        File.report("drydock-runtime: \(error.message): no poststop hook is run\n")
      }
    }
    try remove(cgroups, poststop: hooks, glass)
  }

  /// The same for who knows the container already: `run` made it.
  func remove(_ cgroups: Cgroups?, poststop hooks: [Hook], _ glass: Glass) throws(RuntimeError) {
    try stepping { () throws(StepFailure) in
      try cgroups?.remove(glass)
      try glass.perform(.stateRemove, .removeTree(store.directory(id)))
    }
    var state = state
    state.status = .stopped
    state.pid = nil
    guard !hooks.isEmpty else { return }
    // runtime.md, "Lifecycle", step 13: the container is gone, and the others are run.
    try Hooks.run(hooks, "poststop", state: state, glass) { Log.warn($0.message) }
  }

  /// Its cgroups, from what was written down; nil when there are none.
  func cgroups() throws(RuntimeError) -> Cgroups? {
    guard !state.cgroups.isEmpty else { return nil }
    let listed = state.cgroups
    let layout = try lookingUp { () throws(SystemError) in
      let layout = try CgroupLayout.detect()
      return listed.contains { $0.controllers.isEmpty } ? try layout.includingUnified() : layout
    }
    guard let path = cgroupPath(layout) else { return nil }
    return try Cgroups(layout: layout, configured: path, id: id)
  }

  private func cgroupPath(_ layout: CgroupLayout) -> String? {
    for cgroup in state.cgroups {
      for tree in layout.trees where cgroup.path.hasPrefix(tree.mountPoint + "/") {
        return String(cgroup.path.dropFirst(tree.mountPoint.utf8.count))
      }
    }
    return nil
  }
}
