internal import Engine
internal import LabKit
internal import Linux

/// replug.sh: a new cable beside the old one, which nobody has taken out: two links with one address,
/// and the kernel takes the first (course, broken states: a stale veth holding an address).
let broken = Assignment(
  file: "replug.sh", task: Texts.brokenTask,
  start: """
    #!/bin/sh
    pid=$1 bridge=$2 address=$3 gateway=$4
    inside="nsenter -t $pid -n ip"
    ip link add "plug$pid" type veth peer name eth1 netns "$pid"
    ip link set "plug$pid" master "$bridge" up
    $inside address add "$address" dev eth1
    $inside link set eth1 up
    $inside route replace default via "$gateway"

    """,
  solution: """
    #!/bin/sh
    pid=$1 bridge=$2 address=$3 gateway=$4
    inside="nsenter -t $pid -n ip"
    $inside link delete eth0
    ip link add "plug$pid" type veth peer name eth1 netns "$pid"
    ip link set "plug$pid" master "$bridge" up
    $inside address add "$address" dev eth1
    $inside link set eth1 up
    $inside route replace default via "$gateway"

    """,
  wrong: [
    Planted(
      "only sets the old one down", cause: "stale",
      """
      #!/bin/sh
      inside="nsenter -t $1 -n ip"
      $inside link set eth0 down
      ip link add "plug$1" type veth peer name eth1 netns "$1"
      ip link set "plug$1" master "$2" up
      $inside address add "$3" dev eth1
      $inside link set eth1 up
      $inside route replace default via "$4"

      """),
    Planted(
      "only takes its address away", cause: "leak",
      """
      #!/bin/sh
      inside="nsenter -t $1 -n ip"
      $inside address flush dev eth0
      ip link add "plug$1" type veth peer name eth1 netns "$1"
      ip link set "plug$1" master "$2" up
      $inside address add "$3" dev eth1
      $inside link set eth1 up
      $inside route replace default via "$4"

      """),
    Planted(
      "forgets that the route went with the link", cause: "route",
      """
      #!/bin/sh
      inside="nsenter -t $1 -n ip"
      $inside link delete eth0
      ip link add "plug$1" type veth peer name eth1 netns "$1"
      ip link set "plug$1" master "$2" up
      $inside address add "$3" dev eth1
      $inside link set eth1 up

      """),
  ],
  hints: [
    Hint(Texts.brokenHint1), Hint(Texts.brokenHint2), Hint(Texts.brokenHint3),
    Hint(Texts.hintStale, cause: "stale"), Hint(Texts.hintLeak, cause: "leak"),
    Hint(Texts.hintRoute, cause: "route"),
  ],
  judge: judgeBroken)

@Sendable private func judgeBroken(_ stage: Stage, _ script: Script) throws {
  let engine = try stage.ownHost()
  let network = try stage.network("lab", on: engine).info
  var options = RunOptions(image: "busybox")
  options.network = "lab"
  options.command = ["sleep", "60"]
  let container = try stage.start(options)
  let pid = container.pid
  let held = try stage.addresses(in: pid).first { $0.link == "eth0" }
  let route = try stage.inside(pid, ["ip", "route", "show", "default"], isShown: false)
    .split(separator: " ")
  guard let address = held?.address, route.count > 2,
    let old = try stage.links().first(where: { $0.name.hasPrefix("veth") })?.name
  else { throw LabError("the container has no address, no route or no link") }
  let gateway = String(route[2])
  // Somebody has pulled the cable out of the bridge.
  try stage.host(["ip", "link", "set", old, "nomaster"])
  _ = try stage.run(script, ["\(pid)", network.bridge, address, gateway])

  let holders = try stage.addresses(in: pid).filter { $0.address == address }.map(\.link)
  stage.find(
    "holders", Texts.findHolders.with(["address": address]), expected: "1",
    seen: holders.isEmpty ? "0" : "\(holders.count) (\(holders.joined(separator: " ")))",
    if: holders.count == 1, otherwise: holders.isEmpty ? Texts.noHolder : Texts.stale,
    cause: holders.isEmpty ? nil : "stale")
  let isThere = try stage.links().contains { $0.name == old }
  stage.find(
    "old", Texts.findOld, expected: "-", seen: isThere ? old : "-", if: !isThere,
    otherwise: Texts.leak, cause: "leak")
  let after = try stage.inside(pid, ["ip", "route", "show", "default"], isShown: false)
  let way = "default via \(gateway) dev \(holders.first ?? "-")"
  stage.find(
    "route", Texts.findRoute, expected: way, seen: after.isEmpty ? "-" : after,
    if: after.hasPrefix(way), otherwise: Texts.noRoute, cause: "route")
  // Without these nobody answers, and to wait for it tells nothing new.
  guard stage.record.findings.allSatisfy({ !$0.isFailure }) else { return }
  let answer = try stage.ping(from: pid, to: gateway)
  stage.find(
    "ping", Texts.findGateway.with(["gateway": gateway]), expected: "0",
    seen: answer.isAnswered ? "0" : "1 \(answer.complaint)", if: answer.isAnswered,
    otherwise: Texts.noAnswer)
}
