internal import CLinux

/// An rtnetlink(7) socket, which speaks for the network namespace it was made in.
package struct RouteSocket: ~Copyable {
  private let socket: Descriptor
  private let name: String

  /// Makes one in the network namespace of the calling thread; `name` is for errors.
  package init(_ name: String) throws(SystemError) {
    self.name = name
    socket = Descriptor(owning: Int32(try check(lx_route_socket(), "socket(2) AF_NETLINK", name)))
  }

  /// One that speaks to netfilter instead (nfnetlink); `name` is for errors.
  package init(netfilter name: String) throws(SystemError) {
    self.name = name
    socket = Descriptor(
      owning: Int32(try check(lx_netfilter_socket(), "socket(2) NETLINK_NETFILTER", name)))
  }

  /// One request: struct nlmsghdr (length, type, flags, sequence, port) and its body.
  package static func message(_ type: UInt16, flags: UInt16, _ body: [UInt8]) -> [UInt8] {
    let all = flags | 0x1  // NLM_F_REQUEST
    let kind = [UInt8(truncatingIfNeeded: type), UInt8(type >> 8)]
    let how = [UInt8(truncatingIfNeeded: all), UInt8(all >> 8)]
    return bytes(UInt32(16 + body.count)) + kind + how
      + bytes(1) + bytes(0) + body
  }

  /// Sends one request.
  package func send(_ type: UInt16, flags: UInt16, _ body: [UInt8]) throws(SystemError) {
    let message = RouteSocket.message(type, flags: flags, body)
    let sent = unsafe message.withUnsafeBytes {
      unsafe lx_send(socket.raw, $0.baseAddress, $0.count)
    }
    try check(sent, "send(2) AF_NETLINK", name)
  }

  /// A request and its acknowledgement.
  package func change(_ type: UInt16, _ body: [UInt8], flags: UInt16 = 0) throws(SystemError) {
    try send(type, flags: flags | 0x4 /* NLM_F_ACK */, body)
    _ = try receiveAll(0)
  }

  /// The bodies of all messages of a type, up to the end or the acknowledgement.
  package func receiveAll(_ wanted: UInt16) throws(SystemError) -> [[UInt8]] {
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

  /// All of one kind: a request with NLM_F_DUMP, and the bodies that answer it.
  package func dump(
    _ type: UInt16, _ header: [UInt8], answers: UInt16
  ) throws(SystemError) -> [[UInt8]] {
    try send(type, flags: 0x300, header)
    return try receiveAll(answers)
  }

  /// One question and its answer; nil when there is none.
  package func ask(
    _ type: UInt16, _ body: [UInt8], answers: UInt16
  ) throws(SystemError) -> [UInt8]? {
    // With an acknowledgement behind the answer, the end is known.
    try send(type, flags: 0x4 /* NLM_F_ACK */, body)
    return try receiveAll(answers).first
  }

  /// A socket of another network namespace.
  ///
  /// - Throws: `SystemError`; EPERM without CAP_SYS_ADMIN.
  package static func opened(
    in namespace: Int32, _ name: String
  ) throws(SystemError) -> RouteSocket {
    try Processes.visiting(namespace, name) { () throws(SystemError) in try RouteSocket(name) }
  }
}

extension Processes {
  /// Does something in another network namespace.
  ///
  /// The calling thread goes in (setns(2)), does it and comes back. Nothing else changes places, but
  /// /proc/sys/net, /proc/thread-self/net, and programs started meanwhile, are that namespace's.
  ///
  /// - Throws: `SystemError`; EPERM without CAP_SYS_ADMIN.
  package static func visiting<Value: ~Copyable>(
    _ namespace: Int32, _ name: String, _ body: () throws(SystemError) -> Value
  ) throws(SystemError) -> Value {
    let home = try File.open("/proc/thread-self/ns/net", .readOnly)
    try join(namespace, .network, name: name)
    let value: Value
    do throws(SystemError) {
      value = try body()
    } catch {
      try join(home.raw, .network, name: "the way back")
      throw error
    }
    try join(home.raw, .network, name: "the way back")
    return value
  }
}

/// struct rtattr and its value, padded (rtnetlink(3)).
package func attribute(_ type: UInt16, _ value: [UInt8]) -> [UInt8] {
  let length = UInt16(value.count + 4)
  var result = [
    UInt8(truncatingIfNeeded: length), UInt8(length >> 8), UInt8(truncatingIfNeeded: type),
    UInt8(type >> 8),
  ]
  result += value
  while result.count % 4 != 0 { result.append(0) }
  return result
}

/// The attributes behind the header of a message: type without its flags, and value.
package func attributes(_ message: [UInt8], from start: Int) -> [(UInt16, [UInt8])] {
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

/// A 32-bit number in the order that this machine and its kernel have: little-endian.
package func bytes(_ value: UInt32) -> [UInt8] {
  (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) }
}

/// The 32-bit number at a place; 0 beyond the end.
package func number(_ bytes: [UInt8], _ at: Int) -> UInt32 {
  guard at + 4 <= bytes.count else { return 0 }
  return (0..<4).reduce(0) { $0 | UInt32(bytes[at + $1]) << (8 * UInt32($1)) }
}
