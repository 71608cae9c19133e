/// Numbers as text, the same on every machine and in every locale.
public enum Decimals {
  /// With so many digits behind the point, rounded half away from zero.
  ///
  /// `fixed(2.345, 2)` is `2.35`; what is not finite becomes `n/a`.
  public static func fixed(_ value: Double, _ digits: Int) -> String {
    guard value.isFinite else { return "n/a" }
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    // A little more than the value: 2.345 is stored as 2.34499…, and people mean 2.345.
    let scaled = (value.magnitude * scale * (1 + 1e-12)).rounded()
    guard scaled < 9e18 else { return "\(value)" }
    let whole = String(UInt64(scaled))
    let sign = value < 0 && scaled > 0 ? "-" : ""
    if digits == 0 { return sign + whole }
    let padded = String(repeating: "0", count: max(0, digits + 1 - whole.count)) + whole
    return sign + padded.dropLast(digits) + "." + padded.suffix(digits)
  }

  /// At most two digits behind the point, no zeros at the end: `1.5`, `0.92`, `11`.
  public static func short(_ value: Double) -> String {
    var text = fixed(value, 2)
    guard text.contains(".") else { return text }
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }

  /// Three significant digits, as a figure is read: `1234`, `123`, `12.3`, `1.23`, `0.0123`.
  public static func significant(_ value: Double) -> String {
    guard value.isFinite else { return "n/a" }
    let size = value.magnitude
    switch size {
    case 0: return "0"
    case 99.95...: return fixed(value, 0)
    case 9.995...: return fixed(value, 1)
    case 0.9995...: return fixed(value, 2)
    default:
      var digits = 2
      var bound = 0.9995
      while size < bound && digits < 12 {
        digits += 1
        bound /= 10
      }
      return fixed(value, digits)
    }
  }

  /// A share 0…1 as per cent: `percent(0.667, 1)` is `66.7 %`.
  public static func percent(_ share: Double, _ digits: Int = 1) -> String {
    "\(fixed(share * 100, digits)) %"
  }
}
