internal import Engine
internal import LabKit
internal import Linux

/// join.sh: every port isolated, as a hardened network has them (`icc=false`): each container reaches
/// the gateway, and none its neighbour.
let broken = Assignment(
  file: "join.sh", task: Texts.brokenTask,
  start: script("bridge link set dev j$pid isolated on"),
  solution: script("true"),
  wrong: [
    Planted(
      "lets frames out where they came in", cause: "isolated",
      script("bridge link set dev j$pid isolated on; bridge link set dev j$pid hairpin on")),
    Planted(
      "lets the host answer for all and route between them", cause: "detour",
      script(
        """
        bridge link set dev j$pid isolated on
        echo 1 > /proc/sys/net/ipv4/conf/$bridge/proxy_arp_pvlan
        """)),
    Planted(
      "takes the port off the bridge", cause: "port",
      script("ip link set j$pid nomaster")),
  ],
  hints: [
    Hint(Texts.brokenHint1), Hint(Texts.brokenHint2), Hint(Texts.brokenHint3),
    Hint(Texts.hintIsolated, cause: "isolated"), Hint(Texts.hintDetour, cause: "detour"),
    Hint(Texts.hintOff, cause: "port"),
  ],
  judge: judgeBroken)

/// The script, with what it does to the port.
private func script(_ port: String) -> String {
  """
  #!/bin/sh
  pid=$1 bridge=$2 address=$3 gateway=$4
  ip link add j$pid type veth peer name eth0 netns $pid
  ip link set j$pid master $bridge up
  \(port)
  nsenter -t $pid -n ip address add $address dev eth0
  nsenter -t $pid -n ip link set eth0 up
  nsenter -t $pid -n ip route add default via $gateway

  """
}

@Sendable private func judgeBroken(_ stage: Stage, _ script: Script) throws {
  try stage.bareHost()
  let bridge = "lab-bridge"
  let gateway = "10.200.9.1"
  for command in [
    "ip link add \(bridge) type bridge", "ip address add \(gateway)/24 dev \(bridge)",
    "ip link set \(bridge) up",
  ] { try stage.host(command.split(separator: " ").map(String.init), isShown: false) }
  // Of this host, not of the machine: whoever is to route may.
  try File.set("/proc/sys/net/ipv4/ip_forward", "1")
  var options = RunOptions(image: "busybox")
  options.command = ["sleep", "60"]
  let ends = try [10, 11].map { number in
    (pid: try stage.start(options).pid, address: "10.200.9.\(number)")
  }
  for end in ends {
    _ = try stage.run(script, ["\(end.pid)", bridge, "\(end.address)/24", gateway])
  }
  let ports = try stage.links().filter { $0.master == bridge }.map(\.name)
  stage.find(
    "ports", Texts.findPorts, expected: "\(ends.count)", seen: "\(ports.count)",
    if: ports.count == ends.count, otherwise: Texts.notPorts, cause: "port")
  guard stage.record.findings.allSatisfy({ !$0.isFailure }) else { return }
  let ways = try answered(ends) { try stage.ping(from: $0.pid, to: gateway).isAnswered }
  stage.find(
    "gateway", Texts.findGateway, expected: "\(ends.count)", seen: "\(ways)",
    if: ways == ends.count, otherwise: Texts.unreached)
  let isolated = try ports.filter { port in
    try stage.host(["bridge", "-d", "link", "show", "dev", port], isShown: false)
      .contains("isolated on")
  }
  // Isolated ones will hardly answer.
  let patience = isolated.isEmpty ? 2 : 1
  let directions = [(ends[0].pid, ends[1].address), (ends[1].pid, ends[0].address)]
  let answers = try answered(directions) {
    try stage.ping(from: $0.0, to: $0.1, within: patience).isAnswered
  }
  stage.find(
    "neighbours", Texts.findNeighbours, expected: "2", seen: "\(answers)", if: answers == 2,
    otherwise: Texts.unreached, cause: isolated.isEmpty ? nil : "isolated")
  stage.find(
    "isolated", Texts.findIsolated, expected: "0", seen: "\(isolated.count)",
    if: isolated.isEmpty, otherwise: Texts.isolated, cause: "detour")
}

/// How many are answered, up to the first that is not: waiting for more tells nothing new.
private func answered<Asker>(
  _ askers: [Asker], _ ask: (Asker) throws -> Bool
) rethrows -> Int {
  var count = 0
  for asker in askers {
    guard try ask(asker) else { break }
    count += 1
  }
  return count
}
