import Linux
import Measure

/// A short piece of CPU-bound work, always the same: turns of a generator, each of which needs the
/// one before.
struct Work: Sendable {
  let turns: Int

  init(turns: Int) { self.turns = turns }

  /// As many turns as take about so long here when nobody disturbs: the best of twenty looks.
  init(milliseconds: Double) {
    let probe = Work(turns: 200_000)
    let best = (0..<20).map { _ in probe.run().value }.min() ?? 1
    turns = max(1000, Int(200_000 * milliseconds / max(best, 1e-6)))
  }

  /// So many times the work.
  func times(_ factor: Double) -> Work { Work(turns: Int(Double(turns) * factor)) }

  /// Does it; milliseconds by the wall clock.
  @inline(never)
  func run() -> Measurement {
    let start = Clock.now
    var state = start | 1
    for _ in 0..<turns {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
    }
    let end = Clock.now
    // xorshift64 is never 0; the optimiser does not know, and keeps the loop.
    return Measurement(state == 0 ? 0 : Double(end - start) / 1e6)
  }
}
