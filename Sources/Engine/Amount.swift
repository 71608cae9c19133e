/// Amounts as people type and read them, with Docker's rules and words.
public enum Amount {
  /// Bytes of `64m`, `1.5g`, `512k`, `100b`, `4096`, `64MiB`: binary units, any case.
  ///
  /// - Throws: `EngineError` with Docker's words, `invalid size: '…'`.
  public static func bytes(_ text: String) throws(EngineError) -> Int64 {
    let invalid = EngineError(
      "invalid size: '\(text)'", hint: "Write a number and b, k, m or g, such as 64m.")
    var digits = Substring(text.lowercased())
    if digits.hasSuffix("b") { digits = digits.dropLast() }
    if digits.hasSuffix("i") { digits = digits.dropLast() }
    var unit = 1.0
    if let last = digits.last, let power = "kmgtp".firstIndex(of: last) {
      for _ in 0..."kmgtp".distance(from: "kmgtp".startIndex, to: power) { unit *= 1024 }
      digits = digits.dropLast()
    }
    if digits.hasSuffix(" ") { digits = digits.dropLast() }
    guard let number = decimal(digits) else { throw invalid }
    let bytes = number * unit
    guard bytes < 0x1p63 else { throw invalid }
    return Int64(bytes)
  }

  /// `--memory-swap`: as `bytes`, or -1 for no limit.
  ///
  /// - Throws: `EngineError` with Docker's words.
  public static func bytesOrUnlimited(_ text: String) throws(EngineError) -> Int64 {
    text == "-1" ? -1 : try bytes(text)
  }

  /// `--cpus`: a decimal number such as `1.5`, or a fraction such as `3/2`.
  ///
  /// - Throws: `EngineError` with Docker's words; `nan` and `inf` are no numbers.
  public static func cpus(_ text: String) throws(EngineError) -> Double {
    let whole = text.hasPrefix(".") ? "0" + text : text
    let parts = whole.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    let negative = text.hasPrefix("-")
    if let top = decimal(negative ? parts[0].dropFirst() : parts[0]) {
      if parts.count == 1 { return negative ? -top : top }
      if let bottom = decimal(parts[1]), bottom > 0 {
        return negative ? -top / bottom : top / bottom
      }
    }
    throw EngineError(
      "invalid argument \"\(text)\" for \"--cpus\" flag: failed to parse \(text) as a rational "
        + "number", hint: "Write how many CPUs, such as 0.5 or 1.5.")
  }

  /// Digits, at most one point, nothing else: Swift's own parser would take `nan` and `0x1p3`.
  private static func decimal(_ text: Substring) -> Double? {
    guard let first = text.utf8.first, let last = text.utf8.last, text.utf8.count <= 40,
      first != UInt8(ascii: "."), last != UInt8(ascii: "."),
      text.utf8.allSatisfy({ (48...57).contains($0) || $0 == UInt8(ascii: ".") })
    else { return nil }
    return Double(String(text))
  }

  /// `4.02MB`: decimal units, three digits that count, as `docker images` prints sizes.
  public static func text(bytes: UInt64) -> String {
    var value = Double(bytes)
    for unit in ["B", "kB", "MB", "GB", "TB"] {
      if value < 1000 || unit == "TB" {
        let places = unit == "B" || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2
        return trimmed(value, places: places) + unit
      }
      value /= 1000
    }
    return "\(bytes)B"
  }

  /// `23.5GiB`: binary units, four digits that count, as `docker info` and `stats` print memory.
  public static func binary(bytes: UInt64) -> String {
    var value = Double(bytes)
    for unit in ["B", "KiB", "MiB", "GiB", "TiB"] {
      if value < 1024 || unit == "TiB" {
        return trimmed(value, places: value >= 99.995 ? 1 : 2) + unit
      }
      value /= 1024
    }
    return "\(bytes)B"
  }

  /// A number rounded to some places, without zeros at the end: `0.5`, `2`.
  private static func trimmed(_ value: Double, places: Int) -> String {
    let scale = places == 2 ? 100 : places == 1 ? 10 : 1
    let scaled = Int((value * Double(scale)).rounded())
    var text = "\(scaled / scale)"
    let rest = scaled % scale
    if rest > 0 {
      let digits = "\(scale + rest)".dropFirst()
      text += "." + (digits.hasSuffix("0") ? digits.dropLast() : digits)
    }
    return text
  }

  /// `2 minutes`, `About an hour`: Docker's words for a span of time.
  public static func text(nanoseconds: UInt64) -> String {
    let seconds = nanoseconds / 1_000_000_000
    let minutes = seconds / 60
    let hours = (nanoseconds + 1_800_000_000_000) / 3_600_000_000_000
    return switch (seconds, minutes, hours) {
    case (0, _, _): "Less than a second"
    case (1, _, _): "1 second"
    case (..<60, _, _): "\(seconds) seconds"
    case (_, 1, _): "About a minute"
    case (_, ..<60, _): "\(minutes) minutes"
    case (_, _, 1): "About an hour"
    case (_, _, ..<48): "\(hours) hours"
    case (_, _, ..<336): "\(hours / 24) days"
    case (_, _, ..<1440): "\(hours / 168) weeks"
    case (_, _, ..<17520): "\(hours / 720) months"
    default: "\(hours / 8760) years"
    }
  }
}
