import Measure
import Testing

@Suite struct ExpectedTests {
  let share = Expected(0.667, within: 0.03, unit: .share)

  @Test func insideOutsideAndAcross() {
    #expect(share.judge(Interval(low: 0.65, middle: 0.66, high: 0.68)) == .pass)
    #expect(
      share.judge(Interval(low: 0.69, middle: 0.695, high: 0.71))
        == .inconclusive([.wideInterval]))
    let verdict = share.judge(Interval(low: 0.49, middle: 0.5, high: 0.51))
    #expect(
      verdict.reason?.en == "expected 66.7 % ± 3.0 %, measured 50.0 %")
    #expect(verdict.reason?.zh == "预期 66.7 % ± 3.0 %，实测 50.0 %")
  }

  @Test func theEdgeBelongsToIt() {
    #expect(Expected(0.3, within: 0.1, unit: .share).judge(Interval(exactly: 0.1 + 0.1)) == .pass)
    #expect(Expected(exactly: 137).judge(Interval(exactly: 137)) == .pass)
    #expect(!Expected(exactly: 137).judge(Interval(exactly: 143)).isPass)
  }

  @Test func doubtsComeFirst() {
    let doubts = [Doubt.fewCPUs(wanted: 1.5, had: 0.9)]
    for value in [0.667, 0.1] {
      let verdict = share.judge(Interval(exactly: value), doubts: doubts)
      #expect(verdict == .inconclusive(doubts))
      #expect(verdict.reason?.en == "too few free CPUs: wanted 1.5, had 0.9")
    }
  }

  @Test func manyAsOne() {
    let fail = Verdict.fail(Bilingual(en: "no", zh: "否"))
    let doubt = Verdict.inconclusive([.steal(share: 0.2)])
    #expect(Verdict.all([.pass, .pass]) == .pass)
    #expect(Verdict.all([.pass, doubt, doubt]) == doubt)
    #expect(Verdict.all([doubt, fail]) == fail)
    #expect(!Verdict.all([]).isPass, "nothing checked is nothing passed")
  }
}

@Suite struct ComparisonTests {
  private func decide(
    _ low: Double, _ high: Double, noise: Double? = 0.002, rounds: Int = 11,
    lowerIsBetter: Bool = true
  ) -> Comparison {
    Comparison.decide(
      logRatio: Interval(low: low, middle: (low + high) / 2, high: high), noise: noise,
      rounds: rounds, lowerIsBetter: lowerIsBetter)
  }

  @Test func effectMustClearOnePerCent() {
    #expect(decide(0.0101, 0.05) == .worse)
    #expect(decide(0.0099, 0.05) == .cannotTell)
    #expect(decide(-0.05, -0.0101) == .better)
    #expect(decide(-0.05, -0.0101, lowerIsBetter: false) == .worse)
  }

  @Test func effectMustClearTheNoise() {
    #expect(decide(0.04, 0.06, noise: 0.05) == .cannotTell)
    #expect(decide(0.051, 0.06, noise: 0.05) == .worse)
    #expect(decide(0.5, 0.6, noise: nil) == .cannotTell, "no A/A arm, no claim")
  }

  @Test func sixRoundsAtLeast() {
    #expect(decide(0.5, 0.6, rounds: 5) == .cannotTell)
    #expect(decide(0.5, 0.6, rounds: 6) == .worse)
  }

  @Test func sameOnlyWithinTheBound() {
    #expect(decide(-0.009, 0.008) == .same)
    #expect(decide(-0.011, 0.008) == .cannotTell)
    #expect(decide(-0.04, 0.04, noise: 0.06) == .cannotTell, "too noisy to call it the same")
  }
}
