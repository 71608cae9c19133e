import Measure
import Testing

@testable import Report

/// What is said of a family: how the figure moves along its axis.
@Suite struct TrendTests {
  private func trends(_ experiment: ExperimentResult) -> [Trend] {
    Trend.all(experiment, ExperimentSummary(experiment))
  }

  @Test func aLineGoesFromItsFirstPointToItsLast() throws {
    let found = trends(SuiteFixture.quota)
    try #require(found.count == 2, "one a series, none for what is not on the axis")
    #expect(found.map(\.series.en) == ["period 100 ms", "period 10 ms"])
    #expect(found.map(\.direction) == [.same, .rises])
    #expect(found[1].from == "20" && found[1].to == "50")
    #expect(abs(found[1].ratio.middle - 1.2) < 0.02)
    #expect(found[1].text(.en).hasPrefix("period 10 ms: rises from 20 to 50, 1.2"))
    #expect(found[0].text(.en).hasPrefix("period 100 ms: same, 20 to 50, "))
    #expect(found[1].text(.zh).hasPrefix("周期 10 ms：从 20 到 50，上升，1.2"))
  }

  /// Whatever the order of the arms, the direction is that of the axis.
  @Test func theOtherWayRoundItFalls() {
    var turned = SuiteFixture.quota
    for arm in turned.arms.indices { turned.arms[arm].at = turned.arms[arm].at.map { -$0 } }
    #expect(trends(turned).map(\.direction) == [.same, .falls])
  }

  @Test func noiseAndFewRoundsDecideNothing() {
    var short = SuiteFixture.quota
    short.rounds = Array(short.rounds.prefix(5))
    #expect(trends(short).map(\.direction) == [.cannotTell, .cannotTell])
    var alone = SuiteFixture.quota
    alone.twins = nil
    #expect(trends(alone).allSatisfy { $0.direction == .cannotTell })
  }

  @Test func withoutAnAxisThereIsNone() {
    #expect(trends(Fixture.start).isEmpty)
  }

  @Test(arguments: Language.allCases)
  func allReportsSayIt(language: Language) {
    var document = Fixture.document()
    document.experiments = [SuiteFixture.quota]
    let text = Trend.all(SuiteFixture.quota, ExperimentSummary(SuiteFixture.quota))[1]
      .text(language)
    #expect(HTMLReport(language: language).html(document).contains(text))
    // What stands before the brackets, which markdown escapes.
    let start = String(text.prefix { $0 != "[" })
    #expect(MarkdownReport(language: language).markdown(document).contains("- " + start))
    #expect(TerminalReport(language: language, width: 132).text(document).contains(start))
  }
}
