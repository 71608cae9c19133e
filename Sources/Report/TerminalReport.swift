public import Measure

/// The report as text for a terminal: never wider than asked, no cursor movement.
public struct TerminalReport {
  /// Which language.
  public var language: Language
  /// Columns there are; the tables need 72.
  public var width: Int
  /// No colour and, but for Chinese, nothing beyond ASCII in drawings.
  public var plain: Bool

  /// Chooses how to draw; `plain` is for NO_COLOR, TERM=dumb and files.
  public init(language: Language = .en, width: Int = 80, plain: Bool = false) {
    self.language = language
    self.width = max(72, width)
    self.plain = plain
  }

  /// The whole report.
  public func text(_ document: ResultDocument) -> String {
    var lines = [paint(.bold, clean(document.title[language]))]
    let environment = document.environment
    lines += wrapped(
      "Linux \(environment.kernel) · \(environment.cpuModel) × \(environment.cpus)"
        + " · cgroup \(environment.cgroupMode) · \(document.startedAt) · seed \(document.seed)")
    if document.isInterrupted { lines += wrapped(Words.interrupted[language]) }
    lines += missing(document.missing)
    if !document.labs.isEmpty {
      lines += [""] + labTable(document.labs)
    }
    if !document.experiments.isEmpty {
      lines += [""] + experimentTable(document.experiments)
    }
    return lines.joined(separator: "\n") + "\n"
  }

  // MARK: - Labs

  private func labTable(_ labs: [LabOutcome]) -> [String] {
    // The check takes what the figures leave: expected, measured, verdict, trust.
    let (figure, verdict, trust) = (19, 12, 6)
    let name = width - 2 * (figure + 1) - (verdict + 1) - (trust + 1) - 2
    let head =
      cell(Words.check, name + 2) + " " + cell(Words.expected, figure) + " "
      + cell(Words.measured, figure) + " " + cell(Words.verdict, verdict) + " "
      + cell(Words.trust, trust)
    var lines = [paint(.dim, trimmed(head)), rule]
    for lab in labs {
      let title = "\(lab.number) \(lab.title[language])"
      let left = fit(title, width - verdict - trust - 2)
      lines.append(
        trimmed(
          paint(.bold, left) + " " + verdictCell(lab.verdict, verdict) + " "
            + fit(Trust(lab).rawValue, trust)))
      for check in lab.checks {
        // A yes or no has no figures, so its text may use their place.
        let isFact = check.expected == nil && check.measured == nil
        let room = isFact ? width - verdict - trust - 2 : name + 2
        var text = wrapped(check.text[language], indent: 2)
        // A long one has lines of its own, and its figures the last.
        if TextWidth.columns(text.last ?? "") > room { text.append("") }
        lines += text.dropLast()
        lines.append(
          trimmed(
            fit(text.last ?? "", room) + (isFact ? "" : figures(check, figure)) + " "
              + verdictCell(check.verdict, verdict)))
        if let reason = check.verdict.reason { lines += wrapped(reason[language], indent: 4) }
      }
      lines += wrapped(lab.sentence[language], indent: 2)
    }
    return lines
  }

  private func figures(_ check: Check, _ width: Int) -> String {
    let measured = check.measured.map { Words.interval($0, check.expected?.unit ?? .count) }
    return " " + fit(check.expected?.text ?? "-", width) + " " + fit(measured ?? "-", width)
  }

  private func verdictCell(_ verdict: Verdict, _ width: Int) -> String {
    let text = fit(verdict.word[language], width)
    switch verdict {
    case .pass: return paint(.green, text)
    case .fail: return paint(.red, text)
    case .inconclusive: return paint(.yellow, text)
    }
  }

  // MARK: - Experiments

  private func experimentTable(_ experiments: [ExperimentResult]) -> [String] {
    let (here, floor, over, verdict, trust) = (26, 9, 8, 11, 6)
    let beside = besideWidth.map { $0 + 1 } ?? 0
    let name = width - here - floor - over - beside - verdict - trust - 5
    func row(_ cells: [String]) -> String {
      var widths = [name, here, floor, over, verdict, trust]
      if let besideWidth { widths.insert(besideWidth, at: 4) }
      return trimmed(zip(cells, widths).map { fit($0, $1) }.joined(separator: " "))
    }
    var head = [
      Words.experiment, Words.here, Words.floor, Words.overFloor, Words.verdict, Words.trust,
    ].map { $0[language] }
    if besideWidth != nil { head.insert(Words.published[language], at: 4) }
    var lines = [paint(.dim, row(head)), rule]
    for experiment in experiments {
      let summary = ExperimentSummary(experiment)
      guard let subject = summary.arms.first else { continue }
      let floor = summary.arms.first { $0.arm.name == experiment.floor }?.here?.middle
      let scale = experiment.unit.scale(for: subject.here?.middle ?? 0)
      let title = experiment.title[language]
      let isLong = TextWidth.columns(title) > name
      if isLong { lines += wrapped(title) }
      var cells = [
        isLong ? "" : title,
        subject.here.map { Words.interval($0, scale) } ?? "n/a",
        floor.map(scale.text) ?? "-",
        subject.overFloor.map { Decimals.significant($0.middle) } ?? "-",
        headline(experiment, summary)?[language] ?? "-", summary.trust.rawValue,
      ]
      if let besideWidth {
        // A figure that is cut is none: what has no room goes on below.
        let figures = experiment.published.flatMap {
          TextWidth.wrap(clean(cited($0)), besideWidth)
        }
        cells.insert(figures.first ?? "-", at: 4)
        lines.append(row(cells))
        lines += figures.dropFirst().map { row(["", "", "", "", $0]) }
      } else {
        lines.append(row(cells))
      }
      lines += details(experiment, summary, subject)
    }
    return lines
  }

  /// Columns for published figures beside a row; nil where they have lines of their own below.
  private var besideWidth: Int? { width < 116 ? nil : min(36, width - 90) }

  private func cited(_ published: Published) -> String {
    "\(published.figure) (\(published.year), \(published.hardware))"
  }

  /// Where the first line goes on an axis; else the verdict against the first that is no floor.
  private func headline(
    _ experiment: ExperimentResult, _ summary: ExperimentSummary
  ) -> Bilingual? {
    if experiment.axis != nil { return Trend.all(experiment, summary).first?.direction.word }
    return Finding.headline(Finding.all(experiment, summary))?.comparison?.word
  }

  private func details(
    _ experiment: ExperimentResult, _ summary: ExperimentSummary, _ subject: ArmSummary
  ) -> [String] {
    let spark = Sparkline.text(
      experiment.kept.map { $0.value(subject.arm.name) }, plain: plain)
    var facts = [Words.rounds(summary)[language]]
    if let noise = summary.noise {
      facts.append("\(Words.noise[language]) \(Decimals.percent(noise))")
    }
    if let p90 = subject.p90 { facts.append("p90 \(experiment.unit.text(p90))") }
    if let p99 = subject.p99 { facts.append("p99 \(experiment.unit.text(p99))") }
    var lines = wrapped("\(spark)  \(facts.joined(separator: " · "))", indent: 2)
    if experiment.axis != nil { lines += points(experiment, summary) }
    let findings =
      experiment.axis == nil
      ? Finding.all(experiment, summary).map { $0.text(language) }
      : Trend.all(experiment, summary).map { $0.text(language) }
    for finding in findings { lines += wrapped(finding, indent: 2) }
    for view in experiment.views.dropFirst() {
      let summary = ExperimentSummary(view)
      let scale = summary.scale(view.unit)
      let own = summary.arms.compactMap { arm in
        arm.here.map { "\(arm.arm.label[language]) \(scale.text($0.middle))" }
      }
      guard !own.isEmpty else { continue }
      lines += wrapped("\(view.title[language]): \(own.joined(separator: ", "))", indent: 2)
    }
    for published in experiment.published {
      let figure = besideWidth == nil ? cited(published) + "; " : ""
      lines += wrapped(
        "\(Words.published[language]): \(figure)\(published.source); \(Words.here[language]): "
          + Words.here(published, experiment, summary, language) + ". "
          + published.comparability[language], indent: 2)
    }
    for timeline in experiment.throttling ?? [] {
      lines += over(timeline)
    }
    for leak in experiment.leaks ?? [] {
      lines.append(contentsOf: wrapped("\(Words.leaks[language]): \(leak)", indent: 2))
    }
    return lines + missing(experiment.missing) + wrapped(experiment.sentence[language], indent: 2)
  }

  /// CPU use over time, a character an interval, as many as there is room for.
  private func over(_ timeline: ThrottlingTimeline) -> [String] {
    let shown = timeline.points.prefix(width - 4).map(\.cpus)
    let all = timeline.points.reduce(0) { $0 + $1.periods }
    let throttled = timeline.points.reduce(0) { $0 + $1.throttledPeriods }
    let milliseconds = Decimals.short(timeline.points.last?.milliseconds ?? 0)
    return wrapped(
      Bilingual(
        en: "\(timeline.title.en), \(milliseconds) ms: \(throttled) of \(all) periods throttled",
        zh: "\(timeline.title.zh)，\(milliseconds) ms：\(all) 个周期中有 \(throttled) 个被限流")[
          language], indent: 2) + ["    " + Sparkline.text(shown, plain: plain)]
  }

  /// Arms on an axis, a line each: where, what, and how many times its control.
  private func points(_ experiment: ExperimentResult, _ summary: ExperimentSummary) -> [String] {
    let scale = summary.scale(experiment.unit)
    return summary.arms.map { arm in
      let times = experiment.control(of: arm.arm).flatMap { _ in arm.overFloor }
        .map { "\(Decimals.significant($0.middle)) ×" }
      return trimmed(
        "  " + fit(arm.arm.label[language], width - 42) + " "
          + fit(arm.here.map { Words.interval($0, scale) } ?? "n/a", 28) + " "
          + clean(times ?? ""))
    }
  }

  private func missing(_ missing: [Missing]) -> [String] {
    missing.flatMap {
      wrapped("\(Words.missing[language]): \($0.name): \($0.reason[language])", indent: 2)
    }
  }

  // MARK: - Drawing

  private var rule: String { String(repeating: plain ? "-" : "─", count: width) }

  private func cell(_ text: Bilingual, _ width: Int) -> String { fit(text[language], width) }

  private func fit(_ text: String, _ width: Int) -> String {
    TextWidth.fit(clean(text), width, plain: plain)
  }

  private func wrapped(_ text: String, indent: Int = 0) -> [String] {
    TextWidth.wrap(clean(text), width - indent).map {
      String(repeating: " ", count: indent) + $0
    }
  }

  private func clean(_ text: String) -> String {
    let printable = TerminalReport.printable(text)
    return plain ? TerminalReport.ascii(printable) : printable
  }

  private func trimmed(_ line: String) -> String {
    var line = line
    while line.hasSuffix(" ") { line.removeLast() }
    return line
  }

  private enum Style: String {
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
  }

  private func paint(_ style: Style, _ text: String) -> String {
    plain ? text : "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m"
  }

  /// Without control characters: a name from a container must not drive the terminal.
  static func printable(_ text: String) -> String {
    var out = ""
    for scalar in text.unicodeScalars {
      let isControl = scalar.properties.generalCategory == .control
      out.unicodeScalars.append(isControl ? " " : scalar)
    }
    return out
  }

  /// The few signs beyond ASCII that the tables use, in ASCII.
  static func ascii(_ text: String) -> String {
    var out = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "·": out += "|"
      case "×": out += "x"
      case "÷": out += "/"
      case "±": out += "+-"
      case "µ": out += "u"
      case "′": out += "'"
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out
  }
}
