internal import Engine
internal import LabKit
internal import Linux
internal import Measure

@Sendable func experiment(_ stage: Stage) throws {
  let engine = try stage.ownHost()
  stage.say(Texts.sayHosts)
  let client = try stage.otherHost()
  try byHand(stage, client)
  try published(stage, engine, client)
}

/// Port 8080 by the kernel's translation alone, a stage at a time.
private func byHand(_ stage: Stage, _ client: Int32) throws {
  let host = try HandHost(stage, pid: try stage.otherHost(), isShown: true)
  let pid = host.pid ?? 0
  try HandHost.join(stage, pid, with: client, net: 8, isShown: true)
  stage.say(Texts.sayWeb)
  let web = try stage.web(steps: ["process.clone"])
  try host.connect(web, HandHost.web, port: "v2")
  let look = Look(stage: stage, host: pid, web: web.pid)

  stage.say(Texts.sayRule)
  try look.all(.before)
  try host.nft("add table inet hand")
  for (chain, hook) in [
    ("prerouting", "prerouting priority dstnat"), ("output", "output priority -100"),
  ] {
    try host.nft("add chain inet hand \(chain) { type nat hook \(hook); }")
    try host.nft(
      "add rule inet hand \(chain) fib daddr type local tcp dport 8080 counter "
        + "dnat ip to \(HandHost.web):80")
  }
  try host.nft("add chain inet hand postrouting { type nat hook postrouting priority srcnat; }")
  // Behind all translation: what leaves by the bridge with an address of loopback.
  try host.nft("add chain inet hand leaving { type filter hook postrouting priority 200; }")
  try host.nft("add rule inet hand leaving oifname dd0 ip saddr 127.0.0.0/8 counter")

  let outside = try stage.visit("10.200.8.1:8080", from: client, tries: 3)
  stage.fact("outside", outside.text)
  stage.find(
    "outside", Texts.findOutside, expected: "10.200.8.2", seen: outside.text,
    if: outside == .answered("10.200.8.2"), otherwise: Texts.noAnswer)

  stage.say(Texts.sayLoopback)
  try look.all(.before)
  let first = try stage.visit("127.0.0.1:8080", from: pid)
  let one = try look.all(.during)
  stage.fact("translated", "\(one.translated)")
  stage.fact("left", "\(one.left)")
  stage.find(
    "loopback", Texts.findLoopback, expected: "-, ≥ 1, 0",
    seen: "\(first.text), \(one.translated), \(one.left)",
    if: first == .silent && one.translated > 0 && one.left == 0, otherwise: Texts.otherWay)

  stage.say(Texts.sayLocalnet)
  try host.set("net/ipv4/conf/\(HandHost.bridge)/route_localnet", 1)
  let second = try stage.visit("127.0.0.1:8080", from: pid)
  let two = try look.all(.during)
  let (came, delivered) = (two.received - one.received, two.delivered - one.delivered)
  stage.fact("came", "\(came)")
  stage.fact("delivered", "\(delivered)")
  stage.find(
    "localnet", Texts.findLocalnet, expected: "-, ≥ 1, 0",
    seen: "\(second.text), \(came), \(delivered)",
    if: second == .silent && two.left > one.left && came > 0 && delivered == 0,
    otherwise: Texts.otherWay)

  stage.say(Texts.sayMasquerade)
  try host.nft("add rule inet hand postrouting oifname dd0 ip saddr 127.0.0.0/8 counter masquerade")
  let third = try stage.visit("127.0.0.1:8080", from: pid, tries: 3)
  try look.all(.after)
  stage.fact("masked", third.text)
  stage.find(
    "masquerade", Texts.findMasquerade, expected: HandHost.gateway, seen: third.text,
    if: third == .answered(HandHost.gateway), otherwise: Texts.noAnswer)
  try neighbour(stage, host)
  try stage.stop(web)
}

/// Through the host's address and back to the same bridge.
private func neighbour(_ stage: Stage, _ host: HandHost) throws {
  stage.say(Texts.sayNeighbour)
  var options = RunOptions(image: "busybox")
  options.command = ["sleep", "60"]
  let near = try stage.start(options)
  try host.connect(near, HandHost.near, port: "v3")
  let before = try stage.visit("10.200.8.1:8080", from: near.pid)
  try host.nft(
    "add rule inet hand postrouting oifname dd0 ip saddr 10.200.1.0/24 ct status dnat masquerade")
  let after = try stage.visit("10.200.8.1:8080", from: near.pid, tries: 3)
  stage.find(
    "neighbour", Texts.findNeighbour, expected: "- → \(HandHost.gateway)",
    seen: "\(before.text) → \(after.text)",
    if: before != .answered(HandHost.gateway) && after == .answered(HandHost.gateway),
    otherwise: Texts.otherWay)
  try stage.stop(near)
}

/// Looks at the same places each time.
private struct Look {
  let stage: Stage
  let host: Int32
  let web: Int32

  /// Counters of the rules, and of the container's Internet layer.
  struct Counts {
    /// Connections that the host's own programs began and whose destination a rule changed.
    var translated = 0
    /// Packets that left by the bridge with an address of loopback.
    var left = 0
    /// Packets that came to the container, and those that it took (`Ip:` in proc_pid_net(5)).
    var received = 0
    var delivered = 0
  }

  @discardableResult
  func all(_ moment: Exhibit.Moment) throws -> Counts {
    var counts = Counts()
    let file = "/proc/sys/net/ipv4/conf/\(HandHost.bridge)/route_localnet"
    let value = try stage.inside(host, ["cat", file], isShown: false)
    stage.note(file, Texts.localnet, moment, value)
    let snmp = (Kernel.read("/proc/\(web)/net/snmp") ?? "").split(separator: "\n")
      .filter { $0.hasPrefix("Ip: ") }.map { $0.split(separator: " ") }
    if snmp.count == 2, snmp[0].count == snmp[1].count {
      let values = Dictionary(uniqueKeysWithValues: zip(snmp[0].dropFirst(), snmp[1].dropFirst()))
      counts.received = values["InReceives"].flatMap { Int($0) } ?? 0
      counts.delivered = values["InDelivers"].flatMap { Int($0) } ?? 0
      stage.note(
        "/proc/\(web)/net/snmp", Texts.internetLayer, moment,
        "InReceives \(counts.received)\nInDelivers \(counts.delivered)")
    }
    let rules = try stage.inside(host, ["nft", "list", "ruleset"], isShown: false)
    guard !rules.isEmpty else { return counts }
    var chain = ""
    for line in rules.split(separator: "\n") {
      let words = line.split(whereSeparator: \.isWhitespace)
      if words.first == "chain" { chain = String(words[1]) }
      guard let at = words.firstIndex(of: "packets"), at + 1 < words.count else { continue }
      if chain == "output" { counts.translated = Int(words[at + 1]) ?? 0 }
      if chain == "leaving" { counts.left = Int(words[at + 1]) ?? 0 }
    }
    stage.note(
      "nsenter -t \(host) -n nft list ruleset", Texts.counters, moment,
      "output: \(counts.translated)\nleaving: \(counts.left)")
    return counts
  }
}
