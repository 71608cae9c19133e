public import Linux
import OCI

/// A container started in the background by `Engine.start`.
///
/// When the thread that started it ends, the container ends too (prctl(2), PR_SET_PDEATHSIG:
/// the kernel watches the thread, not the process). What is dropped without `wait()` is killed and
/// removed.
public final class RunningContainer {
  /// 64 hexadecimal digits.
  public let id: String
  /// Given, or made up.
  public let name: String
  /// The first process's pid as the host sees it.
  public let pid: Int32
  /// How this machine mounts its cgroups.
  public let cgroupMode: CgroupMode

  private let engine: Engine
  private let files: Files
  private let cgroups: [State.Cgroup]
  private var child: Child?
  private var end: End?

  /// What was written while it ran.
  struct Files {
    let output: String
    let trace: String
  }

  /// What stays when the container is gone.
  private struct End {
    let code: Int32
    let output: [UInt8]
    let trace: [UInt8]
  }

  init(
    engine: Engine, record: Record, pid: Int32, cgroups: [State.Cgroup], mode: CgroupMode,
    files: Files, child: consuming Child
  ) {
    self.engine = engine
    id = record.id
    name = record.name
    self.pid = pid
    self.cgroups = cgroups
    cgroupMode = mode
    self.files = files
    self.child = consume child
  }

  deinit {
    guard let child = child.take() else { return }
    _ = consume child  // kills the runtime
    // Nobody is left to be told; the next command finishes what fails here.
    do throws(EngineError) { try engine.store.remove(id) } catch {}
  }

  /// The directory with a controller's files for this container, such as
  /// `/sys/fs/cgroup/memory/drydock/ID`; nil when the controller is not in use.
  ///
  /// - Parameter controller: `memory`, `cpu`, `cpuacct`, `cpuset`, `pids` and so on.
  /// - Returns: the directory; it vanishes when the container ends.
  public func cgroup(_ controller: String) -> String? {
    for cgroup in cgroups {
      let names = cgroup.controllers.split(separator: ",")
      if names.isEmpty || names.contains(Substring(controller)) { return cgroup.path }
    }
    return nil
  }

  /// Sends a signal to the first process.
  ///
  /// - Throws: `EngineError` when it has ended.
  public func kill(_ signal: Int32) throws(EngineError) {
    try engine.kill(id, signal: "\(signal)")
  }

  /// SIGTERM, and SIGKILL when it still lives after the grace, in seconds; `wait()` is still due.
  ///
  /// - Throws: `EngineError` when it cannot be ended.
  public func stop(grace: Double) throws(EngineError) {
    try engine.stop(id, grace: grace)
  }

  /// Waits for the end, removes the container and tells the exit code as `Engine.run` does.
  ///
  /// Waiting again gives the same code at once.
  ///
  /// - Returns: the exit code.
  /// - Throws: `EngineError` when the end cannot be seen or the container not be removed.
  public func wait() throws(EngineError) -> Int32 {
    if let end { return end.code }
    guard let child = child.take() else { throw EngineError("\(name): has been waited for") }
    let code = try RuntimeCommand.wait(for: child)
    end = End(
      code: code, output: try RunningContainer.bytes(files.output),
      trace: try RunningContainer.bytes(files.trace))
    try engine.store.remove(id)
    return code
  }

  /// Standard output and standard error so far, as they came.
  ///
  /// - Returns: the text; bytes that are not UTF-8 become replacement characters.
  /// - Throws: `EngineError` when the file cannot be read.
  public func output() throws(EngineError) -> String {
    if let end { return String(decoding: end.output, as: UTF8.self) }
    return String(decoding: try RunningContainer.bytes(files.output), as: UTF8.self)
  }

  /// The steps so far: those of the start when it runs, all of them after `wait()`.
  ///
  /// - Returns: the steps with their times.
  /// - Throws: `EngineError` when the file cannot be read or is not a trace.
  public func trace() throws(EngineError) -> Trace {
    if let end { return try Trace.parse(end.trace) }
    return try Trace.parse(try RunningContainer.bytes(files.trace))
  }

  /// The most that is kept of a container's output.
  private static let limit = 64 << 20

  private static func bytes(_ path: String) throws(EngineError) -> [UInt8] {
    do throws(SystemError) {
      return try File.read(path, limit: limit)
    } catch {
      if error.errno == .noEntry { return [] }
      throw EngineError("reading what the container wrote", error)
    }
  }
}
