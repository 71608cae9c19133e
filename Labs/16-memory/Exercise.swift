internal import Engine
internal import LabKit
internal import Linux
internal import Measure

/// limit.sh: the smallest limit between a process and the root.
let exercise = Assignment(
  file: "limit.sh", task: Texts.exerciseTask,
  start: """
    #!/bin/sh
    pid=$1

    """,
  solution: """
    #!/bin/sh
    pid=$1
    path=$(awk -F: '$2 ~ /(^|,)memory(,|$)/ { print $3 }' "/proc/$pid/cgroup")
    root=/sys/fs/cgroup/memory file=memory.limit_in_bytes
    if [ -z "$path" ]; then
      path=$(awk -F: '$1 == 0 { print $3 }' "/proc/$pid/cgroup")
      root=/sys/fs/cgroup file=memory.max
    fi
    best=max
    while :; do
      value=$(cat "$root$path/$file" 2>/dev/null || echo max)
      if [ "$value" != max ] && [ "$value" -lt 4611686018427387904 ]; then
        if [ "$best" = max ] || [ "$value" -lt "$best" ]; then best=$value; fi
      fi
      if [ -z "$path" ] || [ "$path" = / ]; then break; fi
      path=${path%/*}
    done
    echo "$best"

    """,
  wrong: [
    Planted(
      "prints the machine's memory", cause: "total",
      """
      #!/bin/sh
      awk '/^MemTotal:/ { print $2 * 1024 }' /proc/meminfo

      """),
    Planted(
      "looks at the process's own cgroup only", cause: "leaf",
      """
      #!/bin/sh
      path=$(awk -F: '$2 == "memory" { print "/memory" $3 }' "/proc/$1/cgroup")
      [ -n "$path" ] || path=$(awk -F: '$1 == 0 { print $3 }' "/proc/$1/cgroup")
      value=$(cat "/sys/fs/cgroup$path"/memory.limit_in_bytes \\
        "/sys/fs/cgroup$path"/memory.max 2>/dev/null)
      case $value in 9223372036854771712 | "") echo max ;; *) echo "$value" ;; esac

      """),
    Planted(
      "prints v1's number for no limit", cause: "huge",
      """
      #!/bin/sh
      path=$(awk -F: '$2 == "memory" { print "/memory" $3 }' "/proc/$1/cgroup")
      [ -n "$path" ] || path=$(awk -F: '$1 == 0 { print $3 }' "/proc/$1/cgroup")
      best=9223372036854771712
      while [ "${path%/*}" != "$path" ]; do
        for file in memory.limit_in_bytes memory.max; do
          value=$(cat "/sys/fs/cgroup$path/$file" 2>/dev/null || echo max)
          if [ "$value" != max ] && [ "$value" -lt $best ]; then best=$value; fi
        done
        path=${path%/*}
      done
      echo $best

      """),
  ],
  hints: [
    Hint(Texts.exerciseHint1), Hint(Texts.exerciseHint2), Hint(Texts.exerciseHint3),
    Hint(Texts.hintTotal, cause: "total"), Hint(Texts.hintLeaf, cause: "leaf"),
    Hint(Texts.hintHuge, cause: "huge"),
  ],
  judge: judgeExercise)

@Sendable private func judgeExercise(_ stage: Stage, _ script: Script) throws {
  try judge(stage, script, memory: 64 << 20, Texts.kindPlain, isNested: false)
  try judge(stage, script, memory: nil, Texts.kindNone, isNested: false)
  try judge(stage, script, memory: 96 << 20, Texts.kindNested, isNested: true)
}

private func judge(
  _ stage: Stage, _ script: Script, memory: Int64?, _ kind: Text, isNested: Bool
) throws {
  var options = RunOptions(image: "busybox")
  options.command = ["sleep", "60"]
  options.memory = memory
  let container = try stage.start(options)
  guard let group = container.cgroup("memory") else {
    throw LabError("the container has no memory cgroup")
  }
  let inner = "\(group)/inner"
  defer {
    if isNested {
      for pid in Processes.inCgroup(inner) { Limits.move(pid, to: group) }
      Limits.remove(inner)
    }
  }
  if isNested {
    try File.makeDirectory(inner)
    Limits.move(container.pid, to: inner)
  }
  let seen = try stage.run(script, ["\(container.pid)"]).lines.last ?? ""
  // Limits above the container's own cgroup hold too, whoever set them.
  let truth = smallest(group).map { "\($0)" } ?? "max"
  // awk may have rounded it.
  let total = Double(Kernel.keyed("/proc/meminfo", "MemTotal:") ?? 0) * 1024
  let isTotal = Double(seen).map { abs($0 - total) < total / 1000 } ?? false
  let (reason, cause): (Text, String?) =
    if isTotal { (Texts.isTotal, "total") } else if let number = UInt64(seen), number >= 1 << 62 {
      (Texts.isHuge, "huge")
    } else if isNested, seen == "max" { (Texts.isLeaf, "leaf") } else {
      (Texts.wrongLimit, nil)
    }
  stage.find(
    "limit-\(isNested ? "nested" : memory == nil ? "none" : "plain")",
    Texts.findLimit.with("kind", kind), expected: truth, seen: seen, if: seen == truth,
    otherwise: reason, cause: cause)
}

/// The smallest limit of a cgroup and all above it.
private func smallest(_ group: String) -> UInt64? {
  var path = group[...]
  var best: UInt64?
  while path.count > "/sys/fs/cgroup".count, let slash = path.lastIndex(of: "/") {
    if let value = Limits.memory(String(path))?.value { best = min(best ?? value, value) }
    path = path[..<slash]
  }
  return best
}
