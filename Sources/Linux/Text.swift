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
  package var trimmedLine: String {
    utf8.last == UInt8(ascii: "\n") ? String(decoding: utf8.dropLast(), as: UTF8.self) : self
  }

  /// The parts between ASCII separators, empty ones too; `limit` parts at most, the last with
  /// the rest.
  package func parts(_ separator: Unicode.Scalar, limit: Int = .max) -> [String] {
    var parts: [String] = []
    let mark = UInt8(truncatingIfNeeded: separator.value)
    var copy = self
    copy.withUTF8 { text in
      var start = 0
      for index in 0...text.count {
        let isEnd = index == text.count
        guard unsafe isEnd || (text[index] == mark && parts.count + 1 < limit) else { continue }
        let part = unsafe UnsafeBufferPointer(rebasing: text[start..<index])
        unsafe parts.append(String(decoding: part, as: UTF8.self))
        start = index + 1
      }
    }
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
