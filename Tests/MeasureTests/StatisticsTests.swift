import Measure
import Testing

@Suite struct StatisticsTests {
  @Test func medianOfOddEvenAndNone() {
    #expect(Statistics.median([3, 1, 2]) == 2)
    #expect(Statistics.median([4, 1, 3, 2]) == 2.5)
    #expect(Statistics.median([]) == nil)
  }

  /// R: quantile(c(1, 2, 4, 8, 16), c(.1, .25, .9), type = 7) gives 1.4, 2.0, 12.8.
  @Test func quantilesAsRHasThem() throws {
    let values: [Double] = [16, 1, 8, 2, 4]
    #expect(abs(try #require(Statistics.quantile(values, 0.1)) - 1.4) < 1e-12)
    #expect(Statistics.quantile(values, 0.25) == 2)
    #expect(abs(try #require(Statistics.quantile(values, 0.9)) - 12.8) < 1e-12)
    #expect(Statistics.quantile(values, 1) == 16)
  }

  @Test(arguments: [(0.5, 20), (0.9, 100), (0.99, 1000)])
  func percentilesNeedSamples(share: Double, needed: Int) {
    let few = (0..<(needed - 1)).map(Double.init)
    #expect(Statistics.percentile(few, share) == nil)
    #expect(Statistics.percentile(few + [1], share) != nil)
    #expect(Statistics.percentile(few, 1) == nil)
  }

  @Test func logRatiosAreSymmetric() {
    let ratios = Statistics.logRatios([2, 1, 0], [1, 2, 1])
    #expect(ratios.count == 2, "a round without a positive number has no ratio")
    #expect(abs(ratios[0] - 0.693147) < 1e-6)
    #expect(ratios[0] == -ratios[1])
  }

  /// The published test vector of SplitMix64.
  @Test func generatorIsTheKnownOne() {
    var random = SeededRandom(seed: 1_234_567)
    #expect(
      (0..<5).map { _ in random.next() } == [
        6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
        4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
      ])
  }

  @Test func drawsReachEveryNumberAndNoOther() {
    var random = SeededRandom(seed: 7)
    #expect(Set((0..<500).map { _ in random.below(6) }) == [0, 1, 2, 3, 4, 5])
    let shuffled = random.shuffled(Array(0..<50))
    #expect(shuffled != Array(0..<50))
    #expect(shuffled.sorted() == Array(0..<50))
  }

  @Test func bootstrapDependsOnTheSeedAlone() throws {
    let rounds = [1.0, 1.1, 0.9, 1.3, 1.05, 0.97, 1.2, 1.01, 0.99, 1.15, 1.08]
    let first = try #require(Statistics.interval(rounds, seed: 1))
    #expect(first == Statistics.interval(rounds, seed: 1))
    let others = (2...12).compactMap { Statistics.interval(rounds, seed: $0, resamples: 100) }
    #expect(others.contains { $0.low != others[0].low || $0.high != others[0].high })
    #expect(first.middle == 1.05)
    #expect(first.low < first.middle && first.middle < first.high)
  }

  /// About 95 of 100 intervals must hold the true median.
  ///
  /// For eleven rounds the percentile
  /// method is a little generous or tight; beyond these bounds it would be broken.
  @Test func intervalHoldsTheTruth() throws {
    var random = SeededRandom(seed: 2026)
    var hits = 0
    for trial in 0..<150 {
      // The sum of uniforms is symmetric about 6: that is its median.
      let rounds = (0..<11).map { _ in
        (0..<12).reduce(0.0) { sum, _ in sum + Double(random.below(1 << 30)) / Double(1 << 30) }
      }
      let interval = try #require(
        Statistics.interval(rounds, seed: UInt64(trial), resamples: 300))
      if interval.low <= 6 && 6 <= interval.high { hits += 1 }
    }
    #expect((135...149).contains(hits), "\(hits) of 150")
  }

  @Test func oneRoundHasNoSpreadAndNoneHasNoInterval() {
    #expect(Statistics.interval([5], seed: 1) == Interval(exactly: 5))
    #expect(Statistics.interval([], seed: 1) == nil)
    #expect(Statistics.difference([1], [], seed: 1) == nil)
    #expect(Statistics.difference([3, 3], [1, 1], seed: 1) == Interval(exactly: 2))
  }
}

@Suite struct DecimalsTests {
  @Test(arguments: [
    (2.345, 2, "2.35"), (-0.001, 2, "0.00"), (-1.5, 0, "-2"), (0, 1, "0.0"), (999.96, 1, "1000.0"),
    (0.05, 1, "0.1"), (.infinity, 1, "n/a"),
  ])
  func fixed(value: Double, digits: Int, text: String) {
    #expect(Decimals.fixed(value, digits) == text)
  }

  @Test(arguments: [
    (1234.4, "1234"), (123.45, "123"), (12.345, "12.3"), (1.2345, "1.23"), (0.123, "0.123"),
    (0.01234, "0.0123"), (0, "0"), (99.96, "100"), (9.996, "10.0"),
  ])
  func significant(value: Double, text: String) {
    #expect(Decimals.significant(value) == text)
  }

  @Test func units() {
    #expect(Quantity.bytes.text(67_108_864) == "64.0 MiB")
    #expect(Quantity.bytes.text(512) == "512 B")
    #expect(Quantity.cpus.text(1.5) == "150.0 %")
    #expect(Quantity.milliseconds.text(2.613) == "2.61 ms")
    #expect(Quantity.nanoseconds.text(129_133) == "129 µs")
    #expect(Quantity.milliseconds.text(0.0421) == "42.1 µs")
    #expect(Quantity.milliseconds.text(1073) == "1.07 s")
    #expect(Quantity.microseconds.text(999.6) == "1.00 ms")
    #expect(Quantity.milliseconds.text(0) == "0 ms")
    #expect(Quantity.milliseconds.text(-1500) == "-1.50 s")
    #expect(Quantity.nanoseconds.tick(50_000) == "50 µs")
    #expect(Quantity.perSecond.text(308) == "308/s")
    #expect(Quantity.bytesPerSecond.text(2.3e8) == "230 MB/s")
    #expect(Decimals.short(1.50) == "1.5")
    #expect(Decimals.short(100) == "100")
  }

  @Test func whatIsComparedHasOneUnit() {
    let scale = Quantity.nanoseconds.scale(for: [900, 15_000, 2_000_000])
    #expect(scale.text(900) == "0.900 µs")
    #expect(scale.text(2_000_000) == "2000 µs")
    #expect(scale.bare(15_000) == "15.0")
    #expect(Quantity.bytes.scale(for: [2048, 4096]).text(1_048_576) == "1024.0 KiB")
    #expect(Quantity.count.scale(for: []).text(3) == "3")
  }
}
