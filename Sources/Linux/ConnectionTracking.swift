// The kernel's table of connections (linux/netfilter/nfnetlink_conntrack.h). An entry is made by the
// first packet and keeps its address translation as long as packets come: rules that were changed do
// not reach it. TCP ends by itself; a UDP client that goes on sending from one port would be led to
// where a container was for ever.
//
//   message  u8 family, u8 version, u16 resource
//            CTA_TUPLE_ORIG 1, nested      what the client sent
//              CTA_TUPLE_IP 1              source 1 (IPv4) or 3 (IPv6), destination 2 or 4
//              CTA_TUPLE_PROTO 2           number 1, source port 2, destination port 3
//            CTA_TUPLE_REPLY 2, nested     what is expected back: its source is the container

/// Connections that the kernel remembers.
public enum ConnectionTracking {
  /// A way into a container by UDP.
  public struct Way: Hashable, Sendable {
    /// The port that clients send to.
    public let port: UInt16
    /// Where that was led.
    public let target: SocketAddress

    /// Names a way.
    public init(port: UInt16, target: SocketAddress) {
      self.port = port
      self.target = target
    }
  }

  private static let get: UInt16 = 0x101  // NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET
  private static let new: UInt16 = 0x100
  private static let delete: UInt16 = 0x102
  private static let udp: UInt8 = 17

  /// Forgets UDP's connections by these ways: the next datagram of each is looked at anew.
  ///
  /// - Throws: `SystemError`; EPERM without CAP_NET_ADMIN, EINVAL or EOPNOTSUPP when this kernel
  ///   lacks CONFIG_NF_CT_NETLINK.
  public static func forget(_ ways: Set<Way>) throws(SystemError) {
    if ways.isEmpty { return }
    let socket = try RouteSocket(netfilter: "connection tracking")
    try socket.send(get, flags: 0x300 /* NLM_F_DUMP */, [0, 0, 0, 0])
    for entry in try socket.receiveAll(new) {
      let parts = attributes(entry, from: 4)
      guard let original = parts.first(where: { $0.0 == 1 })?.1,
        let reply = parts.first(where: { $0.0 == 2 })?.1,
        let sent = Tuple(original), let answered = Tuple(reply), sent.number == udp,
        ways.contains(Way(port: sent.destinationPort, target: answered.source))
      else { continue }
      // Zone 18, when it has one, is a part of its name.
      let zone = parts.first { $0.0 == 18 }.map { attribute(18, $0.1) } ?? []
      do throws(SystemError) {
        try socket.change(delete, [entry[0], 0, 0, 0] + attribute(0x8001, original) + zone)
      } catch  where error.errno == .noEntry {
        // It has run out meanwhile.
      }
    }
  }

  private struct Tuple {
    var number: UInt8 = 0
    var destinationPort: UInt16 = 0
    let source: SocketAddress

    init?(_ bytes: [UInt8]) {
      var address: IPAddress?
      var port: UInt16 = 0
      for (kind, nested) in attributes(bytes, from: 0) {
        for (part, value) in attributes(nested, from: 0) {
          switch (kind, part) {
          case (1, 1), (1, 3): address = IPAddress(bytes: value)
          case (2, 1): number = value.first ?? 0
          case (2, 2): port = Tuple.port(value)
          case (2, 3): destinationPort = Tuple.port(value)
          default: break
          }
        }
      }
      guard let address else { return nil }
      source = SocketAddress(address, port)
    }

    private static func port(_ bytes: [UInt8]) -> UInt16 {
      bytes.reduce(0) { $0 << 8 | UInt16($1) }
    }
  }
}
