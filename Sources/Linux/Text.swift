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

extension Span<StaticString> {
  /// Where a text is among these literals, or nil.
  package func index(of text: String) -> Int? {
    for index in indices where self[index].equals(text) { return index }
    return nil
  }
}

extension String? {
  /// The text as C reads it, or a null pointer.
  ///
  /// A String that is passed where C wants a pointer is copied into an array first; this is not.
  func withCString<R>(_ body: (UnsafePointer<CChar>?) -> R) -> R {
    guard let self else { return body(nil) }
    return unsafe self.withCString { unsafe body($0) }
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
    var copy = self
    return copy.withUTF8 { unsafe Linux.parts(of: $0, separator, limit: limit) }
  }
}

extension [UInt8] {
  /// The parts as of a String: a file that is taken apart need not become one first.
  package func parts(_ separator: Unicode.Scalar, limit: Int = .max) -> [String] {
    unsafe withUnsafeBufferPointer { unsafe Linux.parts(of: $0, separator, limit: limit) }
  }
}

private func parts(
  of text: UnsafeBufferPointer<UInt8>, _ separator: Unicode.Scalar, limit: Int
) -> [String] {
  var parts: [String] = []
  let mark = UInt8(truncatingIfNeeded: separator.value)
  var start = 0
  for index in 0...text.count {
    let isEnd = index == text.count
    guard unsafe isEnd || (text[index] == mark && parts.count + 1 < limit) else { continue }
    let part = unsafe UnsafeBufferPointer(rebasing: text[start..<index])
    unsafe parts.append(String(decoding: part, as: UTF8.self))
    start = index + 1
  }
  return parts
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
