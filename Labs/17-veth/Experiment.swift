internal import Engine
internal import LabKit
internal import Linux
internal import Measure

@Sendable func experiment(_ stage: Stage) throws {
  let engine = try stage.ownHost()
  try bare(stage)
  try none(stage)
  try cable(stage, engine)
}

/// A namespace that nobody has put anything into.
private func bare(_ stage: Stage) throws {
  stage.say(Texts.sayBare)
  let pid = try stage.namespace()
  stage.look("/proc/\(pid)/net/dev", Texts.device, .before)
  try stage.ask(["ip", "-br", "link"], in: pid, Texts.links, .before)
  let text = try stage.links(in: pid).map(\.text).joined(separator: ", ")
  stage.fact("bare", text)
  stage.find(
    "bare", Texts.findBare, expected: "lo DOWN", seen: text, if: text == "lo DOWN",
    otherwise: Texts.otherBare)
  let answer = try stage.ping(from: pid, to: "127.0.0.1", isShown: true)
  stage.fact("unreachable", answer.complaint)
  stage.find(
    "unreachable", Texts.findUnreachable, expected: "Network is unreachable",
    seen: answer.isAnswered ? "0" : answer.complaint,
    if: answer.complaint.contains("Network is unreachable"), otherwise: Texts.otherUnreachable)
  try stage.end(pid)
}

/// What the runtime adds for `--network none`.
private func none(_ stage: Stage) throws {
  stage.say(Texts.sayNone)
  var options = RunOptions(image: "busybox")
  options.command = ["sleep", "60"]
  let container = try stage.start(options, steps: ["net.lo.up"])
  let text = try stage.links(in: container.pid).map(\.text).joined(separator: ", ")
  try stage.ask(["ip", "-br", "address"], in: container.pid, Texts.links, .during)
  let answer = try stage.ping(from: container.pid, to: "127.0.0.1")
  stage.fact("none", text)
  stage.find(
    "none", Texts.findNone, expected: "lo UP", seen: text + (answer.isAnswered ? "" : " ?"),
    if: text == "lo UP" && answer.isAnswered, otherwise: Texts.otherNone)
  try stage.stop(container)
}

private func cable(_ stage: Stage, _ engine: Engine) throws {
  stage.say(Texts.sayNetwork)
  let (_, made) = try stage.network("lab", on: engine, steps: ["net.bridge.create"])
  var options = RunOptions(image: "busybox")
  options.network = "lab"
  options.command = Stage.shell("httpd -p 127.0.0.1:8000 -h /etc", "echo ready; exec sleep 60")
  let container = try stage.start(
    options, steps: ["net.veth.create", "net.veth.attach", "net.address.add", "net.link.up"])
  _ = try stage.lines(of: container, atLeast: 1)
  let pid = container.pid
  stage.look("/proc/\(pid)/net/dev", Texts.device, .before)
  stage.look("/proc/\(pid)/net/route", Texts.routes, .before)
  try stage.ask(["ip", "-br", "link"], Texts.hostLinks, .before)
  let outside = try pair(stage, pid)
  try localhost(stage, pid)
  try byHand(stage, made + (try container.trace().steps), pid)
  try delete(stage, outside, pid)
  try stage.stop(container)
}

/// The two ends know each other by index; tells the one on the host.
private func pair(_ stage: Stage, _ pid: Int32) throws -> String {
  guard let inside = try stage.links(in: pid).first(where: { $0.name == "eth0" }),
    let peer = inside.peer, let outside = try stage.links().first(where: { $0.index == peer })
  else { throw LabError("the container has no eth0 with an end on the host") }
  func text(_ link: ListedLink) -> String { "\(link.index)@\(link.peer ?? 0)" }
  stage.fact("inside", "eth0@if\(peer)")
  stage.fact("outside", "\(outside.name)@if\(outside.peer ?? 0)")
  let expected = "\(inside.index)@\(outside.index), \(outside.index)@\(inside.index)"
  let seen = "\(text(inside)), \(text(outside))"
  stage.find(
    "pair", Texts.findPair, expected: expected, seen: seen, if: expected == seen,
    otherwise: Texts.otherPair)
  return outside.name
}

/// A server on 127.0.0.1 inside, asked from both sides.
private func localhost(_ stage: Stage, _ pid: Int32) throws {
  stage.say(Texts.sayLocalhost)
  let words = ["busybox", "wget", "-q", "-O", "-", "http://127.0.0.1:8000/hostname"]
  let within = try stage.attempt(["nsenter", "-t", "\(pid)", "-n"] + words)
  let host = try stage.attempt(words)
  // 8000 is 1F40, and 0A is LISTEN (proc_pid_net(5)).
  func listeners(_ path: String) -> Int {
    (Kernel.read(path) ?? "").split(separator: "\n").filter { line in
      let fields = line.split(separator: " ")
      return fields.count > 3 && fields[1].hasSuffix(":1F40") && fields[3] == "0A"
    }.count
  }
  let sockets = "\(listeners("/proc/\(pid)/net/tcp")), \(listeners("/proc/self/net/tcp"))"
  stage.look("/proc/\(pid)/net/tcp", Texts.sockets, .during)
  stage.look("/proc/self/net/tcp", Texts.hostSockets, .during)
  stage.find(
    "sockets", Texts.findSockets, expected: "1, 0", seen: sockets, if: sockets == "1, 0",
    otherwise: Texts.otherSockets)
  stage.fact("refused", host.complaint)
  let seen =
    "\(within.code == 0 ? within.output : within.complaint); "
    + (host.code == 0 ? host.output : host.complaint)
  stage.find(
    "localhost", Texts.findLocalhost,
    expected: "\(Kernel.read("/proc/\(pid)/root/etc/hostname") ?? "-"); Connection refused",
    seen: seen,
    if: within.code == 0 && host.code != 0 && host.complaint.contains("Connection refused"),
    otherwise: Texts.otherLocalhost)
}

/// The same once more with `ip` and `nft`, on another host and in a namespace of `unshare`.
private func byHand(_ stage: Stage, _ steps: [TracedStep], _ pid: Int32) throws {
  stage.say(Texts.sayHand)
  let host = try stage.otherHost()
  let namespace = try stage.namespace()
  try stage.replay(steps, on: host, container: (then: pid, now: namespace))
  try stage.findSame(
    "hand-host", Texts.findHandHost, engine: nil, hand: host, otherwise: Texts.otherHand)
  try stage.findSame(
    "hand-inside", Texts.findHandInside, engine: pid, hand: namespace,
    otherwise: Texts.otherHand)

  stage.say(Texts.sayNamespaceEnds)
  func veths() throws -> [String] {
    try stage.links(in: host).map(\.name).filter { $0.hasPrefix("veth") }
  }
  let before = try veths()
  try stage.end(namespace)
  // The kernel takes a namespace's links when it finds the time (network_namespaces(7)).
  let isGone = try stage.wait { try veths().isEmpty }
  let seen = try "\(before.count) → \(veths().count)"
  stage.find(
    "namespace", Texts.findNamespace, expected: "1 → 0", seen: seen,
    if: isGone && before.count == 1, otherwise: Texts.otherNamespace)
}

private func delete(_ stage: Stage, _ outside: String, _ pid: Int32) throws {
  stage.say(Texts.sayDelete)
  try stage.host(["ip", "link", "delete", outside])
  stage.look("/proc/\(pid)/net/dev", Texts.device, .after)
  stage.look("/proc/\(pid)/net/route", Texts.routes, .after)
  try stage.ask(["ip", "-br", "link"], Texts.hostLinks, .after)
  let left = try stage.links(in: pid).map(\.name).joined(separator: ", ")
  stage.fact("left", left)
  stage.find(
    "gone", Texts.findGone, expected: "lo", seen: left, if: left == "lo",
    otherwise: Texts.otherGone)
  let routes = (Kernel.read("/proc/\(pid)/net/route") ?? "").split(separator: "\n").dropFirst()
  let held = try stage.addresses(in: pid).filter { $0.link != "lo" }
  stage.find(
    "nothing", Texts.findNothing, expected: "0, 0", seen: "\(held.count), \(routes.count)",
    if: held.isEmpty && routes.isEmpty, otherwise: Texts.otherNothing)
}
