import Linux
import Testing

@testable import Topology

/// Pairs, sockets and routes from what the kernel tells.
@Suite struct MapTests {
  @Test func pairsAreMatchedBothWays() {
    func space(_ inode: UInt64, _ ends: [(UInt32, UInt32, Int32)]) -> NetworkNamespace {
      var space = NetworkNamespace(inode: inode)
      space.links = ends.map { Stage.veth($0.0, peer: $0.1, nsid: $0.2) }
      return space
    }
    // Two containers with the same numbers: only the namespaces' numbers tell them apart.
    let spaces = [space(1, [(5, 2, 0), (6, 2, 1)]), space(2, [(2, 5, 7)]), space(3, [(2, 6, 7)])]
    let known: [[Int]: Int32] = [[0, 1]: 0, [0, 2]: 1, [1, 0]: 7, [2, 0]: 7]
    let wires = Wires.match(spaces) { known[[$0, $1]] }
    #expect(wires[LinkEnd(0, 5)] == LinkEnd(1, 2) && wires[LinkEnd(2, 2)] == LinkEnd(0, 6))
    #expect(wires.count == 4)
    // The number says that it is somebody else's.
    #expect(Wires.match(spaces) { _, _ in 9 }.isEmpty)
    let twins = [space(1, [(5, 2, -1)]), space(2, [(2, 5, -1)]), space(3, [(2, 5, -1)])]
    #expect(Wires.match(twins) { _, _ in nil }.isEmpty)
  }

  @Test func listeningSockets() throws {
    let tcp = "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 77 1"
    let socket = try #require(ListeningSocket(tcp, state: "0A"))
    #expect("\(socket.address)" == "127.0.0.1" && socket.port == 8080 && socket.inode == 77)
    #expect(ListeningSocket(tcp, state: "07") == nil && ListeningSocket("", state: "0A") == nil)
    let all = try #require(
      ListeningSocket(
        "1: 00000000000000000000000000000000:0050 x 0A 0 0 0 0 0 5 1", state: "0A"))
    let v4 = try #require(IPAddress("10.0.0.1"))
    #expect(all.takes(v4) && !socket.takes(v4))
    let mapped = try #require(
      ListeningSocket(
        "1: 0000000000000000FFFF00000100000A:0050 x 0A 0 0 0 0 0 5 1", state: "0A"))
    let other = try #require(IPAddress("10.0.0.2"))
    #expect(mapped.takes(v4) && !mapped.takes(other))
    for length in 0..<tcp.count { _ = ListeningSocket(tcp.prefix(length), state: "0A") }
  }

  @Test func routesAndNeighboursAreBorneInPieces() {
    let route: [UInt8] = [2, 16, 0, 0, 254, 3, 0, 1, 0, 0, 0, 0, 8, 0, 1, 0, 10, 200, 0, 0]
    #expect(Route(route)?.destination == IPPrefix("10.200.0.0/16"))
    for length in route.indices { _ = Route(Array(route[..<length])) }
    #expect(Route([2, 99] + route.dropFirst(2)) == nil)
    #expect(Neighbour([]) == nil && ForwardingEntry([7]) == nil)
  }
}

/// Namespaces made up.
enum Stage {
  static func veth(_ index: UInt32, peer: UInt32, nsid: Int32) -> NetworkLink {
    // struct ifinfomsg with IFF_UP and IFF_LOWER_UP, IFLA_IFNAME, MTU, LINK, LINK_NETNSID, LINKINFO
    let name = Array("v\(index)".utf8) + [0]
    let kind = attribute(1, Array("veth".utf8) + [0])
    let message =
      [0, 0, 1, 0] + bytes(index) + bytes(0x1_0001) + bytes(0) + attribute(3, name)
      + attribute(4, bytes(1500)) + attribute(5, bytes(peer))
      + attribute(37, bytes(UInt32(bitPattern: nsid))) + attribute(18, kind)
    return made(message)
  }

  /// A host with a bridge, `names` on it, a tunnel, and ports.
  static func map(_ names: [String]) -> NetworkMap {
    var host = NetworkNamespace(inode: 4_026_531_840)
    host.isOwn = true
    host.switches["ipv4/ip_forward"] = 1
    let count = UInt32(names.count)
    var bridge = made(message(100, "drydock0", kind: "bridge"))
    bridge.assigned = [LinkAddress(address("10.200.0.1"), length: 16)]
    var tunnel = made(message(101, "vxlan42", kind: "vxlan"))
    tunnel.tunnel = Tunnel(id: 42, port: 4789, remote: IPAddress("192.168.7.2"))
    tunnel.master = 100
    host.links = [bridge, tunnel]
    var spaces = [NetworkNamespace]()
    var wires = [LinkEnd: LinkEnd]()
    for index in 0..<count {
      var port = veth(10 + index, peer: 2, nsid: Int32(index))
      port.master = 100
      host.links.insert(port, at: Int(index) + 1)
      var space = NetworkNamespace(inode: 4_026_540_000 + UInt64(index))
      space.names = [names[Int(index)]]
      var end = veth(2, peer: 10 + index, nsid: 0)
      end.name = "eth0"
      end.assigned = [
        LinkAddress(address("10.200.0.2").advanced(by: Int(index)), length: 16),
        LinkAddress(address("fd00:200::2").advanced(by: Int(index)), length: 64),
      ]
      space.links = [end]
      spaces.append(space)
      wires[LinkEnd(0, 10 + index)] = LinkEnd(Int(index) + 1, 2)
      wires[LinkEnd(Int(index) + 1, 2)] = LinkEnd(0, 10 + index)
    }
    return NetworkMap([host] + spaces, wires: wires)
  }

  /// An empty name shows that a message of this file is wrong.
  private static func made(_ message: [UInt8]) -> NetworkLink {
    NetworkLink(message) ?? NetworkLink(named: "")
  }

  private static func address(_ text: String) -> IPAddress {
    IPAddress(text) ?? IPAddress(v4: 0)
  }

  private static func message(_ index: UInt32, _ name: String, kind: String) -> [UInt8] {
    [0, 0, 1, 0] + bytes(index) + bytes(0x1_0001) + bytes(0)
      + attribute(3, Array(name.utf8) + [0]) + attribute(4, bytes(1500))
      + attribute(18, attribute(1, Array(kind.utf8) + [0]))
  }
}
