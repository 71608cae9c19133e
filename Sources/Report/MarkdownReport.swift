public import Measure

/// `report.md`: the tables, for a README or a merge request.
public struct MarkdownReport {
  /// Which language.
  public var language: Language

  /// Chooses the language.
  public init(language: Language = .en) { self.language = language }

  /// The whole report.
  public func markdown(_ document: ResultDocument) -> String {
    let environment = document.environment
    var out = "# \(escape(document.title[language]))\n\n"
    out += escape(
      "Linux \(environment.kernel) · \(environment.cpuModel) × \(environment.cpus)"
        + " · cgroup \(environment.cgroupMode) · \(document.startedAt) · seed \(document.seed)")
    out += "\n\n\(Words.command[language]): \(code(document.command))\n"
    if !document.labs.isEmpty {
      out += "\n## \(Words.labs[language])\n"
      for lab in document.labs { out += section(lab) }
    }
    if !document.experiments.isEmpty {
      out += "\n## \(Words.experiments[language])\n"
      for experiment in document.experiments { out += section(experiment) }
    }
    return out
  }

  private func section(_ lab: LabOutcome) -> String {
    var out = "\n### \(lab.number) \(escape(lab.title[language])): "
    out += "\(lab.verdict.word[language])\n\n\(escape(lab.sentence[language]))\n\n"
    let head = [Words.check, Words.expected, Words.measured, Words.verdict].map { $0[language] }
    let rows = lab.checks.map { check in
      [
        check.text[language], check.expected?.text ?? Words.yes[language],
        Words.measured(check, language),
        [check.verdict.word[language], check.verdict.reason?[language]].compactMap { $0 }
          .joined(separator: ": "),
      ]
    }
    out += table(head, rows)
    if !lab.evidence.isEmpty {
      out += "\n\(Words.evidence[language]):\n\n"
      out += table(
        [Words.file[language], Words.meaning[language], Words.before[language]]
          + [Words.after[language]],
        lab.evidence.map {
          [$0.path, $0.meaning[language], $0.before ?? "–", $0.after ?? "–"]
        })
    }
    return out + "\n\(Words.command[language]): \(code(lab.command))\n"
  }

  private func section(_ experiment: ExperimentResult) -> String {
    let summary = ExperimentSummary(experiment)
    var out = "\n### \(escape(experiment.title[language]))\n\n"
    out += "\(escape(experiment.sentence[language]))\n\n"
    let head = [
      Words.arm[language], Words.here[language], Words.overFloor[language], "p90", "p99",
      Words.cpuTime[language], Words.verdict[language],
    ]
    let unit = experiment.unit
    let rows = summary.arms.map { arm in
      [
        arm.arm.label[language], arm.here.map { Words.interval($0, unit) } ?? "n/a",
        arm.overFloor.map { Decimals.significant($0.middle) } ?? "–",
        arm.p90.map(unit.text) ?? "–", arm.p99.map(unit.text) ?? "–",
        arm.cpuNanoseconds.map { Quantity.milliseconds.text($0 / 1e6) } ?? "–",
        summary.arms.first.flatMap {
          Words.comparison($0.arm, arm, floor: experiment.floor, language)
        } ?? "–",
      ]
    }
    out += table(head, rows)
    var facts = [Words.rounds(summary)[language]]
    if let noise = summary.noise {
      facts.append("\(Words.noise[language]) \(Decimals.percent(noise))")
    }
    facts.append("\(Words.trust[language]) \(summary.trust.rawValue)")
    for published in experiment.published {
      facts.append(
        "\(Words.published[language]): \(published.figure) (\(published.year), "
          + "\(published.hardware); \(published.source))")
    }
    out += "\n\(escape(facts.joined(separator: " · ")))\n"
    out += "\n\(Words.wrong[language]): \(escape(experiment.caveat[language]))\n"
    return out + "\n\(Words.command[language]): \(code(experiment.command))\n"
  }

  private func table(_ head: [String], _ rows: [[String]]) -> String {
    func line(_ cells: [String]) -> String { "| \(cells.joined(separator: " | ")) |\n" }
    return line(head.map(escape)) + line(head.map { _ in "---" })
      + rows.map { line($0.map(escape)) }.joined()
  }

  /// Keeps a text a text: no markup, no HTML, no second line.
  private func escape(_ text: String) -> String {
    var out = ""
    for scalar in TerminalReport.printable(text).unicodeScalars {
      switch scalar {
      case "\\", "`", "*", "_", "[", "]", "|", "#": out += "\\\(scalar)"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "&": out += "&amp;"
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out
  }

  /// A code span: a back-tick within asks for more of them around (CommonMark, 6.1).
  private func code(_ text: String) -> String {
    let text = TerminalReport.printable(text)
    var (longest, run) = (0, 0)
    for character in text {
      run = character == "`" ? run + 1 : 0
      longest = max(longest, run)
    }
    let ticks = String(repeating: "`", count: longest + 1)
    return longest == 0 ? ticks + text + ticks : "\(ticks) \(text) \(ticks)"
  }
}
