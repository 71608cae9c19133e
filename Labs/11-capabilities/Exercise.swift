internal import Engine
internal import LabKit

/// can.sh: whether a process may use a capability now.
let exercise = Assignment(
  file: "can.sh", task: Texts.exerciseTask,
  start: """
    #!/bin/sh
    pid=$1 number=$2

    """,
  solution: """
    #!/bin/sh
    pid=$1 number=$2
    mask=$(awk '/^CapEff:/ { print $2 }' "/proc/$pid/status")
    if [ $((0x$mask >> number & 1)) = 1 ]; then echo yes; else echo no; fi

    """,
  wrong: [
    Planted(
      "asks who it is", cause: "uid",
      """
      #!/bin/sh
      uid=$(awk '/^Uid:/ { print $3 }' "/proc/$1/status")
      if [ "$uid" = 0 ]; then echo yes; else echo no; fi

      """),
    Planted(
      "reads what it could ever have", cause: "bounding",
      """
      #!/bin/sh
      mask=$(awk '/^CapBnd:/ { print $2 }' "/proc/$1/status")
      if [ $((0x$mask >> $2 & 1)) = 1 ]; then echo yes; else echo no; fi

      """),
  ],
  hints: [
    Hint(Texts.exerciseHint1), Hint(Texts.exerciseHint2), Hint(Texts.exerciseHint3),
    Hint(Texts.hintUid, cause: "uid"), Hint(Texts.hintBounding, cause: "bounding"),
  ],
  judge: judgeExercise)

@Sendable private func judgeExercise(_ stage: Stage, _ script: Script) throws {
  try judge(stage, script, "granted", netRaw, "", cause: nil) { _ in }
  try judge(stage, script, "dropped", netRaw, "--cap-drop NET_RAW", cause: "uid") {
    $0.capDrop = ["NET_RAW"]
  }
  try judge(stage, script, "user", netRaw, "--user 1000", cause: "bounding") { $0.user = "1000" }
  let netAdmin = 12
  try judge(stage, script, "added", netAdmin, "--cap-add NET_ADMIN", cause: nil) {
    $0.capAdd = ["NET_ADMIN"]
  }
}

private func judge(
  _ stage: Stage, _ script: Script, _ finding: String, _ number: Int, _ flags: String,
  cause: String?, _ change: (inout RunOptions) -> Void
) throws {
  var options = RunOptions(image: "busybox")
  options.command = ["sleep", "60"]
  change(&options)
  let container = try stage.start(options)
  let truth = mask(container.pid, "CapEff") >> UInt64(number) & 1 == 1 ? "yes" : "no"
  let seen = try stage.run(script, ["\(container.pid)", "\(number)"]).lines.last ?? ""
  let words = ["command": "drydock run \(flags)".trimmed, "number": "\(number)"]
  stage.find(
    finding, Texts.findCan.with(words), expected: truth, seen: seen, if: seen == truth,
    otherwise: Texts.wrongCan, cause: seen == "yes" ? cause : nil)
  try stage.stop(container)
}

extension String {
  fileprivate var trimmed: String { split(separator: " ").joined(separator: " ") }
}
