internal import Engine
internal import LabKit
internal import Linux
internal import Measure

/// cap.sh: a memory limit without a swap limit (course, broken states).
let broken = Assignment(
  file: "cap.sh", task: Texts.brokenTask,
  start: """
    #!/bin/sh
    group=$1 bytes=$2
    if [ -e "$group/memory.max" ]; then
      echo "$bytes" > "$group/memory.max"
    else
      echo "$bytes" > "$group/memory.limit_in_bytes"
    fi

    """,
  solution: """
    #!/bin/sh
    group=$1 bytes=$2
    if [ -e "$group/memory.max" ]; then
      echo "$bytes" > "$group/memory.max"
      echo 0 > "$group/memory.swap.max"
    else
      echo "$bytes" > "$group/memory.limit_in_bytes"
      echo "$bytes" > "$group/memory.memsw.limit_in_bytes"
    fi

    """,
  wrong: [
    Planted(
      "turns down swappiness instead", cause: "swap",
      """
      #!/bin/sh
      if [ -e "$1/memory.max" ]; then echo "$2" > "$1/memory.max"
      else echo "$2" > "$1/memory.limit_in_bytes"; echo 0 > "$1/memory.swappiness"; fi

      """),
    Planted(
      "closes swap and sets no memory limit", cause: "no-limit",
      """
      #!/bin/sh
      if [ -e "$1/memory.max" ]; then echo 0 > "$1/memory.swap.max"
      else echo "$2" > "$1/memory.memsw.limit_in_bytes"; fi 2>/dev/null
      exit 0

      """),
  ],
  hints: [
    Hint(Texts.brokenHint1), Hint(Texts.brokenHint2), Hint(Texts.brokenHint3),
    Hint(Texts.hintSwap, cause: "swap"), Hint(Texts.hintNoLimit, cause: "no-limit"),
  ],
  judge: judgeBroken)

@Sendable private func judgeBroken(_ stage: Stage, _ script: Script) throws {
  var options = RunOptions(image: "busybox")
  options.command = ["sleep", "60"]
  options.memory = 512 << 20
  options.memorySwap = -1
  let container = try stage.start(options)
  guard let group = container.cgroup("memory") else {
    throw LabError("the container has no memory cgroup")
  }
  let bytes: UInt64 = 64 << 20
  _ = try stage.run(script, [group, "\(bytes)"])
  let limit = Limits.memory(group)?.value
  stage.find(
    "memory", Texts.findMemory, expected: "\(bytes)", seen: limit.map { "\($0)" } ?? "max",
    if: limit == bytes, otherwise: Texts.noMemory, cause: "no-limit")
  guard Limits.swap(group) != nil else {
    let doubt = Doubt.unavailable(Texts.noSwapCount.bilingual)
    stage.find(
      Finding("swap", Texts.findSwap, expected: "0 B", seen: "?", .inconclusive([doubt])))
    return
  }
  let allowance = Limits.swapAllowance(group)
  stage.find(
    "swap", Texts.findSwap, expected: "0 B",
    seen: allowance.map { Quantity.bytes.text(Double($0)) } ?? "max", if: allowance == 0,
    otherwise: Texts.swapOpen, cause: "swap")
}
