import Measure

/// All numbers of all arms: how many are below a value, with the tail drawn out.
enum TailFigure {
  /// More lines than this nobody can follow.
  static let mostArms = 6

  private static func steps(
    _ experiment: ExperimentResult, _ arm: String
  ) -> [(value: Double, above: Double)] {
    if let pooled = Pooled(experiment, arm) { return pooled.steps.filter { $0.value > 0 } }
    let sorted = experiment.values(arm).filter { $0 > 0 }.sorted()
    return sorted.enumerated().map { rank, value in
      (value, 1 - (Double(rank) + 0.5) / Double(sorted.count))
    }
  }

  static func make(
    _ experiment: ExperimentResult, _ summary: ExperimentSummary, _ language: Language
  ) -> Figure? {
    let arms = experiment.ownArms
    guard arms.count <= mostArms else { return nil }
    var canvas = Canvas(height: 254)
    let lines = arms.map { steps(experiment, $0.name) }
    let all = lines.flatMap { $0 }
    let (low, high) = (all.map(\.value).min() ?? 1, all.map(\.value).max() ?? 1)
    let x = Axis(
      low: low / 1.05, high: max(high, low * 1.2) * 1.05, from: 64, to: 690, isLogarithmic: true)
    // The axis ends where the last value is.
    let rarest = min(0.25, all.map(\.above).min() ?? 0.25)
    let shares = [0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999].filter { 1 - $0 >= rarest }
    let y = Axis(low: rarest, high: 1, from: 16, to: 226, isLogarithmic: true)
    for share in [0.0] + shares {
      canvas.line(64, y(1 - share), 690, y(1 - share), "grid")
      // Short: 99.999 is more digits than Decimals has.
      let text = share == 0.99999 ? "99.999" : share == 0.999 ? "99.9" : Decimals.short(share * 100)
      canvas.text(56, y(1 - share) + 4, text + " %", "tick", .end)
    }
    var end = -1.0
    for tick in x.ticks {
      canvas.line(x(tick), 16, x(tick), 226, "grid")
      let text = experiment.unit.tick(tick)
      let width = Canvas.width(of: text, size: 11)
      guard x(tick) - width / 2 > end + 6 else { continue }
      canvas.text(x(tick), 246, text, "tick", .middle)
      end = x(tick) + width / 2
    }
    for (index, line) in lines.enumerated() {
      var points: [(x: Double, y: Double)] = []
      var below = 1.0
      for step in line {
        points += [(x(step.value), y(below)), (x(step.value), y(max(step.above, rarest)))]
        below = max(step.above, rarest)
      }
      canvas.path(points, "series series-\(index)")
    }
    let title = Bilingual(
      en: "\(experiment.title.en): all numbers, and the tail",
      zh: "\(experiment.title.zh)：全部数据与尾部")[language]
    return Figure(
      title: title, drawing: canvas.svg(title: title),
      legend: arms.enumerated().map {
        .init(style: "stroke series-\($0.offset)", text: $0.element.label[language])
      },
      how: ExperimentNotes.how(experiment), command: experiment.command,
      wrong: Bilingual(
        en: "\(experiment.caveat.en) Few rounds say nothing of the tail: a percentile p is only "
          + "printed from 10 ÷ (1 − p) numbers on.",
        zh: "\(experiment.caveat.zh)轮数少时说明不了尾部：百分位 p 至少要有 10 ÷ (1 − p) "
          + "个数据才会给出。"),
      table: ExperimentNotes.table(experiment, summary, language))
  }
}
