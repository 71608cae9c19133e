internal import Engine
internal import LabKit
internal import Linux
internal import Measure

/// publish.sh: a port by the kernel's translation, from everywhere.
let exercise = Assignment(
  file: "publish.sh", task: Texts.exerciseTask,
  start: """
    #!/bin/sh
    port=$1 address=$2 target=$3 bridge=$4 subnet=$5
    nft -f - <<END
    table inet publish {
      chain prerouting {
        type nat hook prerouting priority dstnat;
      }
    }
    END

    """,
  solution: """
    #!/bin/sh
    port=$1 address=$2 target=$3 bridge=$4 subnet=$5
    echo 1 >"/proc/sys/net/ipv4/conf/$bridge/route_localnet"
    nft -f - <<END
    table inet publish {
      chain prerouting {
        type nat hook prerouting priority dstnat;
        fib daddr type local tcp dport $port dnat ip to $address:$target
      }
      chain output {
        type nat hook output priority -100;
        fib daddr type local tcp dport $port dnat ip to $address:$target
      }
      chain postrouting {
        type nat hook postrouting priority srcnat;
        oifname "$bridge" ip saddr { 127.0.0.0/8, $subnet } ct status dnat masquerade
      }
    }
    END

    """,
  wrong: [
    Planted(
      "thinks only of those who come from outside", cause: "output",
      rules(loopback: false, output: false)),
    Planted("leaves route_localnet off", cause: "route-localnet", rules(loopback: false)),
    Planted(
      "lets loopback's address out as it is", cause: "masquerade", rules(masquerade: "")),
    Planted(
      "forgets the neighbours", cause: "hairpin",
      rules(masquerade: "oifname \"$4\" ip saddr 127.0.0.0/8 masquerade")),
    Planted(
      "hides everybody's address", cause: "hidden", rules(masquerade: "oifname \"$4\" masquerade")),
  ],
  hints: [
    Hint(Texts.exerciseHint1), Hint(Texts.exerciseHint2), Hint(Texts.exerciseHint3),
    Hint(Texts.hintOutput, cause: "output"), Hint(Texts.hintLocalnet, cause: "route-localnet"),
    Hint(Texts.hintMasquerade, cause: "masquerade"), Hint(Texts.hintHairpin, cause: "hairpin"),
    Hint(Texts.hintHidden, cause: "hidden"),
  ],
  judge: judgeExercise)

/// publish.sh with something wrong in it.
private func rules(
  loopback: Bool = true, output: Bool = true, masquerade: String = ""
) -> String {
  let line = "fib daddr type local tcp dport $1 dnat ip to $2:$3"
  return """
    #!/bin/sh
    \(loopback ? "echo 1 >/proc/sys/net/ipv4/conf/$4/route_localnet" : ":")
    nft -f - <<END
    table inet publish {
      chain prerouting { type nat hook prerouting priority dstnat; \(line); }
      chain output { type nat hook output priority -100; \(output ? line : "accept"); }
      chain postrouting { type nat hook postrouting priority srcnat; \(masquerade)
      }
    }
    END

    """
}

@Sendable private func judgeExercise(_ stage: Stage, _ script: Script) throws {
  try stage.bareHost()
  let client = try stage.otherHost(isShown: false)
  let host = try HandHost(stage, pid: nil, isShown: false)
  try HandHost.join(stage, nil, with: client, net: 8, isShown: false)
  let web = try stage.web()
  try host.connect(web, HandHost.web, port: "v2")
  var options = RunOptions(image: "busybox")
  options.command = ["sleep", "60"]
  let near = try stage.start(options)
  try host.connect(near, HandHost.near, port: "v3")
  _ = try stage.run(script, ["8080", HandHost.web, "80", HandHost.bridge, "10.200.1.0/24"])

  let outside = try stage.visit("10.200.8.1:8080", from: client, tries: 3)
  let isHidden = outside == .answered(HandHost.gateway)
  stage.find(
    "outside", Texts.findOutside, expected: "10.200.8.2", seen: outside.text,
    if: outside == .answered("10.200.8.2"),
    otherwise: isHidden ? Texts.hidden : Texts.noAnswer, cause: isHidden ? "hidden" : nil)
  guard stage.record.cause == nil else { return }

  let loopback = try stage.visit("127.0.0.1:8080", from: nil, tries: 3)
  let switches = ["all", HandHost.bridge].map { "/proc/sys/net/ipv4/conf/\($0)/route_localnet" }
  let isOpen = switches.contains { Kernel.read($0) == "1" }
  let (reason, cause): (Text, String) =
    if loopback == .refused {
      (Texts.notTranslated, "output")
    } else if !isOpen {
      (Texts.notRouted, "route-localnet")
    } else {
      (Texts.notMasked, "masquerade")
    }
  stage.find(
    "loopback", Texts.findLoopbackWorks, expected: HandHost.gateway, seen: loopback.text,
    if: loopback == .answered(HandHost.gateway), otherwise: reason, cause: cause)
  guard stage.record.cause == nil else { return }

  let neighbour = try stage.visit("10.200.8.1:8080", from: near.pid, tries: 3)
  stage.find(
    "neighbour", Texts.findNeighbourWorks, expected: HandHost.gateway, seen: neighbour.text,
    if: neighbour == .answered(HandHost.gateway), otherwise: Texts.answersPast, cause: "hairpin")
}
