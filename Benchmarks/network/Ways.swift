import BenchmarkKit
import Linux
import Measure

// The ways that are compared, from a host's own loopback to another host's containers.

extension Stage {
  /// All ways, the published port first: that is what the benchmark is about.
  func ways() throws(ExperimentError) -> [Way] {
    var ways: [Way] = []
    for host in hosts { ways += try engineWays(host) }
    let routed = try routedWay()
    return [ways[0]] + (try bareWays()) + ways.dropFirst() + [routed, try overlayWay()]
  }

  /// What the kernel does without any engine.
  private func bareWays() throws(ExperimentError) -> [Way] {
    let one = try Space("a namespace")
    let two = try Space("another namespace")
    try one.join(two, link: "eth0", net: 202)
    let server = try traffic.serve(in: one, port: 80)
    return [
      Way(
        name: "lo", client: one, address: "127.0.0.1", port: 80, server: server,
        passes: (one, "lo")),
      Way(
        name: "veth", client: two, address: "10.200.202.1", port: 80, server: server,
        passes: (two, "eth0")),
    ]
  }

  /// An engine's bridge and published port, by its own default network.
  private func engineWays(_ host: Host) throws(ExperimentError) -> [Way] {
    let name = host.engine.name
    let (one, address) = try host.container("one", ["-p", "8080:80"])
    let (two, _) = try host.container("two")
    let server = try traffic.serve(in: one, port: 80)
    let isDrydock = name == "drydock"
    let prefix = isDrydock ? "" : name + "-"
    let proxy =
      isDrydock
      ? try host.process("drydock-publish") : try host.process("docker-proxy", "0.0.0.0")
    func way(
      _ name: String, _ client: Space, _ address: String, _ port: Int, isRelayed: Bool = false
    ) -> Way {
      // On the last stretch, for all of them.
      Way(
        name: prefix + name, client: client, address: address, port: port, server: server,
        passes: (one, "eth0"), proxy: proxy, isRelayed: isRelayed, engine: host.engine.name)
    }
    if name == "docker-proxy" {
      return [way("loopback", host.space, "127.0.0.1", 8080, isRelayed: true)]
    }
    var ways = [
      way("published", host.outside, "10.200.201.1", 8080), way("bridge", two, address, 80),
      way("loopback", host.space, "127.0.0.1", 8080),
    ]
    if isDrydock {
      ways += [
        way("host", host.space, address, 80),
        way("relay", host.space, "::1", 8080, isRelayed: true),
      ]
    }
    return ways
  }

  /// From outside without translation: a network that is open to all.
  private func routedWay() throws(ExperimentError) -> Way {
    try drydock.must(
      drydock.engine(
        "network", "create", "--subnet", "10.200.32.0/24", "-o", "gateway_mode=routed", "open"))
    let (space, address) = try drydock.container("open", network: "open")
    return Way(
      name: "routed", client: drydock.outside, address: address, port: 80,
      server: try traffic.serve(in: space, port: 80), passes: (space, "eth0"))
  }

  /// Two hosts and a VXLAN between their bridges (RFC 7348).
  ///
  ///     one ── eth0 ═ v ─ br0 ─ vx ─ eth0 ═══ eth0 ─ vx ─ br0 ─ v ═ eth0 ── two
  private func overlayWay() throws(ExperimentError) -> Way {
    let hosts = [try Space("a VXLAN host"), try Space("another VXLAN host")]
    let inside = [try Space("a VXLAN host's container"), try Space("another's container")]
    kept += hosts
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
    return Way(
      name: "vxlan", client: inside[1], address: "10.200.33.1", port: 80,
      server: try traffic.serve(in: inside[0], port: 80), passes: (hosts[0], "vx"))
  }
}
