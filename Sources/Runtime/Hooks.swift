// Hooks (config.md, "POSIX-platform Hooks"): programs that get the container's state on standard
// input, in the order given; the first that fails fails the operation. `timeout` is in seconds.

internal import Linux
internal import OCI
internal import Steps

/// Runs hooks.
enum Hooks {
  /// Runs them one after another.
  ///
  /// With `failed` one that fails is told there, and the rest is run all the same.
  ///
  /// - Throws: `RuntimeError` naming the hook and how it ended.
  static func run(
    _ hooks: [Hook], _ kind: StaticString, state: State, _ glass: Glass,
    failed: ((RuntimeError) -> Void)? = nil
  ) throws(RuntimeError) {
    for (index, hook) in hooks.enumerated() {
      var outcome: RuntimeError?
      try stepping { () throws(StepFailure) in
        try glass.around(
          .hookRun,
          .described(
            call: "execve(2)", object: "\(kind)[\(index)] \(hook.path)", shell: nil)
        ) { () throws(SystemError) in
          outcome = try run(hook, name: "hooks.\(kind)[\(index)] \(hook.path)", state: state)
          if outcome != nil { throw SystemError("wait4(2)", Errno(125), hook.path) }
        }
      } unless: {
        outcome != nil
      }
      guard let outcome else { continue }
      guard let failed else { throw outcome }
      failed(outcome)
    }
  }

  /// Runs one; returns what was wrong with it.
  private static func run(
    _ hook: Hook, name: String, state: State
  ) throws(SystemError) -> RuntimeError? {
    // A file in memory: nobody waits for a hook that does not read.
    let input = try File.anonymous("state", state.encode(pretty: false))
    let child = try Processes.clone([])
    if child == 0 {
      Events.defaultSignals()
      do throws(SystemError) {
        // A group of its own, so that a timeout ends what the hook started too.
        if hook.timeout != nil { try Processes.leadGroup() }
        try Descriptors.inherit(input.raw, as: 0)
        try Descriptors.closeOnExec(from: 3)
        try Processes.exec(hook.path, hook.args.isEmpty ? [hook.path] : hook.args, hook.env)
      } catch {
        File.report("\(name): \(error.text)\n")
        Processes.exit(error.errno == .noEntry ? 127 : 126)
      }
      Processes.exit(126)
    }
    let deadline = hook.timeout.map { Clock.now + UInt64($0) * 1_000_000_000 }
    let handle = try Processes.handle(of: child)
    if let deadline {
      let now = Clock.now
      let left = deadline > now ? (deadline - now) / 1_000_000 : 0
      if try Events.wait([handle.raw], milliseconds: Int32(clamping: left + 1)) == 0 {
        try Processes.signal(handle, Signal.kill)
        // Its group keeps its number until the hook is reaped.
        do { try Processes.kill(-child, Signal.kill) } catch {
          if error.errno != .noProcess { throw error }
        }
        _ = try Processes.wait(child)
        return RuntimeError(
          "\(name) did not end within its timeout of \(hook.timeout ?? 0) s and was killed")
      }
    }
    let (status, _) = try Processes.wait(child)
    if status == .exited(0) { return nil }
    switch status {
    case .exited(let code): return RuntimeError("\(name) failed with exit code \(code)")
    case .signalled(let signal):
      return RuntimeError("\(name) was ended by \(Signal.name(signal))")
    }
  }
}

/// `stepping`, with a failure that the caller reports better itself.
private func stepping(
  _ body: () throws(StepFailure) -> Void, unless known: () -> Bool
) throws(RuntimeError) {
  do {
    try body()
  } catch { if !known() { throw RuntimeError(error) } }
}
