import Glibc
import Linux
import Testing

@testable import Measure

/// The trust rules against noise of known kinds: seeded, so that the same trials run everywhere.
///
/// `Tests/run --all` (DRYDOCK_SOAK) runs ten times as many, and prints the table of Notes/measuring.md.
@Suite struct TrustRuleTests {
  private static let isLong = Processes.environment.contains("DRYDOCK_SOAK=1")
  private static let trials = isLong ? 3000 : 300

  /// The interval must hold the true median in 95 of 100 trials, whatever the noise: two less for
  /// chance, since 300 trials are known to 1.3 %.
  @Test(arguments: Noise.allCases, [11, 21, 41])
  func intervalsHoldTheMedian(noise: Noise, rounds: Int) throws {
    var random = SeededRandom(seed: UInt64(rounds))
    var (hits, resampled) = (0, 0)
    for trial in 0..<TrustRuleTests.trials {
      let numbers = noise.draw(rounds, &random)
      func holds(_ interval: Interval?) throws -> Int {
        let interval = try #require(interval)
        return interval.low <= noise.median && noise.median <= interval.high ? 1 : 0
      }
      hits += try holds(Statistics.interval(numbers, seed: UInt64(trial), resamples: 100))
      guard TrustRuleTests.isLong else { continue }
      resampled += try holds(Statistics.bootstrap(numbers, seed: UInt64(trial), resamples: 400))
    }
    let share = Double(hits) / Double(TrustRuleTests.trials)
    let alone = Decimals.percent(Double(resampled) / Double(TrustRuleTests.trials))
    report(
      "\(noise.rawValue), \(rounds) rounds: \(Decimals.percent(share)) hold the median, "
        + "\(alone) by the bootstrap alone")
    // Rounds that are not independent are what no resampling of rounds can see: the raw median's
    // interval is then too narrow. Claims rest on ratios within a round, where it cancels.
    #expect(share >= (noise == .autocorrelated ? 0.65 : 0.93))
    #expect(noise == .autocorrelated || share <= 0.985, "wider than it says")
  }

  /// A verdict of "better" or "worse" though both arms do the same: 5 of 100 at most.
  @Test(arguments: Noise.allCases, [6, 11, 21])
  func claimsWithoutADifferenceAreRare(noise: Noise, rounds: Int) throws {
    let verdicts = try verdicts(noise, rounds: rounds, difference: 0)
    let claims = (verdicts[.better] ?? 0) + (verdicts[.worse] ?? 0)
    let share = Double(claims) / Double(TrustRuleTests.trials)
    report("\(noise.rawValue), \(rounds) rounds: \(Decimals.percent(share, 2)) false claims")
    #expect(share <= 0.05)
  }

  /// Ten per cent more time on a quiet machine: found, and never taken for better.
  @Test(arguments: [(Noise.quiet, 11, 0.9), (.normal, 21, 0.9), (.normal, 11, 0.6)])
  func tenPerCentAreFound(noise: Noise, rounds: Int, least: Double) throws {
    let verdicts = try verdicts(noise, rounds: rounds, difference: Glibc.log(1.1))
    let share = Double(verdicts[.worse] ?? 0) / Double(TrustRuleTests.trials)
    report("\(noise.rawValue), \(rounds) rounds: 10 % found in \(Decimals.percent(share))")
    #expect(share >= least)
    #expect(verdicts[.better] == nil)
  }

  /// Two documents of the same benchmark, one after the other: `Compare` rests on this interval.
  @Test(arguments: Noise.allCases)
  func differencesOfDocumentsHoldZero(noise: Noise) throws {
    var random = SeededRandom(seed: 5)
    var hits = 0
    for trial in 0..<TrustRuleTests.trials {
      let interval = try #require(
        Statistics.difference(
          noise.draw(11, &random), noise.draw(11, &random), seed: UInt64(trial), resamples: 200))
      if interval.low <= 0 && 0 <= interval.high { hits += 1 }
    }
    let share = Double(hits) / Double(TrustRuleTests.trials)
    report("\(noise.rawValue): \(Decimals.percent(share)) of differences hold zero")
    #expect(share >= (noise == .autocorrelated ? 0.65 : 0.93))
  }

  /// What `ExperimentSummary` decides of A, B and A′ whose rounds share a disturbance.
  private func verdicts(
    _ noise: Noise, rounds: Int, difference: Double
  ) throws -> [Comparison: Int] {
    var random = SeededRandom(seed: UInt64(rounds) &+ UInt64(difference * 1000))
    var counts: [Comparison: Int] = [:]
    for trial in 0..<TrustRuleTests.trials {
      let (a, b, again) = (
        noise.draw(rounds, &random), noise.draw(rounds, &random), noise.draw(rounds, &random)
      )
      func interval(_ a: [Double], _ b: [Double], _ extra: Double) throws -> Interval {
        let ratios = zip(a, b).map { $0 - $1 + extra }
        return try #require(Statistics.interval(ratios, seed: UInt64(trial), resamples: 100))
      }
      let verdict = Comparison.decide(
        logRatio: try interval(a, b, difference), noise: try interval(a, again, 0).reach,
        rounds: rounds)
      counts[verdict, default: 0] += 1
    }
    return counts
  }

  private func report(_ line: String) {
    if TrustRuleTests.isLong { print("trust: \(line)") }
  }
}
