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
    if document.isInterrupted { out += "\n\(escape(Words.interrupted[language]))\n" }
    out += missing(document.missing)
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
    out += arms(experiment, summary)
    for view in experiment.views.dropFirst() {
      out += "\n\(escape(view.title[language])):\n\n" + arms(view, ExperimentSummary(view))
    }
    var facts = [Words.rounds(summary)[language]]
    if let noise = summary.noise {
      facts.append("\(Words.noise[language]) \(Decimals.percent(noise))")
    }
    facts.append("\(Words.trust[language]) \(summary.trust.rawValue)")
    if experiment.leaks == [] { facts.append(Words.nothingLeft[language]) }
    out += "\n\(escape(facts.joined(separator: " · ")))\n"
    for leak in experiment.leaks ?? [] {
      out += "\n**\(Words.leaks[language])**: \(escape(leak))\n"
    }
    out += published(experiment, summary) + missing(experiment.missing)
    out += "\n\(Words.wrong[language]): \(escape(experiment.caveat[language]))\n"
    return out + "\n\(Words.command[language]): \(code(experiment.command))\n"
  }

  private func arms(_ experiment: ExperimentResult, _ summary: ExperimentSummary) -> String {
    let findings = Finding.all(experiment, summary)
    let (scale, cpu) = (summary.scale(experiment.unit), summary.cpuScale)
    func finding(_ arm: ArmSummary) -> String {
      let own = findings.first {
        experiment.hasControls ? $0.arm.name == arm.arm.name : $0.other.name == arm.arm.name
      }
      return own?.text(language) ?? "–"
    }
    let head = [
      Words.arm[language], Words.here[language], "× " + Words.control[language], "p90", "p99",
      Words.cpuTime[language], Words.verdict[language],
    ]
    let rows = summary.arms.map { arm -> [String] in
      let ratio = experiment.control(of: arm.arm) == nil ? nil : arm.overFloor
      return [
        arm.arm.label[language], arm.here.map { Words.interval($0, scale) } ?? "n/a",
        ratio.map { Decimals.significant($0.middle) } ?? "–",
        arm.p90.map(scale.text) ?? "–", arm.p99.map(scale.text) ?? "–",
        arm.cpuNanoseconds.map(cpu.text) ?? "–", finding(arm),
      ]
    }
    let trends = Trend.all(experiment, summary)
    return table(head, rows) + (trends.isEmpty ? "" : "\n")
      + trends.map { "- \(escape($0.text(language)))\n" }.joined()
  }

  private func published(_ experiment: ExperimentResult, _ summary: ExperimentSummary) -> String {
    guard !experiment.published.isEmpty else { return "" }
    let head = [Words.published, Words.here, Words.onWhat, Words.comparable].map { $0[language] }
    let rows = experiment.published.map { published in
      [
        published.figure, Words.here(published, experiment, summary, language),
        "\(published.hardware), \(published.year); \(published.source)",
        published.comparability[language],
      ]
    }
    return "\n" + table(head, rows)
  }

  private func missing(_ missing: [Missing]) -> String {
    guard !missing.isEmpty else { return "" }
    return "\n\(Words.missing[language]):\n\n"
      + missing.map { "- \(escape($0.name)): \(escape($0.reason[language]))\n" }.joined()
  }

  func table(_ head: [String], _ rows: [[String]]) -> String {
    func line(_ cells: [String]) -> String { "| \(cells.joined(separator: " | ")) |\n" }
    return line(head.map(escape)) + line(head.map { _ in "---" })
      + rows.map { line($0.map(escape)) }.joined()
  }

  /// Keeps a text a text: no markup, no HTML, no second line.
  func escape(_ text: String) -> String {
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
