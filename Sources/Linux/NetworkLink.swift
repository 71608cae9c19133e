// What the kernel answers to RTM_GETLINK and RTM_GETADDR (rtnetlink(7)): a fixed header, then
// attributes.
//
//   struct ifinfomsg  family u8, pad u8, type u16, index s32, flags u32, change u32
//   struct ifaddrmsg  family u8, prefix length u8, flags u8, scope u8, index u32

/// A network link.
package struct NetworkLink: Equatable, Sendable {
  /// Its number in its namespace.
  package let index: UInt32
  /// `eth0`.
  package var name = ""
  /// `veth`, `bridge` and so on; empty for hardware and `lo`.
  package var kind = ""
  /// Whether it is set up (IFF_UP), and whether it has a carrier (IFF_LOWER_UP).
  package var isUp = false
  /// Whether the other side is there.
  package var hasCarrier = false
  /// Bytes a packet may have.
  package var mtu: UInt32 = 0
  /// Its hardware address, `02:42:…`.
  package var hardware = ""
  /// The index of the link it depends on: a veth's other end.
  package var peer: UInt32?
  /// Set when that one is in another namespace.
  package var peerIsElsewhere = false
  /// The number that this namespace has for that one (ip-netns(8), "nsid"); -1 when it has none.
  package var peerNamespace: Int32?
  /// The bridge it is a port of.
  package var master: UInt32?
  /// What it is as a port of a bridge.
  package var port: BridgePort?
  /// The tunnel, of a VXLAN link.
  package var tunnel: Tunnel?
  /// Its addresses.
  package var assigned: [LinkAddress] = []
  /// Addresses with their prefix lengths.
  package var addresses: [String] { assigned.map { $0.description } }
  /// Bytes received.
  package var received: UInt64 = 0
  /// Bytes sent.
  package var sent: UInt64 = 0

  /// Reads answers; what is cut short or makes no sense is left out.
  package static func parse(links: [[UInt8]], addresses: [[UInt8]]) -> [NetworkLink] {
    var result = links.compactMap { NetworkLink($0) }
    for message in addresses {
      guard message.count >= 8, let address = LinkAddress(message) else { continue }
      let index = number(message, 4)
      guard let at = result.firstIndex(where: { $0.index == index }) else { continue }
      result[at].assigned.append(address)
    }
    return result.sorted { $0.index < $1.index }
  }

  /// One without anything but a name.
  package init(named name: String) {
    index = 0
    self.name = name
  }

  /// Reads one answer; nil when it names no link.
  package init?(_ message: [UInt8]) {
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
      case 18: read(info: value)  // IFLA_LINKINFO
      case 23:  // IFLA_STATS64: packets in, packets out, bytes in, bytes out
        received = NetworkLink.long(value, 16)
        sent = NetworkLink.long(value, 24)
      case 37:  // IFLA_LINK_NETNSID
        peerIsElsewhere = true
        peerNamespace = Int32(bitPattern: number(value, 0))
      default: break
      }
    }
    guard !name.isEmpty else { return nil }
  }

  private static func text(_ value: [UInt8]) -> String {
    String(decoding: value.prefix { $0 != 0 }, as: UTF8.self)
  }

  /// `02:42:…`.
  package static func colons(_ value: [UInt8]) -> String {
    value.prefix(32).map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined(separator: ":")
  }

  private static func long(_ value: [UInt8], _ at: Int) -> UInt64 {
    UInt64(number(value, at)) | UInt64(number(value, at + 4)) << 32
  }

  private mutating func read(info: [UInt8]) {
    let parts = attributes(info, from: 0)
    for (type, value) in parts {
      switch type {
      case 1: kind = NetworkLink.text(value)  // IFLA_INFO_KIND
      case 2 where kind == "vxlan": tunnel = Tunnel(value)  // IFLA_INFO_DATA
      case 5 where parts.contains { $0.0 == 4 && NetworkLink.text($0.1) == "bridge" }:
        port = BridgePort(value)  // IFLA_INFO_SLAVE_DATA
      default: break
      }
    }
  }
}

/// An address of a link.
package struct LinkAddress: Equatable, Sendable, CustomStringConvertible {
  /// The address.
  package let address: IPAddress
  /// How long its subnet's prefix is.
  package let length: Int
  /// 0 for the whole net, 253 for the link only (rtnetlink(7), "scope").
  package let scope: UInt8

  /// Made up.
  package init(_ address: IPAddress, length: Int, scope: UInt8 = 0) {
    self.address = address
    self.length = length
    self.scope = scope
  }

  /// IFA_LOCAL, which is our own side, else IFA_ADDRESS.
  init?(_ message: [UInt8]) {
    var local: [UInt8]?
    var address: [UInt8]?
    for (type, value) in attributes(message, from: 8) {
      if type == 1 { address = value }
      if type == 2 { local = value }
    }
    guard let bytes = local ?? address, let address = IPAddress(bytes: bytes) else { return nil }
    self.init(address, length: min(Int(message[1]), address.bits), scope: message[3])
  }

  /// Its subnet.
  package var prefix: IPPrefix { IPPrefix(address, length: length) }

  /// `10.0.0.2/16`.
  package var description: String { "\(address)/\(length)" }
}

/// What a link is as a port of a bridge (IFLA_BRPORT_ numbers of <linux/if_link.h>).
package struct BridgePort: Equatable, Sendable {
  /// 0 disabled, 1 listening, 2 learning, 3 forwarding, 4 blocking.
  package var state: UInt8 = 3
  /// Whether a frame may leave by the port it came in by.
  package var isHairpin = false
  /// Whether isolated ports do not reach it.
  package var isIsolated = false

  init(_ value: [UInt8]) {
    for (type, value) in attributes(value, from: 0) {
      switch type {
      case 1: state = value.first ?? 0  // IFLA_BRPORT_STATE
      case 4: isHairpin = value.first == 1  // IFLA_BRPORT_MODE
      case 33: isIsolated = value.first == 1  // IFLA_BRPORT_ISOLATED
      default: break
      }
    }
  }

  /// Made up.
  package init() {}
}

/// A VXLAN tunnel (RFC 7348; IFLA_VXLAN_ numbers of <linux/if_link.h>).
package struct Tunnel: Equatable, Sendable {
  /// The virtual network's number (VNI).
  package var id: UInt32 = 0
  /// The peer or the multicast group, where there is one for all.
  package var remote: IPAddress?
  /// The address that the outer packets come from.
  package var local: IPAddress?
  /// The UDP port of the outer packets.
  package var port: UInt16 = 0

  init(_ value: [UInt8]) {
    for (type, value) in attributes(value, from: 0) {
      switch type {
      case 1: id = number(value, 0)
      case 2, 16: remote = IPAddress(bytes: value) ?? remote  // GROUP, GROUP6
      case 4, 17: local = IPAddress(bytes: value) ?? local  // LOCAL, LOCAL6
      case 15 where value.count >= 2: port = UInt16(value[0]) << 8 | UInt16(value[1])
      default: break
      }
    }
    if remote?.isAny == true { remote = nil }
    if local?.isAny == true { local = nil }
  }

  /// Made up.
  package init(id: UInt32, port: UInt16, remote: IPAddress? = nil, local: IPAddress? = nil) {
    self.id = id
    self.port = port
    self.remote = remote
    self.local = local
  }
}

extension NetworkLink {
  /// The links of a socket's namespace, with their addresses.
  ///
  /// - Throws: `SystemError` of the socket.
  package static func all(_ socket: borrowing RouteSocket) throws(SystemError) -> [NetworkLink] {
    // RTM_GETLINK → RTM_NEWLINK, RTM_GETADDR → RTM_NEWADDR.
    let links = try socket.dump(18, [UInt8](repeating: 0, count: 16), answers: 16)
    let addresses = try socket.dump(22, [UInt8](repeating: 0, count: 8), answers: 20)
    return parse(links: links, addresses: addresses)
  }
}
