import Linux
import OCI
import Testing

/// Death at any moment, and several at once.
@Suite(.enabled(if: Machine.isReady, Machine.reason))
struct CrashTests {
  @Test func killedAtRandomMoments() throws {
    let bundle = try FaultStage(.plain).bundle
    let warm = Clock.now
    try bundle.runtime("run", "--detach", "--bundle", bundle.path, "c")
    let usual = Clock.now - warm
    try bundle.runtime("delete", "--force", "c")
    var random = SplitMix(state: 13)
    for round in 0..<30 {
      let pause = UInt64.random(in: 0...(usual * 3 / 2), using: &random)
      let program = try Running(bundle.words(["run", "--bundle", bundle.path, "c"]))
      Clock.sleep(pause)
      try program.signal(Signal.kill)
      _ = try program.finish()
      let cleanup = try bundle.runtime("delete", "--force", "c")
      #expect(cleanup.code == 0, "round \(round), after \(pause) ns: \(cleanup.error)")
      try bundle.expectNothingLeftSoon("round \(round), killed after \(pause) ns")
    }
  }

  @Test func ofTwoCreatesOfOneIdExactlyOneWins() throws {
    let bundle = try Bundle()
    for _ in 0..<5 {
      let words = bundle.words(["create", "--bundle", bundle.path, "c"])
      let first = try Running(words)
      let second = try Running(words)
      let outcomes = [try first.finish(), try second.finish()]
      #expect(outcomes.filter { $0.code == 0 }.count == 1, "\(outcomes.map { $0.error })")
      #expect(outcomes.contains { $0.code != 0 && $0.error.contains("exists already") })
      #expect(try bundle.status() == "created")
      #expect(try bundle.runtime("start", "c").code == 0)
      try bundle.runtime("delete", "--force", "c")
      try bundle.expectNothingLeft()
    }
  }

  @Test func twentyAtOnce() throws {
    let bundle = try Bundle { $0.process?.args = ["sh", "-c", "hostname; exit 4"] }
    try together(bundle, 20)
    try bundle.expectNothingLeft()
  }

  /// Starts so many, all before the first is waited for, and expects exit code 4 of each.
  private func together(_ bundle: Bundle, _ count: Int) throws {
    if count == 0 { return }
    let id = "n\(count)"
    let file = try bundle.file(for: id)
    let program = try Running(
      bundle.words(["run", "--bundle", bundle.path, "--config", file, id]))
    try together(bundle, count - 1)
    let outcome = try program.finish(within: 60)
    #expect(outcome.code == 4, "\(id): \(outcome.error)")
    #expect(outcome.output == "drydock\n", "\(id)")
  }
}
