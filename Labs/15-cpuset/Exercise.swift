internal import Engine
internal import LabKit
internal import Linux
internal import Measure

/// cpus.sh: count a process's CPUs.
let exercise = Assignment(
  file: "cpus.sh", task: Texts.exerciseTask,
  start: """
    #!/bin/sh
    pid=$1

    """,
  solution: """
    #!/bin/sh
    awk '/^Cpus_allowed_list:/ {
      count = 0
      parts = split($2, part, ",")
      for (i = 1; i <= parts; i++) {
        ends = split(part[i], end, "-")
        count += ends == 2 ? end[2] - end[1] + 1 : 1
      }
      print count
    }' "/proc/$1/status"

    """,
  wrong: [
    Planted(
      "counts the host's processors", cause: "host",
      """
      #!/bin/sh
      grep -c ^processor /proc/cpuinfo

      """),
    Planted(
      "asks for its own CPUs", cause: "host",
      """
      #!/bin/sh
      nproc

      """),
    Planted(
      "counts parts, not CPUs", cause: "ranges",
      """
      #!/bin/sh
      awk '/^Cpus_allowed_list:/ { print split($2, part, ",") }' "/proc/$1/status"

      """),
  ],
  hints: [
    Hint(Texts.exerciseHint1), Hint(Texts.exerciseHint2), Hint(Texts.exerciseHint3),
    Hint(Texts.hintInfo, cause: "host"), Hint(Texts.hintRanges, cause: "ranges"),
  ],
  judge: judgeExercise)

@Sendable private func judgeExercise(_ stage: Stage, _ script: Script) throws {
  let cpus = Limits.allowedCPUs()
  var sets: [String?] = [nil, "\(cpus.first ?? 0)"]
  if cpus.count > 1 { sets.append("\(cpus[0]),\(cpus[1])") }
  for set in sets {
    var options = RunOptions(image: "busybox")
    options.command = ["sleep", "60"]
    options.cpusetCpus = set
    let container = try stage.start(options)
    let list = Kernel.status(container.pid, "Cpus_allowed_list") ?? ""
    let seen = try stage.run(script, ["\(container.pid)"]).lines.last ?? ""
    try stage.stop(container)
    let truth = Kernel.cpuList(list).count
    let isHost =
      seen == "\(Kernel.cpuList(Kernel.read("/sys/devices/system/cpu/online") ?? "").count)"
    let isParts = seen == "\(list.split(separator: ",").count)"
    stage.find(
      "count-\(set ?? "none")", Texts.findCount.with(["list": list]), expected: "\(truth)",
      seen: seen, if: seen == "\(truth)",
      otherwise: isHost ? Texts.isHost : isParts ? Texts.isParts : Texts.wrongCount,
      cause: isHost ? "host" : isParts ? "ranges" : nil)
  }
}
