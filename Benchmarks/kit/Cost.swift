public import Measure
internal import Linux

/// What one process or a few in a row took.
public struct Cost {
  /// When the first was spawned, in nanoseconds of CLOCK_MONOTONIC; 0 before.
  public private(set) var began: UInt64 = 0
  /// From spawn to reaped.
  public private(set) var nanoseconds: UInt64 = 0
  /// Of the processes and all that they waited for.
  public private(set) var cpuNanoseconds: UInt64 = 0
  /// What was not as it should be.
  public var complaint: String?

  /// Milliseconds after which a command is taken to hang: a minute, or the seconds of
  /// `DRYDOCK_BENCH_PATIENCE`.
  public static let patience: Int32 = {
    let key = "DRYDOCK_BENCH_PATIENCE="
    let given = Processes.environment.first { $0.hasPrefix(key) }?.dropFirst(key.count)
    return 1000 * (given.flatMap { Int32($0) }.map { min(max($0, 1), 3600) } ?? 60)
  }()

  /// Nothing yet.
  public init() {}

  /// In milliseconds, for the experiment runner.
  public var measurement: Measurement {
    Measurement(Double(nanoseconds) / 1e6, cpuNanoseconds: cpuNanoseconds)
  }

  /// Runs a command; `output` becomes its standard output.
  ///
  /// A command that hangs is ended with everything that is in its process group.
  ///
  /// - Throws: `ExperimentError` when it cannot be started, or does not end in time.
  public mutating func add(
    _ command: [String], output: Int32 = 1
  ) throws(ExperimentError) {
    do throws(SystemError) {
      let start = Clock.now
      if began == 0 { began = start }
      let pid = try Processes.spawn(command[0], command, output: output)
      let hasEnded = try Cost.hasEnded(pid)
      if !hasEnded { try Processes.kill(-pid, Signal.kill) }
      let (status, usage) = try Processes.wait(pid)
      nanoseconds += Clock.now - start
      cpuNanoseconds += (usage.userMicroseconds + usage.systemMicroseconds) * 1000
      guard hasEnded else {
        throw SystemError(
          "poll(2)", Errno(110),
          "\(command.joined(separator: " ")): no end within \(Cost.patience / 1000) s")
      }
      if status != .exited(0) {
        complaint = "\(command.joined(separator: " ")): exit code \(status.code)"
      }
    } catch { throw ExperimentError(error.text) }
  }

  private static func hasEnded(_ pid: Int32) throws(SystemError) -> Bool {
    let handle = try Processes.handle(of: pid)
    let deadline = Clock.now + UInt64(patience) * 1_000_000
    while Clock.now < deadline {
      // A signal of ours (SIGWINCH) ends the wait as well, and means nothing here.
      if try Events.wait([handle.raw], milliseconds: patience) != 0 { return true }
    }
    return false
  }
}

/// An arm and what went wrong with its last sample: the runner asks for it right afterwards.
public final class Watched {
  /// nil when nothing went wrong.
  public var complaint: String?

  /// Nothing went wrong yet.
  public init() {}
}
