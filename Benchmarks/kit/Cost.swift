public import Measure
internal import Linux

/// What one process or a few in a row took.
public struct Cost {
  /// From spawn to reaped.
  public private(set) var nanoseconds: UInt64 = 0
  /// Of the processes and all that they waited for.
  public private(set) var cpuNanoseconds: UInt64 = 0
  /// What was not as it should be.
  public var complaint: String?

  /// Nothing yet.
  public init() {}

  /// In milliseconds, for the experiment runner.
  public var measurement: Measurement {
    Measurement(Double(nanoseconds) / 1e6, cpuNanoseconds: cpuNanoseconds)
  }

  /// Runs a command; `output` becomes its standard output.
  ///
  /// - Throws: `ExperimentError` when it cannot be started.
  public mutating func add(
    _ command: [String], output: Int32 = 1
  ) throws(ExperimentError) {
    do {
      let start = Clock.now
      let pid = try Processes.spawn(command[0], command, output: output)
      let (status, usage) = try Processes.wait(pid)
      nanoseconds += Clock.now - start
      cpuNanoseconds += (usage.userMicroseconds + usage.systemMicroseconds) * 1000
      if status != .exited(0) {
        complaint = "\(command.joined(separator: " ")): exit code \(status.code)"
      }
    } catch { throw ExperimentError(error.text) }
  }
}

/// An arm and what went wrong with its last sample: the runner asks for it right afterwards.
public final class Watched {
  /// nil when nothing went wrong.
  public var complaint: String?

  /// Nothing went wrong yet.
  public init() {}
}
