/// How numbers, sizes and times are read from the command line.
///
/// The classic tool reads the last character as a suffix unless it is a digit, and the rest with
/// strtoll(3) in base 0: leading blanks, a sign, `0x` and `0` prefixes count, what follows the
/// digits is ignored, too large becomes the largest. `2.5` is 2, `1kk` is 1024, `abc` has the
/// unknown suffix `c`. Scripts may lean on any of it, so it is kept.
enum Amounts {
  /// A refused amount: the text to show behind `FAIL:`.
  struct Refused: Error, Equatable {
    let text: String
    let line: Int

    init(_ text: String, line: Int = #line) {
      self.text = text
      self.line = line
    }
  }

  /// A plain number without suffix, as `--backoff` takes it.
  static func number(_ text: String) throws(Refused) -> Int64 {
    guard let value = leadingInteger(text) else { throw Refused("invalid number: \(text)") }
    return value
  }

  /// A number with an optional suffix B, K, M or G in any case: bytes, and counts too.
  static func size(_ text: String) throws(Refused) -> Int64 {
    try scaled(text) { suffix in
      switch suffix {
      case "b", "B": 1
      case "k", "K": 1 << 10
      case "m", "M": 1 << 20
      case "g", "G": 1 << 30
      default: nil
      }
    }
  }

  /// Seconds, with an optional suffix s, m, h, d or y in any case.
  static func seconds(_ text: String) throws(Refused) -> Int64 {
    try scaled(text) { suffix in
      switch suffix {
      case "s", "S": 1
      case "m", "M": 60
      case "h", "H": 3600
      case "d", "D": 86400
      case "y", "Y": 31_536_000
      default: nil
      }
    }
  }

  /// A share such as `80%` or `12.5%`; nil when the text has no percent sign.
  ///
  /// - Throws: `Refused` when it is no number above 0, or above a million.
  static func percent(_ text: String) throws(Refused) -> Double? {
    guard text.hasSuffix("%") else { return nil }
    guard let value = decimal(text.dropLast()), value > 0, value <= 1_000_000 else {
      throw Refused("invalid percentage: \(text)")
    }
    return value
  }

  /// A length of time in nanoseconds, for the options that the classic tool has not.
  ///
  /// Decimals are allowed; the unit is `ms`, `s` (the default), `m` or `h`.
  ///
  /// - Throws: `Refused` when it is no time from 1 ms to a year.
  static func duration(_ text: String) throws(Refused) -> UInt64 {
    var digits = text[...]
    var scale = 1e9
    for (unit, nanoseconds) in [("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9)]
    where digits.hasSuffix(unit) {
      digits = digits.dropLast(unit.count)
      scale = nanoseconds
      break
    }
    guard let value = decimal(digits), value * scale >= 1e6, value * scale <= 31_536_000e9 else {
      throw Refused("invalid time (1ms to 1 year, such as 100ms, 0.5 or 2s): \(text)")
    }
    return UInt64(value * scale)
  }

  /// Digits with at most one point: no sign, no exponent, no `nan`.
  static func decimal(_ text: Substring) -> Double? {
    guard !text.isEmpty, text.count <= 18, text.utf8.allSatisfy({ isDigit($0) || $0 == 46 })
    else { return nil }
    return Double(text)
  }

  private static func scaled(
    _ text: String, _ factor: (Character) -> Int64?
  ) throws(Refused) -> Int64 {
    guard let last = text.last, let lastByte = text.utf8.last else {
      throw Refused("invalid string")
    }
    var scale: Int64 = 1
    if !isDigit(lastByte) {
      guard let known = factor(last) else { throw Refused("unrecognized suffix: \(last)") }
      scale = known
    }
    guard let value = leadingInteger(text) else { throw Refused("invalid number: \(text)") }
    let (product, overflow) = value.multipliedReportingOverflow(by: scale)
    return overflow ? (value < 0 ? .min : .max) : product
  }

  /// What strtoll(3) makes of the start of the text in base 0; nil when there are no digits.
  static func leadingInteger(_ text: String) -> Int64? {
    var rest = Array(text.utf8)[...]
    while let byte = rest.first, byte == 32 || (9...13).contains(byte) { rest.removeFirst() }
    var negative = false
    if let sign = rest.first, sign == 43 || sign == 45 {
      negative = sign == 45
      rest.removeFirst()
    }
    var base: Int64 = 10
    if rest.first == 48 {
      base = 8
      let marker = rest.dropFirst()
      if let x = marker.first, x | 32 == 120, let next = marker.dropFirst().first,
        digit(next) < 16
      {
        base = 16
        rest = marker.dropFirst()
      }
    }
    var value: Int64 = 0
    var any = false
    while let byte = rest.popFirst(), digit(byte) < base {
      any = true
      let (product, over) = value.multipliedReportingOverflow(by: base)
      let (sum, more) = product.addingReportingOverflow(negative ? -digit(byte) : digit(byte))
      if over || more { return negative ? .min : .max }
      value = sum
    }
    return any ? value : nil
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }

  private static func digit(_ byte: UInt8) -> Int64 {
    if isDigit(byte) { return Int64(byte) - 48 }
    let lower = byte | 32
    return lower >= 97 && lower <= 122 ? Int64(lower) - 87 : 99
  }
}
