internal import Engine
internal import LabKit
internal import Linux
internal import Measure

@Sendable func experiment(_ stage: Stage) throws {
  let engine = try stage.ownHost()
  stage.say(Texts.sayHosts)
  let other = try stage.furtherHost("two")
  try stage.cable(nil, other.pid, net: "10.200.9")
  try routed(stage, engine, other)
  try overlay(stage, engine, other)
}

/// A container that waits.
func sleeper(_ network: String, _ name: String) -> RunOptions {
  var options = RunOptions(image: "busybox")
  options.command = ["sleep", "60"]
  options.network = network
  options.name = "lab-\(Processes.current)-\(name)"
  return options
}

/// Subnets that the hosts know the way to.
private func routed(_ stage: Stage, _ engine: Engine, _ other: LabHost) throws {
  stage.say(Texts.sayRouted)
  func make(_ engine: Engine, _ subnet: String, _ name: String) throws -> any LabContainer {
    _ = try stage.network("routed", on: engine) {
      $0.subnets = [subnet]
      $0.options = ["gateway_mode=routed"]
    }
    return try stage.start(sleeper("routed", name), steps: ["net.veth.create", "net.route.add"])
  }
  let one = try make(engine, "10.200.1.0/24", "one")
  stage.say(Texts.saySecond)
  let two = try stage.on(other) { try make(other.engine, "10.200.2.0/24", "two") }
  let target = "10.200.2.2"

  try stage.ask(["ip", "route"], Texts.routes, .before)
  let path = Path(stage: stage, from: one.pid, to: target)
  let before = try path.answer(56, isShown: true)
  try stage.host(["ip", "route", "add", "10.200.2.0/24", "via", "10.200.9.2"])
  try stage.inside(other.pid, ["ip", "route", "add", "10.200.1.0/24", "via", "10.200.9.1"])
  try stage.ask(["ip", "route"], Texts.routes, .after)

  let routers = try path.routers(hosts: [nil, other.pid])
  let first = Int(Kernel.read("/proc/sys/net/ipv4/ip_default_ttl") ?? "") ?? 0
  path.look(.before)
  let answer = try path.answer(56, isShown: true, tries: 3)
  stage.fact("routers", "\(routers)")
  stage.fact("ttl", "\(answer?.ttl ?? 0)")
  stage.find(
    "routed-ttl", Texts.findRoutedTTL, expected: "- → \(first) - \(routers) = \(first - routers)",
    seen: "\(before != nil ? "?" : "-") → \(answer?.ttl ?? 0)",
    if: before == nil && answer?.ttl == first - routers, otherwise: Texts.otherTTL)
  try payload(stage, path, id: "routed-payload", Texts.findRoutedPayload, fact: "routed")
  path.look(.after)
  try stage.stop(one)
  try stage.stop(two)
  stage.say(Texts.sayRemove)
  try stage.host(["ip", "route", "delete", "10.200.2.0/24"])
  try stage.inside(other.pid, ["ip", "route", "delete", "10.200.1.0/24"])
  try stage.removeNetwork("routed", on: engine)
  try stage.on(other) { try stage.removeNetwork("routed", on: other.engine) }
}

/// Compares the largest payload that goes in one piece with what the link's MTU leaves.
func payload(_ stage: Stage, _ path: Path, id: String, _ what: Text, fact: String) throws {
  let mtu = try path.mtu()
  // RFC 791: 20 bytes of IP; RFC 792: 8 bytes of ICMP.
  let expected = mtu - 20 - 8
  let largest = try path.largest()
  stage.fact(fact, "\(largest)")
  stage.fact(fact + "MTU", "\(mtu)")
  stage.find(
    id, what, expected: "\(mtu) - 20 - 8 = \(expected)", seen: "\(largest)",
    if: largest == expected, otherwise: Texts.otherPayload)
}
