import Measure

/// Arms as the rungs of a ladder: half of all values are below one end, 99 of 100 below the other.
///
/// For arms whose samples stand for many values each, such as the latencies of ways through networks.
enum LadderFigure {
  static func make(_ experiment: ExperimentResult, _ language: Language) -> Figure? {
    let arms = experiment.ownArms.compactMap { arm in
      Pooled(experiment, arm.name).map { (arm: arm, values: $0) }
    }
    guard arms.count > 1 else { return nil }
    let rungs = arms.compactMap { arm -> (ArmLabel, [(String, Double)])? in
      let shares = [("p50", 50.0), ("p90", 90), ("p99", 99), ("p99.9", 99.9)].compactMap {
        name, share in arm.values.percentile(share).map { (name, $0) }
      }
      return shares.isEmpty ? nil : (arm.arm, shares)
    }
    let all = rungs.flatMap { $0.1.map(\.1) }.filter { $0 > 0 }
    guard let low = all.min(), let high = all.max() else { return nil }
    let row = 34.0
    let left = min(
      230, 22 + (rungs.map { Canvas.width(of: $0.0.label[language], size: 13) }.max() ?? 0))
    var canvas = Canvas(height: 40 + row * Double(rungs.count))
    let bottom = 10 + row * Double(rungs.count)
    let x = Axis(
      low: low / 1.3, high: max(high, low * 1.5) * 1.3, from: left, to: 700, isLogarithmic: true)
    var end = -1.0
    for tick in x.ticks {
      canvas.line(x(tick), 6, x(tick), bottom, "grid")
      let text = experiment.unit.tick(tick)
      let width = Canvas.width(of: text, size: 11)
      guard x(tick) - width / 2 > end + 6 else { continue }
      canvas.text(x(tick), bottom + 18, text, "tick", .middle)
      end = x(tick) + width / 2
    }
    for (index, rung) in rungs.enumerated() {
      let y = 10 + row * (Double(index) + 0.5)
      canvas.text(
        left - 12, y + 4, Canvas.clipped(rung.0.label[language], to: left - 16, size: 13), "label",
        .end)
      if let first = rung.1.first, let last = rung.1.last {
        canvas.line(x(first.1), y, x(last.1), y, "rung")
      }
      for (shape, (name, value)) in rung.1.enumerated() {
        canvas.mark(shape, x(value), y, hint: "\(name): \(experiment.unit.text(value))")
      }
    }
    let title = Bilingual(
      en: "\(experiment.title.en): from the usual to the rare",
      zh: "\(experiment.title.zh)：从常见到罕见")[language]
    let names = ["p50", "p90", "p99", "p99.9"]
    let scale = experiment.unit.scale(for: arms.compactMap { $0.values.percentile(50) })
    let how = ExperimentNotes.how(experiment)
    return Figure(
      title: title, drawing: canvas.svg(title: title),
      // Only what is drawn: rare percentiles need many values.
      legend: names.prefix(rungs.map { $0.1.count }.max() ?? 0).enumerated().map {
        .init(style: "shape-\($0.offset) mark-\($0.offset)", text: $0.element)
      },
      how: Bilingual(
        en: how.en + " All values of all rounds that count are taken together; a percentile p is "
          + "only drawn from 10 ÷ (1 − p) values on.",
        zh: how.zh + "所有计入轮次的全部数值合并；百分位 p 至少要有 10 ÷ (1 − p) 个数值才会画出。"),
      command: experiment.command, wrong: experiment.caveat,
      table: table(
        ["", "n"] + names,
        arms.map { arm in
          [.text(arm.arm.label[language]), .text("\(arm.values.count)")]
            + [50.0, 90, 99, 99.9].map { share in
              .text(arm.values.percentile(share).map(scale.text) ?? "–")
            }
        }, numbers: [1, 2, 3, 4, 5]))
  }
}
