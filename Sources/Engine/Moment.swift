import Linux

/// Points in time as people type them.
public enum Moment {
  /// Reads `10m` (so long ago), seconds since 1970, or RFC 3339 with or without a zone (UTC then).
  ///
  /// - Returns: nanoseconds since 1970.
  /// - Throws: `EngineError` naming the text.
  public static func read(_ text: String) throws(EngineError) -> UInt64 {
    if let seconds = Double(text), seconds >= 0, seconds < 1e10 { return UInt64(seconds * 1e9) }
    if let moment = rfc3339(text) { return moment }
    do throws(EngineError) {
      let ago = try Amount.nanoseconds(text)
      return Clock.wall - min(Clock.wall, ago)
    } catch {
      throw EngineError(
        "invalid value for time: \"\(text)\"",
        hint: "Such as 10m, 2026-11-21T15:00:00Z, or seconds since 1970.", exitCode: 1)
    }
  }

  /// `2026-11-21`, `2026-11-21T15:04`, `2026-11-21T15:04:05.5+01:00`.
  static func rfc3339(_ text: String) -> UInt64? {
    var bytes = Array(text.utf8)[...]
    func number(_ digits: Int) -> Int? {
      guard bytes.count >= digits, bytes.prefix(digits).allSatisfy({ (48...57).contains($0) })
      else { return nil }
      defer { bytes = bytes.dropFirst(digits) }
      return bytes.prefix(digits).reduce(0) { $0 * 10 + Int($1 - 48) }
    }
    func skip(_ character: Character) -> Bool {
      guard bytes.first == character.asciiValue else { return false }
      bytes = bytes.dropFirst()
      return true
    }
    guard let year = number(4), skip("-"), let month = number(2), (1...12).contains(month),
      skip("-"), let day = number(2), (1...31).contains(day), year >= 1970
    else { return nil }
    var seconds = 0
    var fraction = 0
    var offset = 0
    if skip("T") {
      guard let hour = number(2), skip(":"), let minute = number(2) else { return nil }
      seconds = hour * 3600 + minute * 60
      if skip(":") {
        guard let second = number(2) else { return nil }
        seconds += second
        if skip(".") {
          var scale = 100_000_000
          while let digit = number(1) {
            fraction += digit * scale
            scale /= 10
          }
        }
      }
      if !skip("Z"), let sign = bytes.first, sign == 43 || sign == 45 {
        bytes = bytes.dropFirst()
        guard let hour = number(2), skip(":"), let minute = number(2) else { return nil }
        offset = (hour * 3600 + minute * 60) * (sign == 43 ? 1 : -1)
      }
    }
    guard bytes.isEmpty else { return nil }
    // Days from civil: years begin with March, eras have 400 of them.
    let y = month <= 2 ? year - 1 : year
    let era = y / 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = (y % 400) * 365 + (y % 400) / 4 - (y % 400) / 100 + dayOfYear
    let total = (era * 146097 + dayOfEra - 719468) * 86400 + seconds - offset
    return total < 0 ? nil : UInt64(total) * 1_000_000_000 + UInt64(fraction)
  }
}
