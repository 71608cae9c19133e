internal import Engine
internal import LabKit
internal import Linux

/// attach.sh: a container on an overlay's bridge that keeps the MTU of an Ethernet.
let broken = Assignment(
  file: "attach.sh", task: Texts.brokenTask,
  start: attach("", ""),
  solution: attach(" mtu \"$mtu\"", " mtu \"$mtu\""),
  wrong: [
    Planted("lowers the end on the bridge only", cause: "inside", attach(" mtu \"$mtu\"", "")),
    Planted(
      "makes the tunnel wider", cause: "wide",
      attach("", "") + "ip link set vx0 mtu 1500\nip link set \"$bridge\" mtu 1500\n"),
    Planted("takes what goes everywhere", cause: "small", attach(" mtu 576", " mtu 576")),
  ],
  hints: [
    Hint(Texts.brokenHint1), Hint(Texts.brokenHint2), Hint(Texts.brokenHint3),
    Hint(Texts.hintInside, cause: "inside"), Hint(Texts.hintWide, cause: "wide"),
    Hint(Texts.hintSmall, cause: "small"),
  ],
  judge: judgeBroken)

/// attach.sh with what it says of the two ends.
private func attach(_ outer: String, _ inner: String) -> String {
  let needed = (outer + inner).contains("$mtu")
  let mtu =
    needed ? "mtu=$(ip -o link show \"$bridge\" | sed 's/.* mtu \\([0-9]*\\) .*/\\1/')\n" : ""
  return """
    #!/bin/sh
    pid=$1 bridge=$2 address=$3 hardware=$4
    \(mtu)ip link add v1\(outer) type veth peer name eth0\(inner) address "$hardware" netns "$pid"
    ip link set v1 master "$bridge" up
    nsenter -t "$pid" -n ip address add "$address" dev eth0
    nsenter -t "$pid" -n ip link set eth0 up

    """
}

@Sendable private func judgeBroken(_ stage: Stage, _ script: Script) throws {
  let net = try TunnelStage(stage)
  try net.tunnel(
    on: nil, here: TunnelStage.hosts[0], there: TunnelStage.hosts[1], TunnelStage.far)
  let own = TunnelStage.web
  _ = try stage.run(
    script, ["\(net.web.pid)", TunnelStage.bridge, "\(own.address)/24", own.hardware])
  try stage.ask(["ip", "-o", "link"], Texts.links, .after)

  let tunnel = try linkMTU(stage, "vx0", in: nil)
  stage.find(
    "tunnel", Texts.findTunnelMTU, expected: "\(net.underlay) - 50 = \(net.mtu)",
    seen: "\(tunnel)", if: tunnel == net.mtu, otherwise: Texts.isWide, cause: "wide")
  let mtu = try linkMTU(stage, "eth0", in: net.web.pid)
  stage.find(
    "mtu", Texts.findOverlayMTU, expected: "\(net.underlay) - 50 = \(net.mtu)", seen: "\(mtu)",
    if: mtu == net.mtu, otherwise: mtu > net.mtu ? Texts.isLarge : Texts.isSmall,
    cause: mtu > net.mtu ? "inside" : "small")
  let path = Path(stage: stage, from: net.web.pid, to: TunnelStage.far.address)
  let small = try path.answer(56, isShown: true, tries: 3) != nil
  let large = try path.answer(net.underlay - 28, isShown: true, tries: 2) != nil
  stage.find(
    "large", Texts.findBoth.with(["small": "56", "large": "\(net.underlay - 28)"]),
    expected: "0, 0", seen: "\(small ? "0" : "-"), \(large ? "0" : "-")", if: small && large,
    otherwise: Texts.isLost)
}
