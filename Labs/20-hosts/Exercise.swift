internal import Engine
internal import LabKit
internal import Linux

/// tunnel.sh: one host's half of a VXLAN tunnel that learns nothing by itself.
let exercise = Assignment(
  file: "tunnel.sh", task: Texts.exerciseTask,
  start: """
    #!/bin/sh
    bridge=$1 link=$2 local=$3 id=$4 address=$5 hardware=$6 host=$7
    ip link add vx0 type vxlan id "$id" local "$local" dstport 4789 nolearning proxy

    """,
  solution: script(),
  wrong: [
    Planted("says to nobody where frames go", cause: "fdb", script(fdb: ":")),
    Planted("says to nobody whose the address is", cause: "neighbour", script(neighbour: ":")),
    Planted("takes the MTU that comes by itself", cause: "mtu", script(mtu: "")),
    Planted("leaves the tunnel beside the bridge", cause: "bridge", script(master: "")),
  ],
  hints: [
    Hint(Texts.exerciseHint1), Hint(Texts.exerciseHint2), Hint(Texts.exerciseHint3),
    Hint(Texts.hintFdb, cause: "fdb"), Hint(Texts.hintNeighbour, cause: "neighbour"),
    Hint(Texts.hintMTU, cause: "mtu"), Hint(Texts.hintBridge, cause: "bridge"),
  ],
  judge: judgeExercise)

/// tunnel.sh, whole or with something left out.
private func script(
  mtu: String = "mtu $((mtu - 50)) ", master: String = "master \"$bridge\" ",
  neighbour: String = "ip neigh add \"$address\" lladdr \"$hardware\" dev vx0 nud permanent",
  fdb: String = "bridge fdb add \"$hardware\" dev vx0 dst \"$host\" self permanent"
) -> String {
  """
  #!/bin/sh
  bridge=$1 link=$2 local=$3 id=$4 address=$5 hardware=$6 host=$7
  mtu=$(ip -o link show "$link" | sed 's/.* mtu \\([0-9]*\\) .*/\\1/')
  ip link add vx0 \(mtu)type vxlan id "$id" local "$local" dstport 4789 nolearning proxy
  ip link set vx0 \(master)up
  \(neighbour)
  \(fdb)

  """
}

@Sendable private func judgeExercise(_ stage: Stage, _ script: Script) throws {
  let net = try TunnelStage(stage)
  try net.connect(net.web, TunnelStage.web, on: nil)
  _ = try stage.run(
    script,
    [
      TunnelStage.bridge, "eth0", TunnelStage.hosts[0], TunnelStage.id, TunnelStage.far.address,
      TunnelStage.far.hardware, TunnelStage.hosts[1],
    ])
  guard let tunnel = try net.ownTunnel() else {
    stage.find(
      "tunnel", Texts.findTunnel, expected: TunnelStage.bridge, seen: "-", if: false,
      otherwise: Texts.noTunnel)
    return
  }
  stage.find(
    "tunnel", Texts.findTunnel, expected: TunnelStage.bridge, seen: tunnel.master ?? "-",
    if: tunnel.master == TunnelStage.bridge && tunnel.isUp, otherwise: Texts.notOnBridge,
    cause: "bridge")
  let entries = try stage.ask(
    ["bridge", "fdb", "show", "dev", tunnel.name], Texts.forwarding, .after)
  try stage.ask(["ip", "neigh", "show", "dev", tunnel.name], Texts.neighbours, .after)
  let isLed = entries.contains("dst \(TunnelStage.hosts[1])")
  let path = Path(stage: stage, from: net.web.pid, to: TunnelStage.far.address)
  let answer = try path.answer(56, isShown: true, tries: 2)
  stage.find(
    "reached", Texts.findReached, expected: "0", seen: answer == nil ? "-" : "0",
    if: answer != nil, otherwise: isLed ? Texts.noNeighbour : Texts.noEntry,
    cause: isLed ? "neighbour" : "fdb")
  let mtu = try linkMTU(stage, tunnel.name, in: nil)
  stage.find(
    "mtu", Texts.findTunnelMTU, expected: "\(net.underlay) - 50 = \(net.mtu)", seen: "\(mtu)",
    if: mtu == net.mtu, otherwise: Texts.otherMTU, cause: "mtu")
}
