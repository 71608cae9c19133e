/// What the rounds of one arm come to.
public struct ArmSummary: Equatable, Sendable {
  /// The arm.
  public var arm: ArmLabel
  /// Valid numbers that count.
  public var count: Int
  /// Median with its 95 % interval, in the experiment's unit; nil when nothing counts.
  public var here: Interval?
  /// The 90th percentile; nil under 100 numbers.
  public var p90: Double?
  /// The 99th percentile; nil under 1000 numbers.
  public var p99: Double?
  /// Median of the CPU time, in nanoseconds; nil when the arm cannot tell.
  public var cpuNanoseconds: Double?
  /// Median of the per-round ratios over its control, which is the floor for most; nil without one.
  public var overFloor: Interval?
  /// The experiment's first arm over this one, per round; nil for the first arm itself.
  public var subjectOver: Interval?
  /// Whether the first arm is better or worse than this one; nil for the first arm itself.
  public var comparison: Comparison?
}

/// What an experiment comes to: derived from its rounds and its seed, so always the same.
public struct ExperimentSummary: Equatable, Sendable {
  /// One for each arm, in order, but for the arm that repeats another.
  public var arms: [ArmSummary]
  /// How far the A/A log-ratio strays from zero; nil when no arm ran twice.
  public var noise: Double?
  /// Rounds that count.
  public var rounds: Int
  /// Rounds that were run again.
  public var discards: Int
  /// Rounds that count though more than 5 % was stolen.
  public var flagged: Int
  /// Numbers that an assertion voided.
  public var voided: Int
  /// How far a reader may trust it.
  public var trust: Trust

  /// Summarises an experiment.
  public init(_ result: ExperimentResult) {
    rounds = result.kept.count
    discards = result.rounds.count - rounds
    flagged = result.kept.count { $0.steal > 0.05 }
    voided = result.kept.reduce(0) { $0 + $1.samples.count { !$0.isValid } }
    noise = nil
    if let twins = result.twins, twins.count == 2 {
      noise = ExperimentSummary.logRatio(result, twins[0], twins[1])?.reach
    }
    arms = []
    for arm in result.ownArms {
      arms.append(ExperimentSummary.summary(of: arm, in: result, noise: noise))
    }
    trust = .D
    trust = Trust(self)
  }

  /// The first arm against the first other that is not the floor; against the floor when there
  /// is no other.
  public func verdict(floor: String?) -> Comparison? {
    let others = arms.dropFirst()
    return (others.first { $0.arm.name != floor } ?? others.first)?.comparison
  }

  /// The per-round log-ratios of two arms, summarised; nil when no round has both.
  public static func logRatio(_ result: ExperimentResult, _ a: String, _ b: String) -> Interval? {
    let pairs = result.pairs(a, b)
    return Statistics.interval(
      Statistics.logRatios(pairs.map(\.a), pairs.map(\.b)), seed: result.seed)
  }

  private static func summary(
    of arm: ArmLabel, in result: ExperimentResult, noise: Double?
  ) -> ArmSummary {
    let values = result.values(arm.name)
    let cpu = result.kept.compactMap { round in
      round.samples.first { $0.arm == arm.name && $0.isValid }?.cpuNanoseconds
        .map { Double($0) }
    }
    var summary = ArmSummary(
      arm: arm, count: values.count, here: Statistics.interval(values, seed: result.seed),
      p90: Statistics.percentile(values, 0.9), p99: Statistics.percentile(values, 0.99),
      cpuNanoseconds: Statistics.median(cpu))
    if let control = arm.control ?? result.floor {
      summary.overFloor = logRatio(result, arm.name, control)?.map(Statistics.exponential)
    }
    if let subject = result.arms.first?.name, subject != arm.name,
      let logRatio = logRatio(result, subject, arm.name)
    {
      summary.subjectOver = logRatio.map(Statistics.exponential)
      summary.comparison = Comparison.decide(
        logRatio: logRatio, noise: noise, rounds: result.pairs(subject, arm.name).count,
        lowerIsBetter: result.unit.lowerIsBetter)
    }
    return summary
  }
}

/// How far a reader may trust a result, by rules that anybody can check in the raw rounds.
///
/// For an experiment:
///
/// | grade | rounds | A/A noise | voided numbers | rounds with over 5 % steal, run again or kept |
/// |---|---|---|---|---|
/// | A | 11 or more | at most 2 % | none | none |
/// | B | 11 or more | at most 5 % | none | at most a quarter |
/// | C | 6 or more | at most 20 % | any | any |
/// | D | all others: no verdict should rest on it | | | |
///
/// For a lab: D when it is inconclusive, B when more than 5 % was stolen meanwhile, C when
/// times or shares of CPUs were measured and nobody watched the machine, else A. Facts that are
/// read and not timed, such as an inode number or a peak, need no quiet machine.
public enum Trust: String, Codable, Sendable {
  /// Quiet machine, enough rounds.
  case A
  /// Some noise, within what the intervals cover.
  case B
  /// An order of magnitude.
  case C
  /// Not to be relied on.
  case D

  /// Grades an experiment.
  public init(_ summary: ExperimentSummary) {
    let disturbed = summary.discards + summary.flagged
    let noise = summary.noise ?? .infinity
    if summary.rounds >= 11 && noise <= 0.02 && summary.voided == 0 && disturbed == 0 {
      self = .A
    } else if summary.rounds >= 11 && noise <= 0.05 && summary.voided == 0
      && disturbed * 4 <= summary.rounds + summary.discards
    {
      self = .B
    } else if summary.rounds >= Comparison.fewestRounds && noise <= 0.20 {
      self = .C
    } else {
      self = .D
    }
  }

  /// Grades a lab.
  public init(_ lab: LabOutcome) {
    if case .inconclusive = lab.verdict {
      self = .D
    } else if let window = lab.window {
      self = window.isFlagged ? .B : .A
    } else {
      self = lab.checks.contains { $0.expected?.unit.needsQuiet == true } ? .C : .A
    }
  }
}
