internal import Engine
internal import LabKit
internal import Measure

/// weights.sh: divide a contended CPU by weights.
let exercise = Assignment(
  file: "weights.sh", task: Texts.exerciseTask,
  start: """
    #!/bin/sh
    a=$1 b=$2 percent=$3

    """,
  solution: """
    #!/bin/sh
    a=$1 b=$2 percent=$3
    if [ -e "$a/cpu.weight" ]; then file=cpu.weight; else file=cpu.shares; fi
    echo $((percent * 10)) > "$a/$file"
    echo $(((100 - percent) * 10)) > "$b/$file"

    """,
  wrong: [
    Planted(
      "sets a quota", cause: "quota",
      """
      #!/bin/sh
      if [ -e "$1/cpu.max" ]; then
        echo "$(($3 * 1000)) 100000" > "$1/cpu.max"
      else
        echo $(($3 * 1000)) > "$1/cpu.cfs_quota_us"
      fi

      """),
    Planted(
      "swaps the two", cause: "swapped",
      """
      #!/bin/sh
      if [ -e "$1/cpu.weight" ]; then file=cpu.weight; else file=cpu.shares; fi
      echo $(($3 * 10)) > "$2/$file"
      echo $(((100 - $3) * 10)) > "$1/$file"

      """),
    Planted(
      "writes only A's weight", cause: "ratio",
      """
      #!/bin/sh
      if [ -e "$1/cpu.weight" ]; then file=cpu.weight; else file=cpu.shares; fi
      echo $(($3 * 10)) > "$1/$file"

      """),
  ],
  hints: [
    Hint(Texts.exerciseHint1), Hint(Texts.exerciseHint2), Hint(Texts.exerciseHint3),
    Hint(Texts.hintQuota, cause: "quota"), Hint(Texts.hintSwapped, cause: "swapped"),
    Hint(Texts.hintRatio, cause: "ratio"),
  ],
  judge: judgeExercise)

@Sendable private func judgeExercise(_ stage: Stage, _ script: Script) throws {
  let cpu = Limits.allowedCPUs().first ?? 0
  let a = try stage.start(hog(nil, on: cpu))
  let b = try stage.start(hog(nil, on: cpu))
  guard let groupA = a.cgroup("cpu"), let groupB = b.cgroup("cpu") else {
    throw LabError("the containers have no cpu cgroup")
  }
  for percent in [80, 30] {
    _ = try stage.run(script, [groupA, groupB, "\(percent)"])
    try judgeQuota(stage, [groupA, groupB], percent)
    guard let weightA = Limits.cpuWeight(groupA)?.value,
      let weightB = Limits.cpuWeight(groupB)?.value
    else { throw LabError("\(groupA) has no weight") }
    let wanted = Double(percent) / 100
    let share = weightA / (weightA + weightB)
    let isSwapped = abs(1 - share - wanted) < 0.01 && percent != 50
    stage.find(
      "ratio-\(percent)", Texts.findRatio.with(["percent": "\(percent)"]),
      expected: Expected(wanted, within: 0.01, unit: .share), measured: share,
      cause: isSwapped ? "swapped" : "ratio")
    if stage.record.cause != nil { return }
  }
  // The kernel does as it was told: B, with 30 % for A, has more.
  try Interrupt.sleep(milliseconds: 200)
  let windows = try stage.watch([a, b], seconds: 2)
  let used = windows.map { $0.usedCPUs ?? 0 }
  stage.find(
    "real", Texts.findReal, expected: Expected(0.3, within: 0.04, unit: .share),
    measured: Split.share(used),
    doubts: Quiet.doubts(windows[0], wanted: 1, on: [cpu], own: used.reduce(0, +)))
}

private func judgeQuota(_ stage: Stage, _ groups: [String], _ percent: Int) throws {
  let quotas = groups.compactMap { Limits.cpuQuota($0)?.value.cpus }
  stage.find(
    "no-quota-\(percent)", Texts.findNoQuota, expected: "-",
    seen: quotas.isEmpty ? "-" : quotas.map { Decimals.short($0) }.joined(separator: " "),
    if: quotas.isEmpty, otherwise: Texts.quotaSet, cause: "quota")
}
