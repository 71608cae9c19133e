// Strings, numbers, true and false (RFC 8259, sections 3, 6, 7 and 8.1).

extension JSONReader {
  // MARK: Values the caller asks for

  /// Reads a string.
  public mutating func string() throws(ConfigError) -> String {
    guard peek() == UInt8(ascii: "\"") else { throw wrongType("a string") }
    let piece = try stringPiece()
    let text = makeString(piece)
    forgetDecoded(piece)
    return text
  }

  /// Reads a string that must be one of `names`, which are compared before a String is made.
  public mutating func string(
    among names: Span<StaticString>, _ what: StaticString
  ) throws(ConfigError) -> String {
    guard peek() == UInt8(ascii: "\"") else { throw wrongType("a string") }
    let piece = try stringPiece()
    for index in names.indices where holds(piece, names[index]) {
      forgetDecoded(piece)
      return "\(names[index])"
    }
    let choices = names.indices.map { "\(names[$0])" }.filter { !$0.isEmpty }
    let list = choices.count > 10 ? "" : ": it is one of " + choices.joined(separator: ", ")
    throw error("unknown \(what) \"\(makeString(piece))\"\(list)")
  }

  /// Reads a string; nil when it is none of `names`, with a warning that quotes it.
  mutating func stringOrWarning(
    among names: Span<StaticString>, _ what: StaticString
  ) throws(ConfigError) -> String? {
    guard peek() == UInt8(ascii: "\"") else { throw wrongType("a string") }
    let piece = try stringPiece()
    defer { forgetDecoded(piece) }
    for index in names.indices where holds(piece, names[index]) { return "\(names[index])" }
    warn("unknown \(what) \"\(makeString(piece))\", ignored")
    return nil
  }

  /// Reads true or false.
  public mutating func bool() throws(ConfigError) -> Bool {
    switch peek() {
    case UInt8(ascii: "t"):
      try literal("true")
      return true
    case UInt8(ascii: "f"):
      try literal("false")
      return false
    default: throw wrongType("true or false")
    }
  }

  /// Reads a whole number within a range.
  public mutating func signed(
    _ range: ClosedRange<Int64> = Int64.min...Int64.max
  ) throws(ConfigError) -> Int64 {
    let (negative, magnitude) = try wholeNumber()
    let limit: UInt64 = negative ? 1 << 63 : (1 << 63) - 1
    if magnitude <= limit {
      let value = Int64(truncatingIfNeeded: negative ? 0 &- magnitude : magnitude)
      if range.contains(value) { return value }
    }
    throw error(
      "\(negative ? "-" : "")\(magnitude) is outside \(range.lowerBound) to \(range.upperBound)")
  }

  /// Reads a whole number that is not negative.
  public mutating func unsigned(upTo limit: UInt64 = .max) throws(ConfigError) -> UInt64 {
    let (negative, magnitude) = try wholeNumber()
    guard magnitude <= limit, !negative || magnitude == 0 else {
      throw error("\(negative ? "-" : "")\(magnitude) is outside 0 to \(limit)")
    }
    return magnitude
  }

  /// Reads a whole number that is not negative and fits 32 bits.
  public mutating func uint32(upTo limit: UInt32 = .max) throws(ConfigError) -> UInt32 {
    UInt32(truncatingIfNeeded: try unsigned(upTo: UInt64(limit)))
  }

  /// Reads any value, checks its syntax and forgets it.
  public mutating func skip() throws(ConfigError) {
    switch peek() {
    case UInt8(ascii: "{"):
      try beginObject()
      while try nextKey() { try skip() }
    case UInt8(ascii: "["):
      try beginArray()
      while try nextElement() { try skip() }
    case UInt8(ascii: "\""): forgetDecoded(try stringPiece())
    case UInt8(ascii: "t"): try literal("true")
    case UInt8(ascii: "f"): try literal("false")
    case UInt8(ascii: "n"): try literal("null")
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): _ = try number()
    default: throw wrongType("a value")
    }
  }

  /// Reads a value that says nothing (`{}`, `[]`, `""`, false, 0, or an object of such), and
  /// refuses every other one: the runtime does not do what it asks for.
  public mutating func refuseUnlessEmpty(
    _ why: StaticString = "not honoured by this runtime (yet)"
  ) throws(ConfigError) {
    let found = peek()
    let start = token
    var empty = false
    switch found {
    case UInt8(ascii: "{"):
      try beginObject()
      // A zero inside an object may be a limit of zero, so only a zero by itself is "not set".
      while try nextKey() {
        switch peek() {
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): throw error("\(why)")
        default: try refuseUnlessEmpty(why)
        }
      }
      empty = true
    case UInt8(ascii: "["):
      position += 1
      empty = peek() == UInt8(ascii: "]")
      position += 1
    case UInt8(ascii: "\""):
      let piece = try stringPiece()
      empty = piece.count == 0
      forgetDecoded(piece)
    case UInt8(ascii: "f"), UInt8(ascii: "t"): empty = try !bool()
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      empty = try number().magnitude == 0
    default: throw wrongType("a value")
    }
    token = start
    guard empty else { throw error("\(why)") }
  }

  // MARK: Tokens

  mutating func skipSpace() {
    while position < end {
      switch bytes[position] {
      case 0x20, 0x0A, 0x0D, 0x09: position += 1
      default:
        token = position
        return
      }
    }
    token = position
  }

  /// The first byte of the next token; 0, which begins none, at the end of the text.
  package mutating func peek() -> UInt8 {
    skipSpace()
    return position < end ? bytes[position] : 0
  }

  mutating func literal(_ text: StaticString) throws(ConfigError) {
    let stop = position + text.utf8CodeUnitCount
    guard stop <= end, holds(Piece(start: position, end: stop), text) else { throw wrongType(text) }
    position = stop
  }

  private mutating func wholeNumber() throws(ConfigError) -> (negative: Bool, magnitude: UInt64) {
    switch peek() {
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): break
    default: throw wrongType("a whole number")
    }
    let found = try number()
    guard found.whole else { throw error("expected a whole number, without fraction or exponent") }
    guard !found.overflow else { throw error("the number does not fit 64 bits") }
    return (found.negative, found.magnitude)
  }

  /// Reads `-? (0 | [1-9][0-9]*) (.[0-9]+)? ([eE][+-]?[0-9]+)?`.
  private mutating func number() throws(ConfigError) -> (
    negative: Bool, magnitude: UInt64, whole: Bool, overflow: Bool
  ) {
    var magnitude: UInt64 = 0
    var overflow = false
    var whole = true
    let negative = take(UInt8(ascii: "-"))
    let leadingZero = position < end && bytes[position] == UInt8(ascii: "0")
    let first = position
    while let digit = takeDigit() {
      let (product, over) = magnitude.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(digit)
      overflow = overflow || over || carry
      magnitude = sum
    }
    guard position > first, !leadingZero || position == first + 1 else {
      throw error("not a JSON number")
    }
    if take(UInt8(ascii: ".")) {
      whole = false
      guard takeDigit() != nil else { throw error("not a JSON number") }
      while takeDigit() != nil {}
    }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      whole = false
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      guard takeDigit() != nil else { throw error("not a JSON number") }
      while takeDigit() != nil {}
    }
    return (negative, magnitude, whole, overflow)
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard position < end, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  private mutating func takeDigit() -> UInt64? {
    guard position < end else { return nil }
    let digit = bytes[position] &- UInt8(ascii: "0")
    guard digit < 10 else { return nil }
    position += 1
    return UInt64(digit)
  }

  // MARK: Strings

  /// Reads a string and returns where its bytes are: in the text, or decoded behind its end.
  mutating func stringPiece() throws(ConfigError) -> Piece {
    position += 1
    var copied = position
    let decoded = bytes.count
    while position < end {
      let byte = bytes[position]
      switch byte {
      case UInt8(ascii: "\""):
        let stop = position
        position += 1
        guard bytes.count > decoded else { return Piece(start: copied, end: stop) }
        bytes.append(contentsOf: bytes[copied..<stop])
        return Piece(start: decoded, end: bytes.count)
      case UInt8(ascii: "\\"):
        // Anything appended marks the string as decoded, and an escape always appends.
        if position > copied { bytes.append(contentsOf: bytes[copied..<position]) }
        try escape()
        copied = position
      case ..<0x20: throw error("a control character in a string must be escaped")
      case ..<0x80: position += 1
      default: try multibyte(byte)
      }
    }
    throw error("the text ends inside a string")
  }

  /// Decodes one escape (section 7) to the end of `bytes`.
  private mutating func escape() throws(ConfigError) {
    guard position + 1 < end else { throw error("the text ends inside a string") }
    let letter = bytes[position + 1]
    position += 2
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(letter)
    case UInt8(ascii: "b"): bytes.append(0x08)
    case UInt8(ascii: "f"): bytes.append(0x0C)
    case UInt8(ascii: "n"): bytes.append(0x0A)
    case UInt8(ascii: "r"): bytes.append(0x0D)
    case UInt8(ascii: "t"): bytes.append(0x09)
    case UInt8(ascii: "u"):
      var code = try hexQuad()
      if code >= 0xD800 && code < 0xE000 {
        // Two escapes for one character beyond U+FFFF: first the high, then the low surrogate.
        guard code < 0xDC00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
          throw error("half of a surrogate pair in a string")
        }
        let low = try hexQuad()
        guard low >= 0xDC00 && low < 0xE000 else {
          throw error("half of a surrogate pair in a string")
        }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard code > 0 else { throw error("a NUL byte in a string: no system call can take it") }
      appendUTF8(code)
    default: throw error("unknown escape in a string")
    }
  }

  private mutating func hexQuad() throws(ConfigError) -> UInt32 {
    guard position + 4 <= end else { throw error("the text ends inside a string") }
    var code: UInt32 = 0
    for byte in bytes[position..<position + 4] {
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
      default: throw error("\\u needs four hexadecimal digits")
      }
      code = code << 4 | UInt32(digit)
    }
    position += 4
    return code
  }

  private mutating func appendUTF8(_ code: UInt32) {
    func tail(_ shift: UInt32) -> UInt8 { UInt8(0x80 | (code >> shift) & 0x3F) }
    switch code {
    case ..<0x80: bytes.append(UInt8(code))
    case ..<0x800: bytes += [UInt8(0xC0 | code >> 6), tail(0)]
    case ..<0x10000: bytes += [UInt8(0xE0 | code >> 12), tail(6), tail(0)]
    default: bytes += [UInt8(0xF0 | code >> 18), tail(12), tail(6), tail(0)]
    }
  }

  /// Checks one character of two to four bytes (RFC 3629, section 4) and steps over it.
  private mutating func multibyte(_ lead: UInt8) throws(ConfigError) {
    let length: Int
    var second: ClosedRange<UInt8> = 0x80...0xBF
    switch lead {
    case 0xC2...0xDF: length = 2
    case 0xE0: (length, second) = (3, 0xA0...0xBF)
    case 0xED: (length, second) = (3, 0x80...0x9F)
    case 0xE1...0xEF: length = 3
    case 0xF0: (length, second) = (4, 0x90...0xBF)
    case 0xF1...0xF3: length = 4
    case 0xF4: (length, second) = (4, 0x80...0x8F)
    default: throw error("not valid UTF-8")
    }
    guard position + length <= end, second.contains(bytes[position + 1]) else {
      throw error("not valid UTF-8")
    }
    for byte in bytes[position + 2..<max(position + 2, position + length)]
    where byte & 0xC0 != 0x80 {
      throw error("not valid UTF-8")
    }
    position += length
  }

  /// Gives back the room of a decoded string that has been used.
  private mutating func forgetDecoded(_ piece: Piece) {
    guard piece.start >= end else { return }
    bytes.removeLast(bytes.count - piece.start)
  }

  // MARK: Bytes

  func makeString(_ piece: Piece) -> String {
    unsafe bytes.withUnsafeBufferPointer { all in
      unsafe String(
        decoding: UnsafeBufferPointer(rebasing: all[piece.start..<piece.end]), as: UTF8.self)
    }
  }

  func same(_ a: Piece, _ b: Piece) -> Bool {
    guard a.count == b.count else { return false }
    for step in 0..<a.count where bytes[a.start + step] != bytes[b.start + step] {
      return false
    }
    return true
  }

  func holds(_ piece: Piece, _ text: StaticString) -> Bool {
    guard piece.count == text.utf8CodeUnitCount else { return false }
    let wanted = unsafe text.utf8Start
    for step in 0..<piece.count where unsafe bytes[piece.start + step] != wanted[step] {
      return false
    }
    return true
  }
}
