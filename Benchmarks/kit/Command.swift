public import Measure
internal import Linux

/// Commands outside of any number.
public enum Command {
  /// Runs a command that must succeed; what it printed.
  ///
  /// - Throws: `ExperimentError` with the command when it does not.
  @discardableResult
  public static func must(_ command: [String]) throws(ExperimentError) -> String {
    let (text, complaint) = try output(command)
    if let complaint { throw ExperimentError(complaint) }
    return text
  }

  /// Runs a command; what it printed, and what was wrong.
  ///
  /// - Throws: `ExperimentError` when it cannot be started.
  public static func output(
    _ command: [String]
  ) throws(ExperimentError) -> (text: String, complaint: String?) {
    var cost = Cost()
    let memory = try Place.told { () throws(SystemError) in try File.memory("output") }
    try cost.add(command, output: memory.raw)
    let text = try Place.told { () throws(SystemError) in try File.text(memory.procPath) }
    return (text, cost.complaint)
  }

  /// Runs commands at once, each of which must succeed.
  ///
  /// Those that do not end within `Cost.patience` are ended.
  ///
  /// - Parameters:
  ///   - commands: Each with its program first.
  ///   - interval: Milliseconds between two looks.
  ///   - look: Called again and again while they run.
  /// - Returns: What each printed.
  /// - Throws: `ExperimentError` with the command that failed or did not end.
  public static func together(
    _ commands: [[String]], every interval: Int32 = Cost.patience,
    _ look: () throws(ExperimentError) -> Void = {}
  ) throws(ExperimentError) -> [String] {
    var running: [Running] = []
    for command in commands { running.append(try Running(command)) }
    let deadline = Clock.now + UInt64(Cost.patience) * 1_000_000
    for one in running {
      while try !one.hasEnded(within: interval) {
        try look()
        guard Clock.now < deadline else {
          throw ExperimentError(
            "\(one.text): no end within \(Cost.patience / 1000) s "
              + "(DRYDOCK_BENCH_PATIENCE=SECONDS waits longer)")
        }
      }
    }
    var texts: [String] = []
    for one in running { texts.append(try one.printed()) }
    return texts
  }
}

/// A command that runs; dropped before its end, it is killed.
private final class Running {
  let text: String
  private let output: Descriptor
  private var child: Child?

  init(_ command: [String]) throws(ExperimentError) {
    text = command.joined(separator: " ")
    output = try Place.told { () throws(SystemError) in try File.memory("output") }
    let raw = output.raw
    child = try Place.told { () throws(SystemError) in
      try Child(command[0], command, output: raw, deathSignal: Signal.kill)
    }
  }

  func hasEnded(within milliseconds: Int32) throws(ExperimentError) -> Bool {
    try Place.told { () throws(SystemError) in try child?.ended(within: milliseconds) ?? true }
  }

  /// What it printed, once it has ended; to be asked once.
  func printed() throws(ExperimentError) -> String {
    let status = try Place.told { () throws(SystemError) in try child.take()?.wait() }
    if let status, status != .exited(0) {
      throw ExperimentError("\(text): exit code \(status.code)")
    }
    return try Place.told { () throws(SystemError) in try File.text(output.procPath) }
  }
}
