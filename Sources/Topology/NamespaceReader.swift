// The answers of rtnetlink(7) that are not links or addresses:
//
//   struct rtmsg   family u8, dst_len u8, src_len u8, tos u8, table u8, protocol u8, scope u8,
//                  type u8, flags u32
//   struct ndmsg   family u8, pad[3], ifindex s32, state u16, flags u8, type u8

package import Linux

/// A namespace that is held open: its descriptor and a socket that speaks for it.
package final class OpenNamespace {
  /// Holds it, so that the number means no other.
  package let descriptor: Descriptor
  /// Speaks rtnetlink(7) for it.
  package let socket: RouteSocket
  /// Its number.
  package let inode: UInt64

  /// Opens one by a file of /proc/PID/ns or a mount of it.
  ///
  /// - Throws: `SystemError` naming the path; EPERM without CAP_SYS_ADMIN.
  package init(_ path: String) throws(SystemError) {
    let descriptor = try File.open(path, .readOnly)
    inode = try File.status(descriptor.procPath).inode
    socket = try RouteSocket.opened(in: descriptor.raw, path)
    self.descriptor = descriptor
  }

  /// Does something in it; see `Processes.visiting`.
  ///
  /// - Throws: `SystemError`.
  package func visit<Value>(
    _ body: () throws(SystemError) -> Value
  ) throws(SystemError) -> Value {
    try Processes.visiting(descriptor.raw, "net:[\(inode)]", body)
  }

  /// The number that this namespace has for another; nil when it has none (RTM_GETNSID).
  package func number(of other: OpenNamespace) -> Int32? {
    let body = [0, 0, 0, 0] + attribute(3, bytes(UInt32(bitPattern: other.descriptor.raw)))
    // A namespace that has no number here is not the other end of anything here.
    guard let answer = try? socket.ask(90, body, answers: 88) else { return nil }
    return attributes(answer, from: 4).first { $0.0 == 1 }
      .map { Int32(bitPattern: Linux.number($0.1, 0)) }
  }
}

extension NetworkNamespace {
  /// Reads all of a namespace.
  ///
  /// What the kernel does not tell is noted in `problems`.
  mutating func read(_ place: OpenNamespace) {
    func reading<Value>(_ what: String, _ body: () throws(SystemError) -> [Value]) -> [Value] {
      do throws(SystemError) {
        return try body()
      } catch {
        problems.append("\(what): \(error.text)")
        return []
      }
    }
    links = reading("RTM_GETLINK") { () throws(SystemError) in try NetworkLink.all(place.socket) }
    let header = [UInt8](repeating: 0, count: 12)
    routes = reading("RTM_GETROUTE") { () throws(SystemError) in
      try place.socket.dump(26, header, answers: 24)
    }.compactMap { Route($0) }
    neighbours = reading("RTM_GETNEIGH") { () throws(SystemError) in
      try place.socket.dump(30, header, answers: 28)
    }.compactMap { Neighbour($0) }
    if links.contains(where: { $0.kind == "bridge" || $0.kind == "vxlan" }) {
      forwarding = reading("RTM_GETNEIGH AF_BRIDGE") { () throws(SystemError) in
        try place.socket.dump(30, [7] + header.dropFirst(), answers: 28)
      }.compactMap { ForwardingEntry($0) }
    }
    do throws(SystemError) {
      let names = links.map { $0.name }
      switches = try place.visit { () throws(SystemError) in NetworkNamespace.switches(names) }
    } catch {
      problems.append(error.text)
    }
  }

  /// The settings of /proc/sys/net that decide about a packet, in the namespace of the thread.
  private static func switches(_ links: [String]) -> [String: Int] {
    var names = [
      "ipv4/ip_forward", "ipv4/conf/all/route_localnet", "ipv4/conf/all/rp_filter",
      "ipv6/conf/all/forwarding", "bridge/bridge-nf-call-iptables",
      "bridge/bridge-nf-call-ip6tables",
    ]
    for link in links where !link.contains("/") && link != "lo" {
      names += ["ipv4/conf/\(link)/route_localnet", "ipv4/conf/\(link)/rp_filter"]
    }
    var values = [String: Int]()
    for name in names {
      // Not every kernel has br_netfilter or IPv6: what is missing stays unknown.
      guard let text = try? File.text("/proc/sys/net/" + name, limit: 4096) else { continue }
      values[name] = Int(text.trimmedLine)
    }
    return values
  }
}

extension Route {
  init?(_ message: [UInt8]) {
    guard message.count >= 12, message[0] == 2 || message[0] == 10 else { return nil }
    let isV6 = message[0] == 10
    type = message[7]
    table = UInt32(message[4])
    var base = IPAddress(0, isV6: isV6)
    for (kind, value) in attributes(message, from: 12) {
      switch kind {
      case 1: base = IPAddress(bytes: value) ?? base  // RTA_DST
      case 4: link = number(value, 0)  // RTA_OIF
      case 5: gateway = IPAddress(bytes: value)  // RTA_GATEWAY
      case 6: metric = number(value, 0)  // RTA_PRIORITY
      case 7: source = IPAddress(bytes: value)  // RTA_PREFSRC
      case 15: table = number(value, 0)  // RTA_TABLE
      default: break
      }
    }
    guard base.isV6 == isV6, Int(message[1]) <= base.bits else { return nil }
    destination = IPPrefix(base, length: Int(message[1]))
  }

  /// Asks the kernel which route a packet takes, as `ip route get` does.
  ///
  /// - Parameters:
  ///   - destination: where to.
  ///   - source: where from; nil leaves the choice to the kernel.
  ///   - input: the link it came in by; nil for one that is made here.
  ///   - mark: its mark (meta mark).
  ///   - place: the namespace.
  /// - Returns: The route that it takes.
  /// - Throws: `SystemError`: ENETUNREACH without a route, EHOSTUNREACH where forwarding is off,
  ///   EINVAL or EXDEV for a source that cannot be (martian; rp_filter).
  package static func lookup(
    to destination: IPAddress, from source: IPAddress? = nil, input: UInt32? = nil,
    mark: UInt32 = 0, in place: OpenNamespace
  ) throws(SystemError) -> Route {
    var body = [UInt8](repeating: 0, count: 12)
    body[0] = destination.isV6 ? 10 : 2
    body[1] = UInt8(destination.bits)
    body += attribute(1, destination.bytes)
    if let source {
      body[2] = UInt8(source.bits)
      body += attribute(2, source.bytes)  // RTA_SRC
    }
    if let input { body += attribute(3, bytes(input)) }  // RTA_IIF
    if mark != 0 { body += attribute(16, bytes(mark)) }  // RTA_MARK
    guard let answer = try place.socket.ask(26, body, answers: 24), let route = Route(answer) else {
      throw SystemError("RTM_GETROUTE", Errno(5), "\(destination)")
    }
    return route
  }
}

extension Neighbour {
  init?(_ message: [UInt8]) {
    guard message.count >= 12, message[0] == 2 || message[0] == 10 else { return nil }
    link = number(message, 4)
    state = UInt16(message[8]) | UInt16(message[9]) << 8
    hardware = ""
    var found: IPAddress?
    for (kind, value) in attributes(message, from: 12) {
      if kind == 1 { found = IPAddress(bytes: value) }  // NDA_DST
      if kind == 2 { hardware = NetworkLink.colons(value) }  // NDA_LLADDR
    }
    guard let found else { return nil }
    address = found
  }
}

extension ForwardingEntry {
  init?(_ message: [UInt8]) {
    guard message.count >= 12, message[0] == 7 else { return nil }
    link = number(message, 4)
    hardware = ""
    for (kind, value) in attributes(message, from: 12) {
      switch kind {
      case 1: remote = IPAddress(bytes: value)  // NDA_DST
      case 2: hardware = NetworkLink.colons(value)  // NDA_LLADDR
      case 9: master = number(value, 0)  // NDA_MASTER
      default: break
      }
    }
    guard !hardware.isEmpty else { return nil }
  }
}
