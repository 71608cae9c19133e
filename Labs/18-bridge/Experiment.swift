internal import Engine
internal import LabKit
internal import Linux
internal import Measure

private let names = ["anna", "ben", "cleo"]

@Sendable func experiment(_ stage: Stage) throws {
  let engine = try stage.ownHost()
  try three(stage, engine)
  try namesOnDefault(stage)
}

/// Three containers on one network, and the same by hand.
private func three(_ stage: Stage, _ engine: Engine) throws {
  stage.say(Texts.sayNetwork)
  let (network, made) = try stage.network(
    "shop", on: engine, steps: ["net.bridge.create", "net.address.add", "net.link.up"])
  let table = ["bridge", "fdb", "show", "br", network.bridge, "dynamic"]
  try stage.ask(table, Texts.table, .before)
  var containers = [any LabContainer]()
  var members = [Member]()
  var steps = [[TracedStep]]()
  for name in names {
    let container = try stage.start(
      Member.options(name, on: "shop"), steps: ["net.veth.attach"])
    containers.append(container)
    steps.append(try container.trace().steps)
    members.append(try Member(stage, name, container.pid))
  }
  for member in members.prefix(2) {
    stage.look("/proc/\(member.pid)/net/arp", Texts.arp, .before)
  }
  stage.look("/proc/\(members[0].pid)/root/etc/resolv.conf", Texts.resolver, .during)

  stage.say(Texts.sayPing)
  let pairs = Member.pairs(members)
  var answered = 0
  for (from, to) in pairs
  where try pingName(stage, from: from.pid, to: to.name).isAnswered { answered += 1 }
  stage.fact("answered", "\(answered)")
  stage.fact("pairs", "\(pairs.count)")
  stage.find(
    "pairs", Texts.findPairs, expected: "\(names.count * (names.count - 1))", seen: "\(answered)",
    if: answered == pairs.count, otherwise: Texts.unreached)
  for member in members.prefix(2) {
    stage.look("/proc/\(member.pid)/net/arp", Texts.arp, .after)
  }
  let entries = learned(try stage.ask(table, Texts.table, .after))
  let expected = Set(members.map(\.hardware))
  stage.fact("learned", entries.sorted().joined(separator: ", "))
  stage.find(
    "learned", Texts.findLearned, expected: expected.sorted().joined(separator: " "),
    seen: entries.sorted().joined(separator: " "), if: entries == expected,
    otherwise: Texts.otherLearned)
  try byHand(stage, made, zip(members, steps).map { ($0, $1) })
  for container in containers { try stage.stop(container) }
}

/// The same with `ip`, `bridge` and `nft`, on another host and in namespaces of `unshare`.
private func byHand(
  _ stage: Stage, _ made: [TracedStep], _ members: [(Member, [TracedStep])]
) throws {
  stage.say(Texts.sayHand)
  let host = try stage.otherHost()
  try stage.replay(made, on: host)
  var hands = [Member]()
  for (member, steps) in members {
    let namespace = try stage.namespace()
    try stage.replay(steps, on: host, container: (then: member.pid, now: namespace))
    hands.append(try Member(stage, member.name, namespace))
  }
  // The containers spoke to the name server at the gateway too, before they spoke to each other.
  for hand in hands {
    let gateway = try stage.addresses(in: host).first { $0.link != "lo" }?.address ?? ""
    _ = try stage.ping(from: hand.pid, to: String(gateway.prefix { $0 != "/" }))
    for other in hands where other.name != hand.name {
      _ = try stage.ping(from: hand.pid, to: other.address)
    }
  }
  try stage.findSame(
    "hand-host", Texts.findHandHost, engine: nil, hand: host, otherwise: Texts.otherHand)
  for (hand, (member, _)) in zip(hands, members) {
    try stage.findSame(
      "hand-\(member.name)", Texts.findHandInside.with(["name": member.name]),
      engine: member.pid, hand: hand.pid, otherwise: Texts.otherHand)
  }
}

/// The default bridge: no names, but by --link.
private func namesOnDefault(_ stage: Stage) throws {
  stage.say(Texts.sayDefault)
  let emil = try stage.start(Member.options("emil", on: "bridge"), steps: ["-"])
  let target = try Member(stage, "emil", emil.pid)
  let route = try stage.inside(emil.pid, ["ip", "route", "show", "default"], isShown: false)
    .split(separator: " ")
  var asking = Member.options("dora", on: "bridge")
  // Whoever else would be asked is beyond this host, and it would take seconds to find out.
  asking.dns = route.count > 2 ? [String(route[2])] : []
  let dora = try stage.start(asking, steps: ["-"])
  stage.look("/proc/\(dora.pid)/root/etc/hosts", Texts.hosts, .before)
  let byName = try pingName(stage, from: dora.pid, to: "emil")
  let byAddress = try pingName(stage, from: dora.pid, to: target.address)
  stage.fact("unknown", byName.complaint)
  stage.fact("emil", target.address)
  stage.find(
    "name", Texts.findName, expected: "bad address",
    seen: byName.isAnswered ? "0" : byName.complaint,
    if: !byName.isAnswered && byName.complaint.contains("bad address"),
    otherwise: Texts.otherName)
  stage.find(
    "address", Texts.findAddress.with(["address": target.address]), expected: "0",
    seen: byAddress.isAnswered ? "0" : byAddress.complaint, if: byAddress.isAnswered,
    otherwise: Texts.unreached)

  stage.say(Texts.sayLink)
  var options = Member.options("finn", on: "bridge")
  options.links = ["emil"]
  let finn = try stage.start(options, steps: ["-"])
  stage.look("/proc/\(finn.pid)/root/etc/hosts", Texts.linkedHosts, .during)
  let linked = try pingName(stage, from: finn.pid, to: "emil")
  let lines = (Kernel.read("/proc/\(finn.pid)/root/etc/hosts") ?? "").split(separator: "\n")
  let line = lines.first { $0.hasPrefix("\(target.address)\t") }.map(String.init) ?? "-"
  stage.find(
    "link", Texts.findLink, expected: "\(target.address) emil; 0",
    seen: line.split(separator: "\t").joined(separator: " ") + "; "
      + (linked.isAnswered ? "0" : linked.complaint),
    if: linked.isAnswered && line.contains("emil"), otherwise: Texts.otherName)
  for container in [dora, emil, finn] { try stage.stop(container) }
}
