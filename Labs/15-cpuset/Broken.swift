internal import Engine
internal import LabKit
internal import Linux
internal import Measure

/// pin.sh: a new cpuset without memory nodes (v1), or below a missing subtree_control (v2)
/// (course, broken states).
let broken = Assignment(
  file: "pin.sh", task: Texts.brokenTask,
  start: """
    #!/bin/sh
    set -e
    group=$1 pid=$2 cpu=$3
    parent=${group%/*}
    mkdir -p "$group"
    echo "$cpu" > "$group/cpuset.cpus"
    echo "$pid" > "$group/cgroup.procs"

    """,
  solution: """
    #!/bin/sh
    set -e
    group=$1 pid=$2 cpu=$3
    parent=${group%/*}
    if [ -e "$parent/cgroup.subtree_control" ]; then
      echo +cpuset > "$parent/cgroup.subtree_control"
    fi
    mkdir -p "$group"
    echo "$cpu" > "$group/cpuset.cpus"
    if [ ! -e "$parent/cgroup.subtree_control" ]; then
      cat "$parent/cpuset.mems" > "$group/cpuset.mems"
    fi
    echo "$pid" > "$group/cgroup.procs"

    """,
  wrong: [
    Planted(
      "hides the error", cause: "attach",
      """
      #!/bin/sh
      mkdir -p "$1"
      { echo "$3" > "$1/cpuset.cpus"; echo "$2" > "$1/cgroup.procs"; } 2>/dev/null
      exit 0

      """),
    Planted(
      "pins the process, not the group", cause: "outside",
      """
      #!/bin/sh
      taskset -p -c "$3" "$2" > /dev/null

      """),
  ],
  hints: [
    Hint(Texts.brokenHint1), Hint(Texts.brokenHint2), Hint(Texts.brokenHint3),
    Hint(Texts.hintAttach, cause: "attach"), Hint(Texts.hintOutside, cause: "outside"),
  ],
  judge: judgeBroken)

@Sendable private func judgeBroken(_ stage: Stage, _ script: Script) throws {
  let cpu = Limits.allowedCPUs().first ?? 0
  var options = RunOptions(image: "busybox")
  options.command = ["sh", "-c", "while :; do :; done"]
  let container = try stage.start(options)
  guard let home = container.cgroup("cpuset"), let slash = home.lastIndex(of: "/") else {
    throw LabError("the container has no cpuset cgroup", hint: "Is the cpuset controller mounted?")
  }
  // A parent as an administrator would have made it: usable itself, handing nothing down.
  let parent = "\(home[..<slash])/\(stage.groupName)"
  try File.makeDirectories(parent)
  let group = "\(parent)/pinned"
  defer {
    for pid in Processes.inCgroup(group) { Limits.move(pid, to: home) }
    if File.exists(group) { Limits.remove(group) }
    Limits.remove(parent)
  }
  for name in ["cpuset.cpus", "cpuset.mems"] where Kernel.read("\(parent)/\(name)") == "" {
    if let value = Kernel.read("\(home[..<slash])/\(name)"), !value.isEmpty {
      try File.set("\(parent)/\(name)", value)
    }
  }
  // As the kernel makes it: a new group inherits nothing (cpuset(7), cgroup.clone_children).
  if File.exists("\(parent)/cgroup.clone_children") {
    try File.set("\(parent)/cgroup.clone_children", "0")
  }
  let result = try script.run([group, "\(container.pid)", "\(cpu)"])
  try judge(stage, container.pid, group, cpu, result)
}

private func judge(
  _ stage: Stage, _ pid: Int32, _ group: String, _ cpu: Int, _ result: Script.Result
) throws {
  let isInside = Processes.inCgroup(group).contains(pid)
  let list = Kernel.status(pid, "Cpus_allowed_list") ?? "?"
  let isPinned = list == "\(cpu)"
  // Without the group the process may still be pinned by its affinity.
  let cause = File.exists(group) && !isPinned ? "attach" : "outside"
  let reason =
    result.complaint.isEmpty ? Texts.outside : Texts.refused.with(["complaint": result.complaint])
  stage.find(
    "group", Texts.findGroup, expected: "\(pid)", seen: isInside ? "\(pid)" : "-", if: isInside,
    otherwise: reason, cause: cause)
  stage.find(
    "pinned", Texts.findPinned, expected: "\(cpu)", seen: list, if: isPinned,
    otherwise: Texts.wrongCPUs)
}
