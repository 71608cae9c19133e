import Measure
import Testing

@testable import BenchmarkExperiments

/// What of a start is in no step, in a trace made up for it.
struct StartGapsTests {
  private func trace(_ steps: [(String, UInt64, UInt64)], began: UInt64? = 1_000_000) -> Waterfall {
    var trace = Waterfall(
      title: Bilingual("a start"),
      steps: steps.map {
        .init(
          id: $0.0, phase: "exec", side: "init", startNanoseconds: $0.1 * 1_000_000,
          durationNanoseconds: $0.2 * 1_000_000)
      }, totalNanoseconds: 20_000_000, unaccountedNanoseconds: 0, command: "run")
    trace.beganNanoseconds = began
    return trace
  }

  private func parts(_ trace: Waterfall) -> [String: Double] {
    StartGaps.parts(of: trace, spawned: 0, reaped: 25_000_000)
  }

  @Test func partsAndStepsAreTheWhole() {
    // Spawned at 0, began at 1 ms; the second and the third step overlap.
    let found = parts(
      trace([("a", 2, 3), ("b", 6, 4), ("c", 7, 2), ("process.exec", 12, 1), ("d", 16, 2)]))
    #expect(
      found == ["loading": 1, "reading": 2, "between": 3, "program": 3, "closing": 6])
    // The four steps take 3, 4, 1 and 2 ms.
    let whole: Double = found.values.reduce(10, +)
    #expect(whole == 25)
  }

  @Test func whatTheTraceDoesNotShowIsMissing() {
    #expect(parts(trace([("a", 2, 3)])).isEmpty)
    #expect(parts(trace([("process.exec", 2, 3)], began: nil)).isEmpty)
    #expect(parts(trace([("process.exec", 2, 3)]))["program"] == nil)
    // A step that ends after the command did.
    #expect(parts(trace([("process.exec", 2, 30)]))["closing"] == nil)
  }
}
