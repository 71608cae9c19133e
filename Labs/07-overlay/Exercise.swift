internal import Engine
internal import LabKit
internal import Linux
internal import Measure

/// gone.sh: the whiteouts of a container's upper layer.
let exercise = Assignment(
  file: "gone.sh", task: Texts.exerciseTask,
  start: """
    #!/bin/sh
    pid=$1

    """,
  solution: """
    #!/bin/sh
    pid=$1
    upper=$(awk '$5 == "/"' "/proc/$pid/mountinfo" | sed 's/.*upperdir=\\([^,]*\\).*/\\1/')
    find "$upper" -type c | while read -r path; do
      if [ "$(stat -c '%t,%T' "$path")" = 0,0 ]; then echo "${path#"$upper"}"; fi
    done

    """,
  wrong: [
    Planted(
      "lists every character device", cause: "device",
      """
      #!/bin/sh
      upper=$(awk '$5 == "/"' "/proc/$1/mountinfo" | sed 's/.*upperdir=\\([^,]*\\).*/\\1/')
      find "$upper" -type c | while read -r path; do echo "${path#"$upper"}"; done

      """),
    Planted(
      "takes empty files for deletions", cause: "empty",
      """
      #!/bin/sh
      upper=$(awk '$5 == "/"' "/proc/$1/mountinfo" | sed 's/.*upperdir=\\([^,]*\\).*/\\1/')
      find "$upper" -type f -size 0 | while read -r path; do echo "${path#"$upper"}"; done

      """),
    Planted(
      "looks inside the container", cause: "inside",
      """
      #!/bin/sh
      root=/proc/$1/root
      find "$root/bin" "$root/etc" "$root/root" -type c | while read -r path; do
        echo "${path#"$root"}"
      done

      """),
  ],
  hints: [
    Hint(Texts.exerciseHint1), Hint(Texts.exerciseHint2), Hint(Texts.exerciseHint3),
    Hint(Texts.hintDevice, cause: "device"), Hint(Texts.hintEmpty, cause: "empty"),
    Hint(Texts.hintInside, cause: "inside"),
  ],
  judge: judgeExercise)

@Sendable private func judgeExercise(_ stage: Stage, _ script: Script) throws {
  var options = RunOptions(image: "busybox")
  // A deletion or two, and beside them what looks like one.
  options.command = Stage.shell(
    "rm /etc/group /bin/vi; mkdir /srv; : >/srv/empty; mknod /srv/null c 1 3", "echo ready",
    "exec sleep 60")
  let container = try stage.start(options)
  _ = try stage.lines(of: container, atLeast: 1)
  guard let upper = upperDirectory(of: container.pid) else {
    throw LabError("the container's root is no overlay")
  }
  let truth = whiteouts(upper, "").sorted()
  let seen = try stage.run(script, ["\(container.pid)"]).lines.sorted()
  let (reason, cause): (Text, String?) =
    if seen.isEmpty {
      (Texts.wrongInside, "inside")
    } else if seen.contains("/srv/empty") {
      (Texts.wrongEmpty, "empty")
    } else if seen.contains("/srv/null") {
      (Texts.wrongDevice, "device")
    } else {
      (Texts.wrongListed, nil)
    }
  stage.find(
    "listed", Texts.findListed, expected: truth.joined(separator: " "),
    seen: seen.isEmpty ? "-" : seen.joined(separator: " "), if: seen == truth && !truth.isEmpty,
    otherwise: reason, cause: cause)
  try stage.stop(container)
}

/// From the options of the mount on `/`.
private func upperDirectory(of pid: Int32) -> String? {
  MountInfo.root(of: pid)?.superOptions.split(separator: ",")
    .first { $0.hasPrefix("upperdir=") }.map { String($0.dropFirst(9)) }
}

private func whiteouts(_ directory: String, _ prefix: String) -> [String] {
  Kernel.list(directory).flatMap { name -> [String] in
    let path = "\(directory)/\(name)"
    switch describe(path) {
    case "c 0, 0": return ["\(prefix)/\(name)"]
    case "d": return whiteouts(path, "\(prefix)/\(name)")
    default: return []
    }
  }
}
