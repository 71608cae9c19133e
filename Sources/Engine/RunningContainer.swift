public import Linux

/// A container started in the background by `Engine.start`.
///
/// When the thread that started it ends, the container ends too (prctl(2), PR_SET_PDEATHSIG:
/// the kernel watches the thread, not the process).
public final class RunningContainer {
  /// 64 hexadecimal digits.
  public let id: String
  /// Given, or made up.
  public let name: String
  /// The first process's pid as the host sees it.
  public let pid: Int32

  init(id: String, name: String, pid: Int32) {
    self.id = id
    self.name = name
    self.pid = pid
  }

  /// How this machine mounts its cgroups.
  public var cgroupMode: CgroupMode { .hybrid }

  /// The directory with a controller's files for this container, such as
  /// `/sys/fs/cgroup/memory/drydock/ID`; nil when the controller is not in use.
  public func cgroup(_ controller: String) -> String? { nil }

  /// Sends a signal to the first process.
  ///
  /// - Throws: `EngineError` when it has ended.
  public func kill(_ signal: Int32) throws(EngineError) {
    throw EngineError("kill: not written yet")
  }

  /// Waits for the end, removes the container and tells the exit code as `Engine.run` does.
  /// Waiting again gives the same code at once.
  ///
  /// - Throws: `EngineError` when the runtime failed.
  public func wait() throws(EngineError) -> Int32 { throw EngineError("wait: not written yet") }

  /// Standard output and standard error so far, as they came.
  ///
  /// - Throws: `EngineError` when the file cannot be read.
  public func output() throws(EngineError) -> String {
    throw EngineError("output: not written yet")
  }

  /// The steps so far: those of the start when it runs, all of them after `wait()`.
  ///
  /// - Throws: `EngineError` when the file cannot be read or is not a trace.
  public func trace() throws(EngineError) -> Trace { throw EngineError("trace: not written yet") }
}
