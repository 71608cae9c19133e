import Measure

/// `samples.csv` and `summary.csv` (RFC 4180, but for lines that end in a line feed only).
enum Tables {
  /// Every number that was taken, discards and voided ones too.
  static func samples(_ document: ResultDocument) -> String {
    var lines = [
      "experiment,round,discarded,position,arm,value,unit,cpu_ns,canary_per_us,round_steal,"
        + "steal,context_switches,load,psi_cpu_us,psi_io_us,psi_memory_us,periods,"
        + "throttled_periods,failed_assertions"
    ]
    for experiment in document.experiments {
      for round in experiment.rounds {
        for sample in round.samples {
          lines.append(row(experiment, round, sample))
        }
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func row(
    _ experiment: ExperimentResult, _ round: Round, _ sample: Sample
  ) -> String {
    let window = sample.window
    func pressure(_ name: String) -> String {
      window.pressure[name].map { "\($0.someMicroseconds)" } ?? ""
    }
    let fields: [String] = [
      experiment.id, "\(round.number)", round.discarded?.kind.rawValue ?? "",
      "\(sample.position)", sample.arm, "\(sample.value)", experiment.unit.rawValue,
      sample.cpuNanoseconds.map { "\($0)" } ?? "", "\(sample.canary)", "\(round.steal)",
      "\(window.steal)", "\(window.contextSwitches)", window.loadAverage.map { "\($0)" } ?? "",
      pressure("cpu"), pressure("io"), pressure("memory"),
      window.throttling.map { "\($0.periods)" } ?? "",
      window.throttling.map { "\($0.throttledPeriods)" } ?? "",
      sample.failedAssertions.joined(separator: "; "),
    ]
    return fields.map(field).joined(separator: ",")
  }

  /// A line a check of a lab, and a line an arm of an experiment and of each of its facets.
  static func summary(_ document: ResultDocument) -> String {
    var lines = [
      "kind,id,item,unit,n,value,low,high,expected,tolerance,over_floor,over_floor_low,"
        + "over_floor_high,aa_noise,verdict,trust"
    ]
    for lab in document.labs {
      for check in lab.checks {
        var fields = ["lab", lab.id, check.text.en, check.expected?.unit.rawValue ?? "", ""]
        fields += bounds(check.measured)
        fields += [
          check.expected.map { "\($0.value)" } ?? "",
          check.expected.map { "\($0.tolerance)" } ?? "", "", "", "", "",
          check.verdict.word.en, Trust(lab).rawValue,
        ]
        lines.append(fields.map(field).joined(separator: ","))
      }
    }
    for experiment in document.experiments.flatMap(\.views) {
      let summary = ExperimentSummary(experiment)
      for arm in summary.arms {
        var fields = [
          "experiment", experiment.id, arm.arm.name, experiment.unit.rawValue, "\(arm.count)",
        ]
        fields += bounds(arm.here) + ["", ""] + bounds(arm.overFloor)
        fields += [
          summary.noise.map { "\($0)" } ?? "", arm.comparison?.rawValue ?? "",
          summary.trust.rawValue,
        ]
        lines.append(fields.map(field).joined(separator: ","))
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func bounds(_ interval: Interval?) -> [String] {
    guard let interval else { return ["", "", ""] }
    return ["\(interval.middle)", "\(interval.low)", "\(interval.high)"]
  }

  /// Quoted when it must be.
  ///
  /// A text that a spreadsheet would take for a formula gets an
  /// apostrophe; numbers are left alone.
  static func field(_ text: String) -> String {
    var text = text
    if let first = text.first, "=+-@".contains(first), Double(text) == nil { text = "'" + text }
    let needsQuotes = text.unicodeScalars.contains {
      $0 == "," || $0 == "\"" || $0 == "\n" || $0 == "\r"
    }
    guard needsQuotes else { return text }
    var quoted = "\""
    for scalar in text.unicodeScalars {
      if scalar == "\"" { quoted += "\"" }
      quoted.unicodeScalars.append(scalar)
    }
    return quoted + "\""
  }
}
