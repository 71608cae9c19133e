public import Measure
internal import Linux
internal import Report

/// A benchmark's results, shown and written.
public enum Publishing {
  /// Prints the report and a table an experiment, and writes the files.
  ///
  /// - Throws: `ExperimentError` when they cannot be written.
  public static func publish(
    _ document: ResultDocument, to directory: String
  ) throws(ExperimentError) {
    File.report("\n" + TerminalReport(width: 100).text(document) + "\n")
    for experiment in document.experiments { File.report(table(experiment)) }
    do {
      for path in try ReportFiles.write(document, to: directory) { File.report("\(path)\n") }
    } catch { throw ExperimentError("\(error.text)") }
  }

  /// Every arm with its multiple of the floor, by the clock and by CPU time: the latter is steadier
  /// on a busy machine.
  ///
  /// Medians of the ratios within a round; where there is no floor, the first arm is it.
  static func table(_ result: ExperimentResult) -> String {
    func padded(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(1, width - text.utf8.count))
    }
    func cpu(_ round: Round, _ arm: String) -> Double? {
      round.samples.first { $0.arm == arm && $0.isValid }?.cpuNanoseconds.map { Double($0) }
    }
    func times(_ ratios: [Double]) -> String {
      Statistics.median(ratios).map { Decimals.fixed($0, 2) } ?? "-"
    }
    let floor = result.floor ?? result.arms[0].name
    var text = result.id + "\n"
    for row in [
      ["arm", "median", "× \(floor)", "CPU ms", "× \(floor)"]
    ]
      + result.arms.map(\.name).map({ arm in
        let ratios = result.kept.compactMap { round -> Double? in
          guard let a = cpu(round, arm), let b = cpu(round, floor), b > 0 else { return nil }
          return a / b
        }
        return [
          arm, Statistics.median(result.values(arm)).map { result.unit.text($0) } ?? "-",
          times(result.pairs(arm, floor).map { $0.a / $0.b }),
          times(result.kept.compactMap { round in cpu(round, arm).map { $0 / 1e6 } }),
          times(ratios),
        ]
      })
    {
      text += "  " + row.map { padded($0, 12) }.joined() + "\n"
    }
    return text + "\n"
  }
}
