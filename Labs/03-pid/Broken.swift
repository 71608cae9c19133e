internal import Engine
internal import LabKit
internal import Linux
internal import Measure

/// box.sh: unshare --pid without --fork (util-linux, unshare(1), "--fork"), and without a /proc.
let broken = Assignment(
  file: "box.sh", task: Texts.brokenTask,
  start: """
    #!/bin/sh
    exec unshare -p "$@"

    """,
  solution: """
    #!/bin/sh
    exec unshare -p -f --mount-proc "$@"

    """,
  wrong: [
    Planted(
      "forks, and keeps the machine's /proc", cause: "machine-proc",
      """
      #!/bin/sh
      exec unshare -p -f "$@"

      """),
    Planted(
      "mounts the new /proc for everybody", cause: "covered",
      """
      #!/bin/sh
      exec unshare -p -f sh -c 'mount -t proc proc /proc; exec "$@"' sh "$@"

      """),
    Planted(
      "has a mount namespace, but does not fork", cause: "no-fork",
      """
      #!/bin/sh
      exec unshare -p -m "$@"

      """),
  ],
  hints: [
    Hint(Texts.brokenHint1), Hint(Texts.brokenHint2), Hint(Texts.brokenHint3),
    Hint(Texts.hintNoFork, cause: "no-fork"), Hint(Texts.hintMachineProc, cause: "machine-proc"),
    Hint(Texts.hintCovered, cause: "covered"),
  ],
  judge: judgeBroken)

/// Its PID, whether PID 1 of /proc is in its own namespace, and three programs in turn.
private let probe = """
  echo "pid $$"
  (readlink /proc/self/ns/pid; readlink /proc/1/ns/pid) 2>/dev/null | sort -u | wc -l
  for number in 1 2 3; do (true); done && echo forks
  """

@Sendable private func judgeBroken(_ stage: Stage, _ script: Script) throws {
  let machine = try stage.machine(script, ["sh", "-c", probe])
  let lines = try stage.result(of: machine).lines
  let pid = lines.first { $0.hasPrefix("pid ") }?.dropFirst(4) ?? "-"
  stage.find(
    "pid", Texts.findBoxPID, expected: "1", seen: "\(pid)", if: pid == "1",
    otherwise: Texts.notFirst, cause: "no-fork")
  stage.find(
    "forks", Texts.findForks, expected: "forks", seen: lines.contains("forks") ? "forks" : "-",
    if: lines.contains("forks"), otherwise: Texts.noForks, cause: "no-fork")
  let spaces = lines.count > 1 ? lines[1].filter { $0 != " " } : "-"
  stage.find(
    "proc", Texts.findBoxProc, expected: "1", seen: spaces, if: spaces == "1",
    otherwise: Texts.machineProc, cause: "machine-proc")
  let count = mounts(machine.pid)
  stage.find(
    "mounts", Texts.findMounts, expected: "1", seen: "\(count)", if: count == 1,
    otherwise: Texts.covered, cause: "covered")
}

/// How many mounts lie on /proc in a container.
private func mounts(_ pid: Int32) -> Int {
  (Kernel.read("/proc/\(pid)/mountinfo") ?? "").split(separator: "\n")
    .filter { $0.split(separator: " ").dropFirst(4).first == "/proc" }.count
}
