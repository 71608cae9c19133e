internal import Engine
internal import LabKit
internal import Linux
internal import Measure

/// name.sh: the host name of a process, from the kernel.
let exercise = Assignment(
  file: "name.sh", task: Texts.exerciseTask,
  start: """
    #!/bin/sh
    pid=$1

    """,
  solution: """
    #!/bin/sh
    pid=$1
    nsenter -t "$pid" -u hostname

    """,
  wrong: [
    Planted(
      "reads the file in the container", cause: "file",
      """
      #!/bin/sh
      cat "/proc/$1/root/etc/hostname"

      """),
    Planted(
      "reads the environment", cause: "environment",
      """
      #!/bin/sh
      tr '\\0' '\\n' < "/proc/$1/environ" | sed -n 's/^HOSTNAME=//p'

      """),
    Planted(
      "reads the setting by the container's path", cause: "host",
      """
      #!/bin/sh
      cat "/proc/$1/root/proc/sys/kernel/hostname"

      """),
  ],
  hints: [
    Hint(Texts.exerciseHint1), Hint(Texts.exerciseHint2), Hint(Texts.exerciseHint3),
    Hint(Texts.hintFile, cause: "file"), Hint(Texts.hintEnvironment, cause: "environment"),
    Hint(Texts.hintHost, cause: "host"),
  ],
  judge: judgeExercise)

@Sendable private func judgeExercise(_ stage: Stage, _ script: Script) throws {
  let host = Kernel.read("/proc/sys/kernel/hostname") ?? ""
  for isShared in [false, true] {
    var options = RunOptions(image: "busybox")
    options.environment = ["HOSTNAME=shell"]
    if isShared { options.uts = "host" } else { options.hostname = "web" }
    options.capAdd = ["SYS_ADMIN"]
    options.command = [
      "sh", "-c", (isShared ? "" : "hostname db; ") + "echo ready; exec sleep 60",
    ]
    let container = try stage.start(options)
    _ = try stage.lines(of: container, atLeast: 1)
    let truth = try stage.hostName(of: container.pid)
    let seen = try stage.run(script, ["\(container.pid)"]).lines.last ?? ""
    try stage.stop(container)
    let (reason, cause): (Text, String?) =
      switch seen {
      case "web": (Texts.wrongFile, "file")
      case "shell": (Texts.wrongEnvironment, "environment")
      case host: (Texts.wrongHost, "host")
      default: (Texts.wrongName, nil)
      }
    stage.find(
      "name-\(isShared ? "shared" : "renamed")",
      Texts.findName.with("kind", isShared ? Texts.kindShared : Texts.kindRenamed),
      expected: truth, seen: seen, if: seen == truth, otherwise: reason, cause: cause)
  }
}
