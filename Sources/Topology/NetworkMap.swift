// The network as the kernel has it now, over all namespaces that can be reached:
//
//     Discovery.swift          which network namespaces there are
//     NamespaceReader.swift    links, addresses, routes, neighbours and switches of one (rtnetlink(7))
//     NetworkMap.swift         all of them, and which veth is whose other end (veth(4))
//     Ruleset.swift, Rule*     what nf_tables does with a packet
//     Published.swift          the ports that its rules publish
//     Trace/                   the way of one packet through all of it
//     Drawing/                 the map as a picture: in the terminal, as SVG, as JSON

package import Linux

/// A network namespace and what is in it.
package struct NetworkNamespace: Sendable {
  /// Its number, which names it while it lives: `net:[4026531840]`.
  package let inode: UInt64
  /// How people know it: containers in it, its name under /run/netns; the first one comes first.
  package var names: [String] = []
  /// Processes in it, the lowest first.
  package var pids: [Int32] = []
  /// The name of the first of them, as /proc/PID/comm has it.
  package var command = ""
  /// Whether it is the one of who asks.
  package var isOwn = false
  /// Whether containers are known to be in it.
  package var isContainer = false
  /// In the kernel's order.
  package var links: [NetworkLink] = []
  /// Of the tables main and local.
  package var routes: [Route] = []
  /// ARP's and NDP's tables.
  package var neighbours: [Neighbour] = []
  /// What bridges and VXLAN tunnels know: where a hardware address is.
  package var forwarding: [ForwardingEntry] = []
  /// net.ipv4.ip_forward, `net.bridge.…` and so on, by their names in /proc/sys/net; nil is unknown.
  package var switches: [String: Int] = [:]
  /// What could not be read, and why.
  package var problems: [String] = []

  /// Made up, or to be filled by the reader.
  package init(inode: UInt64) { self.inode = inode }

  /// How a drawing calls it.
  package var name: String {
    if let first = names.first { return first }
    if isOwn { return "host" }
    // The first process, and the first of the kernel's threads.
    if pids.contains(1) || command == "kthreadd" { return "machine" }
    guard let pid = pids.first else { return "net:[\(inode)]" }
    return command.isEmpty ? "PID \(pid)" : "\(command) (PID \(pid))"
  }

  /// A link by its number here.
  package func link(_ index: UInt32) -> NetworkLink? { links.first { $0.index == index } }

  /// A link by its name.
  package func link(named name: String) -> NetworkLink? { links.first { $0.name == name } }

  /// The ports of a bridge.
  package func ports(of bridge: UInt32) -> [NetworkLink] { links.filter { $0.master == bridge } }

  /// Whether an address is one of its own.
  package func has(_ address: IPAddress) -> Bool {
    links.contains { $0.assigned.contains { $0.address == address } }
      || (address.isLoopback && !address.isV6)
  }

  /// Whether it connects others, as a host does, more than being connected.
  package var isHost: Bool {
    isOwn || links.contains { $0.kind == "bridge" || $0.kind == "vxlan" }
  }
}

/// One entry of the routing tables (ip-route(8)).
package struct Route: Equatable, Sendable {
  /// Where to; length 0 is the default route.
  package var destination: IPPrefix
  /// 1 unicast, 2 local, 3 broadcast, 5 multicast, 6 blackhole, 7 unreachable, 8 prohibit.
  package var type: UInt8
  /// 254 main, 255 local.
  package var table: UInt32
  /// By whom.
  package var gateway: IPAddress?
  /// By which link.
  package var link: UInt32?
  /// The own address that is used.
  package var source: IPAddress?
  /// The lower, the sooner.
  package var metric: UInt32 = 0
}

/// Whose hardware address an address has.
package struct Neighbour: Equatable, Sendable {
  /// The link it is behind.
  package var link: UInt32
  /// The address.
  package var address: IPAddress
  /// Its hardware address; empty when nobody answered.
  package var hardware: String
  /// NUD_ bits: 0x20 failed, 0x80 permanent, 0x02 reachable.
  package var state: UInt16
  /// Whether nobody answered.
  package var isFailed: Bool { state & 0x21 != 0 && state & 0xde == 0 }
}

/// What a bridge or a tunnel knows of a hardware address (bridge(8), "fdb").
package struct ForwardingEntry: Equatable, Sendable {
  /// The port or the tunnel.
  package var link: UInt32
  /// The address; all zeros is "all others".
  package var hardware: String
  /// A VXLAN tunnel's peer.
  package var remote: IPAddress?
  /// The bridge that it is an entry of.
  package var master: UInt32?
}

/// The place of a link: the namespace by its place in the map, and the number there.
package struct LinkEnd: Hashable, Sendable {
  /// Which of the map's namespaces.
  package let namespace: Int
  /// Which link there.
  package let link: UInt32

  /// Names one.
  package init(_ namespace: Int, _ link: UInt32) {
    self.namespace = namespace
    self.link = link
  }
}

/// All namespaces, and how they are connected.
package struct NetworkMap: Sendable {
  /// The caller's own first, hosts before others.
  package var namespaces: [NetworkNamespace]
  /// The other end of each veth that has been found, both ways.
  package var wires: [LinkEnd: LinkEnd]

  /// Made up.
  package init(_ namespaces: [NetworkNamespace], wires: [LinkEnd: LinkEnd]) {
    self.namespaces = namespaces
    self.wires = wires
  }

  /// The caller's own namespace.
  package var own: Int? { namespaces.firstIndex { $0.isOwn } }

  /// A veth's other end.
  package func otherEnd(of end: LinkEnd) -> LinkEnd? { wires[end] }

  /// Namespaces and pairs that share nothing with a bridge left out.
  package func limited(toBridge name: String) -> NetworkMap? {
    guard
      let host = namespaces.firstIndex(where: { space in
        space.links.contains { $0.name == name && $0.kind == "bridge" }
      }), let bridge = namespaces[host].link(named: name)
    else { return nil }
    var kept = [Int: Set<UInt32>]()
    kept[host] = [bridge.index]
    for port in namespaces[host].ports(of: bridge.index) {
      kept[host, default: []].insert(port.index)
      if let end = wires[LinkEnd(host, port.index)] {
        kept[end.namespace, default: []].insert(end.link)
      }
    }
    var result = [NetworkNamespace]()
    var places = [Int: Int]()
    for (at, space) in namespaces.enumerated() {
      guard let links = kept[at] else { continue }
      var space = space
      space.links.removeAll { !links.contains($0.index) }
      places[at] = result.count
      result.append(space)
    }
    var wires = [LinkEnd: LinkEnd]()
    for (one, other) in self.wires {
      guard let from = places[one.namespace], kept[one.namespace]?.contains(one.link) == true,
        let to = places[other.namespace], kept[other.namespace]?.contains(other.link) == true
      else { continue }
      wires[LinkEnd(from, one.link)] = LinkEnd(to, other.link)
    }
    return NetworkMap(result, wires: wires)
  }
}
