import Measure

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
