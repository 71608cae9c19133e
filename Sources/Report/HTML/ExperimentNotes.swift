import Measure

/// What the figures of an experiment share.
enum ExperimentNotes {
  static func how(_ experiment: ExperimentResult) -> Bilingual {
    let rounds = experiment.kept.count
    let arms = experiment.ownArms.count
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

  static func table(
    _ experiment: ExperimentResult, _ summary: ExperimentSummary, _ language: Language
  ) -> Markup {
    let (scale, cpu) = (summary.scale(experiment.unit), summary.cpuScale)
    return Report.table(
      [
        "", "n", Words.median[language], "2.5 %", "97.5 %", "p90", "p99", Words.cpuTime[language],
        "× \(Words.control[language])",
      ],
      summary.arms.map { arm in
        let isControl = experiment.control(of: arm.arm) == nil
        return [
          .text(arm.arm.label[language]), .text("\(arm.count)"),
          .text(arm.here.map { scale.text($0.middle) } ?? "–"),
          .text(arm.here.map { scale.text($0.low) } ?? "–"),
          .text(arm.here.map { scale.text($0.high) } ?? "–"),
          .text(arm.p90.map(scale.text) ?? "–"), .text(arm.p99.map(scale.text) ?? "–"),
          .text(arm.cpuNanoseconds.map(cpu.text) ?? "–"),
          .text(isControl ? "–" : arm.overFloor.map { Decimals.significant($0.middle) } ?? "–"),
        ]
      }, numbers: [1, 2, 3, 4, 5, 6, 7, 8])
  }
}
