internal import Engine
internal import LabKit
internal import Measure

/// whois.sh: the inner PID and the namespaces that are not shared.
let exercise = Assignment(
  file: "whois.sh", task: Texts.exerciseTask,
  start: """
    #!/bin/sh
    pid=$1

    """,
  solution: """
    #!/bin/sh
    pid=$1
    awk '/^NSpid:/ { print $NF }' "/proc/$pid/status"
    for link in /proc/"$pid"/ns/*; do
      name=${link##*/}
      case $name in *_for_children) continue ;; esac
      if [ "$(readlink "$link")" != "$(readlink "/proc/self/ns/$name")" ]; then
        echo "$name"
      fi
    done

    """,
  wrong: [
    Planted(
      "prints the host's PID", cause: "host-pid",
      """
      #!/bin/sh
      echo "$1"
      for name in cgroup ipc mnt net pid uts; do echo $name; done

      """),
    Planted(
      "assumes that every namespace is its own", cause: "namespaces",
      """
      #!/bin/sh
      awk '/^NSpid:/ { print $NF }' "/proc/$1/status"
      for name in cgroup ipc mnt net pid uts; do echo $name; done

      """),
    Planted(
      "lists all kinds there are", cause: "namespaces",
      """
      #!/bin/sh
      awk '/^NSpid:/ { print $NF }' "/proc/$1/status"
      ls "/proc/$1/ns"

      """),
  ],
  hints: [
    Hint(Texts.exerciseHint1), Hint(Texts.exerciseHint2), Hint(Texts.exerciseHint3),
    Hint(Texts.hintHostPID, cause: "host-pid"), Hint(Texts.hintNamespaces, cause: "namespaces"),
  ],
  judge: judgeExercise)

@Sendable private func judgeExercise(_ stage: Stage, _ script: Script) throws {
  for network in ["none", "host"] {
    var options = RunOptions(image: "busybox")
    options.command = ["sleep", "60"]
    options.network = network
    let container = try stage.start(options)
    let pid = container.pid
    let inner = Kernel.status(pid, "NSpid")?.split(separator: " ").last.map(String.init) ?? "?"
    let own = ownNamespaces(pid)
    let lines = try stage.run(script, ["\(pid)"]).lines
    try stage.stop(container)

    let command = ["command": "--network \(network)"]
    let first = lines.first ?? ""
    stage.find(
      "inner-\(network)", Texts.findInner.with(command), expected: inner, seen: first,
      if: first == inner, otherwise: first == "\(pid)" ? Texts.wrongHostPID : Texts.wrongInner,
      cause: first == "\(pid)" ? "host-pid" : nil)
    let named = lines.dropFirst().sorted()
    stage.find(
      "own-\(network)", Texts.findOwn.with(command), expected: own.joined(separator: " "),
      seen: named.joined(separator: " "), if: named == own, otherwise: Texts.wrongOwn,
      cause: named.isEmpty ? nil : "namespaces")
  }
}
