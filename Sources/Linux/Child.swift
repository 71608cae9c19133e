internal import CLinux

/// A program started by this process, and the duty to reap it: whoever drops it without
/// `wait()` kills it.
public struct Child: ~Copyable {
  /// Its pid; not given to another process before it is reaped.
  public let pid: Int32
  /// Readable for poll(2) once it has ended (pidfd_open(2)).
  public let pidfd: Int32

  /// Starts a program; safe in a process with threads.
  ///
  /// - Parameters:
  ///   - path: the executable; no search.
  ///   - arguments: the whole argv, the name included.
  ///   - environment: `NAME=value`, see `Processes.environment`.
  ///   - input: becomes descriptor 0.
  ///   - output: becomes descriptor 1.
  ///   - error: becomes descriptor 2.
  ///   - inherit: one more descriptor that stays open under its number.
  ///   - deathSignal: what it gets when the calling thread ends; 0 for nothing.
  /// - Throws: `SystemError` of execve(2) or of what came before it.
  public init(
    _ path: String, _ arguments: [String], environment: [String] = Processes.environment,
    input: Int32 = 0, output: Int32 = 1, error: Int32 = 2, inherit: Int32 = -1,
    deathSignal: Int32 = 0
  ) throws(SystemError) {
    var raw: Int32 = -1
    let streams = [input, output, error]
    var result = 0
    var attempts = 0
    repeat {
      result = unsafe Processes.withCStrings(arguments) { argv in
        unsafe Processes.withCStrings(environment) { envp in
          unsafe streams.withUnsafeBufferPointer { fds in
            unsafe lx_spawn(path, argv, envp, fds.baseAddress, inherit, deathSignal, &raw)
          }
        }
      }
      attempts += 1
      // ETXTBSY: another thread forked while this process was still writing the executable, and
      // that child has not reached its own execve(2) (golang.org/issue/22315).
    } while result == -26 && attempts < 100 && lx_sleep_ns(1_000_000) <= 0
    pid = Int32(try check(result, "execve(2)", path))
    pidfd = raw
  }

  deinit {
    _ = lx_pidfd_send_signal(pidfd, 9)
    var status: Int32 = 0
    _ = unsafe lx_wait4(pid, &status, 0, nil, nil, nil)
    _ = lx_close(pidfd)
  }

  /// Sends a signal; a child that has ended already is no error.
  ///
  /// - Throws: `SystemError` naming the pid.
  public func signal(_ number: Int32) throws(SystemError) {
    let result = lx_pidfd_send_signal(pidfd, number)
    if result != -3 { try check(result, "pidfd_send_signal(2)", "\(pid)") }
  }

  /// Whether it has ended, after waiting for that as long as told (-1 for ever).
  ///
  /// - Throws: `SystemError` naming the pid.
  public func ended(within milliseconds: Int32) throws(SystemError) -> Bool {
    var ready: UInt64 = 0
    let result = unsafe withUnsafePointer(to: pidfd) {
      unsafe lx_poll_in($0, 1, milliseconds, &ready)
    }
    if result == -4 { return false }
    try check(result, "poll(2)", "\(pid)")
    return ready != 0
  }

  /// Waits for its end and reaps it.
  ///
  /// - Throws: `SystemError` naming the pid.
  public consuming func wait() throws(SystemError) -> ExitStatus {
    var status: Int32 = 0
    let pid = self.pid
    let result = unsafe lx_wait4(pid, &status, 0, nil, nil, nil)
    _ = lx_close(pidfd)
    discard self
    try check(result, "wait4(2)", "\(pid)")
    return ExitStatus(raw: status)
  }

  /// Leaves it to itself: whoever this process's orphans go to will reap it.
  public consuming func letGo() {
    _ = lx_close(pidfd)
    discard self
  }

  /// What a program that was run to its end left.
  public struct Result: Equatable, Sendable {
    /// How it ended.
    public let status: ExitStatus
    /// What it wrote to descriptor 1.
    public let output: [UInt8]
    /// What it wrote to descriptor 2.
    public let error: [UInt8]
  }

  /// Runs a program to its end and keeps what it writes.
  ///
  /// It writes into memory (memfd_create(2)), not into pipes, of which one could fill up while
  /// the other is read.
  ///
  /// - Parameters:
  ///   - path: the executable; no search.
  ///   - arguments: the whole argv, the name included.
  ///   - environment: `NAME=value`, see `Processes.environment`.
  ///   - input: what it reads from descriptor 0; nil for /dev/null.
  /// - Returns: How it ended, and what it wrote.
  /// - Throws: `SystemError` of execve(2) or of what came before it.
  public static func run(
    _ path: String, _ arguments: [String], environment: [String] = Processes.environment,
    input: [UInt8]? = nil
  ) throws(SystemError) -> Result {
    let source =
      if let input { try File.anonymous("input", input) } else {
        try File.open("/dev/null", .readWrite)
      }
    let output = try File.memory("output")
    let error = try File.memory("error")
    let child = try Child(
      path, arguments, environment: environment, input: source.raw, output: output.raw,
      error: error.raw)
    let status = try child.wait()
    return Result(
      status: status, output: try File.read(output.procPath), error: try File.read(error.procPath))
  }
}
