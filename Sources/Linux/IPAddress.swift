// Addresses and subnets as numbers: RFC 791, RFC 4291, RFC 4632; as text: RFC 5952.

/// An IPv4 or IPv6 address.
public struct IPAddress: Hashable, Comparable, Sendable {
  /// Whether it has 128 bits, else 32.
  public let isV6: Bool
  /// The number, the first byte on the wire being the highest.
  public let value: UInt128

  /// An address by its number.
  public init(_ value: UInt128, isV6: Bool) {
    self.value = value
    self.isV6 = isV6
  }

  /// An IPv4 address by its number.
  public init(v4 value: UInt32) { self.init(UInt128(value), isV6: false) }

  /// From 4 or 16 bytes in network order; nil for any other count.
  public init?(bytes: some Collection<UInt8>) {
    guard bytes.count == 4 || bytes.count == 16 else { return nil }
    self.init(bytes.reduce(0) { $0 << 8 | UInt128($1) }, isV6: bytes.count == 16)
  }

  /// Four decimal numbers, or groups of hexadecimal digits with one `::` (inet_pton(3)); else nil.
  public init?(_ text: some StringProtocol) {
    let value =
      text.utf8.contains(UInt8(ascii: ":")) ? IPAddress.long(text) : IPAddress.short(text)
    guard let value else { return nil }
    self.init(value, isV6: text.utf8.contains(UInt8(ascii: ":")))
  }

  /// How many bits it has.
  public var bits: Int { isV6 ? 128 : 32 }

  /// 4 or 16 bytes in network order.
  public var bytes: [UInt8] {
    (0..<bits / 8).map { UInt8(truncatingIfNeeded: value >> UInt128(bits - 8 - 8 * $0)) }
  }

  /// Whether it is of the host itself: 127.0.0.0/8 or ::1.
  public var isLoopback: Bool { isV6 ? value == 1 : value >> 24 == 127 }

  /// Whether it stands for every address of the host: 0.0.0.0 or ::.
  public var isAny: Bool { value == 0 }

  /// By family, then by number.
  public static func < (one: IPAddress, other: IPAddress) -> Bool {
    one.isV6 == other.isV6 ? one.value < other.value : !one.isV6
  }

  /// The address so many further on; it wraps around.
  public func advanced(by count: Int) -> IPAddress {
    let sum = value &+ UInt128(truncatingIfNeeded: count)
    return IPAddress(isV6 ? sum : sum & 0xffff_ffff, isV6: isV6)
  }

  private static func short(_ text: some StringProtocol) -> UInt128? {
    let parts = text.utf8.split(
      separator: UInt8(ascii: "."), maxSplits: 4, omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var value: UInt128 = 0
    for part in parts {
      guard (1...3).contains(part.count), part.allSatisfy({ (48...57).contains($0) }),
        // inet_pton(3) takes no zeros in front: others read them as octal.
        part.count == 1 || part.first != 48
      else { return nil }
      let number = part.reduce(0) { $0 * 10 + UInt128($1 - 48) }
      guard number < 256 else { return nil }
      value = value << 8 | number
    }
    return value
  }

  private static func long(_ text: some StringProtocol) -> UInt128? {
    let bytes = Array(text.utf8)
    var groups = [UInt128]()
    var gap: Int?
    var at = 0
    if bytes.starts(with: [58, 58]) {
      gap = 0
      at = 2
    }
    while at < bytes.count {
      let end = bytes[at...].firstIndex(of: 58) ?? bytes.count
      if end == bytes.count, bytes[at...].contains(UInt8(ascii: ".")) {
        guard let last = short(String(decoding: bytes[at...], as: UTF8.self)) else { return nil }
        groups += [last >> 16, last & 0xffff]
        break
      }
      guard (1...4).contains(end - at),
        let group = UInt16(String(decoding: bytes[at..<end], as: UTF8.self), radix: 16),
        bytes[at] != UInt8(ascii: "+")
      else { return nil }
      groups.append(UInt128(group))
      at = end
      guard at < bytes.count else { break }
      at += 1
      if at < bytes.count, bytes[at] == 58 {
        guard gap == nil else { return nil }
        gap = groups.count
        at += 1
      } else if at == bytes.count {
        return nil
      }
    }
    guard groups.count <= 8, gap == nil ? groups.count == 8 : groups.count < 8 else { return nil }
    if let gap {
      groups.insert(contentsOf: [UInt128](repeating: 0, count: 8 - groups.count), at: gap)
    }
    return groups.reduce(0) { $0 << 16 | $1 }
  }
}

extension IPAddress: CustomStringConvertible, LosslessStringConvertible {
  /// As people write it: RFC 5952, section 4, for IPv6.
  public var description: String {
    guard isV6 else { return bytes.map { String($0) }.joined(separator: ".") }
    let groups = (0..<8).map { UInt16(truncatingIfNeeded: value >> UInt128(112 - 16 * $0)) }
    // The longest run of zeros, at least two, the first one of equals.
    var best = 0..<0
    var at = 0
    while at < 8 {
      var end = at
      while end < 8, groups[end] == 0 { end += 1 }
      if end - at > max(best.count, 1) { best = at..<end }
      at = max(end, at + 1)
    }
    func words(_ range: Range<Int>) -> String {
      groups[range].map { String($0, radix: 16) }.joined(separator: ":")
    }
    return best.isEmpty
      ? words(0..<8) : words(0..<best.lowerBound) + "::" + words(best.upperBound..<8)
  }
}

/// A subnet: all the addresses that begin with the same bits (RFC 4632).
public struct IPPrefix: Hashable, Sendable {
  /// The first of its addresses.
  public let base: IPAddress
  /// How many bits are the same.
  public let length: Int

  /// The subnet of this size that an address is in.
  ///
  /// - Parameters:
  ///   - address: any address in it.
  ///   - length: from 0 to the address's bits.
  public init(_ address: IPAddress, length: Int) {
    self.length = length
    base = IPAddress(address.value & IPPrefix.mask(address, length), isV6: address.isV6)
  }

  /// `10.200.0.0/16`; the bits behind the slash may be set, as people write gateways so; else nil.
  public init?(_ text: some StringProtocol) {
    guard let (address, length) = IPPrefix.parts(text) else { return nil }
    self.init(address, length: length)
  }

  /// The address before the slash and the length behind it; nil when the text is something else.
  public static func parts(_ text: some StringProtocol) -> (IPAddress, length: Int)? {
    let halves = text.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
    guard halves.count == 2, let address = IPAddress(halves[0]),
      (1...3).contains(halves[1].utf8.count),
      halves[1].utf8.allSatisfy({ (48...57).contains($0) }),
      let length = Int(halves[1]), length <= address.bits
    else { return nil }
    return (address, length)
  }

  /// The last of its addresses: IPv4's broadcast address (RFC 919).
  public var last: IPAddress {
    IPAddress(base.value | (IPPrefix.all(base) & ~IPPrefix.mask(base, length)), isV6: base.isV6)
  }

  /// Whether an address is in it.
  public func contains(_ address: IPAddress) -> Bool {
    address.isV6 == base.isV6 && address.value & IPPrefix.mask(base, length) == base.value
  }

  /// Whether all of another subnet is in it.
  public func contains(_ other: IPPrefix) -> Bool {
    other.length >= length && contains(other.base)
  }

  /// Whether they share an address.
  public func overlaps(_ other: IPPrefix) -> Bool {
    contains(other.base) || other.contains(base)
  }

  private static func all(_ address: IPAddress) -> UInt128 {
    address.isV6 ? UInt128.max : 0xffff_ffff
  }

  private static func mask(_ address: IPAddress, _ length: Int) -> UInt128 {
    // A shift by all the bits gives 0.
    all(address) << UInt128(address.bits - length) & all(address)
  }
}

extension IPPrefix: CustomStringConvertible, LosslessStringConvertible {
  /// `10.200.0.0/16`.
  public var description: String { "\(base)/\(length)" }
}
