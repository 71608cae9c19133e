internal import CLinux

/// A link that goes from one network namespace to another, with what the kernel takes from it on
/// the way (rtnetlink(7)): its addresses, and that it was up.
public struct MovingLink: Equatable, Sendable {
  /// Its name where it comes from.
  public let name: String
  /// Its permanent addresses of global scope: `ifaddrmsg` and attributes, as RTM_NEWADDR wants them.
  let addresses: [[UInt8]]

  // RTM_ numbers of <linux/rtnetlink.h>.
  private static let newLink: UInt16 = 16
  private static let newAddress: UInt16 = 20
  private static let getAddress: UInt16 = 22

  /// Looks a link of this network namespace up.
  ///
  /// - Throws: `SystemError` naming the link.
  public init(_ name: String) throws(SystemError) {
    self.name = name
    let index = unsafe lx_link_index(name)
    guard index > 0 else { throw SystemError("if_nametoindex(3)", Errno(Int32(-index)), name) }
    let route = try RouteSocket(name)
    // struct ifaddrmsg: family, prefix length, flags, scope, index.
    try route.send(
      MovingLink.getAddress, flags: 0x300 /* NLM_F_DUMP */, [0, 0, 0, 0] + bytes(UInt32(0)))
    addresses = try route.receiveAll(MovingLink.newAddress).compactMap { message in
      guard message.count >= 8, number(message, 4) == UInt32(index), message[3] == 0 else {
        return nil
      }
      return MovingLink.essentials(message)
    }
  }

  /// The address, its broadcast address and flags; nil unless it is permanent.
  private static func essentials(_ message: [UInt8]) -> [UInt8]? {
    var result = Array(message[..<8])
    var flags = UInt32(message[2])
    for (type, value) in attributes(message, from: 8) {
      switch type {
      case 1, 2, 4: result += attribute(type, value)  // IFA_ADDRESS, IFA_LOCAL, IFA_BROADCAST
      case 8: flags = number(value, 0)  // IFA_FLAGS
      default: break
      }
    }
    guard flags & 0x80 != 0 else { return nil }  // IFA_F_PERMANENT
    result[2] = 0
    // Only "no duplicate address detection", which took place where the address came from.
    return result + attribute(8, bytes(result[0] == 10 ? UInt32(0x02) : 0))
  }

  /// Moves it from this network namespace into another, under a name of its own there.
  ///
  /// - Throws: `SystemError` naming the link; EEXIST when the name is taken there.
  public func move(to namespace: Int32, as newName: String) throws(SystemError) {
    try MovingLink.move(name, to: namespace, as: newName)
  }

  private static func move(_ name: String, to namespace: Int32, as newName: String)
    throws(SystemError)
  {
    let index = unsafe lx_link_index(name)
    guard index > 0 else { throw SystemError("if_nametoindex(3)", Errno(Int32(-index)), name) }
    // A link that is up cannot take another name; ifi_change says that only IFF_UP is meant.
    let message =
      header(index, flags: 0) + attribute(28, bytes(UInt32(bitPattern: namespace)))  // NET_NS_FD
      + attribute(3, Array(newName.utf8) + [0])  // IFLA_IFNAME
    let route = try RouteSocket(name)
    try route.change(MovingLink.newLink, header(index, flags: 0))
    try route.change(MovingLink.newLink, message)
  }

  /// After the move, in the new namespace: gives it its addresses back and sets it up.
  ///
  /// - Throws: `SystemError` naming the link.
  public func settle(as name: String) throws(SystemError) {
    let index = unsafe lx_link_index(name)
    guard index > 0 else { throw SystemError("if_nametoindex(3)", Errno(Int32(-index)), name) }
    let route = try RouteSocket(name)
    for address in addresses {
      var message = address
      message.replaceSubrange(4..<8, with: bytes(UInt32(index)))
      // NLM_F_CREATE | NLM_F_REPLACE
      try route.change(MovingLink.newAddress, message, flags: 0x500)
    }
    try route.change(MovingLink.newLink, header(index, flags: 1))
  }

  /// Fetches it back from the network namespace `namespace`, where it is named `newName`, into the
  /// caller's, under its old name and with its addresses.
  ///
  /// - Throws: `SystemError` naming the link.
  public func fetch(
    from namespace: Int32, named newName: String
  ) throws(SystemError) {
    let home = try File.open("/proc/self/ns/net", .readOnly)
    let helper = try Processes.clone([])
    if helper == 0 {
      do throws(SystemError) {
        try Processes.join(namespace, .network, name: "network namespace")
        try MovingLink.move(newName, to: home.raw, as: name)
        Processes.exit(0)
      } catch { Processes.exit(error.errno.code) }
    }
    switch try Processes.wait(helper).0 {
    case .exited(0): try settle(as: name)
    case .exited(let code): throw SystemError("RTM_NEWLINK", Errno(code), newName)
    case .signalled: throw SystemError("RTM_NEWLINK", Errno(4), newName)
    }
  }
}

/// struct ifinfomsg with IFF_UP set or cleared, netdevice(7).
private func header(_ index: Int, flags: UInt32) -> [UInt8] {
  [0, 0, 0, 0] + bytes(UInt32(index)) + bytes(flags) + bytes(UInt32(1))
}
