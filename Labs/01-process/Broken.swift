internal import Engine
internal import LabKit
internal import Linux
internal import Measure

/// init.sh: a PID 1 that does not reap (course, broken states).
let broken = Assignment(
  file: "init.sh", task: Texts.brokenTask,
  start: """
    #!/bin/sh
    for number in 1 2 3; do
      (sleep 1 &)
    done
    exec sleep 60

    """,
  solution: """
    #!/bin/sh
    for number in 1 2 3; do
      (sleep 1 &)
    done
    sleep 60

    """,
  wrong: [
    Planted(
      "waits before it replaces itself: orphans are not its jobs", cause: "zombies",
      """
      #!/bin/sh
      for number in 1 2 3; do
        (sleep 1 &)
      done
      wait
      exec sleep 60

      """),
    Planted(
      "starts no helpers", cause: "no-helpers",
      """
      #!/bin/sh
      sleep 60

      """),
  ],
  hints: [
    Hint(Texts.brokenHint1), Hint(Texts.brokenHint2), Hint(Texts.brokenHint3),
    Hint(Texts.hintZombies, cause: "zombies"), Hint(Texts.hintNoHelpers, cause: "no-helpers"),
  ],
  judge: judgeBroken)

@Sendable private func judgeBroken(_ stage: Stage, _ script: Script) throws {
  var options = RunOptions(image: "busybox")
  // A shell replaces itself with its last command; the exit after the eval keeps it from that.
  options.command = ["sh", "-c", "eval \"$1\"; exit $?", "sh", try File.text(script.path)]
  let container = try stage.start(options)
  let pid = container.pid
  var helpers: Set<Int32> = []
  for _ in 0..<50 {
    try Interrupt.sleep(milliseconds: 20)
    for child in children(of: pid) where Kernel.status(child, "Name") == "sleep" {
      helpers.insert(child)
    }
  }
  try Interrupt.sleep(milliseconds: 700)
  let now = children(of: pid)
  let zombies = now.filter { Processes.state($0) == "Z" }
  // Those that came and went, or that nobody reaped: not the server, which lives.
  let ran = helpers.filter { !Processes.isAlive($0) }
  stage.find(
    "helpers", Texts.findHelpers, expected: "3", seen: "\(ran.count)", if: ran.count == 3,
    otherwise: Texts.noHelpers, cause: "no-helpers")
  stage.find(
    "server", Texts.findServer, expected: "\(pid)",
    seen: Processes.isAlive(pid) ? "\(pid)" : "-", if: Processes.isAlive(pid),
    otherwise: Texts.noServer)
  stage.find(
    "zombies", Texts.findZombies, expected: "0", seen: "\(zombies.count)", if: zombies.isEmpty,
    otherwise: Texts.zombies, cause: "zombies")
  try stage.stop(container)
}

/// The children of a process, zombies too.
private func children(of pid: Int32) -> [Int32] {
  Processes.all().filter { Processes.parent($0) == pid }
}
