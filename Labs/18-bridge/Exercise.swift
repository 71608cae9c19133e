internal import Engine
internal import LabKit
internal import Linux

/// network.sh: what `drydock network create` and three starts do, with `ip`.
let exercise = Assignment(
  file: "network.sh", task: Texts.exerciseTask,
  start: """
    #!/bin/sh
    bridge=$1 gateway=$2
    shift 2
    while [ $# -gt 0 ]; do
      pid=$1 address=$2
      shift 2
    done

    """,
  solution: """
    #!/bin/sh
    bridge=$1 gateway=$2
    shift 2
    ip link add "$bridge" type bridge
    ip address add "$gateway" dev "$bridge"
    ip link set "$bridge" up
    while [ $# -gt 0 ]; do
      pid=$1 address=$2
      shift 2
      ip link add "v$pid" type veth peer name eth0 netns "$pid"
      ip link set "v$pid" master "$bridge" up
      nsenter -t "$pid" -n ip address add "$address" dev eth0
      nsenter -t "$pid" -n ip link set eth0 up
      nsenter -t "$pid" -n ip route add default via "${gateway%/*}"
    done

    """,
  wrong: [
    Planted(
      "leaves the bridge down", cause: "bridge-down",
      script(bridge: "ip address add $gateway dev $bridge")),
    Planted(
      "makes no port of the host's ends", cause: "port",
      script(port: "ip link set v$pid up")),
    Planted(
      "gives no way out", cause: "route",
      script(route: "true")),
  ],
  hints: [
    Hint(Texts.exerciseHint1), Hint(Texts.exerciseHint2), Hint(Texts.exerciseHint3),
    Hint(Texts.hintBridgeDown, cause: "bridge-down"), Hint(Texts.hintPort, cause: "port"),
    Hint(Texts.hintRoute, cause: "route"),
  ],
  judge: judgeExercise)

/// The solution, with one of its lines replaced.
private func script(
  bridge: String = "ip address add $gateway dev $bridge; ip link set $bridge up",
  port: String = "ip link set v$pid master $bridge up",
  route: String = "nsenter -t $pid -n ip route add default via ${gateway%/*}"
) -> String {
  """
  #!/bin/sh
  bridge=$1 gateway=$2
  shift 2
  ip link add $bridge type bridge
  \(bridge)
  while [ $# -gt 0 ]; do
    pid=$1 address=$2
    shift 2
    ip link add v$pid type veth peer name eth0 netns $pid
    \(port)
    nsenter -t $pid -n ip address add $address dev eth0
    nsenter -t $pid -n ip link set eth0 up
    \(route)
  done

  """
}

@Sendable private func judgeExercise(_ stage: Stage, _ script: Script) throws {
  try stage.bareHost()
  let bridge = "lab-bridge"
  var options = RunOptions(image: "busybox")
  options.command = ["sleep", "60"]
  let ends = try (2...4).map { number in
    (pid: try stage.start(options).pid, address: "10.200.8.\(number)/24")
  }
  _ = try stage.run(
    script, [bridge, "10.200.8.1/24"] + ends.flatMap { ["\($0.pid)", $0.address] })

  let links = try stage.links()
  let own = links.first { $0.name == bridge }
  stage.find(
    "bridge", Texts.findBridge, expected: "\(bridge) UP", seen: own?.text ?? "-",
    if: own?.isUp == true, otherwise: Texts.bridgeDown, cause: own == nil ? nil : "bridge-down")
  let ports = links.filter { $0.master == bridge }.count
  let pairs = links.filter { $0.peer != nil }.count
  stage.find(
    "ports", Texts.findPorts, expected: "\(ends.count)", seen: "\(ports)",
    if: ports == ends.count, otherwise: Texts.notPorts,
    cause: pairs == ends.count ? "port" : nil)
  for end in ends {
    let held = try stage.addresses(in: end.pid).first { $0.link == "eth0" }?.address ?? "-"
    stage.find(
      "address-\(end.address)", Texts.findHeld.with(["pid": "\(end.pid)"]), expected: end.address,
      seen: held, if: held == end.address, otherwise: Texts.notHeld)
  }
  guard stage.record.findings.allSatisfy({ !$0.isFailure }) else { return }

  let members = try ends.enumerated().map { try Member(stage, "\($0 + 1)", $1.pid) }
  var answered = 0
  let all = Member.pairs(members)
  for (from, to) in all
  where try stage.ping(from: from.pid, to: to.address).isAnswered { answered += 1 }
  stage.find(
    "pairs", Texts.findPairs, expected: "\(all.count)", seen: "\(answered)",
    if: answered == all.count, otherwise: Texts.unreached)
  var ways = 0
  for member in members {
    let route = try stage.inside(
      member.pid, ["ip", "route", "show", "default"], isShown: false)
    let isAnswered = try stage.ping(from: member.pid, to: "10.200.8.1").isAnswered
    if route.hasPrefix("default via 10.200.8.1 "), isAnswered { ways += 1 }
  }
  stage.find(
    "routes", Texts.findRoutes, expected: "\(ends.count)", seen: "\(ways)",
    if: ways == ends.count, otherwise: Texts.noWay, cause: "route")
  let table = try stage.host(
    ["bridge", "fdb", "show", "br", bridge, "dynamic"], isShown: false)
  let expected = Set(members.map(\.hardware))
  stage.find(
    "learned", Texts.findLearned, expected: "\(expected.count)",
    seen: "\(learned(table).intersection(expected).count)", if: learned(table) == expected,
    otherwise: Texts.otherLearned)
}
