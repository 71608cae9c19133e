internal import Engine
internal import LabKit
internal import Linux

/// follow.sh: a container was started again and has another address; the new rule stands behind the
/// old one, and the first rule that matches decides.
let broken = Assignment(
  file: "follow.sh", task: Texts.brokenTask,
  start: """
    #!/bin/sh
    pid=$1 port=$2 target=$3
    address=$(nsenter -t "$pid" -n ip -4 -o address show dev eth0 | awk '{ print $4 }')
    address=${address%/*}
    nft add rule inet publish ports tcp dport "$port" dnat ip to "$address:$target"

    """,
  solution: """
    #!/bin/sh
    pid=$1 port=$2 target=$3
    address=$(nsenter -t "$pid" -n ip -4 -o address show dev eth0 | awk '{ print $4 }')
    address=${address%/*}
    for handle in $(nft -a list chain inet publish ports |
      awk -v port="$port" '$1 " " $2 " " $3 == "tcp dport " port { print $NF }'); do
      nft delete rule inet publish ports handle "$handle"
    done
    nft add rule inet publish ports tcp dport "$port" dnat ip to "$address:$target"

    """,
  wrong: [
    Planted(
      "puts the new rule in front and leaves the old one", cause: "stale",
      """
      #!/bin/sh
      address=$(nsenter -t "$1" -n ip -4 -o address show dev eth0 | awk '{ print $4 }')
      nft insert rule inet publish ports tcp dport "$2" dnat ip to "${address%/*}:$3"

      """),
    Planted(
      "takes the rules of other containers away too", cause: "others",
      """
      #!/bin/sh
      address=$(nsenter -t "$1" -n ip -4 -o address show dev eth0 | awk '{ print $4 }')
      nft flush chain inet publish ports
      nft add rule inet publish ports tcp dport "$2" dnat ip to "${address%/*}:$3"

      """),
    Planted(
      "takes the first address that there is", cause: "address",
      """
      #!/bin/sh
      address=$(nsenter -t "$1" -n ip -4 -o address show | awk 'NR == 1 { print $4 }')
      nft insert rule inet publish ports tcp dport "$2" dnat ip to "${address%/*}:$3"

      """),
  ],
  hints: [
    Hint(Texts.brokenHint1), Hint(Texts.brokenHint2), Hint(Texts.brokenHint3),
    Hint(Texts.hintStale, cause: "stale"), Hint(Texts.hintOthers, cause: "others"),
    Hint(Texts.hintAddress, cause: "address"),
  ],
  judge: judgeBroken)

/// Where the container was before, and where nobody is now.
private let former = "10.200.1.9"

@Sendable private func judgeBroken(_ stage: Stage, _ script: Script) throws {
  try stage.bareHost()
  let client = try stage.otherHost(isShown: false)
  let host = try HandHost(stage, pid: nil, isShown: false)
  try HandHost.join(stage, nil, with: client, net: 8, isShown: false)
  let web = try stage.web()
  try host.connect(web, HandHost.web, port: "v2")
  for rule in [
    "add table inet publish", "add chain inet publish ports",
    "add rule inet publish ports tcp dport 8081 dnat ip to \(HandHost.web):80",
    "add rule inet publish ports tcp dport 8080 dnat ip to \(former):80",
    "add chain inet publish prerouting { type nat hook prerouting priority dstnat; }",
    "add rule inet publish prerouting fib daddr type local jump ports",
  ] { try host.nft(rule) }
  try stage.ask(["nft", "list", "chain", "inet", "publish", "ports"], Texts.rules, .before)
  _ = try stage.run(script, ["\(web.pid)", "8080", "80"])
  let after = try stage.ask(
    ["nft", "list", "chain", "inet", "publish", "ports"], Texts.rules, .after)

  let targets = after.split(separator: "\n").filter { $0.contains("dport 8080 ") }
    .compactMap { $0.split(separator: " ").last.map(String.init) }
  let reached = try stage.visit("10.200.8.1:8080", from: client, tries: 2)
  let (reason, cause): (Text, String?) =
    switch targets.first {
    case "\(HandHost.web):80": (Texts.noAnswer, nil)
    case "\(former):80": (Texts.isStale, "stale")
    default: (Texts.isOther, "address")
    }
  stage.find(
    "reached", Texts.findReached, expected: "10.200.8.2", seen: reached.text,
    if: reached == .answered("10.200.8.2"), otherwise: reason, cause: cause)
  let other = try stage.visit("10.200.8.1:8081", from: client, tries: 2)
  stage.find(
    "other", Texts.findOther, expected: "10.200.8.2", seen: other.text,
    if: other == .answered("10.200.8.2"), otherwise: Texts.othersGone, cause: "others")
  stage.find(
    "targets", Texts.findTargets, expected: "\(HandHost.web):80",
    seen: targets.joined(separator: " "), if: targets == ["\(HandHost.web):80"],
    otherwise: Texts.isLeft, cause: "stale")
}
