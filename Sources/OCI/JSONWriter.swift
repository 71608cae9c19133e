// Writes JSON (RFC 8259) into a byte array, in the order of the calls:
//
//   var json = JSONWriter(pretty: true)
//   json.beginObject()
//   json.member("id", "web")
//   json.key("pids")
//   json.beginArray()
//   json.number(4711)
//   json.endArray()
//   json.endObject()
//   json.bytes
//
// Commas, line breaks and escapes are its business; that every key has a value is the caller's.

/// Builds JSON text.
public struct JSONWriter {
  /// What has been written so far.
  public private(set) var bytes: [UInt8] = []

  private let pretty: Bool
  /// One entry an open object or array: 1 when it has something in it already, else 0.
  ///
  /// Bytes, as the text: an array of another type would be one more type to make (JSONReader).
  private var filled: [UInt8] = []
  private var afterKey = false

  /// Starts an empty text; `pretty` breaks lines and indents by two spaces.
  public init(pretty: Bool = false) {
    self.pretty = pretty
    bytes.reserveCapacity(1024)
  }

  /// Opens an object.
  public mutating func beginObject() { open(UInt8(ascii: "{")) }
  /// Closes the object opened last.
  public mutating func endObject() { close(UInt8(ascii: "}")) }
  /// Opens an array.
  public mutating func beginArray() { open(UInt8(ascii: "[")) }
  /// Closes the array opened last.
  public mutating func endArray() { close(UInt8(ascii: "]")) }

  /// Writes a member's name; its value comes next.
  public mutating func key(_ name: String) {
    string(name)
    bytes.append(UInt8(ascii: ":"))
    if pretty { bytes.append(UInt8(ascii: " ")) }
    afterKey = true
  }

  /// Writes a string.
  public mutating func string(_ text: String) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    var copy = text
    // Nearly every string goes as it is.
    let plain = copy.withUTF8 { utf8 in
      let plain = unsafe utf8.allSatisfy {
        $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
      }
      if plain { unsafe bytes.append(contentsOf: utf8) }
      return plain
    }
    if !plain { for byte in copy.utf8 { append(escaping: byte) } }
    bytes.append(UInt8(ascii: "\""))
  }

  /// Writes bytes that should be UTF-8 as a string; what is not becomes U+FFFD.
  public mutating func string(bytes text: [UInt8]) {
    string(String(decoding: text, as: UTF8.self))
  }

  /// Writes a whole number.
  public mutating func number(_ value: Int64) {
    separate()
    if value < 0 { bytes.append(UInt8(ascii: "-")) }
    digits(value.magnitude)
  }

  /// Writes a whole number that is not negative.
  public mutating func number(_ value: UInt64) {
    separate()
    digits(value)
  }

  /// Writes true or false.
  public mutating func bool(_ value: Bool) {
    separate()
    bytes += value ? Array("true".utf8) : Array("false".utf8)
  }

  /// Writes null.
  public mutating func null() {
    separate()
    bytes += Array("null".utf8)
  }

  // MARK: Members

  /// Writes a member with a string.
  public mutating func member(_ name: String, _ value: String) {
    key(name)
    string(value)
  }

  /// Writes a member with a number.
  public mutating func member(_ name: String, _ value: Int64) {
    key(name)
    number(value)
  }

  /// Writes a member with a number that is not negative.
  public mutating func member(_ name: String, _ value: UInt64) {
    key(name)
    number(value)
  }

  /// Writes a member that is true or false.
  public mutating func member(_ name: String, _ value: Bool) {
    key(name)
    bool(value)
  }

  /// Writes a member with an array of strings.
  public mutating func member(_ name: String, _ values: [String]) {
    key(name)
    beginArray()
    for value in values { string(value) }
    endArray()
  }

  /// Writes a member with an object of strings.
  public mutating func member(_ name: String, _ pairs: [KeyValue]) {
    key(name)
    beginObject()
    for pair in pairs { member(pair.key, pair.value) }
    endObject()
  }

  // MARK: Text

  private mutating func open(_ bracket: UInt8) {
    separate()
    bytes.append(bracket)
    filled.append(0)
  }

  private mutating func close(_ bracket: UInt8) {
    if filled.removeLast() == 1 { breakLine() }
    bytes.append(bracket)
    if pretty && filled.isEmpty { bytes.append(UInt8(ascii: "\n")) }
  }

  /// Writes what stands between this value and the one before it.
  private mutating func separate() {
    guard !afterKey else {
      afterKey = false
      return
    }
    guard let last = filled.last else { return }
    if last == 1 { bytes.append(UInt8(ascii: ",")) }
    filled[filled.count - 1] = 1
    breakLine()
  }

  private mutating func breakLine() {
    guard pretty else { return }
    bytes.append(UInt8(ascii: "\n"))
    for _ in 0..<filled.count * 2 { bytes.append(UInt8(ascii: " ")) }
  }

  private mutating func append(escaping byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
    case UInt8(ascii: "\n"): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
    case UInt8(ascii: "\t"): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "t")]
    case UInt8(ascii: "\r"): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "r")]
    case ..<0x20, 0x7F:
      func hex(_ digit: UInt8) -> UInt8 {
        digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
      }
      bytes += Array("\\u00".utf8)
      bytes += [hex(byte >> 4), hex(byte & 15)]
    default: bytes.append(byte)
    }
  }

  private mutating func digits(_ value: UInt64) {
    var rest = value
    let start = bytes.count
    repeat {
      bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
      rest /= 10
    } while rest > 0
    bytes[start...].reverse()
  }
}
