// What the kernel answers to RTM_GETLINK and RTM_GETADDR (rtnetlink(7)): a fixed header, then
// attributes.
//
//   struct ifinfomsg  family u8, pad u8, type u16, index s32, flags u32, change u32
//   struct ifaddrmsg  family u8, prefix length u8, flags u8, scope u8, index u32

internal import Linux

/// A network link.
struct NetworkLink: Equatable, Sendable {
  /// Its number in its namespace.
  let index: UInt32
  /// `eth0`.
  var name = ""
  /// `veth`, `bridge` and so on; empty for hardware and `lo`.
  var kind = ""
  /// Whether it is set up (IFF_UP), and whether it has a carrier (IFF_LOWER_UP).
  var isUp = false
  /// Whether the other side is there.
  var hasCarrier = false
  /// Bytes a packet may have.
  var mtu: UInt32 = 0
  /// Its hardware address, `02:42:…`.
  var hardware = ""
  /// The index of the link it depends on: a veth's other end.
  var peer: UInt32?
  /// Set when that one is in another namespace.
  var peerIsElsewhere = false
  /// The bridge it is a port of.
  var master: UInt32?
  /// Addresses with their prefix lengths.
  var addresses: [String] = []
  /// Bytes received.
  var received: UInt64 = 0
  /// Bytes sent.
  var sent: UInt64 = 0

  /// Reads answers; what is cut short or makes no sense is left out.
  static func parse(links: [[UInt8]], addresses: [[UInt8]]) -> [NetworkLink] {
    var result = links.compactMap { NetworkLink($0) }
    for message in addresses {
      guard message.count >= 8, let address = text(of: message) else { continue }
      let index = number(message, 4)
      guard let at = result.firstIndex(where: { $0.index == index }) else { continue }
      result[at].addresses.append(address)
    }
    return result.sorted { $0.index < $1.index }
  }

  init?(_ message: [UInt8]) {
    guard message.count >= 16 else { return nil }
    index = number(message, 4)
    let flags = number(message, 8)
    isUp = flags & 0x1 != 0
    hasCarrier = flags & 0x1_0000 != 0
    for (type, value) in attributes(message, from: 16) {
      switch type {
      case 1: hardware = NetworkLink.colons(value)  // IFLA_ADDRESS
      case 3: name = NetworkLink.text(value)  // IFLA_IFNAME
      case 4: mtu = number(value, 0)  // IFLA_MTU
      case 5: peer = number(value, 0)  // IFLA_LINK
      case 10: master = number(value, 0)  // IFLA_MASTER
      case 18:  // IFLA_LINKINFO: IFLA_INFO_KIND within
        for (inner, value) in attributes(value, from: 0) where inner == 1 {
          kind = NetworkLink.text(value)
        }
      case 23:  // IFLA_STATS64: packets in, packets out, bytes in, bytes out
        received = NetworkLink.long(value, 16)
        sent = NetworkLink.long(value, 24)
      case 37: peerIsElsewhere = true  // IFLA_LINK_NETNSID
      default: break
      }
    }
    guard !name.isEmpty else { return nil }
  }

  private static func text(_ value: [UInt8]) -> String {
    String(decoding: value.prefix { $0 != 0 }, as: UTF8.self)
  }

  private static func colons(_ value: [UInt8]) -> String {
    value.prefix(32).map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined(separator: ":")
  }

  private static func long(_ value: [UInt8], _ at: Int) -> UInt64 {
    UInt64(number(value, at)) | UInt64(number(value, at + 4)) << 32
  }

  /// `10.0.0.2/16`: IFA_LOCAL, which is our own side, else IFA_ADDRESS.
  private static func text(of message: [UInt8]) -> String? {
    var local: [UInt8]?
    var address: [UInt8]?
    for (type, value) in attributes(message, from: 8) {
      if type == 1 { address = value }
      if type == 2 { local = value }
    }
    guard let bytes = local ?? address, let text = Addresses.text(bytes) else { return nil }
    return "\(text)/\(message[1])"
  }
}

/// Internet addresses as text.
enum Addresses {
  /// Four bytes as `10.0.0.2`, sixteen as `fe80::1` (RFC 5952); nil for other lengths.
  static func text(_ bytes: [UInt8]) -> String? {
    if bytes.count == 4 { return bytes.map { "\($0)" }.joined(separator: ".") }
    guard bytes.count == 16 else { return nil }
    let words = (0..<8).map { Int(bytes[2 * $0]) << 8 | Int(bytes[2 * $0 + 1]) }
    // The longest run of at least two zeros, the first of equal ones.
    var best = 0..<0
    var start = 0
    for index in 0...8 where index == 8 || words[index] != 0 {
      if index - start > max(best.count, 1) { best = start..<index }
      start = index + 1
    }
    func hex(_ part: ArraySlice<Int>) -> String {
      part.map { String($0, radix: 16) }.joined(separator: ":")
    }
    guard !best.isEmpty else { return hex(words[...]) }
    return hex(words[..<best.lowerBound]) + "::" + hex(words[best.upperBound...])
  }
}
