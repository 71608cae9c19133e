internal import Engine
internal import LabKit
internal import Linux
internal import Measure

/// procs.sh: the processes of a PID namespace, seen from outside.
let exercise = Assignment(
  file: "procs.sh", task: Texts.exerciseTask,
  start: """
    #!/bin/sh
    pid=$1

    """,
  solution: """
    #!/bin/sh
    pid=$1
    space=$(readlink "/proc/$pid/ns/pid")
    for dir in /proc/[0-9]*; do
      [ "$(readlink "$dir/ns/pid")" = "$space" ] || continue
      awk '/^Name:/ { name = $2 } /^NSpid:/ { print $NF, name }' "$dir/status"
    done 2>/dev/null | sort -n

    """,
  wrong: [
    Planted(
      "takes everything that has two PIDs", cause: "others",
      """
      #!/bin/sh
      for dir in /proc/[0-9]*; do
        awk '/^Name:/ { name = $2 } /^NSpid:/ && NF > 2 { print $NF, name }' "$dir/status"
      done 2>/dev/null | sort -n

      """),
    Planted(
      "prints the host's PIDs", cause: "host-pid",
      """
      #!/bin/sh
      space=$(readlink "/proc/$1/ns/pid")
      for dir in /proc/[0-9]*; do
        [ "$(readlink "$dir/ns/pid")" = "$space" ] || continue
        awk '/^Name:/ { name = $2 } /^Pid:/ { print $2, name }' "$dir/status"
      done 2>/dev/null | sort -n

      """),
    Planted(
      "takes the process and its children", cause: "children",
      """
      #!/bin/sh
      for dir in /proc/[0-9]*; do
        awk -v pid="$1" '/^Name:/ { name = $2 } /^Pid:/ { own = $2 } /^PPid:/ { parent = $2 }
          /^NSpid:/ && (own == pid || parent == pid) { print $NF, name }' "$dir/status"
      done 2>/dev/null | sort -n

      """),
  ],
  hints: [
    Hint(Texts.exerciseHint1), Hint(Texts.exerciseHint2), Hint(Texts.exerciseHint3),
    Hint(Texts.hintOthers, cause: "others"), Hint(Texts.hintHostPID, cause: "host-pid"),
    Hint(Texts.hintChildren, cause: "children"),
  ],
  judge: judgeExercise)

@Sendable private func judgeExercise(_ stage: Stage, _ script: Script) throws {
  // A child, and a child's child, which is nobody's orphan.
  var options = RunOptions(image: "busybox")
  options.command = ["sh", "-c", "sleep 61 & sh -c 'sleep 62 & wait' & echo up; wait"]
  let container = try stage.start(options)
  var other = RunOptions(image: "busybox")
  other.command = ["sleep", "63"]
  _ = try stage.start(other)
  _ = try stage.wait { Processes.sharing("pid", with: container.pid).count == 4 }
  let members = Processes.sharing("pid", with: container.pid)
  let truth = members.map { (inner($0), Kernel.status($0, "Name") ?? "?") }
    .sorted { $0.0 < $1.0 }.map { "\($0.0) \($0.1)" }
  let lines = try stage.run(script, ["\(container.pid)"]).lines

  let numbers = Set(lines.compactMap { Int32($0.prefix { $0 != " " }) })
  let (reason, cause): (Text, String?) =
    if members.contains(where: numbers.contains) {
      (Texts.wrongHostPID, "host-pid")
    } else if lines.count > truth.count {
      (Texts.wrongOthers, "others")
    } else if !lines.isEmpty, lines.count < truth.count, Set(lines).isSubset(of: truth) {
      (Texts.wrongChildren, "children")
    } else {
      (Texts.wrongProcs, nil)
    }
  stage.find(
    "procs", Texts.findProcs, expected: truth.joined(separator: ", "),
    seen: lines.prefix(8).joined(separator: ", ") + (lines.count > 8 ? " …" : ""),
    if: lines == truth, otherwise: reason, cause: cause)
}

/// The PID in the innermost namespace.
private func inner(_ pid: Int32) -> Int {
  let numbers = Kernel.status(pid, "NSpid")?.split(separator: " ") ?? []
  return numbers.last.flatMap { Int($0) } ?? 0
}
