// Work on short texts, by hand. The standard library's generic algorithms (split, joined, Set…)
// look up conformances when they are first used, which costs a short-lived process more than the
// work itself; and characters are not needed where every separator is ASCII.

extension StaticString {
  /// Whether the text is this literal; no String is made of it.
  package func equals(_ text: String) -> Bool {
    guard text.utf8.count == utf8CodeUnitCount else { return false }
    let wanted = unsafe utf8Start
    var index = 0
    for byte in text.utf8 {
      guard unsafe byte == wanted[index] else { return false }
      index += 1
    }
    return true
  }
}

extension String {
  /// Without one line feed at the end.
  package var trimmedLine: String { hasSuffix("\n") ? String(dropLast()) : self }

  /// The parts between ASCII separators, empty ones too; `limit` parts at most, the last with
  /// the rest.
  package func parts(_ separator: Unicode.Scalar, limit: Int = .max) -> [String] {
    var parts: [String] = []
    var part: [UInt8] = []
    let mark = UInt8(truncatingIfNeeded: separator.value)
    for byte in utf8 {
      if byte == mark, parts.count + 1 < limit {
        parts.append(String(decoding: part, as: UTF8.self))
        part.removeAll(keepingCapacity: true)
      } else {
        part.append(byte)
      }
    }
    parts.append(String(decoding: part, as: UTF8.self))
    return parts
  }
}

extension [String] {
  /// All of them with a separator between.
  package func list(_ separator: String) -> String {
    var text = ""
    for (index, part) in enumerated() {
      if index > 0 { text += separator }
      text += part
    }
    return text
  }
}
