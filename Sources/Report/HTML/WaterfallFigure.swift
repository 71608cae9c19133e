import Measure

/// A start-up step by step, over the time that the same calls take at the least.
enum WaterfallFigure {
  /// The phases in the order they begin, and the colour each has in every report.
  static let phases = [
    "config", "cgroup", "namespaces", "rootfs", "network", "security", "exec", "teardown",
  ]

  /// More rows than this nobody reads: the longest are drawn, the table has them all.
  static let mostRows = 44

  static func make(_ waterfall: Waterfall, _ language: Language) -> Figure {
    let shown = longest(waterfall.steps)
    let (left, right, row) = (206.0, 640.0, 16.0)
    let top = 66.0
    var canvas = Canvas(height: top + row * Double(shown.count) + 34)
    let total = Double(max(waterfall.totalNanoseconds, 1)) / 1e6
    let axis = Axis(low: 0, high: total, from: left, to: right)
    let bottom = top + row * Double(shown.count) + 6
    for tick in axis.ticks {
      canvas.line(axis(tick), 50, axis(tick), bottom, "grid")
      canvas.text(axis(tick), bottom + 18, "\(Decimals.short(tick)) ms", "tick", .middle)
    }
    drawPhases(waterfall, &canvas, left: left, right: right, language)
    if let floor = waterfall.floorNanoseconds {
      let x = min(axis(Double(floor) / 1e6), right)
      canvas.rectangle(x: left, y: 50, width: x - left, height: bottom - 50, "band")
      canvas.line(x, 50, x, bottom, "mark dash")
      canvas.text(
        x + 4, 60, "\(Words.floor[language]) \(Decimals.significant(Double(floor) / 1e6)) ms",
        "tick")
    }
    for (index, step) in shown.enumerated() {
      let y = top + row * Double(index)
      let start = axis(Double(step.startNanoseconds) / 1e6)
      let length = axis(Double(step.startNanoseconds + step.durationNanoseconds) / 1e6) - start
      let isInit = step.side == "init"
      canvas.text(left - 10, y + 11, step.id, isInit ? "step step-init" : "step", .end)
      canvas.rectangle(
        x: start, y: y + 2, width: max(1.5, length), height: row - 4,
        "phase-\(color(step.phase))\(isInit ? " of-init" : "")", radius: 1.5,
        hint: "\(step.id) (\(step.phase), \(step.side)): \(micros(step.durationNanoseconds))")
      let end = max(start + 1.5, start + length)
      canvas.text(end + 5, y + 12, micros(step.durationNanoseconds), "tick")
    }
    let title = waterfall.title[language]
    return Figure(
      title: title, drawing: canvas.svg(title: title), legend: legend(waterfall, language),
      how: how(waterfall), command: waterfall.command,
      wrong: Bilingual(
        en: "A single start is drawn, not a median: run it a few times. Tracing itself costs time "
          + "at each step, and time between steps belongs to no step (unaccounted). Steps of the "
          + "container's init (outlined) run beside those of the runtime, so sums may exceed the "
          + "total.",
        zh: "图中是一次启动，不是中位数：请多运行几次。跟踪本身在每一步都有开销，"
          + "步骤之间的时间不属于任何一步（未归属）。容器 init 的步骤（描边）与运行时的步骤并行，"
          + "因此各步之和可能超过总时间。"),
      table: table(
        [
          Words.step[language], Words.phase[language], Words.side[language],
          "\(Words.start[language]), µs", "µs",
        ],
        waterfall.steps.map {
          [
            tag("code", [:], .text($0.id)), .text(Words.phase($0.phase, language)),
            .text($0.side),
            .text(Decimals.fixed(Double($0.startNanoseconds) / 1000, 1)),
            .text(Decimals.fixed(Double($0.durationNanoseconds) / 1000, 1)),
          ]
        }, numbers: [3, 4]))
  }

  /// One bar over everything: what each phase took in sum, and what no step accounts for.
  private static func drawPhases(
    _ waterfall: Waterfall, _ canvas: inout Canvas, left: Double, right: Double,
    _ language: Language
  ) {
    let sums = phaseSums(waterfall.steps)
    let whole = sums.reduce(Double(waterfall.unaccountedNanoseconds)) { $0 + $1.nanoseconds }
    guard whole > 0 else { return }
    canvas.text(
      left - 10, 28, Bilingual(en: "by phase", zh: "按阶段")[language], "label", .end)
    var x = left
    for sum in sums {
      let width = (right - left) * sum.nanoseconds / whole
      canvas.rectangle(
        x: x, y: 14, width: width, height: 20, "phase-\(color(sum.phase))",
        hint: "\(sum.phase): \(Decimals.significant(sum.nanoseconds / 1e6)) ms")
      x += width
    }
    canvas.rectangle(x: x, y: 14, width: right - x, height: 20, "fill-quiet")
  }

  private static func phaseSums(
    _ steps: [Waterfall.Step]
  ) -> [(phase: String, nanoseconds: Double)] {
    var sums: [String: Double] = [:]
    for step in steps { sums[step.phase, default: 0] += Double(step.durationNanoseconds) }
    let known = phases.filter { sums[$0] != nil }
    let others = sums.keys.filter { !phases.contains($0) }.sorted()
    return (known + others).map { ($0, sums[$0] ?? 0) }
  }

  private static func legend(
    _ waterfall: Waterfall, _ language: Language
  ) -> [Figure.LegendEntry] {
    var entries = phaseSums(waterfall.steps).map { sum in
      Figure.LegendEntry(
        style: "phase-\(color(sum.phase))",
        text:
          "\(Words.phase(sum.phase, language)) \(Decimals.significant(sum.nanoseconds / 1e6)) ms")
    }
    let between = Decimals.significant(Double(waterfall.unaccountedNanoseconds) / 1e6)
    entries.append(
      .init(
        style: "fill-quiet",
        text: Bilingual(en: "unaccounted \(between) ms", zh: "未归属 \(between) ms")[language]))
    return entries
  }

  private static func how(_ waterfall: Waterfall) -> Bilingual {
    let drawn = min(waterfall.steps.count, mostRows)
    let count = waterfall.steps.count
    var text = Bilingual(
      en: "Each step of the runtime and of the container's init is timed with CLOCK_MONOTONIC "
        + "around its call; the phase bar sums them.",
      zh: "运行时与容器 init 的每一步都用 CLOCK_MONOTONIC 在调用前后计时；阶段条为其总和。")
    if drawn < count {
      text.en += " The \(drawn) longest of \(count) steps are drawn; the table has all."
      text.zh += "图中为 \(count) 步中最长的 \(drawn) 步，表中列出全部。"
    }
    if waterfall.floorNanoseconds != nil {
      text.en += " The floor is a C program that makes the same calls and nothing else."
      text.zh += "下限是只做同样调用、别无他事的 C 程序。"
    }
    return text
  }

  /// The longest steps, in their own order.
  private static func longest(_ steps: [Waterfall.Step]) -> [Waterfall.Step] {
    guard steps.count > mostRows else { return steps }
    let ranked = steps.indices.sorted {
      let (a, b) = (steps[$0].durationNanoseconds, steps[$1].durationNanoseconds)
      return a != b ? a > b : $0 < $1
    }
    return ranked.prefix(mostRows).sorted().map { steps[$0] }
  }

  private static func color(_ phase: String) -> Int { phases.firstIndex(of: phase) ?? 8 }

  private static func micros(_ nanoseconds: UInt64) -> String {
    "\(Decimals.significant(Double(nanoseconds) / 1000)) µs"
  }
}
