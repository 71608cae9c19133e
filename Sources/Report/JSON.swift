/// A JSON value (RFC 8259) between text and types.
///
/// Foundation's coder would do, but a static binary that links it through a library target lacks
/// its C shims, and its key order and number format may change with its version; here the same
/// document must give the same bytes.
package enum JSON: Equatable, Sendable {
  case null
  case bool(Bool)
  /// The digits as written: no detour through Double, so 64-bit counters stay exact.
  case number(String)
  case string(String)
  case array([JSON])
  case object([String: JSON])
}

/// Why a text is no document.
public struct DocumentError: Error, Equatable, Sendable {
  /// What is wrong, where, and what to try.
  public let text: String

  /// Describes it.
  public init(_ text: String) { self.text = text }
}

// MARK: - Writing

extension JSON {
  /// Indented by two spaces, keys sorted, a line feed at the end.
  package var text: String {
    var out = ""
    write(to: &out, indent: "\n")
    out += "\n"
    return out
  }

  private func write(to out: inout String, indent: String) {
    switch self {
    case .null: out += "null"
    case .bool(let value): out += value ? "true" : "false"
    case .number(let digits): out += digits
    case .string(let value): JSON.quote(value, to: &out)
    case .array(let values):
      JSON.list(values, "[", "]", indent, to: &out) { value, inner, out in
        value.write(to: &out, indent: inner)
      }
    case .object(let values):
      let sorted = values.sorted { $0.key < $1.key }
      JSON.list(sorted, "{", "}", indent, to: &out) { pair, inner, out in
        JSON.quote(pair.key, to: &out)
        out += ": "
        pair.value.write(to: &out, indent: inner)
      }
    }
  }

  private static func list<Element>(
    _ elements: [Element], _ open: String, _ close: String, _ indent: String,
    to out: inout String, each: (Element, String, inout String) -> Void
  ) {
    guard !elements.isEmpty else {
      out += open + close
      return
    }
    let inner = indent + "  "
    out += open
    for (index, element) in elements.enumerated() {
      if index > 0 { out += "," }
      out += inner
      each(element, inner, &out)
    }
    out += indent + close
  }

  private static func quote(_ value: String, to out: inout String) {
    out += "\""
    // Most have nothing to escape: one piece.
    guard value.utf8.contains(where: { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C }) else {
      out += value
      out += "\""
      return
    }
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\t": out += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: out.unicodeScalars.append(scalar)
      }
    }
    out += "\""
  }
}

// MARK: - Reading

extension JSON {
  /// Reads a whole text.
  ///
  /// - Throws: `DocumentError` with the place of what is wrong.
  package init(parsing bytes: [UInt8]) throws(DocumentError) {
    var parser = Parser(bytes: bytes)
    self = try parser.value(depth: 0)
    parser.skipSpace()
    if parser.at < bytes.count { throw parser.error("something follows the value") }
  }

  private struct Parser {
    let bytes: [UInt8]
    var at = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// Deeper than any document, and not so deep that the stack ends.
    static let deepest = 64

    func error(_ text: String) -> DocumentError {
      DocumentError("not JSON as expected: \(text), at byte \(at)")
    }

    var next: UInt8? { at < bytes.count ? bytes[at] : nil }

    mutating func skipSpace() {
      while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
        at += 1
      }
    }

    mutating func take(_ byte: UInt8) throws(DocumentError) {
      guard next == byte else { throw error("expected \(Unicode.Scalar(byte))") }
      at += 1
    }

    mutating func take(word: String) throws(DocumentError) {
      guard bytes[at...].starts(with: word.utf8) else { throw error("expected \(word)") }
      at += word.utf8.count
    }

    mutating func value(depth: Int) throws(DocumentError) -> JSON {
      guard depth < Parser.deepest else { throw error("nested deeper than \(Parser.deepest)") }
      skipSpace()
      switch next {
      case UInt8(ascii: "{"): return try object(depth: depth)
      case UInt8(ascii: "["): return try array(depth: depth)
      case UInt8(ascii: "\""): return .string(try string())
      case UInt8(ascii: "t"):
        try take(word: "true")
        return .bool(true)
      case UInt8(ascii: "f"):
        try take(word: "false")
        return .bool(false)
      case UInt8(ascii: "n"):
        try take(word: "null")
        return .null
      default: return try number()
      }
    }

    mutating func object(depth: Int) throws(DocumentError) -> JSON {
      try take(UInt8(ascii: "{"))
      var values: [String: JSON] = [:]
      skipSpace()
      if next == UInt8(ascii: "}") {
        at += 1
        return .object(values)
      }
      while true {
        skipSpace()
        let key = try string()
        skipSpace()
        try take(UInt8(ascii: ":"))
        guard values.updateValue(try value(depth: depth + 1), forKey: key) == nil else {
          throw error("\"\(key)\" stands twice")
        }
        skipSpace()
        if next == UInt8(ascii: "}") { break }
        try take(UInt8(ascii: ","))
      }
      try take(UInt8(ascii: "}"))
      return .object(values)
    }

    mutating func array(depth: Int) throws(DocumentError) -> JSON {
      try take(UInt8(ascii: "["))
      var values: [JSON] = []
      skipSpace()
      if next == UInt8(ascii: "]") {
        at += 1
        return .array(values)
      }
      while true {
        values.append(try value(depth: depth + 1))
        skipSpace()
        if next == UInt8(ascii: "]") { break }
        try take(UInt8(ascii: ","))
      }
      try take(UInt8(ascii: "]"))
      return .array(values)
    }

    mutating func number() throws(DocumentError) -> JSON {
      let start = at
      while let byte = next, Parser.isNumberByte(byte) { at += 1 }
      let digits = String(decoding: bytes[start..<at], as: UTF8.self)
      guard let value = Double(digits), value.isFinite, digits.last != "." else {
        at = start
        throw error("expected a value")
      }
      return .number(digits)
    }

    static func isNumberByte(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"),
        UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
        true
      default: false
      }
    }

    mutating func string() throws(DocumentError) -> String {
      try take(UInt8(ascii: "\""))
      // Most have nothing to undo: one piece.
      let start = at
      while let byte = next, byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
        at += 1
      }
      var out = bytes[start..<at]
      while let byte = next {
        at += 1
        switch byte {
        case UInt8(ascii: "\""): return String(decoding: out, as: UTF8.self)
        case UInt8(ascii: "\\"): out += try escape().utf8
        case 0..<0x20: throw error("a control character in a string")
        default: out.append(byte)
        }
      }
      throw error("a string does not end")
    }

    mutating func escape() throws(DocumentError) -> String {
      guard let byte = next else { throw error("a string does not end") }
      at += 1
      switch byte {
      case UInt8(ascii: "n"): return "\n"
      case UInt8(ascii: "t"): return "\t"
      case UInt8(ascii: "r"): return "\r"
      case UInt8(ascii: "b"): return "\u{8}"
      case UInt8(ascii: "f"): return "\u{c}"
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
        return String(Unicode.Scalar(byte))
      case UInt8(ascii: "u"):
        var unit = try hexUnit()
        if unit >= 0xD800 && unit < 0xDC00 {
          try take(word: "\\u")
          let low = try hexUnit()
          guard low >= 0xDC00 && low < 0xE000 else { throw error("half a surrogate pair") }
          unit = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(unit) else { throw error("half a surrogate pair") }
        return String(scalar)
      default: throw error("no such escape")
      }
    }

    mutating func hexUnit() throws(DocumentError) -> UInt32 {
      guard bytes.count - at >= 4,
        let unit = UInt32(String(decoding: bytes[at..<(at + 4)], as: UTF8.self), radix: 16)
      else { throw error("expected four hexadecimal digits") }
      at += 4
      return unit
    }
  }
}
