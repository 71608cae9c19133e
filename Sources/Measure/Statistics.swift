internal import Glibc

/// A value with the bounds it lies between, at 95 % when it comes from `Statistics.interval`.
public struct Interval: Codable, Equatable, Sendable {
  /// Lower bound.
  public var low: Double
  /// The value itself: the median.
  public var middle: Double
  /// Upper bound.
  public var high: Double

  /// Wraps a value and its bounds.
  public init(low: Double, middle: Double, high: Double) {
    self.low = low
    self.middle = middle
    self.high = high
  }

  /// One number that is known exactly, such as a count.
  public init(exactly value: Double) {
    self.init(low: value, middle: value, high: value)
  }

  /// Each number through a rising function, such as `exp` for log-ratios.
  public func map(_ transform: (Double) -> Double) -> Interval {
    Interval(low: transform(low), middle: transform(middle), high: transform(high))
  }

  /// The larger distance of a bound from zero: how far a difference that should be none strays.
  public var reach: Double { max(low.magnitude, high.magnitude) }
}

/// The statistics of the trust rules, and no others.
public enum Statistics {
  /// The value in the middle, or the mean of the two; nil when there is none.
  public static func median(_ values: [Double]) -> Double? { quantile(values, 0.5) }

  /// Linear interpolation between the two nearest values (Hyndman and Fan's type 7); nil when
  /// there are none.
  public static func quantile(_ values: [Double], _ share: Double) -> Double? {
    quantile(sorted: values.sorted(), share)
  }

  private static func quantile(sorted: [Double], _ share: Double) -> Double? {
    guard let last = sorted.last else { return nil }
    let position = Double(sorted.count - 1) * min(1, max(0, share))
    let below = Int(position)
    guard below + 1 < sorted.count else { return last }
    let weight = position - Double(below)
    return sorted[below] + (sorted[below + 1] - sorted[below]) * weight
  }

  /// A percentile such as 0.99, only if there are at least 10 ÷ (1 − p) samples: 1000 for p99.
  public static func percentile(_ values: [Double], _ share: Double) -> Double? {
    // 1 − 0.9 is a little less than 0.1, and 100.00000000000001 is not asked of anybody.
    guard share < 1, Double(values.count) >= (10 / (1 - share)).rounded() else { return nil }
    return quantile(values, share)
  }

  /// `ln(a ÷ b)` of each round: a ratio twice as large weighs as much as one half as large.
  ///
  /// A round in which either is not positive has no ratio and is left out.
  public static func logRatios(_ a: [Double], _ b: [Double]) -> [Double] {
    zip(a, b).compactMap { a, b in a > 0 && b > 0 ? Glibc.log(a / b) : nil }
  }

  /// e to the power of: turns a log-ratio back into a ratio.
  public static func exponential(_ value: Double) -> Double { Glibc.exp(value) }

  /// The natural logarithm.
  public static func logarithm(_ value: Double) -> Double { Glibc.log(value) }

  /// The median and its 95 % interval: the bootstrap's, resampling rounds (Efron's percentile
  /// method), or the sign test's bound where that lies further out.
  ///
  /// The bootstrap alone promises too much here. A resampled median is nearly always one of the few
  /// numbers in the middle, and its 95 % held the true median in 93 of 100 trials
  /// (Notes/measuring.md). `SignTest` says what a pair of numbers can promise.
  ///
  /// - Parameters:
  ///   - rounds: One value a round.
  ///   - seed: Of the resampling, recorded in the document; the same seed gives the same bounds.
  ///   - resamples: How often all rounds are drawn with replacement.
  /// - Returns: nil when there is no round; both bounds equal the value when there is one.
  public static func interval(
    _ rounds: [Double], seed: UInt64, resamples: Int = 2000
  ) -> Interval? {
    guard
      var interval = bootstrap(rounds, seed: seed, resamples: resamples),
      let bounds = SignTest.bounds(sorted: rounds.sorted())
    else { return nil }
    interval.low = min(interval.low, bounds.low)
    interval.high = max(interval.high, bounds.high)
    return interval
  }

  /// The difference of two medians, a − b, of rounds that are not pairs (two documents), with
  /// its 95 % bootstrap interval.
  ///
  /// - Returns: nil when either side has no round.
  public static func difference(
    _ a: [Double], _ b: [Double], seed: UInt64, resamples: Int = 2000
  ) -> Interval? {
    bootstrap([a, b], seed: seed, resamples: resamples) { $0[0] - $0[1] }
  }

  /// The bootstrap's own interval of a median, which promises too much.
  static func bootstrap(_ rounds: [Double], seed: UInt64, resamples: Int) -> Interval? {
    bootstrap([rounds], seed: seed, resamples: resamples) { $0[0] }
  }

  private static func bootstrap(
    _ groups: [[Double]], seed: UInt64, resamples: Int, of statistic: ([Double]) -> Double
  ) -> Interval? {
    let medians = groups.compactMap(median)
    guard medians.count == groups.count else { return nil }
    var random = SeededRandom(seed: seed)
    var results: [Double] = []
    results.reserveCapacity(resamples)
    var drawn = groups
    for _ in 0..<resamples {
      for (index, group) in groups.enumerated() {
        for place in group.indices { drawn[index][place] = group[random.below(group.count)] }
        drawn[index].sort()
      }
      results.append(statistic(drawn.compactMap { quantile(sorted: $0, 0.5) }))
    }
    results.sort()
    guard let low = quantile(sorted: results, 0.025), let high = quantile(sorted: results, 0.975)
    else { return nil }
    return Interval(low: low, middle: statistic(medians), high: high)
  }
}
