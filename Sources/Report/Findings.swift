import Measure

/// One arm held against another, as an experiment means it.
struct Finding {
  /// The arm that it is about.
  var arm: ArmLabel
  /// What it is held against.
  var other: ArmLabel
  /// The arm over the other, per round.
  var ratio: Interval
  /// Whether the arm is better or worse; nil for the same thing measured twice.
  var comparison: Comparison?
  /// Whether the other is the experiment's floor, or what stands beside a point on an axis: nobody
  /// asks whether that is beaten, so only the ratio is told.
  var isFloor: Bool

  /// Every ratio that an experiment is about.
  ///
  /// Arms with controls of their own, or on an axis, are held against those: one container against
  /// one process, a thousand against a thousand. Otherwise the first arm is held against all others.
  static func all(
    _ experiment: ExperimentResult, _ summary: ExperimentSummary
  ) -> [Finding] {
    let own = experiment.ownArms
    let named = Dictionary(own.map { ($0.name, $0) }) { first, _ in first }
    guard experiment.hasControls else {
      guard let subject = own.first else { return [] }
      return summary.arms.dropFirst().compactMap { other in
        other.subjectOver.map {
          Finding(
            arm: subject, other: other.arm, ratio: $0, comparison: other.comparison,
            isFloor: other.arm.name == experiment.floor)
        }
      }
    }
    return summary.arms.compactMap { arm in
      guard let control = experiment.control(of: arm.arm), let other = named[control],
        let logRatio = ExperimentSummary.logRatio(experiment, arm.arm.name, control)
      else { return nil }
      let comparison = Comparison.decide(
        logRatio: logRatio, noise: summary.noise,
        rounds: experiment.pairs(arm.arm.name, control).count,
        lowerIsBetter: experiment.unit.lowerIsBetter)
      return Finding(
        arm: arm.arm, other: other, ratio: logRatio.map(Statistics.exponential),
        comparison: comparison,
        isFloor: control == experiment.floor || experiment.axis != nil)
    }
  }

  /// The same thing measured twice; nil when nothing was.
  static func twins(_ experiment: ExperimentResult) -> Finding? {
    guard let names = experiment.twins, names.count == 2,
      let a = experiment.arms.first(where: { $0.name == names[0] }),
      let b = experiment.arms.first(where: { $0.name == names[1] }),
      let ratio = ExperimentSummary.logRatio(experiment, a.name, b.name)
    else { return nil }
    return Finding(
      arm: a, other: b, ratio: ratio.map(Statistics.exponential), comparison: nil, isFloor: false)
  }

  /// `0.46 × [0.44, 0.48]`.
  var figures: String { Words.times(ratio) }

  /// `drydock is better than crun: 0.46 × [0.44, 0.48]`.
  func text(_ language: Language) -> String {
    let (one, two) = (arm.label[language], other.label[language])
    if isFloor {
      return Bilingual(
        en: "\(one) over \(two): \(figures)", zh: "\(one) 与 \(two) 之比：\(figures)")[language]
    }
    switch (language, comparison) {
    case (.en, .better): return "\(one) is better than \(two): \(figures)"
    case (.en, .worse): return "\(one) is worse than \(two): \(figures)"
    case (.en, .same): return "\(one) and \(two) are the same: \(figures)"
    case (.en, .cannotTell): return "\(one) against \(two): cannot tell, \(figures)"
    case (.en, nil): return "\(one) and \(two): \(figures)"
    case (.zh, .better): return "\(one) 优于 \(two)：\(figures)"
    case (.zh, .worse): return "\(one) 不如 \(two)：\(figures)"
    case (.zh, .same): return "\(one) 与 \(two) 相同：\(figures)"
    case (.zh, .cannotTell): return "\(one) 与 \(two)：无法判断，\(figures)"
    case (.zh, nil): return "\(one) 与 \(two)：\(figures)"
    }
  }

  /// The one that stands for the experiment in a table: against the first that is not the floor.
  static func headline(_ findings: [Finding]) -> Finding? {
    findings.first { !$0.isFloor } ?? findings.first
  }
}

extension ExperimentResult {
  /// Whether arms are held against arms of their own, and not all against the first.
  var hasControls: Bool { axis != nil || arms.contains { $0.control != nil } }
}
