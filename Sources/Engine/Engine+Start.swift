import Linux
import OCI

extension Engine {
  /// Starts a container in the background and returns when its program has been executed.
  ///
  /// It is traced, its output is kept in a file, its standard input is empty, and its life is tied
  /// to the calling thread's (prctl(2), PR_SET_PDEATHSIG): call from a thread that lasts, such as
  /// the main one.
  ///
  /// - Returns: the container, which ended already when its program was quick.
  /// - Throws: `EngineError` for what kept it from being started, with what the runtime said.
  public func start(_ options: RunOptions) throws(EngineError) -> RunningContainer {
    guard !options.tty else {
      throw EngineError("a container in the background has no terminal", hint: "Leave tty out.")
    }
    var options = options
    options.removeOnExit = true
    let prepared = try prepare(options, isKept: false)
    do throws(EngineError) {
      return try launch(prepared, options)
    } catch {
      // The cause is what matters; what cannot be removed now the next command finishes.
      do throws(EngineError) { try store.remove(prepared.record.id) } catch {}
      throw error
    }
  }

  private func launch(
    _ prepared: borrowing Prepared, _ options: RunOptions
  ) throws(EngineError) -> RunningContainer {
    let id = prepared.record.id
    let pidFile = prepared.bundle + "/pid"
    try readyNetworks(prepared.record, prepared.publication, glass: options.glass)
    let files = RunningContainer.Files(
      output: prepared.bundle + "/output", trace: prepared.bundle + "/trace.json")
    let words =
      [
        "run", "--die-with-parent", "--bundle", prepared.bundle, "--pid-file", pidFile, "--trace",
        files.trace,
      ]
      + networkWords(prepared.bundle) + options.glass + [id]

    let null = try asked("opening standard input") { () throws(SystemError) in
      try File.open("/dev/null", .readOnly)
    }
    let output = try asked("making a file for the output") { () throws(SystemError) in
      try File.open(files.output, [.writeOnly, .create, .append, .noFollow])
    }
    let child = try runtime.start(
      words, input: null.raw, output: output.raw, error: output.raw,
      inherit: prepared.alive.descriptor.raw, deathSignal: Signal.kill)
    prepared.publication?.keep(with: child.pid)
    let ended = try untilExecuted(child, trace: files.trace)
    let text = try asked("reading what the container wrote") { () throws(SystemError) in
      File.exists(files.trace) ? try File.read(files.trace, limit: 64 << 20) : []
    }
    var reached = false
    if !text.isEmpty { reached = try Trace.parse(text).reachedProgram }
    if ended && !reached {
      let said = try asked("reading the runtime's message") { () throws(SystemError) in
        try File.text(files.output)
      }
      let code = try RuntimeCommand.wait(for: child)
      throw EngineError(
        said.isEmpty ? "the runtime ended with code \(code)" : said.trimmedLine, exitCode: code)
    }
    return RunningContainer(
      engine: self, record: prepared.record, pid: try pid(pidFile), cgroups: try cgroups(id),
      mode: try layout().mode, files: files, child: child)
  }

  /// Waits until the trace shows the program executed, or the runtime has ended; tells which.
  private func untilExecuted(
    _ child: borrowing Child, trace: String
  ) throws(EngineError) -> Bool {
    while true {
      let ended = try asked("waiting for the runtime") { () throws(SystemError) in
        try child.ended(within: 1)
      }
      if ended { return true }
      if File.exists(trace) { return false }
    }
  }

  private func pid(_ path: String) throws(EngineError) -> Int32 {
    let text = try asked("reading the container's pid") { () throws(SystemError) in
      try File.text(path)
    }
    guard let pid = Int32(text.trimmedLine) else { throw EngineError("\(path) says \(text)") }
    return pid
  }

  /// Where the container's cgroups are; where they were, when it has ended already.
  private func cgroups(_ id: String) throws(EngineError) -> [State.Cgroup] {
    if let state = try runtime.state(id), !state.cgroups.isEmpty { return state.cgroups }
    return try layout().trees.map {
      State.Cgroup(
        controllers: $0.isUnified ? "" : $0.controllers.joined(separator: ","),
        path: $0.mountPoint + ContainerConfig.cgroupPath(id))
    }
  }

  private func layout() throws(EngineError) -> CgroupLayout {
    try asked("looking for cgroups") { () throws(SystemError) in try CgroupLayout.detect() }
  }
}
