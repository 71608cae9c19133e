import Measure

/// One arm over another, round by round: the first over each other one, or each over its control.
enum PairFigure {
  static func make(
    _ experiment: ExperimentResult, _ summary: ExperimentSummary, _ language: Language
  ) -> Figure? {
    let rows = Finding.all(experiment, summary) + [Finding.twins(experiment)].compactMap { $0 }
    let ratios = rows.map { row in
      experiment.pairs(row.arm.name, row.other.name).filter { $0.a > 0 && $0.b > 0 }
        .map { $0.a / $0.b }
    }
    let subject = experiment.hasControls ? nil : experiment.arms.first
    let all = ratios.flatMap { $0 }
    guard let low = all.min(), let high = all.max() else { return nil }
    let names = rows.map { name($0, subject == nil, language) }
    let left = min(240, 24 + (names.map { Canvas.width(of: $0, size: 13) }.max() ?? 0))
    // Few rows have room; many are drawn closer.
    let row = rows.count > 8 ? 34.0 : 46.0
    var canvas = Canvas(height: 32 + row * Double(rows.count))
    let bottom = 8 + row * Double(rows.count)
    let axis = Axis(
      low: min(low, 0.9) / 1.05, high: max(high, 1.1) * 1.05, from: left, to: 560,
      isLogarithmic: true)
    let bound = Statistics.exponential(max(summary.noise ?? 0, Comparison.smallestEffect))
    let (from, to) = (max(axis(1 / bound), left), min(axis(bound), 560))
    canvas.rectangle(x: from, y: 4, width: to - from, height: bottom - 4, "band")
    var end = -1.0
    for tick in axis.ticks {
      canvas.line(axis(tick), 4, axis(tick), bottom, "grid")
      let text = "\(Decimals.short(tick)) ×"
      let width = Canvas.width(of: text, size: 11)
      guard axis(tick) - width / 2 > end + 6 else { continue }
      canvas.text(axis(tick), bottom + 18, text, "tick", .middle)
      end = axis(tick) + width / 2
    }
    canvas.line(axis(1), 4, axis(1), bottom, "axis")
    for (index, (finding, values)) in zip(rows, ratios).enumerated() {
      let y = 8 + row * (Double(index) + 0.5)
      canvas.text(
        left - 12, y + 4, Canvas.clipped(names[index], to: left - 16, size: 13), "label", .end)
      for (round, value) in values.enumerated() {
        // Three lanes keep equal ratios apart; which one says nothing.
        canvas.dot(
          axis(value), y + Double(round % 3 - 1) * row / 7, 3.5, "dot-1",
          hint: "\(Decimals.significant(value)) ×")
      }
      canvas.line(axis(finding.ratio.low), y, axis(finding.ratio.high), y, "interval")
      let middle = axis(finding.ratio.middle)
      canvas.line(middle, y - row / 4.5, middle, y + row / 4.5, "interval")
      canvas.text(572, y + 4, remark(finding, language), "value")
    }
    let title = Bilingual(
      en: "\(experiment.title.en): "
        + (subject.map { "\($0.label.en) over the others" } ?? "each over its control")
        + ", round by round",
      zh: "\(experiment.title.zh)：每轮中"
        + (subject.map { " \($0.label.zh) 与其他的比值" } ?? "各对象与其对照之比"))[language]
    return Figure(
      title: title, drawing: canvas.svg(title: title),
      legend: [
        .init(style: "dot-1", text: Bilingual(en: "one round", zh: "一轮")[language]),
        .init(
          style: "fill-2",
          text: Bilingual(en: "median and its 95 % interval", zh: "中位数与 95 % 区间")[language]),
        .init(
          style: "band",
          text: Bilingual(
            en: "no effect is claimed here (A/A noise, at least 1 %)",
            zh: "此带内不作结论（A/A 噪声，至少 1 %）")[language]),
      ],
      how: Bilingual(
        en: "Each dot is the ratio of two numbers from the same round, so what disturbs a whole "
          + "round cancels out. The interval resamples rounds 2000 times (bootstrap, seed "
          + "\(experiment.seed)), and is as wide as the sign test asks for.",
        zh: "每个点是同一轮内两个数据之比，因此影响整轮的干扰会抵消。"
          + "区间由 2000 次按轮重抽样得到（bootstrap，种子 \(experiment.seed)），且不窄于符号检验的区间。"),
      command: experiment.command, wrong: experiment.caveat,
      table: pairTable(rows, language))
  }

  /// What stands before a row.
  private static func name(
    _ finding: Finding, _ hasControls: Bool, _ language: Language
  ) -> String {
    guard hasControls, finding.comparison != nil else { return finding.other.label[language] }
    return finding.arm.label[language]
  }

  /// What stands at the end of a row: `0.54 × better`.
  private static func remark(_ finding: Finding, _ language: Language) -> String {
    guard let comparison = finding.comparison else { return Words.noise[language] }
    let figure = Decimals.significant(finding.ratio.middle)
    if finding.isFloor { return "\(figure) ×" }
    return "\(figure) × \(comparison.word[language])"
  }

  private static func pairTable(
    _ findings: [Finding], _ language: Language
  ) -> Markup {
    table(
      ["", Words.control[language], "×", "2.5 %", "97.5 %", Words.verdict[language]],
      findings.map { finding in
        [
          .text(finding.arm.label[language]), .text(finding.other.label[language]),
          .text(Decimals.fixed(finding.ratio.middle, 3)),
          .text(Decimals.fixed(finding.ratio.low, 3)), .text(Decimals.fixed(finding.ratio.high, 3)),
          .text(finding.comparison?.word[language] ?? Words.noise[language]),
        ]
      }, numbers: [2, 3, 4])
  }
}
