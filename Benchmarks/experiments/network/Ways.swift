import BenchmarkKit
import Linux
import Measure

// The ways that are compared, from a host's own loopback to another host's containers.

extension Way {
  /// What this project's engine and the kernel without any engine have to offer.
  static func all(_ ground: Ground) throws(ExperimentError) -> [Way] {
    let host = try Host.drydock(ground, try ground.drydock())
    return try engine(host) + bare(ground) + [routed(host), overlay(ground)]
  }

  /// What this project's engine, podman and Docker have to offer: the latter are held against the same
  /// way of the first.
  static func engines(_ ground: Ground) throws(ExperimentError) -> [Way] {
    let host = try Host.drydock(ground, try ground.drydock())
    var ways = try engine(host)
    ways.removeAll { $0.kind == "host" }
    for index in ways.indices { ways[index].control = nil }
    for peer in try Host.peers(ground, archive: ground.archive(of: host.engine), proxied: true) {
      ways += try engine(peer)
    }
    return ways
  }

  /// What the kernel does without any engine.
  private static func bare(_ ground: Ground) throws(ExperimentError) -> [Way] {
    let one = try Space("a namespace", ground)
    let two = try Space("another namespace", ground)
    try one.join(two, link: "eth0", net: 202)
    try Traffic.serve(in: one, ground)
    return [
      Way("lo", client: one, "127.0.0.1", 80, passes: (one, "lo"), control: nil),
      Way("veth", client: two, "10.200.202.1", 80, passes: (two, "eth0"), control: "lo"),
    ]
  }

  /// An engine's bridge and published port, by its own default network.
  ///
  /// Where the bytes must be seen is the last stretch, for all of them.
  static func engine(_ host: Host) throws(ExperimentError) -> [Way] {
    let name = host.engine.name
    let (one, address) = try host.container("one", ["-p", "8080:80"])
    let (two, _) = try host.container("two")
    try Traffic.serve(in: one, host.ground)
    let isOurs = !host.engine.isPeer
    let proxy =
      isOurs ? try host.process("drydock-publish") : try host.process("docker-proxy", "0.0.0.0")
    func way(
      _ kind: String, _ client: Space, _ address: String, _ port: Int, control: String,
      isRelayed: Bool = false
    ) -> Way {
      var way = Way(
        kind, client: client, address, port, passes: (one, "eth0"),
        control: isOurs ? control : kind)
      way.proxy = proxy
      way.isRelayed = isRelayed
      if !isOurs {
        way.name = "\(name)-\(kind)"
        way.engine = name
      }
      return way
    }
    if name == "docker-proxy" {
      var relay = way(
        "relay", host.space, "127.0.0.1", 8080, control: "relay", isRelayed: true)
      relay.name = name
      return [relay]
    }
    var ways = [
      way("published", host.outside, "10.200.201.1", 8080, control: "veth"),
      way("bridge", two, address, 80, control: "veth"),
      way("loopback", host.space, "127.0.0.1", 8080, control: "host"),
    ]
    if isOurs {
      ways += [
        way("host", host.space, address, 80, control: "lo"),
        way("relay", host.space, "[::1]", 8080, control: "host", isRelayed: true),
      ]
    }
    return ways
  }

  /// From outside without translation: a network that is open to all.
  private static func routed(_ host: Host) throws(ExperimentError) -> Way {
    try host.must(
      host.engine(
        "network", "create", "--subnet", "10.200.32.0/24", "-o", "gateway_mode=routed", "open"))
    let (space, address) = try host.container("open", network: "open")
    try Traffic.serve(in: space, host.ground)
    return Way(
      "routed", client: host.outside, address, 80, passes: (space, "eth0"), control: "veth")
  }

  /// Two hosts and a VXLAN between their bridges (RFC 7348).
  ///
  ///     one ── eth0 ═ v ─ br0 ─ vx ─ eth0 ═══ eth0 ─ vx ─ br0 ─ v ═ eth0 ── two
  private static func overlay(_ ground: Ground) throws(ExperimentError) -> Way {
    let hosts = [
      try Space("a VXLAN host", ground), try Space("another VXLAN host", ground),
    ]
    let inside = [
      try Space("a VXLAN host's container", ground), try Space("another's container", ground),
    ]
    try hosts[0].join(hosts[1], link: "eth0", net: 203)
    for turn in 0..<2 {
      try hosts[turn].ip(
        """
        link add br0 type bridge
        link add vx type vxlan id 77 dstport 4789 local 10.200.203.\(turn + 1) remote \
        10.200.203.\(2 - turn) dev eth0
        link set vx master br0 up
        link add v mtu 1450 type veth peer name eth0 mtu 1450 netns \(inside[turn].path)
        link set v master br0 up
        link set br0 up
        """)
      try inside[turn].ip("address add 10.200.33.\(turn + 1)/24 dev eth0\nlink set eth0 up")
    }
    try Traffic.serve(in: inside[0], ground)
    return Way(
      "vxlan", client: inside[1], "10.200.33.1", 80, passes: (hosts[0], "vx"), control: "veth")
  }
}
