internal import Engine
internal import LabKit
internal import Linux

/// turn.sh: pivot_root under a shared parent (course, broken states).
let broken = Assignment(
  file: "turn.sh", task: Texts.brokenTask,
  start: """
    #!/bin/sh
    exec unshare -m --propagation shared sh -c '
      root=$1
      shift
      mount --bind "$root" "$root"
      cd "$root"
      mkdir -p old
      pivot_root . old && umount -l /old && exec "$@"' sh "$@"

    """,
  solution: """
    #!/bin/sh
    exec unshare -m --propagation shared sh -c '
      root=$1
      shift
      mount --make-rprivate /
      mount --bind "$root" "$root"
      cd "$root"
      mkdir -p old
      pivot_root . old && umount -l /old && exec "$@"' sh "$@"

    """,
  wrong: [
    Planted(
      "makes the new root private", cause: "parent",
      """
      #!/bin/sh
      exec unshare -m --propagation shared sh -c '
        root=$1
        shift
        mount --bind "$root" "$root"
        mount --make-private "$root"
        cd "$root"
        mkdir -p old
        pivot_root . old && umount -l /old && exec "$@"' sh "$@"

      """),
    Planted(
      "gives up and uses chroot", cause: "chroot",
      """
      #!/bin/sh
      exec unshare -m chroot "$@"

      """),
    Planted(
      "makes the machine's root private", cause: "machine",
      """
      #!/bin/sh
      mount --make-rprivate /
      exec unshare -m --propagation shared sh -c '
        root=$1
        shift
        mount --bind "$root" "$root"
        cd "$root"
        mkdir -p old
        pivot_root . old && umount -l /old && exec "$@"' sh "$@"

      """),
  ],
  hints: [
    Hint(Texts.brokenHint1), Hint(Texts.brokenHint2), Hint(Texts.brokenHint3),
    Hint(Texts.hintParent, cause: "parent"), Hint(Texts.hintChroot, cause: "chroot"),
    Hint(Texts.hintMachine, cause: "machine"),
  ],
  judge: judgeBroken)

@Sendable private func judgeBroken(_ stage: Stage, _ script: Script) throws {
  let turned = try turn(stage, script, isShared: true)
  let isRefused = turned.output.contains("Invalid argument")
  stage.find(
    "turn", Texts.findTurn, expected: "0",
    seen: isRefused ? "EINVAL" : turned.seen == nil ? "-" : "0",
    if: turned.seen != nil, otherwise: Texts.refused.with(["said": turned.complaint]),
    cause: isRefused ? "parent" : nil)
  stage.find(
    "machine", Texts.findMachine, expected: "shared",
    seen: turned.propagation.isEmpty ? "private" : turned.propagation,
    if: turned.propagation.contains("shared:"), otherwise: Texts.notShared, cause: "machine")
  guard let seen = turned.seen else { return }
  stage.find(
    "inside", Texts.findInside, expected: turned.newRoot, seen: seen, if: seen == turned.newRoot,
    otherwise: Texts.leftJail, cause: "chroot")
  stage.find(
    "old", Texts.findOld, expected: "0", seen: "\(turned.machineMounts)",
    if: turned.machineMounts == 0, otherwise: Texts.machineMounts)
}
