import Measure

/// How a figure moves along an experiment's axis: the last arm of a series over its first.
struct Trend {
  /// What the figure does from the first arm to the last.
  enum Direction: String {
    case rises, falls, same, cannotTell

    /// The word for it.
    var word: Bilingual {
      switch self {
      case .rises: Bilingual(en: "rises", zh: "上升")
      case .falls: Bilingual(en: "falls", zh: "下降")
      case .same: Comparison.same.word
      case .cannotTell: Comparison.cannotTell.word
      }
    }

    /// The style of its pill: neither is better, as nobody chooses where on the axis he is.
    var style: String { self == .cannotTell ? rawValue : Direction.same.rawValue }
  }

  /// The line that it is about.
  var series: Bilingual
  /// Where the line begins, and where it ends.
  var from: String
  var to: String
  /// The last over the first, per round.
  var ratio: Interval
  /// What may be claimed, by the rules of any comparison.
  var direction: Direction

  /// One for each line of two points or more; none without an axis.
  static func all(_ experiment: ExperimentResult, _ summary: ExperimentSummary) -> [Trend] {
    guard let axis = experiment.axis else { return [] }
    var lines: [(name: Bilingual, arms: [(at: Double, name: String)])] = []
    for arm in experiment.ownArms {
      guard let at = arm.at else { continue }
      let name = arm.series ?? experiment.title
      if let index = lines.firstIndex(where: { $0.name == name }) {
        lines[index].arms.append((at, arm.name))
      } else {
        lines.append((name, [(at, arm.name)]))
      }
    }
    return lines.compactMap { line in
      guard let first = line.arms.min(by: { $0.at < $1.at }),
        let last = line.arms.max(by: { $0.at < $1.at }), first.at < last.at,
        let logRatio = ExperimentSummary.logRatio(experiment, last.name, first.name)
      else { return nil }
      let comparison = Comparison.decide(
        logRatio: logRatio, noise: summary.noise,
        rounds: experiment.pairs(last.name, first.name).count)
      // By that rule less is better.
      let direction: Direction =
        switch comparison {
        case .worse: .rises
        case .better: .falls
        case .same: .same
        case .cannotTell: .cannotTell
        }
      return Trend(
        series: line.name, from: axis.unit.tick(first.at), to: axis.unit.tick(last.at),
        ratio: logRatio.map(Statistics.exponential), direction: direction)
    }
  }

  /// `5 to 1000`.
  func span(_ language: Language) -> String {
    Bilingual(en: "\(from) to \(to)", zh: "\(from) 到 \(to)")[language]
  }

  /// `drydock: rises from 1 to 1000, 1.47 × [1.38, 1.55]`.
  func text(_ language: Language) -> String {
    let figures = Words.times(ratio)
    let (name, word, span) = (series[language], direction.word[language], span(language))
    return Bilingual(
      en: direction == .rises || direction == .falls
        ? "\(name): \(word) from \(span), \(figures)" : "\(name): \(word), \(span), \(figures)",
      zh: "\(name)：从 \(span)，\(word)，\(figures)")[language]
  }
}
