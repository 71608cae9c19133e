// A VXLAN link (RFC 7348) puts whole frames into UDP packets for other hosts. Who is where it is told:
//
//     ip neighbour   10.200.5.2 ▶ 02:42:0a:c8:05:02     it answers ARP and neighbour solicitations itself
//     bridge fdb     02:42:0a:c8:05:02 ▶ 10.200.9.2     the host that such a frame goes to
//
// RTM_NEWNEIGH and its kin (rtnetlink(7)) for both; the second one with AF_BRIDGE and NTF_SELF.

internal import CNetlink

/// A VXLAN link.
public struct VXLAN: Equatable, Sendable {
  /// The network's number, 24 bits.
  public var id: UInt32
  /// The address of this host that packets are sent from.
  public var local: IPAddress
  /// UDP; the number that IANA gave.
  public var port: UInt16 = 4789

  /// Describes one.
  public init(id: UInt32, local: IPAddress) {
    self.id = id
    self.local = local
  }

  /// Bytes of every packet that are wrapping: Ethernet 14, VXLAN 8, UDP 8, and IP 20 or 40.
  public var overhead: UInt32 { local.isV6 ? 70 : 50 }
}

extension Netlink {
  /// Makes a VXLAN link, down still, that learns nothing by itself and never asks all hosts.
  ///
  /// - Throws: `SystemError`; EEXIST when the name is taken, or another link of this host has the
  ///   number and port.
  public func makeVXLAN(_ name: String, _ vxlan: VXLAN, mtu: UInt32) throws(SystemError) {
    guard let link = unsafe rtnl_link_vxlan_alloc() else { throw Netlink.noMemory(name) }
    defer { unsafe rtnl_link_put(link) }
    unsafe rtnl_link_set_name(link, name)
    unsafe rtnl_link_set_mtu(link, mtu)
    unsafe rtnl_link_vxlan_set_id(link, vxlan.id)
    // libnl turns it into the wire's order.
    unsafe rtnl_link_vxlan_set_port(link, UInt32(vxlan.port))
    unsafe rtnl_link_vxlan_set_learning(link, 0)
    unsafe rtnl_link_vxlan_set_proxy(link, 1)
    try unsafe Netlink.with(vxlan.local) { unsafe rtnl_link_vxlan_set_local(link, $0) }
    try unsafe change("RTM_NEWLINK vxlan", name) { unsafe rtnl_link_add($0, link, Netlink.create) }
  }

  /// Writes down who has an address behind a link: an entry that does not age.
  ///
  /// - Throws: `SystemError` naming the address.
  public func addNeighbour(
    _ address: IPAddress, at hardware: MACAddress, on index: Int32
  ) throws(SystemError) {
    try send(
      "RTM_NEWNEIGH", 28, flags: 0x500 /* CREATE, REPLACE */, "\(address)",
      Netlink.neighbour(address, index) + attribute(2, hardware.bytes))
  }

  /// Forgets who has an address; nobody is fine.
  ///
  /// - Throws: `SystemError` naming the address.
  public func removeNeighbour(_ address: IPAddress, on index: Int32) throws(SystemError) {
    try Netlink.fine(Errno(2)) { () throws(SystemError) in
      try send("RTM_DELNEIGH", 29, "\(address)", Netlink.neighbour(address, index))
    }
  }

  /// Writes down the host that frames for a hardware address go to.
  ///
  /// - Throws: `SystemError` naming the host.
  public func addForwarding(
    of hardware: MACAddress, to host: IPAddress, on index: Int32
  ) throws(SystemError) {
    try send(
      "RTM_NEWNEIGH", 28, flags: 0x500, "\(hardware) to \(host)",
      Netlink.forwarding(hardware, index) + attribute(1, host.bytes))
  }

  /// Forgets the host of a hardware address; none is fine.
  ///
  /// - Throws: `SystemError` naming the hardware address.
  public func removeForwarding(of hardware: MACAddress, on index: Int32) throws(SystemError) {
    try Netlink.fine(Errno(2)) { () throws(SystemError) in
      try send("RTM_DELNEIGH", 29, "\(hardware)", Netlink.forwarding(hardware, index))
    }
  }

  // struct ndmsg: family u8, 3 bytes of nothing, index s32, state u16, flags u8, type u8; then
  // NDA_DST 1 and NDA_LLADDR 2.

  /// NUD_PERMANENT.
  private static func neighbour(_ address: IPAddress, _ index: Int32) -> [UInt8] {
    [address.isV6 ? 10 : 2, 0, 0, 0] + Linux.bytes(UInt32(bitPattern: index)) + [0x80, 0, 0, 0]
      + attribute(1, address.bytes)
  }

  /// AF_BRIDGE; NUD_NOARP | NUD_PERMANENT; NTF_SELF: the link's own table, not its bridge's.
  private static func forwarding(_ hardware: MACAddress, _ index: Int32) -> [UInt8] {
    [7, 0, 0, 0] + Linux.bytes(UInt32(bitPattern: index)) + [0xC0, 0, 2, 0]
      + attribute(2, hardware.bytes)
  }

  private static func fine(
    _ errno: Errno, _ body: () throws(SystemError) -> Void
  ) throws(SystemError) {
    do throws(SystemError) { try body() } catch { if error.errno != errno { throw error } }
  }
}

/// What a VXLAN link has been told.
public struct TunnelTable: Equatable, Sendable {
  /// Who has an address.
  public var neighbours: [IPAddress: MACAddress] = [:]
  /// The host of a hardware address.
  public var hosts: [MACAddress: IPAddress] = [:]

  /// Nothing.
  public init() {}

  /// The host that has an address.
  public func host(of address: IPAddress) -> IPAddress? {
    neighbours[address].flatMap { hosts[$0] }
  }

  /// Reads what a link has (RTM_GETNEIGH): what was written down, nothing that was learned.
  ///
  /// - Throws: `SystemError`.
  public init(of index: Int32) throws(SystemError) {
    let socket = try RouteSocket("neighbours")
    for family: UInt8 in [2, 10, 7] {
      let header = [family] + [UInt8](repeating: 0, count: 11)
      for message in try socket.dump(30, header, answers: 28) {
        guard message.count >= 12, number(message, 4) == UInt32(bitPattern: index),
          message[8] & 0x80 != 0  // NUD_PERMANENT
        else { continue }
        var address: IPAddress?
        var hardware: MACAddress?
        for (type, value) in attributes(message, from: 12) {
          if type == 1 { address = IPAddress(bytes: value) }
          if type == 2 { hardware = MACAddress(bytes: value) }
        }
        guard let address, let hardware else { continue }
        if family == 7 { hosts[hardware] = address } else { neighbours[address] = hardware }
      }
    }
  }
}
