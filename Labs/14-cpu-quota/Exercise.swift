internal import Engine
internal import LabKit
internal import Linux
internal import Measure

/// throttled.sh: the part of the periods that ran out of quota, over a window.
let exercise = Assignment(
  file: "throttled.sh", task: Texts.exerciseTask,
  start: """
    #!/bin/sh
    group=$1 seconds=$2

    """,
  solution: """
    #!/bin/sh
    group=$1 seconds=$2
    counter() { awk -v name="$1" '$1 == name { print $2 }' "$group/cpu.stat"; }
    periods=$(counter nr_periods) throttled=$(counter nr_throttled)
    sleep "$seconds"
    periods=$(($(counter nr_periods) - periods))
    throttled=$(($(counter nr_throttled) - throttled))
    if [ $periods -eq 0 ]; then echo 0; else echo $((100 * throttled / periods)); fi

    """,
  wrong: [
    Planted(
      "counts since the beginning", cause: "lifetime",
      """
      #!/bin/sh
      sleep "$2"
      awk '{ v[$1] = $2 } END { p = v["nr_periods"]
        print p ? int(100 * v["nr_throttled"] / p) : 0 }' "$1/cpu.stat"

      """),
    Planted(
      "prints how many periods, not which part", cause: "count",
      """
      #!/bin/sh
      counter() { awk '$1 == "nr_throttled" { print $2 }' "$1/cpu.stat"; }
      before=$(counter "$1")
      sleep "$2"
      echo $(($(counter "$1") - before))

      """),
    Planted(
      "divides by no periods", cause: "zero",
      """
      #!/bin/sh
      counter() { awk -v name="$2" '$1 == name { print $2 }' "$1/cpu.stat"; }
      p=$(counter "$1" nr_periods) t=$(counter "$1" nr_throttled)
      sleep "$2"
      p=$(($(counter "$1" nr_periods) - p)) t=$(($(counter "$1" nr_throttled) - t))
      echo $((100 * t / p))

      """),
  ],
  hints: [
    Hint(Texts.exerciseHint1), Hint(Texts.exerciseHint2), Hint(Texts.exerciseHint3),
    Hint(Texts.hintLifetime, cause: "lifetime"), Hint(Texts.hintCount, cause: "count"),
    Hint(Texts.hintZero, cause: "zero"),
  ],
  judge: judgeExercise)

@Sendable private func judgeExercise(_ stage: Stage, _ script: Script) throws {
  try judgeBusy(stage, script)
  if stage.record.cause == nil { try judgeIdle(stage, script) }
}

private func judgeBusy(_ stage: Stage, _ script: Script) throws {
  let container = try stage.start(hogs(1, cpus: 0.3))
  let stat = (container.cgroup("cpu") ?? "") + "/cpu.stat"
  try Interrupt.sleep(milliseconds: 300)
  let before = counters(stat)
  let result = try stage.run(script, [container.cgroup("cpu") ?? "", "2"])
  let after = counters(stat)
  try stage.stop(container)
  let periods = after.periods - before.periods
  let throttled = after.throttled - before.throttled
  let truth = periods > 0 ? 100 * throttled / periods : 0
  let seen = result.lines.last ?? ""
  let value = Int(seen)
  // The script's window lies within ours: a few periods more or less.
  let isNear = value.map { abs($0 - truth) <= 12 } ?? false
  let isCount = value.map { !isNear && abs($0 - throttled) <= 3 } ?? false
  stage.find(
    "busy", Texts.findBusy, expected: "\(truth) ± 12", seen: seen, if: isNear,
    otherwise: isCount ? Texts.isCount : Texts.wrongPercent, cause: isCount ? "count" : nil)
}

private func judgeIdle(_ stage: Stage, _ script: Script) throws {
  var options = RunOptions(image: "busybox")
  options.command = ["sh", "-c", "trap 'exec sleep 60' TERM; while :; do :; done"]
  options.cpus = 0.2
  let container = try stage.start(options)
  let stat = (container.cgroup("cpu") ?? "") + "/cpu.stat"
  // Throttled first, then at rest: the counters stand still.
  var last = counters(stat)
  var still = 0
  for _ in 0..<100 where still < 4 {
    // Again each time, for it may not have set its trap yet; a first process ignores it otherwise.
    if last.throttled > 0, still == 0 { try container.kill(Signal.term) }
    try Interrupt.sleep(milliseconds: 150)
    let now = counters(stat)
    still = now == last && now.throttled > 0 ? still + 1 : 0
    last = now
  }
  guard still >= 4 else { throw LabError(Texts.neverIdle.en) }
  let result = try script.run([container.cgroup("cpu") ?? "", "1"])
  try stage.stop(container)
  let seen = result.code == 0 ? result.lines.last ?? "" : "exit \(result.code)"
  let lifetime = last.periods > 0 ? 100 * last.throttled / last.periods : 0
  let isLifetime = Int(seen).map { abs($0 - lifetime) <= 2 && lifetime > 2 } ?? false
  let reason: Text
  if result.code != 0 || seen.isEmpty {
    reason = Texts.divided.with(["complaint": result.complaint])
  } else {
    reason = isLifetime ? Texts.isLifetime : Texts.wrongPercent
  }
  stage.find(
    "idle", Texts.findIdle, expected: "0", seen: seen, if: seen == "0", otherwise: reason,
    cause: result.code != 0 || seen.isEmpty ? "zero" : isLifetime ? "lifetime" : nil)
}

private func counters(_ stat: String) -> (periods: Int, throttled: Int) {
  (
    Int(Kernel.keyed(stat, "nr_periods") ?? 0), Int(Kernel.keyed(stat, "nr_throttled") ?? 0)
  )
}
