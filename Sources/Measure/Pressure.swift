/// Pressure stall information of one resource: time tasks waited for it (the kernel's
/// Documentation/accounting/psi.rst).
public struct Pressure: Codable, Equatable, Sendable {
  /// Microseconds in which at least one task waited.
  public var someMicroseconds: UInt64
  /// Microseconds in which all tasks waited; nil where the kernel does not print the line.
  public var fullMicroseconds: UInt64?

  /// Wraps two counters, in microseconds.
  public init(someMicroseconds: UInt64, fullMicroseconds: UInt64?) {
    self.someMicroseconds = someMicroseconds
    self.fullMicroseconds = fullMicroseconds
  }

  /// Reads the text of a file in /proc/pressure; nil when it is not one.
  ///
  /// Each line is `some|full avg10=0.37 avg60=0.52 avg300=0.34 total=5607969`.
  public init?(parsing text: String) {
    var totals: [Substring: UInt64] = [:]
    for line in text.split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard let kind = fields.first,
        let total = fields.first(where: { $0.hasPrefix("total=") })
      else { continue }
      totals[kind] = UInt64(total.dropFirst("total=".count))
    }
    guard let some = totals["some"] else { return nil }
    self.init(someMicroseconds: some, fullMicroseconds: totals["full"])
  }

  /// What was added since `earlier`.
  func since(_ earlier: Pressure) -> Pressure {
    var full: UInt64?
    if let now = fullMicroseconds, let before = earlier.fullMicroseconds {
      full = now.growth(from: before)
    }
    return Pressure(
      someMicroseconds: someMicroseconds.growth(from: earlier.someMicroseconds),
      fullMicroseconds: full)
  }
}
