// RTM_NEWLINK and RTM_DELLINK (rtnetlink(7), linux/if_link.h).

internal import CLinux
internal import CNetlink

/// A hardware address of six bytes, as Ethernet has them (packet(7)).
public struct MACAddress: Hashable, Sendable, LosslessStringConvertible {
  /// Six.
  public let bytes: [UInt8]

  /// The address that goes with an IPv4 address: 02:42 and its four bytes, as Docker makes them.
  ///
  /// 02 says that it was not bought (IEEE 802, "locally administered").
  public init(for address: IPAddress) { bytes = [0x02, 0x42] + address.bytes.suffix(4) }

  /// Six bytes; nil for another number, for all zeroes, and for one of a group.
  public init?(bytes: [UInt8]) {
    guard bytes.count == 6, bytes[0] & 1 == 0, bytes.contains(where: { $0 != 0 }) else {
      return nil
    }
    self.bytes = bytes
  }

  /// `02:42:0a:c8:00:02`, or with `-`; not one of a group (the first byte's lowest bit); else nil.
  public init?(_ text: String) {
    let separator: UInt8 = text.utf8.contains(UInt8(ascii: "-")) ? 45 : 58
    let parts = text.utf8.split(separator: separator, omittingEmptySubsequences: false)
    guard parts.count == 6 else { return nil }
    var bytes = [UInt8]()
    for part in parts {
      guard part.count == 2, part.first != UInt8(ascii: "+"),
        let byte = UInt8(String(decoding: part, as: UTF8.self), radix: 16)
      else { return nil }
      bytes.append(byte)
    }
    self.init(bytes: bytes)
  }

  /// `02:42:0a:c8:00:02`.
  public var description: String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
  }
}

extension Netlink {
  /// A link's number in the calling thread's network namespace; nil when there is none of the name.
  public static func index(of name: String) -> Int32? {
    let index = unsafe lx_link_index(name)
    return index > 0 ? Int32(index) : nil
  }

  /// Whether a link of the calling thread's network namespace is there and set up (netdevice(7)).
  public static func isUp(_ name: String) -> Bool {
    let flags = unsafe lx_link_flags(name)
    return flags > 0 && flags & 1 != 0  // IFF_UP
  }

  /// Makes a veth(4) pair, of which the other end is born in another network namespace.
  ///
  /// - Parameters:
  ///   - name: of the end here.
  ///   - peer: the name of the other end.
  ///   - namespace: an open descriptor of its network namespace; nil is here.
  ///   - address: the other end's hardware address; nil lets the kernel make one up.
  ///   - mtu: of both, in bytes.
  /// - Throws: `SystemError`; EEXIST when one of the names is taken.
  public func makePair(
    _ name: String, peer: String, in namespace: Int32?, address: MACAddress?, mtu: UInt32
  ) throws(SystemError) {
    guard let link = unsafe rtnl_link_veth_alloc() else { throw Netlink.noMemory(name) }
    defer { unsafe rtnl_link_put(link) }
    unsafe rtnl_link_set_name(link, name)
    unsafe rtnl_link_set_mtu(link, mtu)
    let other = unsafe rtnl_link_veth_get_peer(link)
    defer { unsafe rtnl_link_put(other) }
    unsafe rtnl_link_set_name(other, peer)
    unsafe rtnl_link_set_mtu(other, mtu)
    if let namespace { unsafe rtnl_link_set_ns_fd(other, namespace) }
    if let address { try unsafe Netlink.set(address, of: other) }
    try unsafe change("RTM_NEWLINK veth", "\(name) and \(peer)") {
      unsafe rtnl_link_add($0, link, Netlink.create)
    }
  }

  /// Makes a bridge, down still.
  ///
  /// - Throws: `SystemError`; EEXIST when the name is taken.
  public func makeBridge(
    _ name: String, address: MACAddress?, mtu: UInt32
  ) throws(SystemError) {
    guard let link = unsafe rtnl_link_bridge_alloc() else { throw Netlink.noMemory(name) }
    defer { unsafe rtnl_link_put(link) }
    unsafe rtnl_link_set_name(link, name)
    unsafe rtnl_link_set_mtu(link, mtu)
    if let address { try unsafe Netlink.set(address, of: link) }
    try unsafe change("RTM_NEWLINK bridge", name) { unsafe rtnl_link_add($0, link, Netlink.create) }
  }

  /// Removes a link; one end of a veth pair takes the other along.
  ///
  /// - Throws: `SystemError`; ENODEV when there is none of the name.
  public func remove(_ name: String) throws(SystemError) {
    guard let link = unsafe rtnl_link_alloc() else { throw Netlink.noMemory(name) }
    defer { unsafe rtnl_link_put(link) }
    unsafe rtnl_link_set_name(link, name)
    try unsafe change("RTM_DELLINK", name) { unsafe rtnl_link_delete($0, link) }
  }

  /// As `remove`; a link that is gone already is fine.
  ///
  /// - Throws: `SystemError` naming the link.
  public func removeIfThere(_ name: String) throws(SystemError) {
    do throws(SystemError) { try remove(name) } catch {
      // EINVAL is libnl's answer when it could not even look the name up.
      guard Netlink.index(of: name) == nil else { throw error }
    }
  }

  /// Makes a link a port of a bridge, and sets it up.
  ///
  /// - Throws: `SystemError` naming the link.
  public func attach(_ name: String, to bridge: Int32) throws(SystemError) {
    try unsafe change(name) { link in
      unsafe rtnl_link_set_master(link, bridge)
      unsafe rtnl_link_set_flags(link, 1)  // IFF_UP
    }
  }

  /// Sets a link up.
  ///
  /// - Throws: `SystemError` naming the link.
  public func setUp(_ name: String) throws(SystemError) {
    try unsafe change(name) { link in unsafe rtnl_link_set_flags(link, 1) }
  }

  /// Sets a link's MTU, in bytes.
  ///
  /// - Throws: `SystemError`; EINVAL when the link cannot have it.
  public func setMTU(_ name: String, _ mtu: UInt32) throws(SystemError) {
    try unsafe change(name) { link in unsafe rtnl_link_set_mtu(link, mtu) }
  }

  /// Lets a bridge's port reach the bridge itself but no other isolated port.
  ///
  /// IFLA_PROTINFO with IFLA_BRPORT_ISOLATED (linux/if_link.h), which libnl does not know.
  ///
  /// - Throws: `SystemError` naming the link.
  public func isolate(_ name: String, index: Int32) throws(SystemError) {
    // struct ifinfomsg: family AF_BRIDGE, type, index, flags, change.
    let head =
      [7, 0, 0, 0] + Linux.bytes(UInt32(bitPattern: index)) + Linux.bytes(0) + Linux.bytes(0)
    try send("RTM_SETLINK", 19, name, head + attribute(12 | 0x8000, attribute(33, [1])))
  }

  private func change(
    _ name: String, _ edit: (OpaquePointer) -> Void
  ) throws(SystemError) {
    guard let index = Netlink.index(of: name) else {
      throw SystemError("if_nametoindex(3)", .noDevice, name)
    }
    guard let link = unsafe rtnl_link_alloc(), let change = unsafe rtnl_link_alloc() else {
      throw Netlink.noMemory(name)
    }
    defer {
      unsafe rtnl_link_put(link)
      unsafe rtnl_link_put(change)
    }
    unsafe rtnl_link_set_ifindex(link, index)
    unsafe edit(change)
    try unsafe self.change("RTM_NEWLINK", name) { unsafe rtnl_link_change($0, link, change, 0) }
  }

  /// NLM_F_CREATE | NLM_F_EXCL.
  static let create: Int32 = 0x600

  static func noMemory(_ object: String) -> SystemError {
    SystemError("libnl", Errno(12), object)
  }

  private static func set(
    _ address: MACAddress, of link: OpaquePointer?
  ) throws(SystemError) {
    let made = unsafe address.bytes.withUnsafeBytes {
      // AF_LLC, as libnl has hardware addresses.
      unsafe nl_addr_build(26, $0.baseAddress, 6)
    }
    guard let made = unsafe made else { throw noMemory(address.description) }
    unsafe rtnl_link_set_addr(link, made)
    unsafe nl_addr_put(made)
  }

  /// Calls a function of libnl with one of its addresses.
  @discardableResult static func with<Result>(
    _ address: IPAddress, length: Int? = nil, _ body: (OpaquePointer) -> Result
  ) throws(SystemError) -> Result {
    let made = unsafe address.bytes.withUnsafeBytes {
      // AF_INET or AF_INET6.
      unsafe nl_addr_build(address.isV6 ? 10 : 2, $0.baseAddress, $0.count)
    }
    guard let made = unsafe made else { throw noMemory(address.description) }
    defer { unsafe nl_addr_put(made) }
    if let length { unsafe nl_addr_set_prefixlen(made, Int32(length)) }
    return unsafe body(made)
  }
}
