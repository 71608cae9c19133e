/// Containers on this machine: run, watched, listed, ended, removed.
///
/// There is no daemon. Every method looks at what is on disk and in the kernel; several processes
/// may use the same roots at once.
public final class Engine: Sendable {
  /// What outlives a reboot: images, and each container's writable layer and record.
  public let root: String
  /// What does not: bundles and the runtime's state.
  public let runRoot: String
  /// The OCI runtime's executable; checked when it is first needed.
  let runtime: String?

  /// Makes an engine on two directories, which are created when first needed.
  ///
  /// - Parameters:
  ///   - root: `--root`.
  ///   - runRoot: `--run-root`.
  ///   - runtime: the OCI runtime; nil takes `DRYDOCK_RUNTIME`, else the `drydock-runtime` beside
  ///     the running executable.
  /// - Throws: `EngineError` when a path is not absolute.
  public init(
    root: String = "/var/lib/drydock", runRoot: String = "/run/drydock", runtime: String? = nil
  ) throws(EngineError) {
    self.root = root
    self.runRoot = runRoot
    self.runtime = runtime
  }

  /// Runs a container in the foreground with this process's standard streams.
  ///
  /// - Returns: the program's exit code, 128+n when signal n ended it, 126 or 127 when it could
  ///   not be executed or found.
  /// - Throws: `EngineError` for what kept it from being started.
  public func run(_ options: RunOptions) throws(EngineError) -> Int32 {
    throw EngineError("run: not written yet")
  }

  /// Starts a container in the background: traced, its output captured, its life tied to the
  /// calling thread's (PR_SET_PDEATHSIG). Returns when the program has been executed.
  ///
  /// - Throws: `EngineError` for what kept it from being started.
  public func start(_ options: RunOptions) throws(EngineError) -> RunningContainer {
    throw EngineError("start: not written yet")
  }

  /// The containers, newest first.
  ///
  /// - Parameter all: the ended ones too.
  /// - Throws: `EngineError` when the state cannot be read.
  public func containers(all: Bool = false) throws(EngineError) -> [ContainerInfo] {
    throw EngineError("containers: not written yet")
  }

  /// Runs a program in a living container with this process's standard streams.
  ///
  /// - Parameters:
  ///   - container: a name, an id, or the beginning of an id.
  ///   - command: the program and its arguments.
  ///   - options: user, directory, environment, terminal.
  /// - Returns: its exit code, as `run` does.
  /// - Throws: `EngineError` when there is no such living container.
  public func exec(
    _ container: String, _ command: [String], options: ExecOptions = ExecOptions()
  ) throws(EngineError) -> Int32 {
    throw EngineError("exec: not written yet")
  }

  /// Sends a signal to a living container's first process.
  ///
  /// - Parameters:
  ///   - container: a name, an id, or the beginning of an id.
  ///   - signal: a number or a name, with or without `SIG`.
  /// - Throws: `EngineError` when there is no such living container or signal.
  public func kill(_ container: String, signal: String = "KILL") throws(EngineError) {
    throw EngineError("kill: not written yet")
  }

  /// Removes an ended container; with `force` a living one is killed first.
  ///
  /// - Parameters:
  ///   - container: a name, an id, or the beginning of an id.
  ///   - force: kill it when it lives.
  /// - Throws: `EngineError` when there is no such container, or it lives and `force` is false.
  public func remove(_ container: String, force: Bool = false) throws(EngineError) {
    throw EngineError("remove: not written yet")
  }

  /// The images that have been prepared, by name.
  ///
  /// - Throws: `EngineError` when the state cannot be read.
  public func images() throws(EngineError) -> [ImageInfo] {
    throw EngineError("images: not written yet")
  }

  /// Makes a built-in image ready, so that the first `run` need not.
  ///
  /// - Throws: `EngineError` when what it is made from is missing.
  public func prepareImage(_ name: String) throws(EngineError) {
    throw EngineError("prepareImage: not written yet")
  }
}
