/// Spins for a fixed time and counts how far it comes.
///
/// Many virtual machines show no cpufreq. A canary before each sample shows instead when the
/// clock rate or a neighbour on the same core changed: the rate falls while our work is the same.
public enum Canary {
  /// Turns of the loop between two looks at the clock: about a tenth of a microsecond.
  private static let batch = 256

  /// Spins, on the CPU this runs on, and returns turns a microsecond.
  public static func spin(milliseconds: Double = 2) -> Double {
    let start = Stopwatch.now
    let length = UInt64(max(0.01, milliseconds) * 1e6)
    var state: UInt64 = start | 1
    var turns = 0
    var now = start
    while now - start < length {
      for _ in 0..<batch {
        // xorshift64 (Marsaglia 2003): each turn needs the one before, so nothing is reordered.
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
      }
      turns += batch
      now = Stopwatch.now
    }
    // The state is never zero (xorshift has no way there); the optimiser does not know.
    return state == 0 ? 0 : Double(turns) * 1000 / Double(now - start)
  }
}
