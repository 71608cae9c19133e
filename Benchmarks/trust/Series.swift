import Measure
import Report

/// Many A/B runs of one kind, and what was claimed in each.
struct Series {
  /// In data: `loaded`, `quiet`, `loaded-duet`, `quiet-duet`.
  let name: String
  /// B's work over A's: 1 when there is no difference.
  let factor: Double
  let isDuet: Bool
  /// What stood at the end of each run.
  private(set) var runs: [Run] = []

  struct Run {
    var verdict: Comparison
    var ratio: Interval?
    var noise: Double?
    var rounds: Int
    var discards: Int
  }

  init(_ name: String, factor: Double, isDuet: Bool) {
    self.name = name
    self.factor = factor
    self.isDuet = isDuet
  }

  /// Another run.
  ///
  /// - Throws: `ExperimentError` as the experiment does.
  mutating func run(_ work: Work, rounds: Int, seed: UInt64) throws(ExperimentError) {
    let other = work.times(factor)
    let a: Duet.Part = { () throws(ExperimentError) in work.run() }
    let b: Duet.Part = { () throws(ExperimentError) in other.run() }
    var experiment = Experiment(
      id: "trust.\(name)", title: Bilingual(name), sentence: Bilingual(name), unit: .milliseconds,
      arms: [.ofDuet("a", assertion: { nil }, part: a), .ofDuet("b", assertion: { nil }, part: b)],
      floor: nil, command: "", caveat: Bilingual(""))
    experiment.rounds = rounds
    experiment.canaryMilliseconds = 0.2
    experiment.duet = isDuet ? Duet() : nil
    let summary = ExperimentSummary(try experiment.run(seed: seed))
    let arm = summary.arms.last
    runs.append(
      Run(
        verdict: arm?.comparison ?? .cannotTell, ratio: arm?.subjectOver, noise: summary.noise,
        rounds: summary.rounds, discards: summary.discards))
  }

  /// How often A was said to be better than B, as it is when B does more.
  var found: Int { runs.count { $0.verdict == .better } }

  /// How often something was claimed that is not so.
  var falseClaims: Int {
    runs.count { $0.verdict == .worse || ($0.verdict == .better && factor == 1) }
  }

  /// What counts: false claims where there is no difference, else those that found it.
  var count: Int { factor == 1 ? falseClaims : found }

  /// The bounds in which the true share lies with 95 %, of so many in so many runs (Clopper and
  /// Pearson 1934).
  var bounds: (low: Double, high: Double) {
    let n = runs.count
    func solve(_ isBelow: (Double) -> Bool) -> Double {
      var (low, high) = (0.0, 1.0)
      for _ in 0..<60 {
        let middle = (low + high) / 2
        if isBelow(middle) { low = middle } else { high = middle }
      }
      return low
    }
    return (
      count == 0 ? 0 : solve { 1 - Series.atMost(count - 1, of: n, $0) < 0.025 },
      count == n ? 1 : solve { Series.atMost(count, of: n, $0) > 0.025 }
    )
  }

  /// P(Bin(n, p) ≤ k).
  private static func atMost(_ k: Int, of n: Int, _ p: Double) -> Double {
    guard p > 0 else { return 1 }
    guard p < 1 else { return k >= n ? 1 : 0 }
    let (here, not) = (Statistics.logarithm(p), Statistics.logarithm(1 - p))
    var (choose, sum) = (0.0, 0.0)
    for i in 0...k {
      if i > 0 {
        choose += Statistics.logarithm(Double(n - i + 1)) - Statistics.logarithm(Double(i))
      }
      sum += Statistics.exponential(choose + Double(i) * here + Double(n - i) * not)
    }
    return min(1, sum)
  }

  /// Whether it is as promised: at most 5 % false claims, or at least 90 % found.
  var isAsPromised: Bool {
    let share = Double(count) / Double(max(1, runs.count))
    return factor == 1 ? share <= 0.05 : share >= 0.90 && falseClaims == 0
  }

  /// For `trust.json`.
  var json: JSON {
    func number(_ value: Double?) -> JSON {
      value.map { $0.isFinite ? .number("\($0)") : .null } ?? .null
    }
    return .object([
      "name": .string(name), "factor": number(factor), "is_duet": .bool(isDuet),
      "count": .number("\(count)"), "runs": .number("\(runs.count)"),
      "false_claims": .number("\(falseClaims)"), "found": .number("\(found)"),
      "low": number(bounds.low), "high": number(bounds.high),
      "as_promised": .bool(isAsPromised),
      "each": .array(
        runs.map {
          .object([
            "verdict": .string($0.verdict.rawValue), "ratio": number($0.ratio?.middle),
            "low": number($0.ratio?.low), "high": number($0.ratio?.high),
            "noise": number($0.noise), "rounds": .number("\($0.rounds)"),
            "discards": .number("\($0.discards)"),
          ])
        }),
    ])
  }
}
