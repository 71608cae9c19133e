internal import Engine
internal import LabKit
internal import Linux
internal import Measure

/// One network over both hosts: frames in UDP packets (RFC 7348).
func overlay(_ stage: Stage, _ engine: Engine, _ other: LabHost) throws {
  stage.say(Texts.sayOverlay)
  func make(_ engine: Engine, _ name: String) throws -> Side {
    let (info, made) = try stage.network(
      "lan", on: engine, steps: ["net.vxlan.create", "net.vxlan.attach"]
    ) {
      $0.driver = "overlay"
      $0.subnets = ["10.200.5.0/24"]
      $0.options = ["peers=10.200.9.1,10.200.9.2"]
    }
    var options = sleeper("lan", name)
    options.networkAliases = [name]
    let container = try stage.start(options, steps: ["net.veth.create"])
    return Side(container: container, bridge: info.bridge, steps: made)
  }
  var one = try make(engine, "left")
  stage.say(Texts.saySecond)
  var two = try stage.on(other) { try make(other.engine, "right") }
  try one.read(stage, host: nil)
  try two.read(stage, host: other.pid)

  stage.say(Texts.sayPeers)
  let sides = [(one, two, nil as Int32?), (two, one, Optional(other.pid))]
  for (here, there, pid) in sides {
    let isKnown = try stage.wait(within: 20) {
      try here.table(stage, pid).contains(there.hardware)
    }
    guard isKnown else { throw LabError("the hosts did not tell each other of their containers") }
  }
  try stage.ask(["bridge", "fdb", "show", "dev", one.tunnel], Texts.forwarding, .during)
  try sameByHand(stage, [one, two], hosts: [nil, other.pid])

  stage.say(Texts.sayTunnel)
  let path = Path(stage: stage, from: one.container.pid, to: two.address)
  let first = Int(Kernel.read("/proc/sys/net/ipv4/ip_default_ttl") ?? "") ?? 0
  let answer = try path.answer(56, isShown: true, tries: 3)
  stage.fact("flat", "\(answer?.ttl ?? 0)")
  let routers = try path.routers(hosts: [])
  stage.find(
    "overlay-ttl", Texts.findOverlayTTL, expected: "\(first) - \(routers) = \(first - routers)",
    seen: "\(answer?.ttl ?? 0)", if: answer?.ttl == first - routers, otherwise: Texts.otherTTL)
  // RFC 7348, 5: Ethernet 14, VXLAN 8, UDP 8, IP 20.
  let underlay = try linkMTU(stage, "eth0", in: nil)
  let mtu = try path.mtu()
  stage.fact("underlay", "\(underlay)")
  stage.find(
    "overlay-mtu", Texts.findOverlayMTU, expected: "\(underlay) - 50 = \(underlay - 50)",
    seen: "\(mtu)", if: mtu == underlay - 50, otherwise: Texts.otherMTU)
  try payload(stage, path, id: "overlay-payload", Texts.findOverlayPayload, fact: "overlay")
  try named(stage, one, two)
  try tooLarge(stage, path, one)
  try stage.stop(one.container)
  try stage.stop(two.container)
}

/// The other host's container by its name, asked from within the container.
private func named(_ stage: Stage, _ one: Side, _ two: Side) throws {
  let answer = try stage.attempt([
    "nsenter", "-t", "\(one.container.pid)", "-n", "-m", "busybox", "ping", "-c", "1", "-W", "2",
    "right",
  ])
  // `PING right (10.200.5.130): 56 data bytes`
  let found = answer.output.split { "()".contains($0) }.dropFirst().first.map(String.init) ?? "-"
  stage.find(
    "name", Texts.findName, expected: two.address, seen: found, if: found == two.address,
    otherwise: Texts.noName)
}

/// A container that keeps the MTU of an ordinary Ethernet.
private func tooLarge(_ stage: Stage, _ path: Path, _ side: Side) throws {
  stage.say(Texts.sayLarge)
  let (mtu, underlay) = (try path.mtu(), try linkMTU(stage, "eth0", in: nil))
  try stage.host(["ip", "link", "set", side.port, "mtu", "\(underlay)"])
  try stage.inside(side.container.pid, ["ip", "link", "set", "eth0", "mtu", "\(underlay)"])
  let (fits, last) = (mtu - 28, underlay - 28)
  let small = try path.answer(56, isShown: true, tries: 3) != nil
  let middle = try path.answer(fits, isShown: true, tries: 3) != nil
  let large = try path.answer(last, isShown: true) != nil
  func text(_ isAnswered: Bool) -> String { isAnswered ? "0" : "-" }
  stage.fact("fits", "\(fits)")
  stage.fact("lost", "\(last)")
  stage.find(
    "large", Texts.findLarge.with(["small": "56", "fits": "\(fits)", "large": "\(last)"]),
    expected: "0, 0, -", seen: [small, middle, large].map(text).joined(separator: ", "),
    if: small && middle && !large, otherwise: Texts.otherLarge)
}

/// One host's side of an overlay network.
struct Side {
  let container: any LabContainer
  let bridge: String
  /// What the engine did for the network.
  let steps: [TracedStep]
  var tunnel = ""
  var port = ""
  var address = ""
  var hardware = ""

  init(container: any LabContainer, bridge: String, steps: [TracedStep]) {
    self.container = container
    self.bridge = bridge
    self.steps = steps
  }

  /// Asks the kernel who is on the bridge, and where the container is.
  mutating func read(_ stage: Stage, host: Int32?) throws {
    for link in try stage.links(in: host) where link.master == bridge {
      if link.name.hasPrefix("veth") { port = link.name } else { tunnel = link.name }
    }
    let own = try stage.addresses(in: container.pid).first { $0.link == "eth0" }?.address ?? ""
    address = String(own.prefix { $0 != "/" })
    hardware = try stage.links(in: container.pid).first { $0.name == "eth0" }?.hardware ?? ""
    guard !tunnel.isEmpty, !port.isEmpty, !address.isEmpty, !hardware.isEmpty else {
      throw LabError("the overlay network is not whole: \(self)")
    }
  }

  /// What the tunnel knows of others: `bridge fdb` and `ip neigh`.
  func table(_ stage: Stage, _ host: Int32?) throws -> String {
    let words = ["sh", "-ec", "bridge fdb show dev \(tunnel); ip neigh show dev \(tunnel)"]
    return try host.map { try stage.inside($0, words, isShown: false) }
      ?? stage.host(words, isShown: false)
  }
}

/// The same on two other hosts by hand: the commands of all steps, and what drydock-dns writes down
/// of the other host's container.
private func sameByHand(_ stage: Stage, _ sides: [Side], hosts: [Int32?]) throws {
  stage.say(Texts.saySame)
  let copies = [try stage.otherHost(), try stage.otherHost()]
  try stage.cable(copies[0], copies[1], net: "10.200.9")
  var inner: [any LabContainer] = []
  for (index, side) in sides.enumerated() {
    // The engine's hosts pass packets on since the routed network.
    try stage.inside(copies[index], ["sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"])
    let container = try stage.start(sleeper("none", "copy\(index)"))
    inner.append(container)
    try stage.replay(
      try side.steps + side.container.trace().steps, on: copies[index],
      container: (then: side.container.pid, now: container.pid))
    let there = sides[1 - index]
    for line in [
      "ip neigh replace \(there.address) lladdr \(there.hardware) dev \(side.tunnel) nud permanent",
      "bridge fdb replace \(there.hardware) dev \(side.tunnel) dst 10.200.9.\(2 - index) self "
        + "permanent",
    ] { try stage.inside(copies[index], line.split(separator: " ").map(String.init)) }
  }
  // The engine's hosts have spoken to each other.
  _ = try stage.ping(from: copies[0], to: "10.200.9.2")
  for (index, side) in sides.enumerated() {
    let names = [Texts.findSameOne, Texts.findSameTwo]
    try stage.findSame(
      "same-\(index + 1)", names[index], engine: { try stage.networkState(of: hosts[index]) },
      hand: { try stage.networkState(of: copies[index]) }, otherwise: Texts.notSame)
    try stage.findSame(
      "same-inside-\(index + 1)", Texts.findSameInside,
      engine: { try stage.networkState(of: side.container.pid) },
      hand: { try stage.networkState(of: inner[index].pid) }, otherwise: Texts.notSame)
    try stage.stop(inner[index])
  }
}
