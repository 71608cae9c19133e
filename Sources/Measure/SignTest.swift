internal import Glibc

/// Bounds of a median that hold for numbers of any distribution.
///
/// Of n numbers each lies below the true median with probability ½, like a tossed coin. So the
/// median lies between the k-th lowest and the k-th highest unless fewer than k fell on one side:
///
///     x(1) ≤ x(2) ≤ … ≤ x(n)        P(x(k) ≤ median ≤ x(n+1−k)) = 1 − 2 P(Bin(n, ½) < k)
///
/// With eleven numbers that is 98.8 % for k = 2 and 93.5 % for k = 3: no pair of numbers has 95 %.
/// Hettmansperger and Sheather (1986, Statistics & Probability Letters 4, 75) interpolate between
/// two neighbours; theirs are within a per cent of 95 % for skewed and heavy-tailed numbers too.
enum SignTest {
  /// The bounds between which the median lies with 95 %, of numbers in rising order.
  ///
  /// Five numbers or fewer cannot say that much (1 − 2 × ½⁵ = 93.75 %): then the lowest and the
  /// highest, which is all there is. That is also why a verdict needs six rounds.
  static func bounds(sorted: [Double]) -> (low: Double, high: Double)? {
    guard let first = sorted.first, let last = sorted.last else { return nil }
    guard let place = place(sorted.count) else { return (first, last) }
    func between(_ near: Double, _ inner: Double) -> Double { near + place.weight * (inner - near) }
    let (low, high) = (place.rank - 1, sorted.count - place.rank)
    return (
      between(sorted[low], sorted[low + 1]), between(sorted[high], sorted[high - 1])
    )
  }

  /// The largest k whose pair still holds the median with 95 %, and how far the bound lies towards
  /// the next number; nil when even the outermost pair does not.
  private static func place(_ count: Int) -> (rank: Int, weight: Double)? {
    let n = Double(count)
    // P(Bin(n, ½) = k), from k = 0 on, by logarithms: ½ⁿ is below every Double from n = 1075 on.
    var logarithm = -n * Glibc.log(2.0)
    var below = 0.0
    for rank in 1...max(1, count / 2) {
      below += Glibc.exp(logarithm)
      logarithm += Glibc.log((n - Double(rank) + 1) / Double(rank))
      let (outer, inner) = (1 - 2 * below, 1 - 2 * (below + Glibc.exp(logarithm)))
      guard outer >= 0.95 else { return nil }
      guard inner < 0.95 else { continue }
      let k = Double(rank)
      let share = (outer - 0.95) / (outer - inner)
      return (rank, (n - k) * share / (k + (n - 2 * k) * share))
    }
    return nil
  }
}
