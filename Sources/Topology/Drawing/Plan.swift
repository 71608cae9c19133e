package import Linux
internal import Measure

/// What a drawing shows and where it belongs: hosts, their bridges, and what hangs on them.
///
/// The same for the terminal, SVG and JSON.
package struct Plan: Sendable {
  /// What is behind a link.
  package enum End: Sendable {
    /// The other end of a pair: a namespace and its link.
    case pair(Int, NetworkLink)
    /// A tunnel's peers.
    case tunnel(Tunnel, [IPAddress])
    /// A pair whose other end cannot be seen.
    case unseen
    /// Hardware, or another kind of link.
    case none
  }

  /// A link of a host and what is behind it.
  package struct Port: Sendable {
    /// On the host.
    package let link: NetworkLink
    /// Behind it.
    package let end: End
    /// Whether packets can pass: both ends are up.
    package let isUp: Bool
  }

  /// A bridge.
  package struct Switch: Sendable {
    /// Itself.
    package let bridge: NetworkLink
    /// In the kernel's order, tunnels last.
    package let ports: [Port]
  }

  /// A namespace with a box of its own.
  package struct Host: Sendable {
    /// Which of the map's namespaces.
    package let namespace: Int
    /// Links that are not a bridge's.
    package let links: [Port]
    /// Its bridges.
    package let switches: [Switch]
    /// The ports that its rules publish.
    package let published: [PublishedPort]
  }

  /// The map it was made of.
  package let map: NetworkMap
  /// Boxes of their own.
  package private(set) var hosts: [Host] = []
  /// Namespaces that nothing is connected to.
  package private(set) var alone: [Int] = []

  /// Arranges a map.
  ///
  /// - Parameters:
  ///   - map: what to show.
  ///   - rules: the rules of namespaces, by their inode.
  package init(_ map: NetworkMap, rules: [UInt64: Ruleset] = [:]) {
    self.map = map
    var shown = Set<Int>()
    // Hosts first, then whatever else is connected and not shown beside a host.
    let spaces = map.namespaces.indices
    let own = spaces.filter { map.namespaces[$0].isHost }
    for at in own + spaces.filter({ !own.contains($0) })
    where map.namespaces[at].isHost || !shown.contains(at) {
      let host = Plan.host(at, map, rules[map.namespaces[at].inode])
      guard map.namespaces[at].isHost || !host.links.isEmpty else {
        alone.append(at)
        continue
      }
      hosts.append(host)
      shown.insert(at)
      for port in host.links + host.switches.flatMap({ $0.ports }) {
        if case .pair(let other, _) = port.end { shown.insert(other) }
      }
    }
  }

  private static func host(_ at: Int, _ map: NetworkMap, _ rules: Ruleset?) -> Host {
    let space = map.namespaces[at]
    let bridges = space.links.filter { $0.kind == "bridge" }
    let ids = Set(bridges.map { $0.index })
    let switches = bridges.map { bridge in
      let ports = space.ports(of: bridge.index).map { port($0, at, map) }
      return Switch(
        bridge: bridge, ports: ports.filter { !$0.isTunnel } + ports.filter { $0.isTunnel })
    }
    let links = space.links.filter { link in
      link.name != "lo" && link.kind != "bridge" && !(link.master.map { ids.contains($0) } ?? false)
        && !isUnused(link)
    }
    return Host(
      namespace: at, links: links.map { port($0, at, map) }, switches: switches,
      published: rules.map { PublishedPort.all($0) } ?? [])
  }

  /// The kernel makes some devices in every namespace (tunl0, sit0); they are down and have nothing.
  private static func isUnused(_ link: NetworkLink) -> Bool {
    !link.isUp && link.assigned.isEmpty
      && [
        "ipip", "sit", "gre", "ip6tnl", "vti", "vti6", "ip6gre",
        "gretap", "erspan", "ip6_vti", "bond", "dummy", "ifb",
      ].contains(link.kind)
  }

  private static func port(_ link: NetworkLink, _ at: Int, _ map: NetworkMap) -> Port {
    let own = link.isUp && link.hasCarrier
    if let tunnel = link.tunnel {
      let entries = map.namespaces[at].forwarding.filter { $0.link == link.index }
      var peers = [tunnel.remote].compactMap { $0 }
      for remote in entries.compactMap({ $0.remote }) where !peers.contains(remote) {
        peers.append(remote)
      }
      return Port(link: link, end: .tunnel(tunnel, peers.sorted()), isUp: own)
    }
    guard link.kind == "veth" else { return Port(link: link, end: .none, isUp: own) }
    guard let end = map.otherEnd(of: LinkEnd(at, link.index)),
      let other = map.namespaces[end.namespace].link(end.link)
    else { return Port(link: link, end: .unseen, isUp: own) }
    return Port(link: link, end: .pair(end.namespace, other), isUp: own && other.isUp)
  }

  /// Who has an address: the name of a namespace.
  package func owner(_ address: IPAddress) -> String? {
    map.namespaces.first { space in
      space.links.contains { $0.assigned.contains { $0.address == address } }
    }?.name
  }

  /// A link's addresses without those that every IPv6 link has by itself (RFC 4291, section 2.5.6).
  package static func shown(_ link: NetworkLink) -> [String] {
    link.assigned.filter { !($0.address.isV6 && $0.scope == 253) }.map { $0.description }
  }
}

extension Plan.Port {
  /// Whether it is a VXLAN tunnel.
  package var isTunnel: Bool {
    if case .tunnel = end { return true }
    return false
  }
}

/// Words that drawings have in common.
enum DrawingWords {
  static let down = Bilingual(en: "down", zh: "关闭")
  static let noCarrier = Bilingual(en: "no carrier", zh: "无载波")
  static let published = Bilingual(en: "published ports", zh: "已发布端口")
  static let alone = Bilingual(en: "connected to nothing", zh: "未连接")
  static let unseen = Bilingual(en: "somewhere not seen", zh: "看不到的地方")
  static let noPeers = Bilingual(en: "no peers", zh: "没有对端")
  static let nobody = Bilingual(en: "nobody here", zh: "本机无此地址")
  static let forwards = Bilingual(en: "forwards", zh: "转发")
  static let noForward = Bilingual(en: "does not forward", zh: "不转发")
  static let empty = Bilingual(en: "no ports", zh: "没有端口")

  /// What is wrong with a link; nil when nothing is.
  static func state(_ link: NetworkLink, _ language: Language) -> String? {
    if !link.isUp { return down[language] }
    return link.hasCarrier ? nil : noCarrier[language]
  }
}
