internal import Engine
internal import LabKit
internal import Linux
internal import Measure

/// cpus.sh: the limit is written as a malformed number (course, broken states).
let broken = Assignment(
  file: "cpus.sh", task: Texts.brokenTask,
  start: """
    #!/bin/sh
    group=$1 cpus=$2
    period=100000
    quota=$(awk "BEGIN { printf \\"%.3g\\", $cpus * $period }")
    if [ -e "$group/cpu.max" ]; then
      { echo "$quota $period" > "$group/cpu.max"; } 2>/dev/null
    else
      { echo "$period" > "$group/cpu.cfs_period_us"
        echo "$quota" > "$group/cpu.cfs_quota_us"; } 2>/dev/null
    fi
    exit 0

    """,
  solution: """
    #!/bin/sh
    group=$1 cpus=$2
    period=100000
    quota=$(awk "BEGIN { printf \\"%d\\", $cpus * $period + 0.5 }")
    if [ -e "$group/cpu.max" ]; then
      echo "$quota $period" > "$group/cpu.max"
    else
      echo "$period" > "$group/cpu.cfs_period_us"
      echo "$quota" > "$group/cpu.cfs_quota_us"
    fi

    """,
  wrong: [
    Planted(
      "drops the fraction", cause: "unlimited",
      """
      #!/bin/sh
      quota=$((${2%.*} * 100000))
      if [ -e "$1/cpu.max" ]; then echo "$quota 100000" > "$1/cpu.max"
      else echo "$quota" > "$1/cpu.cfs_quota_us"; fi 2>/dev/null
      exit 0

      """),
    Planted(
      "halves the period too", cause: "wrong-limit",
      """
      #!/bin/sh
      quota=$(awk "BEGIN { printf \\"%d\\", $2 * 100000 }")
      if [ -e "$1/cpu.max" ]; then echo "$quota 50000" > "$1/cpu.max"
      else echo 50000 > "$1/cpu.cfs_period_us"; echo "$quota" > "$1/cpu.cfs_quota_us"; fi

      """),
  ],
  hints: [
    Hint(Texts.brokenHint1), Hint(Texts.brokenHint2), Hint(Texts.brokenHint3),
    Hint(Texts.hintUnlimited, cause: "unlimited"), Hint(Texts.hintWrong, cause: "wrong-limit"),
  ],
  judge: judgeBroken)

@Sendable private func judgeBroken(_ stage: Stage, _ script: Script) throws {
  let container = try stage.start(hogs(1, cpus: nil))
  guard let group = container.cgroup("cpu") else {
    throw LabError("the container has no cpu cgroup")
  }
  for cpus in [0.75, 0.5] {
    _ = try stage.run(script, [group, Decimals.short(cpus)])
    let limit = Limits.cpuQuota(group)?.value.cpus
    let isRight = limit.map { abs($0 - cpus) < 0.005 } ?? false
    stage.find(
      "limit-\(Decimals.short(cpus))", Texts.findLimit.with(["cpus": Decimals.short(cpus)]),
      expected: Decimals.short(cpus), seen: limit.map { Decimals.short($0) } ?? "-", if: isRight,
      otherwise: limit == nil ? Texts.noLimit : Texts.wrongLimit,
      cause: limit == nil ? "unlimited" : "wrong-limit")
    guard isRight else { return }
  }
  try Interrupt.sleep(milliseconds: 200)
  let windows = try stage.watch([container], seconds: 2)
  stage.find(
    "effect", Texts.findEffect, expected: Expected(0.5, within: 0.05, unit: .cpus),
    measured: windows[0].usedCPUs ?? 0, doubts: Quiet.doubts(windows[0], wanted: 1))
}
