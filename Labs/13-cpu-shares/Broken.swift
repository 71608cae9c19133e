internal import Engine
internal import LabKit
internal import Linux
internal import Measure

/// half.sh: the weight is written one level too deep; on v2 that is the missing subtree_control
/// (course, broken states).
let broken = Assignment(
  file: "half.sh", task: Texts.brokenTask,
  start: """
    #!/bin/sh
    a=$1 b=$2
    if [ -e "$a/cpu.weight" ]; then
      file=cpu.weight full=100 half=50
    else
      file=cpu.shares full=1024 half=512
    fi
    echo $full > "$a/$file"
    mkdir -p "$b/limited"
    for pid in $(cat "$b/cgroup.procs"); do
      echo "$pid" > "$b/limited/cgroup.procs"
    done
    { echo $half > "$b/limited/$file"; } 2>/dev/null
    exit 0

    """,
  solution: """
    #!/bin/sh
    a=$1 b=$2
    if [ -e "$a/cpu.weight" ]; then
      file=cpu.weight full=100 half=50
    else
      file=cpu.shares full=1024 half=512
    fi
    echo $full > "$a/$file"
    echo $half > "$b/$file"

    """,
  wrong: [
    Planted(
      "writes the inner weight with more force", cause: "nested",
      """
      #!/bin/sh
      mkdir -p "$2/limited"
      for pid in $(cat "$2/cgroup.procs"); do echo "$pid" > "$2/limited/cgroup.procs"; done
      echo 2 > "$2/limited/cpu.shares" 2>/dev/null || true

      """),
    Planted(
      "gives both the same", cause: "ratio",
      """
      #!/bin/sh
      for group in "$1" "$2"; do
        if [ -e "$group/cpu.weight" ]; then echo 50 > "$group/cpu.weight"
        else echo 512 > "$group/cpu.shares"; fi
      done

      """),
  ],
  hints: [
    Hint(Texts.brokenHint1), Hint(Texts.brokenHint2), Hint(Texts.brokenHint3),
    Hint(Texts.hintNested, cause: "nested"), Hint(Texts.hintRatio, cause: "ratio"),
  ],
  judge: judgeBroken)

@Sendable private func judgeBroken(_ stage: Stage, _ script: Script) throws {
  let cpu = Limits.allowedCPUs().first ?? 0
  let a = try stage.start(hog(nil, on: cpu))
  let b = try stage.start(hog(nil, on: cpu))
  guard let groupA = a.cgroup("cpu"), let groupB = b.cgroup("cpu") else {
    throw LabError("the containers have no cpu cgroup")
  }
  defer { flatten(groupB) }
  _ = try stage.run(script, [groupA, groupB])
  let inside = Processes.inCgroup(groupB)
  let deeper = inner(groupB).flatMap(Processes.inCgroup)
  stage.find(
    "inside", Texts.findInside, expected: "\(inside.count + deeper.count)",
    seen: "\(inside.count)", if: deeper.isEmpty && !inside.isEmpty, otherwise: Texts.nested,
    cause: "nested")
  guard let weightA = Limits.cpuWeight(groupA)?.value,
    let weightB = Limits.cpuWeight(groupB)?.value
  else { throw LabError("\(groupA) has no weight") }
  stage.find(
    "half", Texts.findHalf, expected: Expected(2.0 / 3, within: 0.005, unit: .share),
    measured: weightA / (weightA + weightB), cause: "ratio")
  guard stage.record.cause == nil else { return }
  try Interrupt.sleep(milliseconds: 200)
  let windows = try stage.watch([a, b], seconds: 2)
  let used = windows.map { $0.usedCPUs ?? 0 }
  stage.find(
    "real", Texts.findReal,
    expected: Expected(weightA / (weightA + weightB), within: 0.04, unit: .share),
    measured: Split.share(used),
    doubts: Quiet.doubts(windows[0], wanted: 1, on: [cpu], own: used.reduce(0, +)))
}

/// The cgroups directly inside one.
private func inner(_ group: String) -> [String] {
  Kernel.list(group).map { "\(group)/\($0)" }.filter { File.exists("\($0)/cgroup.procs") }
}

/// Brings processes back from inner groups and removes those, so that the container can go.
private func flatten(_ group: String) {
  for child in inner(group) {
    for pid in Processes.inCgroup(child) { Limits.move(pid, to: group) }
    Limits.remove(child)
  }
}
