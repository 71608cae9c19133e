public import Measure

/// Holds two documents of the same benchmarks against each other.
public struct Compare {
  /// Compares although the environments differ.
  public var acceptsOtherEnvironment: Bool
  /// Which language.
  public var language: Language

  /// Chooses how strict to be.
  public init(acceptsOtherEnvironment: Bool = false, language: Language = .en) {
    self.acceptsOtherEnvironment = acceptsOtherEnvironment
    self.language = language
  }

  /// What came out.
  public struct Outcome: Equatable, Sendable {
    /// One line an experiment, for people.
    public var lines: [String]
    /// What each experiment comes to, by its id; empty when nothing was compared.
    public var comparisons: [String: Comparison]
    /// 0 same, 2 worse, 4 better, 3 cannot tell, 1 error.
    public var exitCode: Int32
  }

  /// Compares `new` with `old`, experiment by experiment.
  ///
  /// The two did not run in the same rounds, so raw times are not comparable: with a floor, what
  /// is compared is the ratio over it, measured in every round of each. One worse experiment
  /// makes the whole worse; then one that cannot be told makes it that; then better; then same.
  public func run(old: ResultDocument, new: ResultDocument) -> Outcome {
    let differences = old.environment.differences(from: new.environment)
    var lines: [String] = []
    if !differences.isEmpty {
      let names = differences.joined(separator: ", ")
      guard acceptsOtherEnvironment else {
        return failure(
          Bilingual(
            en: "the environments differ (\(names)): numbers from one say nothing about the "
              + "other; measure both on one machine, or accept the difference explicitly",
            zh: "环境不同（\(names)）：两边的数据不能互相说明；"
              + "请在同一台机器上测量，或明确接受这一差异"))
      }
      lines.append(
        Bilingual(en: "environments differ: \(names)", zh: "环境不同：\(names)")[language])
    }
    var comparisons: [String: Comparison] = [:]
    for experiment in new.experiments {
      guard let before = old.experiments.first(where: { $0.id == experiment.id }) else { continue }
      guard before.unit == experiment.unit && before.floor == experiment.floor else {
        return failure(
          Bilingual(
            en: "\(experiment.id) was measured in another unit or over another floor",
            zh: "\(experiment.id) 的单位或下限不一致"))
      }
      let (comparison, ratio) = compare(before, experiment, seed: new.seed)
      comparisons[experiment.id] = comparison
      lines.append(
        "\(experiment.id): \(comparison.word[language])"
          + (ratio.map { ", \(Words.times($0))" } ?? ""))
    }
    guard !comparisons.isEmpty else {
      return failure(
        Bilingual(en: "the documents share no experiment", zh: "两份文档没有共同的测试项"))
    }
    return Outcome(
      lines: lines, comparisons: comparisons, exitCode: Compare.exitCode(comparisons.values))
  }

  private func failure(_ text: Bilingual) -> Outcome {
    Outcome(lines: [text[language]], comparisons: [:], exitCode: 1)
  }

  private func compare(
    _ old: ExperimentResult, _ new: ExperimentResult, seed: UInt64
  ) -> (Comparison, Interval?) {
    let (before, after) = (Compare.rounds(old), Compare.rounds(new))
    guard let difference = Statistics.difference(after, before, seed: seed) else {
      return (.cannotTell, nil)
    }
    let noises = [ExperimentSummary(old).noise, ExperimentSummary(new).noise].compactMap { $0 }
    let comparison = Comparison.decide(
      logRatio: difference, noise: noises.count == 2 ? noises.max() : nil,
      rounds: min(before.count, after.count), lowerIsBetter: new.unit.lowerIsBetter)
    return (comparison, difference.map(Statistics.exponential))
  }

  /// Of each round, the logarithm of the first arm over the floor, or of the first arm alone.
  private static func rounds(_ result: ExperimentResult) -> [Double] {
    guard let subject = result.arms.first?.name else { return [] }
    if let floor = result.floor, floor != subject {
      let pairs = result.pairs(subject, floor)
      return Statistics.logRatios(pairs.map(\.a), pairs.map(\.b))
    }
    let values = result.values(subject)
    return Statistics.logRatios(values, values.map { _ in 1 })
  }

  private static func exitCode(_ comparisons: some Collection<Comparison>) -> Int32 {
    if comparisons.contains(.worse) { return 2 }
    if comparisons.contains(.cannotTell) { return 3 }
    return comparisons.contains(.better) ? 4 : 0
  }
}
