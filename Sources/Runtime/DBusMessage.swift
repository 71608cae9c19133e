// D-Bus messages, as much of them as a talk with systemd needs (D-Bus Specification, "Message
// Protocol" and "Marshaling").
//
//   message  'l' TYPE FLAGS 1 | u body length | u serial | a(yv) fields | pad to 8 | body
//   fields   1 path o, 2 interface s, 3 member s, 4 error name s, 5 reply serial u,
//            6 destination s, 7 sender s, 8 signature g
//   values   each at a multiple of its size, counted from the message's start:
//            y 1 byte; b 4, 0 or 1; u 4; t 8; s, o u length, text, NUL; g y length, text, NUL;
//            a u bytes of elements, pad to an element, elements; ( pad to 8; v g, then the value
//
// 'l' means little endian, which is what this writes and all it reads: both ends are this machine.

/// A value of a message's body.
enum DBusValue: Equatable {
  case text(String)
  case path(String)
  case bool(Bool)
  case u32(UInt32)
  case u64(UInt64)
  case bytes([UInt8])
  case u32s([UInt32])
  /// `a(ss)`.
  case pairs([Pair])
  /// `a(sv)`.
  case properties([Property])
  /// `a(sa(sv))` without elements: the further units of StartTransientUnit.
  case noUnits

  struct Pair: Equatable {
    let first: String
    let second: String
  }

  struct Property: Equatable {
    let name: String
    let value: DBusValue
  }

  var signature: String {
    switch self {
    case .text: "s"
    case .path: "o"
    case .bool: "b"
    case .u32: "u"
    case .u64: "t"
    case .bytes: "ay"
    case .u32s: "au"
    case .pairs: "a(ss)"
    case .properties: "a(sv)"
    case .noUnits: "a(sa(sv))"
    }
  }
}

/// Writes values at their alignments.
struct DBusWriter {
  private(set) var bytes: [UInt8] = []

  mutating func align(_ size: Int) {
    while bytes.count % size != 0 { bytes.append(0) }
  }

  mutating func byte(_ value: UInt8) { bytes.append(value) }

  mutating func u32(_ value: UInt32) {
    align(4)
    for shift in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * UInt32(shift)))) }
  }

  mutating func u64(_ value: UInt64) {
    align(8)
    for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * UInt64(shift)))) }
  }

  mutating func text(_ value: String) {
    u32(UInt32(value.utf8.count))
    bytes += Array(value.utf8) + [0]
  }

  mutating func signature(_ value: String) {
    bytes.append(UInt8(value.utf8.count))
    bytes += Array(value.utf8) + [0]
  }

  /// An array: its length is known when its elements are written, and leaves out the padding
  /// before the first.
  mutating func array(elementAlignment: Int, _ elements: (inout DBusWriter) -> Void) {
    u32(0)
    let length = bytes.count - 4
    align(elementAlignment)
    let start = bytes.count
    elements(&self)
    let count = UInt32(bytes.count - start)
    for shift in 0..<4 {
      bytes[length + shift] = UInt8(truncatingIfNeeded: count >> (8 * UInt32(shift)))
    }
  }

  mutating func value(_ value: DBusValue) {
    switch value {
    case .text(let text), .path(let text): self.text(text)
    case .bool(let bool): u32(bool ? 1 : 0)
    case .u32(let number): u32(number)
    case .u64(let number): u64(number)
    case .bytes(let list): array(elementAlignment: 1) { for byte in list { $0.byte(byte) } }
    case .u32s(let list): array(elementAlignment: 4) { for number in list { $0.u32(number) } }
    case .pairs(let list):
      array(elementAlignment: 8) {
        for pair in list {
          $0.align(8)
          $0.text(pair.first)
          $0.text(pair.second)
        }
      }
    case .properties(let list):
      array(elementAlignment: 8) {
        for property in list {
          $0.align(8)
          $0.text(property.name)
          $0.variant(property.value)
        }
      }
    case .noUnits: array(elementAlignment: 8) { _ in }
    }
  }

  mutating func variant(_ value: DBusValue) {
    signature(value.signature)
    self.value(value)
  }
}

/// A message.
struct DBusMessage: Equatable {
  enum Kind: UInt8 { case call = 1, reply, error, signal }

  var kind: Kind
  var serial: UInt32 = 0
  var path = ""
  var interface = ""
  var member = ""
  var errorName = ""
  var replySerial: UInt32 = 0
  var destination = ""
  var body: [DBusValue] = []

  func encode() -> [UInt8] {
    var content = DBusWriter()
    for value in body { content.value(value) }
    var message = DBusWriter()
    message.byte(UInt8(ascii: "l"))
    message.byte(kind.rawValue)
    message.byte(0)
    message.byte(1)
    message.u32(UInt32(content.bytes.count))
    message.u32(serial)
    message.array(elementAlignment: 8) { writer in
      func field(_ code: UInt8, _ type: String, _ text: String) {
        guard !text.isEmpty else { return }
        writer.align(8)
        writer.byte(code)
        writer.signature(type)
        if type == "g" { writer.signature(text) } else { writer.text(text) }
      }
      field(1, "o", path)
      field(3, "s", member)
      field(2, "s", interface)
      field(4, "s", errorName)
      if replySerial != 0 {
        writer.align(8)
        writer.byte(5)
        writer.variant(.u32(replySerial))
      }
      field(6, "s", destination)
      field(8, "g", body.map { $0.signature }.joined())
    }
    message.align(8)
    return message.bytes + content.bytes
  }

  /// How long the message is that begins with these bytes; nil when too few are there to tell.
  ///
  /// - Throws: `DBusError` when it is no message, or too large a one (the specification's 128 MiB
  ///   are far more than systemd ever sends).
  static func length(_ bytes: [UInt8]) throws(DBusError) -> Int? {
    guard bytes.count >= 16 else { return nil }
    guard bytes[0] == UInt8(ascii: "l"), bytes[3] == 1 else {
      throw DBusError("no little-endian D-Bus message of version 1")
    }
    var reader = DBusReader(bytes: bytes)
    reader.position = 4
    let body = Int(try reader.u32())
    reader.position = 12
    let fields = Int(try reader.u32())
    guard body < 1 << 20, fields < 1 << 20 else { throw DBusError("a message of over 1 MiB") }
    return (16 + fields + 7) / 8 * 8 + body
  }

  /// Reads a whole message; of its body only texts, paths and numbers, up to the first other value.
  static func parse(_ bytes: [UInt8]) throws(DBusError) -> DBusMessage {
    guard bytes.count >= 16, let kind = Kind(rawValue: bytes[1]) else {
      throw DBusError("a message of an unknown type")
    }
    var message = DBusMessage(kind: kind)
    var reader = DBusReader(bytes: bytes)
    reader.position = 8
    message.serial = try reader.u32()
    let end = 16 + Int(try reader.u32())
    var types = ""
    while reader.position < end {
      reader.align(8)
      let code = try reader.byte()
      let type = try reader.signature()
      switch type {
      case "o", "s":
        let text = try reader.text()
        switch code {
        case 1: message.path = text
        case 2: message.interface = text
        case 3: message.member = text
        case 4: message.errorName = text
        case 6: message.destination = text
        default: break
        }
      case "u":
        let number = try reader.u32()
        if code == 5 { message.replySerial = number }
      case "g":
        let text = try reader.signature()
        if code == 8 { types = text }
      default: throw DBusError("a header field of type \(type)")
      }
    }
    reader.align(8)
    for type in types.utf8 {
      var type = type
      // A variant says itself what it holds.
      if type == UInt8(ascii: "v") {
        let inner = Array(try reader.signature().utf8)
        guard inner.count == 1 else { return message }
        type = inner[0]
      }
      switch type {
      case UInt8(ascii: "s"): message.body.append(.text(try reader.text()))
      case UInt8(ascii: "o"): message.body.append(.path(try reader.text()))
      case UInt8(ascii: "u"): message.body.append(.u32(try reader.u32()))
      case UInt8(ascii: "b"): message.body.append(.bool(try reader.u32() != 0))
      default: return message
      }
    }
    return message
  }
}

/// Reads values at their alignments.
struct DBusReader {
  let bytes: [UInt8]
  var position = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func align(_ size: Int) { position = (position + size - 1) / size * size }

  mutating func byte() throws(DBusError) -> UInt8 {
    guard position < bytes.count else { throw DBusError("the message ends early") }
    position += 1
    return bytes[position - 1]
  }

  mutating func u32() throws(DBusError) -> UInt32 {
    align(4)
    var value: UInt32 = 0
    for shift in 0..<4 { value |= UInt32(try byte()) << (8 * UInt32(shift)) }
    return value
  }

  mutating func text() throws(DBusError) -> String { try text(Int(try u32())) }
  mutating func signature() throws(DBusError) -> String { try text(Int(try byte())) }

  private mutating func text(_ length: Int) throws(DBusError) -> String {
    guard length < bytes.count - position else { throw DBusError("the message ends early") }
    let text = String(decoding: bytes[position..<position + length], as: UTF8.self)
    position += length + 1
    return text
  }
}

/// What went wrong on the bus.
struct DBusError: Error, Equatable {
  /// `org.freedesktop.…`, when the other side answered with an error.
  var name = ""
  var message: String
  init(_ message: String, name: String = "") {
    self.message = message
    self.name = name
  }
}
