internal import Engine
internal import LabKit
internal import Linux

/// cable.sh: two containers, one cable, nothing between them.
let exercise = Assignment(
  file: "cable.sh", task: Texts.exerciseTask,
  start: """
    #!/bin/sh
    one=$1 one_address=$2 two=$3 two_address=$4

    """,
  solution: """
    #!/bin/sh
    one=$1 one_address=$2 two=$3 two_address=$4
    ip link add eth0 netns "$one" type veth peer name eth0 netns "$two"
    nsenter -t "$one" -n ip address add "$one_address" dev eth0
    nsenter -t "$two" -n ip address add "$two_address" dev eth0
    nsenter -t "$one" -n ip link set eth0 up
    nsenter -t "$two" -n ip link set eth0 up

    """,
  wrong: [
    Planted(
      "keeps one end on the host", cause: "host-end",
      """
      #!/bin/sh
      ip link add cable0 type veth peer name eth0 netns "$1"
      nsenter -t "$1" -n ip address add "$2" dev eth0
      nsenter -t "$1" -n ip link set eth0 up
      ip address add "$4" dev cable0
      ip link set cable0 up

      """),
    Planted(
      "sets one end up", cause: "down",
      """
      #!/bin/sh
      ip link add eth0 netns "$1" type veth peer name eth0 netns "$3"
      nsenter -t "$1" -n ip address add "$2" dev eth0
      nsenter -t "$3" -n ip address add "$4" dev eth0
      nsenter -t "$1" -n ip link set eth0 up

      """),
    Planted(
      "leaves the length of the subnet out", cause: "prefix",
      """
      #!/bin/sh
      ip link add eth0 netns "$1" type veth peer name eth0 netns "$3"
      nsenter -t "$1" -n ip address add "${2%/*}" dev eth0
      nsenter -t "$3" -n ip address add "${4%/*}" dev eth0
      nsenter -t "$1" -n ip link set eth0 up
      nsenter -t "$3" -n ip link set eth0 up

      """),
  ],
  hints: [
    Hint(Texts.exerciseHint1), Hint(Texts.exerciseHint2), Hint(Texts.exerciseHint3),
    Hint(Texts.hintHostEnd, cause: "host-end"), Hint(Texts.hintDown, cause: "down"),
    Hint(Texts.hintPrefix, cause: "prefix"),
  ],
  judge: judgeExercise)

@Sendable private func judgeExercise(_ stage: Stage, _ script: Script) throws {
  try stage.bareHost()
  var options = RunOptions(image: "busybox")
  options.command = ["sleep", "60"]
  let ends = [
    (container: try stage.start(options), address: "10.200.7.1/24"),
    (container: try stage.start(options), address: "10.200.7.2/24"),
  ]
  _ = try stage.run(script, ends.flatMap { ["\($0.container.pid)", $0.address] })
  let extra = try stage.links().filter { $0.name != "lo" }.map(\.name)
  stage.find(
    "host-end", Texts.findHostEnd, expected: "-",
    seen: extra.isEmpty ? "-" : extra.joined(separator: " "), if: extra.isEmpty,
    otherwise: Texts.hostEnd, cause: "host-end")
  for (number, end) in ends.enumerated() {
    let pid = end.container.pid
    let place = ["number": "\(number + 1)"]
    let link = try stage.links(in: pid).first { $0.name == "eth0" }
    stage.find(
      "link-\(number + 1)", Texts.findLink.with(place), expected: "eth0 UP",
      seen: link?.text ?? "-", if: link?.isUp == true,
      otherwise: link == nil ? Texts.noLink : Texts.down, cause: link == nil ? nil : "down")
    let held = try stage.addresses(in: pid).first { $0.link == "eth0" }?.address ?? "-"
    let isShort = held != end.address && end.address.hasPrefix(held.prefix { $0 != "/" } + "/")
    stage.find(
      "address-\(number + 1)", Texts.findAddress.with(place), expected: end.address, seen: held,
      if: held == end.address, otherwise: Texts.otherAddress, cause: isShort ? "prefix" : nil)
  }
  // Without these nobody answers, and to wait for it tells nothing new.
  guard stage.record.findings.allSatisfy({ !$0.isFailure }) else { return }
  for (from, to) in [(0, 1), (1, 0)] {
    let target = String(ends[to].address.prefix { $0 != "/" })
    let answer = try stage.ping(from: ends[from].container.pid, to: target)
    stage.find(
      "ping-\(from + 1)-\(to + 1)", Texts.findPing.with(["from": "\(from + 1)", "to": target]),
      expected: "0", seen: answer.isAnswered ? "0" : "1 \(answer.complaint)", if: answer.isAnswered,
      otherwise: Texts.noAnswer)
  }
}
