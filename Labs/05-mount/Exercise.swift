internal import Engine
internal import LabKit
internal import Linux

/// spread.sh: the propagation of a mount from mountinfo.
let exercise = Assignment(
  file: "spread.sh", task: Texts.exerciseTask,
  start: """
    #!/bin/sh
    pid=$1 path=$2

    """,
  solution: """
    #!/bin/sh
    pid=$1 path=$2
    awk -v path="$path" '$5 == path {
      word = "private"
      for (i = 7; $i != "-"; i++) {
        if ($i ~ /^shared:/) word = "shared"
        else if ($i ~ /^master:/ && word == "private") word = "slave"
      }
    } END { print word }' "/proc/$pid/mountinfo"

    """,
  wrong: [
    Planted(
      "overlooks slaves", cause: "slave",
      """
      #!/bin/sh
      if awk -v path="$2" '$5 == path' "/proc/$1/mountinfo" | grep -q shared:; then echo shared
      else echo private; fi

      """),
    Planted(
      "reads its own mounts", cause: "own",
      """
      #!/bin/sh
      line=$(awk -v path="$2" '$5 == path' /proc/self/mountinfo)
      case $line in
        *shared:*) echo shared ;;
        *master:*) echo slave ;;
        *) echo private ;;
      esac

      """),
    Planted(
      "takes the fourth field for the mount point", cause: "swapped",
      """
      #!/bin/sh
      awk -v path="$2" '$4 == path && /shared:/ { print "shared" }
        $4 == path && /master:/ { print "slave" }' "/proc/$1/mountinfo"

      """),
  ],
  hints: [
    Hint(Texts.exerciseHint1), Hint(Texts.exerciseHint2), Hint(Texts.exerciseHint3),
    Hint(Texts.hintSlave, cause: "slave"), Hint(Texts.hintOwn, cause: "own"),
    Hint(Texts.hintSwapped, cause: "swapped"),
  ],
  judge: judgeExercise)

@Sendable private func judgeExercise(_ stage: Stage, _ script: Script) throws {
  let folder = try stage.folder("dir")
  try stage.host(["mount", "-t", "tmpfs", "lab", folder], isShown: false)
  try stage.host(["mount", "--make-shared", folder], isShown: false)
  defer {
    // What fails here the session unmounts when it is cleaned up.
    _ = try? stage.host(["umount", folder], isShown: false)
  }
  var options = RunOptions(image: "busybox")
  options.volumes = [
    "\(folder):/mnt/own", "\(folder):/mnt/both:rshared", "\(folder):/mnt/one:rslave",
  ]
  options.command = ["sleep", "60"]
  let container = try stage.start(options)
  var answers: [String: (seen: String, truth: String)] = [:]
  let paths = ["/mnt/own", "/mnt/both", "/mnt/one"]
  for path in paths {
    let line = mounts("\(container.pid)", path).last.flatMap { MountInfo($0) }
    let fields = line?.propagation ?? ""
    let truth =
      fields.contains("shared:") ? "shared" : fields.contains("master:") ? "slave" : "private"
    let seen = try stage.run(script, ["\(container.pid)", path]).lines.last ?? ""
    answers[path] = (seen, truth)
  }
  let all = answers.values.map(\.seen)
  let (reason, cause): (Text, String?) =
    if all.allSatisfy({ $0 == "private" }) {
      (Texts.wrongOwn, "own")
    } else if all.allSatisfy(\.isEmpty) {
      (Texts.wrongSpread, "swapped")
    } else if answers["/mnt/one"]?.seen == "private" {
      (Texts.wrongSlave, "slave")
    } else {
      (Texts.wrongSpread, nil)
    }
  for path in paths {
    guard let (seen, truth) = answers[path] else { continue }
    stage.find(
      "spread-\(path.dropFirst(5))", Texts.findSpread.with(["path": path]), expected: truth,
      seen: seen, if: seen == truth, otherwise: reason, cause: cause)
  }
  try stage.stop(container)
}
