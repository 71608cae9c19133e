internal import Engine
internal import LabKit
internal import Linux
internal import Measure

/// serve.sh: a trap that waits for the command in the foreground.
let broken = Assignment(
  file: "serve.sh", task: Texts.brokenTask,
  start: """
    #!/bin/sh
    trap 'echo saved; exit 0' TERM
    echo ready
    sleep 1000

    """,
  solution: """
    #!/bin/sh
    trap 'echo saved; exit 0' TERM
    echo ready
    sleep 1000 &
    wait

    """,
  wrong: [
    Planted(
      "looks every ten seconds", cause: "late",
      """
      #!/bin/sh
      trap 'echo saved; exit 0' TERM
      echo ready
      while :; do sleep 10; done

      """),
    Planted(
      "replaces the shell", cause: "lost",
      """
      #!/bin/sh
      trap 'echo saved; exit 0' TERM
      echo ready
      exec sleep 1000

      """),
    Planted(
      "ignores the signal", cause: "ignored",
      """
      #!/bin/sh
      trap '' TERM
      echo ready
      sleep 1000 &
      wait

      """),
  ],
  hints: [
    Hint(Texts.brokenHint1), Hint(Texts.brokenHint2), Hint(Texts.brokenHint3),
    Hint(Texts.hintLate, cause: "late"), Hint(Texts.hintLost, cause: "lost"),
    Hint(Texts.hintIgnored, cause: "ignored"),
  ],
  judge: judgeBroken)

@Sendable private func judgeBroken(_ stage: Stage, _ script: Script) throws {
  var options = RunOptions(image: "busybox")
  options.volumes = ["\(script.path):/root/serve.sh:ro"]
  options.command = ["sh", "/root/serve.sh"]
  let container = try stage.start(options)
  _ = try stage.wait(within: 3) { try container.output().contains("ready") }
  try Interrupt.sleep(milliseconds: 500)
  let pid = container.pid
  let isAlive = Processes.isAlive(pid)
  stage.find(
    "ready", Texts.findReady, expected: "\(pid)", seen: isAlive ? "\(pid)" : "-", if: isAlive,
    otherwise: Texts.ended)
  let (reason, cause): (Text, String) =
    if Processes.has(Signal.term, in: "SigIgn", of: pid) {
      (Texts.ignored, "ignored")
    } else if Processes.has(Signal.term, in: "SigCgt", of: pid) {
      (Texts.late, "late")
    } else {
      (Texts.lost, "lost")
    }
  let end = try stage.stop(container, grace: grace)
  let said = try container.output().contains("saved") ? "saved" : "-"
  stage.find(
    "saved", Texts.findSaved, expected: "saved, 0", seen: "\(said), \(end.code)",
    if: said == "saved" && end.code == 0, otherwise: reason, cause: cause)
}
