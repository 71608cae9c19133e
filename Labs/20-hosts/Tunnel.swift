internal import Engine
internal import LabKit
internal import Linux

/// Two hosts with a bridge and a container each, and the far one's tunnel; by hand, and not shown.
///
///     web 10.200.5.2 ═ br0 ─ …        eth0 ═══ eth0        vx0 ─ br0 ═ far 10.200.5.3
///                       10.200.9.1 (session's)     10.200.9.2
struct TunnelStage {
  static let bridge = "br0"
  static let id = "42"
  static let web = (address: "10.200.5.2", hardware: "02:42:0a:c8:05:02")
  static let far = (address: "10.200.5.3", hardware: "02:42:0a:c8:05:03")
  static let hosts = ["10.200.9.1", "10.200.9.2"]

  let stage: Stage
  let underlay: Int
  let web: any LabContainer
  private let other: Int32

  /// Bytes that are left for a packet in the tunnel (RFC 7348, 5).
  var mtu: Int { underlay - 50 }

  init(_ stage: Stage) throws {
    self.stage = stage
    try stage.bareHost()
    other = try stage.otherHost(isShown: false)
    try stage.cable(nil, other, net: "10.200.9", isShown: false)
    underlay = try linkMTU(stage, "eth0", in: nil)
    web = try stage.start(sleeper("none", "web"))
    let far = try stage.start(sleeper("none", "far"))
    for pid in [nil, Optional(other)] {
      try type("ip link add \(Self.bridge) type bridge", pid)
      try type("ip link set \(Self.bridge) mtu \(mtu) up", pid)
    }
    try tunnel(on: other, here: Self.hosts[1], there: Self.hosts[0], Self.web)
    try connect(far, Self.far, on: other)
  }

  /// A whole tunnel on a host.
  func tunnel(
    on pid: Int32?, here: String, there: String, _ peer: (address: String, hardware: String)
  ) throws {
    for line in [
      "ip link add vx0 mtu \(mtu) type vxlan id \(Self.id) local \(here) dstport 4789 nolearning "
        + "proxy",
      "ip link set vx0 master \(Self.bridge) up",
      "ip neigh add \(peer.address) lladdr \(peer.hardware) dev vx0 nud permanent",
      "bridge fdb add \(peer.hardware) dev vx0 dst \(there) self permanent",
    ] { try type(line, pid) }
  }

  /// A container on a host's bridge.
  func connect(
    _ container: any LabContainer, _ own: (address: String, hardware: String), on pid: Int32?
  ) throws {
    try type(
      "ip link add v1 mtu \(mtu) type veth peer name eth0 mtu \(mtu) address \(own.hardware) "
        + "netns \(container.pid)", pid)
    try type("ip link set v1 master \(Self.bridge) up", pid)
    try type("ip address add \(own.address)/24 dev eth0", container.pid)
    try type("ip link set eth0 up", container.pid)
  }

  private func type(_ line: String, _ pid: Int32?) throws {
    let words = line.split(separator: " ").map(String.init)
    if let pid {
      try stage.inside(pid, words, isShown: false)
    } else {
      try stage.host(words, isShown: false)
    }
  }

  /// The session's host's tunnel of the network's number, as `ip -d link` tells it.
  func ownTunnel() throws -> ListedLink? {
    let text = try stage.host(["ip", "-o", "-d", "link", "show", "type", "vxlan"], isShown: false)
    return text.split(separator: "\n").first { $0.contains("vxlan id \(Self.id) ") }
      .flatMap { ListedLink($0) }
  }
}
