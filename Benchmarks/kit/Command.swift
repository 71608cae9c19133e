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
}
