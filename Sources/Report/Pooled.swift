import Load
import Measure

/// All values behind the samples of an arm, in the experiment's unit.
struct Pooled {
  private let histogram: Histogram
  private let unit: Double

  /// What the arm's valid samples stand for; nil when they stand for themselves only, or when the
  /// experiment does not count in times.
  init?(_ experiment: ExperimentResult, _ arm: String) {
    switch experiment.unit {
    case .nanoseconds: unit = 1
    case .microseconds: unit = 1e3
    case .milliseconds: unit = 1e6
    default: return nil
    }
    var all = Histogram()
    for round in experiment.kept {
      for sample in round.samples where sample.arm == arm && sample.isValid {
        if let more = sample.distribution { all.merge(more) }
      }
    }
    guard all.count > 0 else { return nil }
    histogram = all
  }

  /// How many values there are.
  var count: UInt64 { histogram.count }

  /// What so many percent are not above; nil where there are too few values to say.
  func percentile(_ percent: Double) -> Double? {
    guard histogram.supports(percentile: percent) else { return nil }
    return histogram.value(atPercentile: percent).map { Double($0) / unit }
  }

  /// Steps of the distribution: a value, and the share of values that are above it.
  var steps: [(value: Double, above: Double)] {
    var seen: UInt64 = 0
    return histogram.buckets.map { bucket in
      seen += bucket.count
      // Of n values none is known to lie beyond 1 − 1/2n.
      let above = max(Double(histogram.count - seen), 0.5) / Double(histogram.count)
      return (Double(bucket.lowestValue) / unit, above)
    }
  }
}
