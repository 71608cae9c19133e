internal import CLinux

/// An address with a port: one end of what UDP and TCP carry.
public struct SocketAddress: Hashable, Sendable {
  /// The address.
  public let address: IPAddress
  /// The port; 0 asks for any that is free.
  public let port: UInt16
  /// The number of the link that a link-local IPv6 address is on (ipv6(7)), else 0.
  public let scope: UInt32

  /// Names one end.
  public init(_ address: IPAddress, _ port: UInt16, scope: UInt32 = 0) {
    self.address = address
    self.port = port
    self.scope = scope
  }

  /// As C has it; an IPv4 address that a socket of both families tells as `::ffff:a.b.c.d` is one
  /// (RFC 4291, 2.5.5.2).
  init(_ raw: lx_inet) {
    var value: UInt128 = 0
    unsafe withUnsafeBytes(of: raw.bytes) { bytes in
      for index in 0..<(raw.v6 != 0 ? 16 : 4) { unsafe value = value << 8 | UInt128(bytes[index]) }
    }
    let isMapped = raw.v6 != 0 && value >> 32 == 0xffff
    self.init(
      isMapped ? IPAddress(value & 0xffff_ffff, isV6: false) : IPAddress(value, isV6: raw.v6 != 0),
      raw.port, scope: raw.scope)
  }

  /// As C takes it.
  var raw: lx_inet {
    var result = lx_inet()
    result.v6 = address.isV6 ? 1 : 0
    result.port = port
    result.scope = scope
    let value = address.value << UInt128(128 - address.bits)
    unsafe withUnsafeMutableBytes(of: &result.bytes) { bytes in
      for index in 0..<16 {
        unsafe bytes[index] = UInt8(truncatingIfNeeded: value >> UInt128(120 - 8 * index))
      }
    }
    return result
  }
}

extension SocketAddress: CustomStringConvertible {
  /// `10.200.0.1:53`, `[fd00::1]:53` (RFC 5952, 6).
  public var description: String {
    let link = scope == 0 ? "" : "%\(scope)"
    return address.isV6 ? "[\(address)\(link)]:\(port)" : "\(address):\(port)"
  }
}
