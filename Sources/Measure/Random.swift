/// The generator behind orders and resampling: SplitMix64 (Steele, Lea, Flood 2014), so that a
/// recorded seed gives the same numbers on every machine.
public struct SeededRandom: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// Starts from a seed; every seed is good.
  public init(seed: UInt64) { state = seed }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A number below `bound`: the standard library may change how it draws, this does not.
  ///
  /// Lemire's multiplication without rejection; the bias is below 2⁻⁵⁰ for the counts used here.
  public mutating func below(_ bound: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(max(1, bound))).high)
  }

  /// A copy in random order (Fisher and Yates).
  public mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
    var result = elements
    var last = result.count - 1
    while last > 0 {
      result.swapAt(last, below(last + 1))
      last -= 1
    }
    return result
  }

  /// A fresh seed from the system, to be recorded.
  public static func freshSeed() -> UInt64 {
    var system = SystemRandomNumberGenerator()
    // 53 bits: whoever reads the JSON with doubles sees the same number.
    return system.next() >> 11
  }
}
