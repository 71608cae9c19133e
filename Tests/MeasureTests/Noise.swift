import Glibc
import Measure

/// Noise that measurements meet, as what it adds to the logarithm of a time.
enum Noise: String, CaseIterable, Sendable {
  /// A quiet machine: 1 % either way.
  case quiet
  /// Many small disturbances: 3 %.
  case normal
  /// Something that only ever takes longer, and now and then much longer.
  case logNormal
  /// Neighbours: most rounds are close, some are far off (Student's t with 1.5 degrees of freedom).
  case heavyTailed
  /// Two states, such as a page that is large or is not: 15 % apart.
  case bimodal
  /// What disturbs a round disturbs the next too: lag-1 correlation 0.6.
  case autocorrelated

  /// The median of one draw.
  var median: Double {
    switch self {
    case .logNormal: 0.1
    // 30 of 100 are in the upper state, 0.15 above: the median is where 5/7 of the lower are below.
    case .bimodal: 0.01 * 0.565949
    default: 0
    }
  }

  /// So many in a row.
  func draw(_ count: Int, _ random: inout SeededRandom) -> [Double] {
    var last = random.normal()
    return (0..<count).map { _ in
      switch self {
      case .quiet: return 0.01 * random.normal()
      case .normal: return 0.03 * random.normal()
      case .logNormal: return 0.1 * Glibc.exp(0.5 * random.normal())
      case .heavyTailed: return 0.02 * random.student(1.5)
      case .bimodal: return (random.uniform() < 0.3 ? 0.15 : 0) + 0.01 * random.normal()
      case .autocorrelated:
        last = 0.6 * last + 0.8 * random.normal()
        return 0.03 * last
      }
    }
  }
}

extension SeededRandom {
  /// Between 0 and 1, neither of them.
  mutating func uniform() -> Double { (Double(next() >> 12) + 0.5) / Double(UInt64(1) << 52) }

  /// Box and Muller (1958).
  mutating func normal() -> Double {
    Glibc.sqrt(-2 * Glibc.log(uniform())) * Glibc.cos(2 * Double.pi * uniform())
  }

  /// Student's t, by Bailey's polar method (1994).
  mutating func student(_ degrees: Double) -> Double {
    let square = degrees * (Glibc.pow(uniform(), -2 / degrees) - 1)
    return Glibc.sqrt(square) * Glibc.cos(2 * Double.pi * uniform())
  }
}
