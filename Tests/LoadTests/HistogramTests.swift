import Foundation
import Testing

@testable import Load

/// A histogram beside the sorted values that it was made of.
@Suite struct HistogramTests {
  /// Values of known distributions, from nanoseconds to hours, the same in each run.
  enum Source: String, CaseIterable {
    case uniform, exponential, twoPeaks, constant, wide

    var values: [UInt64] {
      var random = SplitMix64(42)
      return (0..<20_000).map { index in
        switch self {
        case .uniform: random.next() % 1_000_000
        case .exponential: UInt64(-log(1 - random.unit()) * 50_000)
        case .twoPeaks: index % 100 == 0 ? 40_000_000 + random.next() % 1000 : random.next() % 3000
        case .constant: 123_456_789
        case .wide: random.next() >> (random.next() % 64)
        }
      }
    }
  }

  private func histogram(_ values: [UInt64]) -> Histogram {
    var result = Histogram()
    for value in values { result.record(value) }
    return result
  }

  /// Whether `told` is `exact`, but for the fourth digit, and never below it.
  private func isClose(_ told: UInt64?, _ exact: UInt64) -> Bool {
    guard let told, told >= exact else { return false }
    return Double(told - exact) <= Double(exact) / 1000
  }

  @Test("Percentiles are those of the sorted values", arguments: Source.allCases)
  func percentiles(source: Source) {
    let sorted = source.values.sorted()
    let histogram = histogram(source.values)
    #expect(histogram.count == UInt64(sorted.count))
    for percentile in [0.001, 1, 25, 50, 90, 99, 99.9, 99.99, 100] {
      let share = percentile * Double(sorted.count) / 100 - 1e-9
      let rank = max(1, Int(share.rounded(.up)))
      let told = histogram.value(atPercentile: percentile)
      #expect(isClose(told, sorted[rank - 1]), "p\(percentile): \(told ?? 0), \(sorted[rank - 1])")
    }
    #expect(isClose(histogram.max, sorted[sorted.count - 1]))
    #expect(isClose(sorted[0], histogram.min ?? .max))
    let mean = sorted.reduce(0.0) { $0 + Double($1) } / Double(sorted.count)
    #expect(abs((histogram.mean ?? 0) / mean - 1) < 0.001)
  }

  @Test("Values under 2048 are kept as they are") func exact() {
    for value in [0, 1, 2, 1023, 1024, 2047] as [UInt64] {
      let one = histogram([value])
      #expect(one.min == value && one.max == value && one.value(atPercentile: 50) == value)
    }
  }

  @Test("Cells follow each other without gap or overlap, to the largest number") func cells() {
    var next: UInt64 = 0
    for cell in 0...Histogram.cell(of: .max) {
      #expect(Histogram.lowestValue(of: cell) == next)
      #expect(Histogram.cell(of: next) == cell)
      #expect(Histogram.cell(of: Histogram.highestValue(of: cell)) == cell)
      next = Histogram.highestValue(of: cell) &+ 1
    }
    #expect(next == 0, "the last cell ends with the largest number")
  }

  @Test("Merged is as recorded in one", arguments: Source.allCases)
  func merged(source: Source) {
    let values = source.values
    var first = histogram(Array(values[..<700]))
    let second = histogram(Array(values[700...]))
    var other = second
    first.merge(second)
    other.merge(histogram(Array(values[..<700])))
    #expect(first == histogram(values))
    #expect(other == first)
  }

  @Test("Written and read again it is the same", arguments: Source.allCases)
  func codec(source: Source) throws {
    let histogram = histogram(source.values)
    let data = try JSONEncoder().encode(histogram)
    #expect(try JSONDecoder().decode(Histogram.self, from: data) == histogram)
    #expect(Histogram(histogram.buckets) == histogram)
  }

  @Test("Its JSON is sparse pairs") func text() throws {
    var histogram = Histogram()
    histogram.record(5, count: 3)
    histogram.record(4097)
    let data = try JSONEncoder().encode(histogram)
    #expect(String(decoding: data, as: UTF8.self) == "[[5,3],[4096,1]]")
  }

  @Test(
    "What is no histogram is refused",
    arguments: [
      "[[1]]", "[[1,2,3]]", "[[2,1],[1,1]]", "[[1,1],[1,1]]", "[[1,0]]", "[[-1,1]]", "[1]", "{}",
      "[[1,18446744073709551615],[2,1]]",
    ])
  func refused(text: String) {
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(Histogram.self, from: Data(text.utf8))
    }
  }

  @Test("Nothing recorded tells nothing") func empty() {
    let none = Histogram()
    #expect(none.count == 0)
    #expect(none.min == nil && none.max == nil && none.mean == nil)
    #expect(none.value(atPercentile: 50) == nil)
    #expect(!none.supports(percentile: 50))
  }

  @Test(
    "A percentile needs ten values beyond it",
    arguments: [(50, 20), (90, 100), (99, 1000), (99.9, 10_000)] as [(Double, UInt64)])
  func enough(percentile: Double, values: UInt64) {
    var histogram = Histogram()
    histogram.record(1, count: values - 1)
    #expect(!histogram.supports(percentile: percentile))
    histogram.record(1)
    #expect(histogram.supports(percentile: percentile))
    #expect(!histogram.supports(percentile: 100))
  }
}
