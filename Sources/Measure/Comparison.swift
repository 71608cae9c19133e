/// What a comparison of two arms, or of two documents, comes to.
public enum Comparison: String, Codable, Sendable {
  /// The first is better than the second, by more than noise.
  case better
  /// The first is worse, by more than noise.
  case worse
  /// Both lie so near to each other that no difference matters.
  case same
  /// The rounds do not decide it.
  case cannotTell

  /// The fewest rounds a verdict may rest on.
  public static let fewestRounds = 6

  /// The smallest effect that is claimed, as a log-ratio: 1 %.
  public static let smallestEffect = 0.01

  /// A/A noise above which nobody may say that two things are the same.
  public static let mostNoiseForSame = 0.05

  /// Decides from log-ratios.
  ///
  /// An effect is claimed only if the interval excludes the larger of the A/A noise and 1 %. The
  /// same is claimed only if the interval lies within that, and the noise is at most 5 %.
  ///
  /// - Parameters:
  ///   - logRatio: Of the first over the second, with its interval.
  ///   - noise: Reach of the A/A interval; nil when no arm ran twice, and then nothing is claimed.
  ///   - rounds: How many rounds it rests on.
  ///   - lowerIsBetter: Times, yes; rates, no.
  /// - Returns: What may be claimed of the first.
  public static func decide(
    logRatio: Interval, noise: Double?, rounds: Int, lowerIsBetter: Bool = true
  ) -> Comparison {
    guard rounds >= fewestRounds, let noise else { return .cannotTell }
    let bound = max(noise, smallestEffect)
    if logRatio.low > bound { return lowerIsBetter ? .worse : .better }
    if logRatio.high < -bound { return lowerIsBetter ? .better : .worse }
    if logRatio.reach <= bound && noise <= mostNoiseForSame { return .same }
    return .cannotTell
  }

  /// The word for it.
  public var word: Bilingual {
    switch self {
    case .better: Bilingual(en: "better", zh: "更好")
    case .worse: Bilingual(en: "worse", zh: "更差")
    case .same: Bilingual(en: "same", zh: "相同")
    case .cannotTell: Bilingual(en: "cannot tell", zh: "无法判断")
    }
  }
}
