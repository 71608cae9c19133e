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

/// An rtnetlink(7) socket.
private struct RouteSocket: ~Copyable {
  private let socket: Descriptor
  private let name: String

  init(_ name: String) throws(SystemError) {
    self.name = name
    socket = Descriptor(owning: Int32(try check(lx_route_socket(), "socket(2) AF_NETLINK", name)))
  }

  /// One request: struct nlmsghdr (length, type, flags, sequence, port) and its body.
  func send(_ type: UInt16, flags: UInt16, _ body: [UInt8]) throws(SystemError) {
    let all = flags | 0x1  // NLM_F_REQUEST
    let kind = [UInt8(truncatingIfNeeded: type), UInt8(type >> 8)]
    let message =
      bytes(UInt32(16 + body.count)) + kind + [UInt8(truncatingIfNeeded: all), UInt8(all >> 8)]
      + bytes(1) + bytes(0) + body
    let sent = unsafe message.withUnsafeBytes {
      unsafe lx_send(socket.raw, $0.baseAddress, $0.count)
    }
    try check(sent, "send(2) AF_NETLINK", name)
  }

  /// A request and its acknowledgement.
  func change(_ type: UInt16, _ body: [UInt8], flags: UInt16 = 0) throws(SystemError) {
    try send(type, flags: flags | 0x4 /* NLM_F_ACK */, body)
    _ = try receiveAll(0)
  }

  /// The bodies of all messages of a type, up to the end or the acknowledgement.
  func receiveAll(_ wanted: UInt16) throws(SystemError) -> [[UInt8]] {
    var bodies: [[UInt8]] = []
    while true {
      // A datagram of a dump is as long as the reader's buffer was: never over 32 KiB.
      let data = try File.readSome(socket.raw, 65_536)
      guard !data.isEmpty else { throw SystemError("recv(2) AF_NETLINK", Errno(5), name) }
      var at = 0
      while at + 16 <= data.count {
        let length = Int(number(data, at))
        guard length >= 16, at + length <= data.count else { break }
        let type = UInt16(data[at + 4]) | UInt16(data[at + 5]) << 8
        switch type {
        case 3: return bodies  // NLMSG_DONE
        case 2:  // NLMSG_ERROR, which an acknowledgement is too
          let code = length >= 20 ? Int32(bitPattern: number(data, at + 16)) : -5
          if code == 0 { return bodies }
          throw SystemError("rtnetlink(7)", Errno(-code), name)
        case wanted: bodies.append(Array(data[(at + 16)..<(at + length)]))
        default: break
        }
        at += (length + 3) & ~3
      }
    }
  }
}

/// struct ifinfomsg with IFF_UP set or cleared, netdevice(7).
private func header(_ index: Int, flags: UInt32) -> [UInt8] {
  [0, 0, 0, 0] + bytes(UInt32(index)) + bytes(flags) + bytes(UInt32(1))
}

/// struct rtattr and its value, padded (rtnetlink(3)).
private func attribute(_ type: UInt16, _ value: [UInt8]) -> [UInt8] {
  let length = UInt16(value.count + 4)
  var result = [
    UInt8(truncatingIfNeeded: length), UInt8(length >> 8), UInt8(truncatingIfNeeded: type),
    UInt8(type >> 8),
  ]
  result += value
  while result.count % 4 != 0 { result.append(0) }
  return result
}

private func attributes(_ message: [UInt8], from start: Int) -> [(UInt16, [UInt8])] {
  var list: [(UInt16, [UInt8])] = []
  var at = start
  while at + 4 <= message.count {
    let length = Int(message[at]) | Int(message[at + 1]) << 8
    guard length >= 4, at + length <= message.count else { break }
    let type = UInt16(message[at + 2]) | UInt16(message[at + 3]) << 8
    list.append((type & 0x3fff, Array(message[(at + 4)..<(at + length)])))
    at += (length + 3) & ~3
  }
  return list
}

private func bytes(_ value: UInt32) -> [UInt8] {
  (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) }
}

private func number(_ bytes: [UInt8], _ at: Int) -> UInt32 {
  guard at + 4 <= bytes.count else { return 0 }
  return (0..<4).reduce(0) { $0 | UInt32(bytes[at + $1]) << (8 * UInt32($1)) }
}
