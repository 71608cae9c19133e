internal import Engine
internal import LabKit
internal import Linux
internal import Measure

/// deny.sh: a deny-list that knows all the ways.
let exercise = Assignment(
  file: "deny.sh", task: Texts.exerciseTask,
  start: """
    #!/bin/sh
    cat <<'END'
    { "defaultAction": "SCMP_ACT_ALLOW",
      "syscalls": [] }
    END

    """,
  solution: """
    #!/bin/sh
    cat <<'END'
    { "defaultAction": "SCMP_ACT_ALLOW",
      "syscalls": [
        { "names": ["mkdir", "mkdirat", "io_uring_setup"], "action": "SCMP_ACT_ERRNO" } ] }
    END

    """,
  wrong: [
    Planted(
      "knows one name", cause: "mkdirat",
      """
      #!/bin/sh
      echo '{ "defaultAction": "SCMP_ACT_ALLOW", "syscalls": ['
      echo '{ "names": ["mkdir"], "action": "SCMP_ACT_ERRNO" } ] }'

      """),
    Planted(
      "knows two names, and the calls that have none slip through", cause: "io_uring",
      """
      #!/bin/sh
      echo '{ "defaultAction": "SCMP_ACT_ALLOW", "syscalls": ['
      echo '{ "names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO" } ] }'

      """),
    Planted(
      "denies everything", cause: "too-much",
      """
      #!/bin/sh
      echo '{ "defaultAction": "SCMP_ACT_ERRNO", "syscalls": [] }'

      """),
  ],
  hints: [
    Hint(Texts.exerciseHint1), Hint(Texts.exerciseHint2), Hint(Texts.exerciseHint3),
    Hint(Texts.hintMkdirat, cause: "mkdirat"), Hint(Texts.hintRing, cause: "io_uring"),
    Hint(Texts.hintTooMuch, cause: "too-much"),
  ],
  judge: judgeExercise)

@Sendable private func judgeExercise(_ stage: Stage, _ script: Script) throws {
  let free = try tried(stage, "unconfined").made
  let rules = try stage.run(script, []).output
  let path = try stage.keep("profile.json", Texts.profile, rules)
  let seen: (made: [String], lines: [String])
  do {
    seen = try tried(stage, path)
  } catch let error as EngineError {
    refused(stage, error)
    return
  }
  for (name, call, cause) in [
    ("one", "mkdir", nil), ("two", "mkdirat", "mkdirat"), ("three", "io_uring", "io_uring"),
  ] {
    let what = Texts.findWay.with(["call": call])
    guard free.contains(name) else {
      let doubt = Doubt.unavailable(Texts.noWay.with(["call": call]).bilingual)
      stage.find(Finding(call, what, expected: "-", seen: "-", .inconclusive([doubt])))
      continue
    }
    stage.find(
      call, what, expected: "-", seen: seen.made.contains(name) ? name : "-",
      if: !seen.made.contains(name), otherwise: Texts.wasMade, cause: cause)
  }
  stage.find(
    "file", Texts.findFile, expected: "file", seen: seen.made.contains("file") ? "file" : "-",
    if: seen.made.contains("file"), otherwise: Texts.noFile, cause: "too-much")
}

/// Every way there is, and a file that must still be made.
private func tried(_ stage: Stage, _ rules: String) throws -> (made: [String], lines: [String]) {
  var options = RunOptions(image: "probe")
  options.command = [
    "sh", "-c",
    """
    probe mkdir /tmp/one; probe mkdirat /tmp/two; probe io_uring /tmp/three; touch /tmp/file
    echo done; exec sleep 60
    """,
  ]
  options.securityOptions = ["seccomp=\(rules)"]
  let container = try stage.start(options)
  let deadline = Clock.now + 5_000_000_000
  while try !container.output().contains("done\n"), Processes.isAlive(container.pid),
    Clock.now < deadline
  { try Interrupt.sleep(milliseconds: 20) }
  let made = Kernel.list("/proc/\(container.pid)/root/tmp").sorted()
  let lines = try container.output().split(separator: "\n").map(String.init)
  try stage.stop(container)
  return (made, lines)
}

/// A profile that drydock cannot read, or under which nothing can even be started.
func refused(_ stage: Stage, _ error: EngineError) {
  let isForm = error.message.hasPrefix("Decoding seccomp profile")
  stage.find(
    Finding(
      "start", Texts.findStart, expected: "0", seen: "\(error.exitCode)",
      .fail(Bilingual(error.message)), cause: isForm ? nil : "too-much"))
}
