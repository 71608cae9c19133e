// A name on the wire (RFC 1035, 3.1 and 4.1.4): labels, each behind its length, and a 0; or, from
// some label on, a pointer to a place before, where the rest is.
//
//     03 w w w 05 l o c a l 00        www.local
//     03 f t p c0 0c                  ftp, then what is at 12

/// Names as they are looked up: lower case, with dots, without one at the end.
public enum DNSName {
  /// The most bytes of a name on the wire (RFC 1035, 2.3.4).
  static let limit = 255

  /// Reads a name that holds no pointer: the one of a question has nothing before it to point to.
  ///
  /// - Returns: the name, or nil where it is cut off, too long, or a pointer; and where it ends. A
  ///   name of the wire need not be text: labels with other bytes than people write become one that
  ///   no table has.
  static func read(_ message: [UInt8], at start: Int) -> (name: String, end: Int)? {
    var text = [UInt8]()
    var at = start
    var isPlain = true
    while at < message.count {
      let length = Int(message[at])
      if length == 0 {
        guard at + 1 - start <= limit else { return nil }
        return (isPlain ? String(decoding: text, as: UTF8.self) : "\u{0}", at + 1)
      }
      guard length < 64, at + 1 + length <= message.count else { return nil }
      if !text.isEmpty { text.append(UInt8(ascii: ".")) }
      for byte in message[(at + 1)...(at + length)] {
        // A dot within a label would look like two labels.
        if byte <= 32 || byte >= 127 || byte == UInt8(ascii: ".") { isPlain = false }
        text.append(lower(byte))
      }
      at += 1 + length
    }
    return nil
  }

  /// Where a name ends that may end in a pointer, which is not followed; nil where it is cut off.
  static func skip(_ message: [UInt8], at start: Int) -> Int? {
    var at = start
    while at < message.count, at - start <= limit {
      let length = Int(message[at])
      if length == 0 { return at + 1 }
      if length >= 0xc0 { return at + 2 <= message.count ? at + 2 : nil }
      guard length < 64 else { return nil }
      at += 1 + length
    }
    return nil
  }

  /// A name as the wire has it; nil where a label is empty or has more than 63 bytes, or the whole
  /// is too long.
  public static func encode(_ name: String) -> [UInt8]? {
    var bytes = [UInt8]()
    for label in key(name).split(separator: ".", omittingEmptySubsequences: false) {
      let length = label.utf8.count
      guard (1...63).contains(length) else { return nil }
      bytes.append(UInt8(length))
      bytes += label.utf8
    }
    bytes.append(0)
    return bytes.count <= limit ? bytes : nil
  }

  /// A name as it is looked up: case does not count (RFC 4343), nor does a dot at the end.
  public static func key(_ name: String) -> String {
    var bytes = [UInt8]()
    for byte in name.utf8 { bytes.append(lower(byte)) }
    if bytes.last == UInt8(ascii: ".") { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The address that a name of in-addr.arpa or ip6.arpa asks for (RFC 1035, 3.5; RFC 3596, 2.5).
  static func reverse(_ key: String) -> [UInt8]? {
    let labels = key.split(separator: ".", omittingEmptySubsequences: false)
    if labels.count == 6, labels[4] == "in-addr", labels[5] == "arpa" {
      var bytes = [UInt8]()
      for label in labels[..<4].reversed() {
        guard label.utf8.allSatisfy({ (48...57).contains($0) }), let byte = UInt8(label) else {
          return nil
        }
        bytes.append(byte)
      }
      return bytes
    }
    guard labels.count == 34, labels[32] == "ip6", labels[33] == "arpa" else { return nil }
    var bytes = [UInt8]()
    var high: UInt8?
    for label in labels[..<32].reversed() {
      guard label.utf8.count == 1, let nibble = UInt8(label, radix: 16) else { return nil }
      if let first = high {
        bytes.append(first << 4 | nibble)
        high = nil
      } else {
        high = nibble
      }
    }
    return bytes
  }

  private static func lower(_ byte: UInt8) -> UInt8 {
    (65...90).contains(byte) ? byte | 0x20 : byte
  }
}
