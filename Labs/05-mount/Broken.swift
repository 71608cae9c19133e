internal import Engine
internal import LabKit
internal import Linux

/// job.sh: a mount namespace whose mounts are still tied to the machine's.
let broken = Assignment(
  file: "job.sh", task: Texts.brokenTask,
  start: """
    #!/bin/sh
    exec unshare -m --propagation shared sh -c '
      mount -t tmpfs tmpfs /tmp
      exec "$@"' sh "$@"

    """,
  solution: """
    #!/bin/sh
    exec unshare -m --propagation private sh -c '
      mount -t tmpfs tmpfs /tmp
      exec "$@"' sh "$@"

    """,
  wrong: [
    Planted(
      "cleans up afterwards", cause: "leak",
      """
      #!/bin/sh
      unshare -m --propagation shared sh -c '
        mount -t tmpfs tmpfs /tmp
        "$@"
        umount /tmp' sh "$@"

      """),
    Planted(
      "makes the machine's own mounts private", cause: "machine",
      """
      #!/bin/sh
      mount --make-rprivate /
      exec unshare -m --propagation shared sh -c '
        mount -t tmpfs tmpfs /tmp
        exec "$@"' sh "$@"

      """),
    Planted(
      "does without a /tmp", cause: "no-tmpfs",
      """
      #!/bin/sh
      exec unshare -m "$@"

      """),
  ],
  hints: [
    Hint(Texts.brokenHint1), Hint(Texts.brokenHint2), Hint(Texts.brokenHint3),
    Hint(Texts.hintLeak, cause: "leak"), Hint(Texts.hintMachine, cause: "machine"),
    Hint(Texts.hintNoTmpfs, cause: "no-tmpfs"),
  ],
  judge: judgeBroken)

@Sendable private func judgeBroken(_ stage: Stage, _ script: Script) throws {
  // The command tells what it sees, and waits for the judge to look.
  let command =
    "grep -c ' /tmp ' /proc/self/mountinfo; echo up; until [ -e /run/go ]; do sleep 0.1; done"
  let machine = try stage.machine(script, ["sh", "-c", command]) {
    $0.command = ["sh", "-c", "mount --make-rshared / && exec \"$@\"", "sh"] + $0.command
  }
  let pid = "\(machine.pid)"
  _ = try stage.wait(within: 5) {
    try machine.output().contains("up\n") || machine.output().contains("exit ")
  }
  let during = mounts(pid, "/tmp").count
  try File.replace("/proc/\(pid)/root/run/go", with: [])
  let lines = try stage.result(of: machine).lines
  let after = mounts(pid, "/tmp").count
  let seen = lines.first ?? "-"
  stage.find(
    "job", Texts.findJob, expected: "1", seen: seen, if: seen == "1", otherwise: Texts.noTmpfs,
    cause: "no-tmpfs")
  stage.find(
    "leak", Texts.findLeak, expected: "0, 0", seen: "\(during), \(after)",
    if: during == 0 && after == 0, otherwise: Texts.leak, cause: "leak")
  let root = mounts(pid, "/").compactMap { MountInfo($0) }.last { $0.target == "/" }
  let spread = root?.propagation ?? ""
  stage.find(
    "machine", Texts.findMachine, expected: "shared", seen: spread.isEmpty ? "private" : spread,
    if: spread.contains("shared:"), otherwise: Texts.notShared, cause: "machine")
}
