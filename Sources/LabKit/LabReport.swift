internal import Linux
internal import Measure
internal import Report

extension LabCommand {
  /// Writes a result document to standard output.
  func put(_ outcomes: [LabOutcome]) throws -> Int32 { Plain.put("") }
  /// Writes report.html, report.md and result.json.
  func write(_ outcomes: [LabOutcome]) throws {}
}
