import Measure

/// All numbers of all arms: how many are below a value, with the tail drawn out.
enum TailFigure {
  static func make(_ experiment: ExperimentResult, _ language: Language) -> Figure {
    var canvas = Canvas(height: 254)
    let arms = experiment.arms.filter { $0.name != experiment.twins?.last }
    let values = arms.map { experiment.values($0.name).filter { $0 > 0 }.sorted() }
    let all = values.flatMap { $0 }
    let (low, high) = (all.min() ?? 1, all.max() ?? 1)
    let x = Axis(
      low: low / 1.05, high: max(high, low * 1.2) * 1.05, from: 64, to: 690, isLogarithmic: true)
    let most = values.map(\.count).max() ?? 1
    // Of n numbers none lies beyond 1 − 1/2n: the axis ends at the next round share.
    let shares = [0.5, 0.9, 0.99, 0.999, 0.9999].filter { 1 - $0 >= 0.5 / Double(max(most, 1)) }
    let rarest = min(0.25, 0.5 / Double(max(most, 1)))
    let y = Axis(low: rarest, high: 1, from: 16, to: 226, isLogarithmic: true)
    for share in [0.0] + shares {
      canvas.line(64, y(1 - share), 690, y(1 - share), "grid")
      canvas.text(56, y(1 - share) + 4, Decimals.short(share * 100) + " %", "tick", .end)
    }
    for tick in x.ticks {
      canvas.line(x(tick), 16, x(tick), 226, "grid")
      canvas.text(x(tick), 246, experiment.unit.tick(tick), "tick", .middle)
    }
    for (index, sorted) in values.enumerated() {
      var points: [(x: Double, y: Double)] = []
      var below = 1.0
      for (rank, value) in sorted.enumerated() {
        let remaining = 1 - (Double(rank) + 0.5) / Double(sorted.count)
        points += [(x(value), y(below)), (x(value), y(max(remaining, rarest)))]
        below = max(remaining, rarest)
      }
      canvas.path(points, "series series-\(index % 6)")
    }
    let title = Bilingual(
      en: "\(experiment.title.en): all numbers, and the tail",
      zh: "\(experiment.title.zh)：全部数据与尾部")[language]
    return Figure(
      title: title, drawing: canvas.svg(title: title),
      legend: arms.enumerated().map {
        .init(style: "stroke series-\($0.offset % 6)", text: $0.element.label[language])
      },
      how: ExperimentNotes.how(experiment), command: experiment.command,
      wrong: Bilingual(
        en: "\(experiment.caveat.en) Few rounds say nothing of the tail: a percentile p is only "
          + "printed from 10 ÷ (1 − p) numbers on.",
        zh: "\(experiment.caveat.zh)轮数少时说明不了尾部：百分位 p 至少要有 10 ÷ (1 − p) "
          + "个数据才会给出。"),
      table: ExperimentNotes.table(experiment, language))
  }
}

/// The experiment's first arm over each other one, round by round.
enum PairFigure {
  static func make(_ experiment: ExperimentResult, _ language: Language) -> Figure? {
    guard let subject = experiment.arms.first else { return nil }
    let summary = ExperimentSummary(experiment)
    let others = experiment.arms.dropFirst()
    let ratios = others.map { other in
      experiment.pairs(subject.name, other.name).filter { $0.a > 0 && $0.b > 0 }
        .map { $0.a / $0.b }
    }
    let all = ratios.flatMap { $0 }
    guard let low = all.min(), let high = all.max() else { return nil }
    let row = 50.0
    var canvas = Canvas(height: 32 + row * Double(others.count))
    let bottom = 8 + row * Double(others.count)
    let axis = Axis(
      low: min(low, 0.9) / 1.05, high: max(high, 1.1) * 1.05, from: 180, to: 580,
      isLogarithmic: true)
    let bound = Statistics.exponential(max(summary.noise ?? 0, Comparison.smallestEffect))
    canvas.rectangle(
      x: axis(1 / bound), y: 4, width: axis(bound) - axis(1 / bound), height: bottom - 4, "band")
    for tick in axis.ticks {
      canvas.line(axis(tick), 4, axis(tick), bottom, "grid")
      canvas.text(axis(tick), bottom + 18, "\(Decimals.short(tick)) ×", "tick", .middle)
    }
    canvas.line(axis(1), 4, axis(1), bottom, "axis")
    for (index, (other, values)) in zip(others, ratios).enumerated() {
      let y = 8 + row * (Double(index) + 0.5)
      canvas.text(168, y + 4, other.label[language], "label", .end)
      for (round, value) in values.enumerated() {
        // Three lanes keep equal ratios apart; which one says nothing.
        canvas.dot(
          axis(value), y + Double(round % 3 - 1) * 7, 3.5, "dot-1",
          hint: "\(Decimals.significant(value)) ×")
      }
      drawInterval(experiment, subject, other, at: y, axis, &canvas)
      canvas.text(592, y + 4, remark(on: other, in: experiment, summary, language), "value")
    }
    let title = Bilingual(
      en: "\(experiment.title.en): \(subject.label.en) over the others, round by round",
      zh: "\(experiment.title.zh)：每轮中 \(subject.label.zh) 与其他的比值")[language]
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
          + "\(experiment.seed)).",
        zh: "每个点是同一轮内两个数据之比，因此影响整轮的干扰会抵消。"
          + "区间由 2000 次按轮重抽样得到（bootstrap，种子 \(experiment.seed)）。"),
      command: experiment.command, wrong: experiment.caveat,
      table: pairTable(experiment, subject, Array(others), summary, language))
  }

  /// What stands at the end of a row: `0.54 × better`.
  private static func remark(
    on other: ArmLabel, in experiment: ExperimentResult, _ summary: ExperimentSummary,
    _ language: Language
  ) -> String {
    guard other.name != experiment.twins?.last else { return Words.noise[language] }
    guard let arm = summary.arms.first(where: { $0.arm.name == other.name }),
      let ratio = arm.subjectOver, let comparison = arm.comparison
    else { return "–" }
    let figure = Decimals.significant(ratio.middle)
    if other.name == experiment.floor { return "\(figure) \(Words.overFloor[language])" }
    return "\(figure) × \(comparison.word[language])"
  }

  private static func drawInterval(
    _ experiment: ExperimentResult, _ subject: ArmLabel, _ other: ArmLabel, at y: Double,
    _ axis: Axis, _ canvas: inout Canvas
  ) {
    guard
      let interval = ExperimentSummary.logRatio(experiment, subject.name, other.name)?
        .map(Statistics.exponential)
    else { return }
    canvas.line(axis(interval.low), y, axis(interval.high), y, "interval")
    canvas.line(axis(interval.middle), y - 11, axis(interval.middle), y + 11, "interval")
  }

  private static func pairTable(
    _ experiment: ExperimentResult, _ subject: ArmLabel, _ others: [ArmLabel],
    _ summary: ExperimentSummary, _ language: Language
  ) -> Markup {
    let rows = others.map { other -> [Markup] in
      let ratio = ExperimentSummary.logRatio(experiment, subject.name, other.name)?
        .map(Statistics.exponential)
      let word = summary.arms.first { $0.arm.name == other.name }?.comparison?.word[language]
      return [
        .text(other.label[language]), .text(ratio.map { Decimals.fixed($0.middle, 3) } ?? "–"),
        .text(ratio.map { Decimals.fixed($0.low, 3) } ?? "–"),
        .text(ratio.map { Decimals.fixed($0.high, 3) } ?? "–"),
        .text(word ?? Words.noise[language]),
      ]
    }
    return table(
      ["", "×", "2.5 %", "97.5 %", Words.verdict[language]], rows, numbers: [1, 2, 3])
  }
}

/// How quiet the machine was, number by number.
enum NoiseFigure {
  static func make(_ experiment: ExperimentResult, _ language: Language) -> Figure {
    var canvas = Canvas(height: 224)
    let samples = experiment.rounds.flatMap { round in round.samples.map { (round, $0) } }
    let canaries = samples.map(\.1.canary)
    let usual = Statistics.median(canaries) ?? 1
    let x = Axis(low: 0, high: Double(max(samples.count, 1)), from: 64, to: 690)
    let spread = canaries.map { ($0 / usual - 1).magnitude }.max() ?? 0
    let reach = max(0.02, spread * 1.1)
    let canary = Axis(low: 1 - reach, high: 1 + reach, from: 104, to: 16)
    let most = max(0.12, samples.map(\.0.steal).max() ?? 0)
    let steal = Axis(low: 0, high: most, from: 200, to: 132)
    for value in [1 - reach, 1, 1 + reach] {
      canvas.line(64, canary(value), 690, canary(value), value == 1 ? "axis" : "grid")
      canvas.text(56, canary(value) + 4, Decimals.percent(value, 0), "tick", .end)
    }
    for (value, style) in [(0.05, "grid"), (0.10, "mark dash")] {
      canvas.line(64, steal(value), 690, steal(value), style)
      canvas.text(56, steal(value) + 4, Decimals.percent(value, 0), "tick", .end)
    }
    canvas.line(64, steal(0), 690, steal(0), "axis")
    for (index, (round, sample)) in samples.enumerated() {
      let center = x(Double(index) + 0.5)
      let isBad = round.discarded != nil || !sample.isValid
      canvas.dot(
        center, canary(sample.canary / usual), isBad ? 3.5 : 2.5, isBad ? "dot-bad" : "dot-1",
        hint: "\(sample.arm), \(Words.round[language]) \(round.number)")
      canvas.rectangle(
        x: x(Double(index)) + 0.3, y: steal(round.steal), width: x(1) - x(0) - 0.6,
        height: steal(0) - steal(round.steal), round.discarded == nil ? "fill-1" : "fill-2")
    }
    var index = 0
    for round in experiment.rounds {
      let start = x(Double(index))
      index += round.samples.count
      if experiment.rounds.count <= 24 {
        canvas.text((start + x(Double(index))) / 2, 218, "\(round.number)", "tick", .middle)
      }
    }
    let title = Bilingual(
      en: "\(experiment.title.en): how quiet the machine was",
      zh: "\(experiment.title.zh)：机器有多安静")[language]
    return Figure(
      title: title, drawing: canvas.svg(title: title),
      legend: [
        .init(
          style: "dot-1",
          text: Bilingual(
            en: "canary, as a share of its median (above)", zh: "金丝雀占其中位数之比（上）")[language]),
        .init(style: "fill-1", text: Bilingual(en: "steal (below)", zh: "steal（下）")[language]),
        .init(
          style: "fill-2",
          text: Bilingual(en: "round run again or number voided", zh: "重跑的轮次或作废的数据")[language]),
      ],
      how: Bilingual(
        en: "Before each number a loop spins for 2 ms and counts its turns: fewer turns mean a "
          + "slower clock or a busy neighbour. Steal comes from /proc/stat. Rounds above 10 % ran "
          + "again; the discards stay in this drawing and in the raw data.",
        zh: "每次取数之前空转 2 ms 并计圈数：圈数减少说明主频降低或邻居繁忙。"
          + "steal 来自 /proc/stat。超过 10 % 的轮次重跑；被弃的轮次仍在图中和原始数据中。"),
      command: experiment.command,
      wrong: Bilingual(
        en: "A hypervisor that does not report steal: then only the canary shows it.",
        zh: "虚拟机监控程序不报告 steal：此时只有金丝雀能看出来。"),
      table: table(
        [Words.round[language], "steal", Words.canary[language], ""],
        experiment.rounds.map { round in
          let turns = Statistics.median(round.samples.map(\.canary)) ?? 0
          return [
            .text("\(round.number)"), .text(Decimals.percent(round.steal)),
            .text(Decimals.percent(turns / usual)),
            .text(round.discarded?.text[language] ?? ""),
          ]
        }, numbers: [0, 1, 2]))
  }
}

/// What the figures of an experiment share.
enum ExperimentNotes {
  static func how(_ experiment: ExperimentResult) -> Bilingual {
    let rounds = experiment.kept.count
    let arms = experiment.arms.count - (experiment.twins == nil ? 0 : 1)
    var text = Bilingual(
      en: "\(experiment.sentence.en) \(rounds) rounds; each runs all \(arms) arms once in fresh "
        + "random order (seed \(experiment.seed))",
      zh: "\(experiment.sentence.zh)共 \(rounds) 轮；每轮以新的随机顺序（种子 "
        + "\(experiment.seed)）把 \(arms) 个对象各跑一次")
    if experiment.twins != nil {
      text.en += ", the first of them twice (A/A)"
      text.zh += "，第一个跑两次（A/A）"
    }
    return Bilingual(en: text.en + ".", zh: text.zh + "。")
  }

  static func table(_ experiment: ExperimentResult, _ language: Language) -> Markup {
    let summary = ExperimentSummary(experiment)
    let unit = experiment.unit
    return Report.table(
      ["", "n", Words.median[language], "2.5 %", "97.5 %", "p90", "p99", Words.cpuTime[language]],
      summary.arms.map { arm in
        [
          .text(arm.arm.label[language]), .text("\(arm.count)"),
          .text(arm.here.map { unit.text($0.middle) } ?? "–"),
          .text(arm.here.map { unit.text($0.low) } ?? "–"),
          .text(arm.here.map { unit.text($0.high) } ?? "–"),
          .text(arm.p90.map(unit.text) ?? "–"), .text(arm.p99.map(unit.text) ?? "–"),
          .text(
            arm.cpuNanoseconds.map { Quantity.milliseconds.text($0 / 1e6) } ?? "–"),
        ]
      }, numbers: [1, 2, 3, 4, 5, 6, 7])
  }
}
