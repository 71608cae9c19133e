internal import Engine
internal import LabKit

/// outside.sh: from an id inside to the id outside.
let exercise = Assignment(
  file: "outside.sh", task: Texts.exerciseTask,
  start: """
    #!/bin/sh
    pid=$1 id=$2

    """,
  solution: """
    #!/bin/sh
    pid=$1 id=$2
    while read -r inside outside count; do
      if [ "$id" -ge "$inside" ] && [ $((id - inside)) -lt "$count" ]; then
        echo $((outside + id - inside))
        exit
      fi
    done < "/proc/$pid/uid_map"
    echo none

    """,
  wrong: [
    Planted(
      "takes the id inside for the host's", cause: "identity",
      """
      #!/bin/sh
      echo "$2"

      """),
    Planted(
      "reads the first line only", cause: "first-line",
      """
      #!/bin/sh
      read -r inside outside count < "/proc/$1/uid_map"
      echo $((outside + $2 - inside))

      """),
    Planted(
      "never asks how long a range is", cause: "length",
      """
      #!/bin/sh
      while read -r inside outside count; do
        if [ "$2" -ge "$inside" ]; then found=$((outside + $2 - inside)); fi
      done < "/proc/$1/uid_map"
      echo "$found"

      """),
  ],
  hints: [
    Hint(Texts.exerciseHint1), Hint(Texts.exerciseHint2), Hint(Texts.exerciseHint3),
    Hint(Texts.hintIdentity, cause: "identity"), Hint(Texts.hintFirstLine, cause: "first-line"),
    Hint(Texts.hintLength, cause: "length"),
  ],
  judge: judgeExercise)

@Sendable private func judgeExercise(_ stage: Stage, _ script: Script) throws {
  let plain = try sleeper(stage, [])
  try compare(stage, script, plain, "plain", 1000, Texts.kindPlain, cause: nil)
  try stage.stop(plain)

  let maps = ["0:100000:1000", "1000:300000:10"]
  let mapped = try sleeper(stage, maps)
  let kind = Texts.kindMapped.with(["maps": maps.joined(separator: ", ")])
  try compare(stage, script, mapped, "first", 0, kind, cause: "identity")
  try compare(stage, script, mapped, "second", 1007, kind, cause: "first-line")
  try compare(stage, script, mapped, "beyond", 1010, kind, cause: "length")
  try stage.stop(mapped)
}

/// A container that only waits.
func sleeper(_ stage: Stage, _ maps: [String]) throws -> any LabContainer {
  var options = RunOptions(image: "busybox")
  options.command = ["sleep", "60"]
  options.uidMap = maps
  return try stage.start(options)
}

private func compare(
  _ stage: Stage, _ script: Script, _ container: any LabContainer, _ finding: String, _ id: UInt32,
  _ kind: Text, cause: String?
) throws {
  let truth = text(IDMap(container.pid).outside(id))
  let seen = try stage.run(script, ["\(container.pid)", "\(id)"]).lines.last ?? ""
  // What was written is wrong in the way that is named only when it is a number.
  let named = UInt32(seen) == nil ? nil : cause
  stage.find(
    finding, Texts.findOutside.with(["id": "\(id)"]).with("kind", kind), expected: truth,
    seen: seen.isEmpty ? "-" : seen, if: seen == truth, otherwise: Texts.wrongOutside, cause: named)
}
