internal import Engine
internal import LabKit
internal import Linux
internal import Measure

/// What `-p` does, and that it is the same as by hand.
func published(_ stage: Stage, _ engine: Engine, _ client: Int32) throws {
  stage.say(Texts.sayPublish)
  let (network, made) = try stage.network("lan", on: engine, steps: ["net.bridge.create"]) {
    $0.subnets = ["10.200.1.0/24"]
    $0.options = ["com.docker.network.bridge.name=\(HandHost.bridge)"]
  }
  let look = PublishedLook(stage: stage, bridge: network.bridge)
  try look.all(.before)
  let web = try stage.web(steps: ["net.veth.create", "net.address.add"]) {
    $0.network = "lan"
    $0.published = ["8080:80", "8081:81"]
  }
  try look.all(.after)
  let steps = try made + web.trace().steps
  try same(stage, engine: web, steps, table: look.table)

  stage.say(Texts.sayWays)
  try HandHost.join(stage, nil, with: client, net: 9, isShown: false)
  var options = RunOptions(image: "busybox")
  options.network = "lan"
  options.command = ["sleep", "60"]
  let near = try stage.start(options)
  let ways: [(String, Int32?, String)] = [
    ("10.200.9.1", client, "10.200.9.2"), ("127.0.0.1", nil, HandHost.gateway),
    ("10.200.9.1", near.pid, HandHost.gateway), ("[::1]", nil, HandHost.gateway),
  ]
  var seen = [String]()
  for (address, pid, _) in ways {
    seen.append(try stage.visit("\(address):8080", from: pid, tries: 3).text)
  }
  stage.fact("relayed", seen[3])
  let expected = ways.map(\.2)
  stage.find(
    "ways", Texts.findWays, expected: expected.joined(separator: ", "),
    seen: seen.joined(separator: ", "), if: seen == expected, otherwise: Texts.noAnswer)
  try silent(stage, web, client)
}

/// A port that is published and nobody listens; one on which somebody listens and that is not.
private func silent(_ stage: Stage, _ web: any LabContainer, _ client: Int32) throws {
  stage.say(Texts.saySilent)
  let isHeld = stage.listens(Processes.current, on: 8081)
  let isServed = stage.listens(web.pid, on: 81)
  let silent = try stage.visit("10.200.9.1:8081", from: client, tries: 3)
  stage.fact("held", stage.listening(Processes.current, 8081) ?? "-")
  stage.find(
    "silent", Texts.findSilent, expected: "0A, -, refused",
    seen: "\(isHeld ? "0A" : "-"), \(isServed ? "0A" : "-"), \(silent.text)",
    if: isHeld && !isServed && silent == .refused, otherwise: Texts.otherWay)
  let listens = stage.listens(web.pid, on: 80)
  let closed = try stage.visit("10.200.9.1:80", from: client, tries: 3)
  stage.find(
    "unpublished", Texts.findUnpublished, expected: "0A, refused",
    seen: "\(listens ? "0A" : "-"), \(closed.text)", if: listens && closed == .refused,
    otherwise: Texts.otherWay)
}

/// Types by hand, on another host, what the engine and the runtime said they did, and what
/// `drydock-publish` does for a port; then the kernel is asked for both.
private func same(
  _ stage: Stage, engine web: any LabContainer, _ steps: [TracedStep], table: String
) throws {
  stage.say(Texts.saySame)
  let copy = try stage.otherHost()
  var options = RunOptions(image: "busybox")
  options.command = ["sleep", "60"]
  let other = try stage.start(options)
  try stage.replay(steps, on: copy, container: (then: web.pid, now: other.pid))
  let file = "/proc/sys/net/ipv4/conf/\(HandHost.bridge)/route_localnet"
  try stage.inside(copy, ["sh", "-c", "echo 1 > \(file)"])
  let comment = "comment \"\(other.id.prefix(12))\""
  for (port, target) in [(8080, 80), (8081, 81)] {
    try stage.inside(
      copy,
      [
        "nft",
        "add element inet \(table) any4 "
          + "{ tcp . \(port) \(comment) : \(HandHost.web) . \(target) }",
      ])
    try stage.inside(
      copy,
      ["nft", "add element inet \(table) own4 { \(HandHost.web) . tcp . \(port) \(comment) }"])
  }
  /// What the kernel says of a host, with the one switch more that ports need; elements carry the
  /// container's id, which is another one.
  func state(_ pid: Int32?, _ container: any LabContainer) throws -> NetworkState {
    var state = try stage.networkState(of: pid)
    let words = ["cat", file]
    let value =
      try pid.map { try stage.inside($0, words, isShown: false) }
      ?? stage.host(words, isShown: false)
    state.lines.append("cat \(file): \(value)")
    let id = String(container.id.prefix(12))
    state.lines = state.lines.map { $0.replacing(id, with: "(container)") }
    return state
  }
  try stage.findSame(
    "same", Texts.findSame, engine: { try state(nil, web) }, hand: { try state(copy, other) },
    otherwise: Texts.notSame)
  try stage.findSame(
    "same-inside", Texts.findSameInside, engine: { try stage.networkState(of: web.pid) },
    hand: { try stage.networkState(of: other.pid) }, otherwise: Texts.notSame)
  try stage.stop(other)
}

/// What the host has for a published port.
private struct PublishedLook {
  let stage: Stage
  let bridge: String
  /// The table of rules, which is the only one on this host.
  let table: String

  init(stage: Stage, bridge: String) {
    self.stage = stage
    self.bridge = bridge
    let list = try? stage.host(["nft", "list", "tables"], isShown: false)
    // `table inet drydock-0a1b2c3d`; without one every reading below says so.
    table = list?.split(separator: " ").last.map(String.init) ?? "drydock"
  }

  func all(_ moment: Exhibit.Moment) throws {
    // The hand-made host had one of the same name: this one is told apart by whose it is.
    let file = "/proc/sys/net/ipv4/conf/\(bridge)/route_localnet"
    stage.note("\(file) (drydock)", Texts.localnet, moment, Kernel.read(file))
    stage.note(
      "/proc/\(Processes.current)/net/tcp", Texts.sockets, moment,
      stage.listening(Processes.current, 8080) ?? "-")
    let words = ["nft", "list", "map", "inet", table, "any4"]
    let lines = try stage.host(words, isShown: false).split(separator: "\n")
    let elements = lines.map { $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
      .filter { $0.contains(" . ") && $0.contains("tcp") }
    stage.note(
      words.joined(separator: " "), Texts.map, moment,
      elements.isEmpty ? "-" : elements.joined(separator: "\n"))
  }
}
