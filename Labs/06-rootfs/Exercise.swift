internal import Engine
internal import LabKit
internal import Linux

/// enter.sh: pivot_root by hand.
let exercise = Assignment(
  file: "enter.sh", task: Texts.exerciseTask,
  start: """
    #!/bin/sh
    root=$1
    shift

    """,
  solution: """
    #!/bin/sh
    root=$1
    shift
    exec unshare -m sh -c '
      root=$1
      shift
      mount --bind "$root" "$root"
      cd "$root"
      mkdir -p old
      pivot_root . old
      umount -l /old
      exec "$@"' sh "$root" "$@"

    """,
  wrong: [
    Planted(
      "is a chroot", cause: "chroot",
      """
      #!/bin/sh
      exec unshare -m chroot "$@"

      """),
    Planted(
      "keeps the old root", cause: "old-root",
      """
      #!/bin/sh
      exec unshare -m sh -c '
        root=$1
        shift
        mount --bind "$root" "$root"
        cd "$root"
        mkdir -p old
        pivot_root . old
        exec "$@"' sh "$@"

      """),
    Planted(
      "turns the machine itself", cause: "no-namespace",
      """
      #!/bin/sh
      root=$1
      shift
      mount --bind "$root" "$root"
      cd "$root"
      mkdir -p old
      pivot_root . old
      umount -l /old
      exec "$@"

      """),
  ],
  hints: [
    Hint(Texts.exerciseHint1), Hint(Texts.exerciseHint2), Hint(Texts.exerciseHint3),
    Hint(Texts.hintChroot, cause: "chroot"), Hint(Texts.hintOldRoot, cause: "old-root"),
    Hint(Texts.hintNoNamespace, cause: "no-namespace"),
  ],
  judge: judgeExercise)

@Sendable private func judgeExercise(_ stage: Stage, _ script: Script) throws {
  let turned = try turn(stage, script, isShared: false)
  guard let seen = turned.seen else {
    stage.find(
      "inside", Texts.findInside, expected: turned.newRoot, seen: "-", if: false,
      otherwise: Texts.noCommand.with(["said": turned.complaint]))
    return
  }
  stage.find(
    "machine-root", Texts.findMachineRoot, expected: turned.machineRoot,
    seen: turned.machineRootAfter, if: turned.machineRootAfter == turned.machineRoot,
    otherwise: Texts.machineTurned, cause: "no-namespace")
  stage.find(
    "inside", Texts.findInside, expected: turned.newRoot, seen: seen, if: seen == turned.newRoot,
    otherwise: Texts.leftJail, cause: "chroot")
  stage.find(
    "old", Texts.findOld, expected: "0", seen: "\(turned.machineMounts)",
    if: turned.machineMounts == 0, otherwise: Texts.machineMounts, cause: "old-root")
}
