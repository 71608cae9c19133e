internal import Engine
internal import LabKit
internal import Linux
internal import Measure

/// entry.sh: a PID 1 that passes SIGTERM on and ends as its command does.
let exercise = Assignment(
  file: "entry.sh", task: Texts.exerciseTask,
  start: """
    #!/bin/sh
    # "$@" is the command with its arguments.

    """,
  solution: """
    #!/bin/sh
    trap 'kill -TERM "$child"' TERM
    "$@" &
    child=$!
    wait "$child"
    code=$?
    while kill -0 "$child" 2>/dev/null; do
      wait "$child"
      code=$?
    done
    exit $code

    """,
  wrong: [
    Planted(
      "becomes the command", cause: "exec",
      """
      #!/bin/sh
      exec "$@"

      """),
    Planted(
      "handles nothing", cause: "no-handler",
      """
      #!/bin/sh
      "$@"
      exit $?

      """),
    Planted(
      "ends without a word to the command", cause: "not-told",
      """
      #!/bin/sh
      trap 'exit 0' TERM
      "$@" &
      wait $!

      """),
    Planted(
      "waits once", cause: "code",
      """
      #!/bin/sh
      trap 'kill -TERM $child' TERM
      "$@" &
      child=$!
      wait $child

      """),
  ],
  hints: [
    Hint(Texts.exerciseHint1), Hint(Texts.exerciseHint2), Hint(Texts.exerciseHint3),
    Hint(Texts.hintExec, cause: "exec"), Hint(Texts.hintNoHandler, cause: "no-handler"),
    Hint(Texts.hintNotTold, cause: "not-told"), Hint(Texts.hintCode, cause: "code"),
  ],
  judge: judgeExercise)

@Sendable private func judgeExercise(_ stage: Stage, _ script: Script) throws {
  let plain = try serve(stage, script, ["sleep", "60"])
  let (reason, cause): (Text, String?) =
    switch plain.first {
    case .command: (Texts.isExec, "exec")
    case .deafShell: (Texts.noHandler, "no-handler")
    case .shell: (Texts.otherCode, nil)
    }
  stage.find(
    "server", Texts.findServer, expected: "sh, SigCgt", seen: plain.first.rawValue,
    if: plain.first == .shell, otherwise: reason, cause: cause)
  let terminated = 128 + Signal.term
  let toldNothing = plain.first == .shell && plain.code == 0
  stage.find(
    "plain", Texts.findPlain, expected: "\(terminated)", seen: "\(plain.code)",
    if: plain.code == terminated, otherwise: toldNothing ? Texts.notTold : reason,
    cause: toldNothing ? "not-told" : cause)

  // It takes a moment to save.
  let saves = "trap 'sleep 0.4; echo saved; exit 9' TERM; while :; do sleep 0.1; done"
  let saving = try serve(stage, script, ["sh", "-c", saves])
  let isEarly = saving.code == terminated
  stage.find(
    "saving", Texts.findSaving, expected: "saved, 9",
    seen: "\(saving.output.isEmpty ? "-" : saving.output), \(saving.code)",
    if: saving.output == "saved" && saving.code == 9,
    otherwise: isEarly ? Texts.tooEarly : Texts.notTold,
    cause: isEarly ? "code" : saving.code == 0 ? "not-told" : nil)
}

/// Who is PID 1.
private enum First: String {
  case command = "sleep"
  case deafShell = "sh"
  case shell = "sh, SigCgt"
}

/// Runs a server below the script and stops it.
private func serve(
  _ stage: Stage, _ script: Script, _ server: [String]
) throws -> (first: First, code: Int32, output: String) {
  var options = RunOptions(image: "busybox")
  options.volumes = ["\(script.path):/root/entry.sh:ro"]
  options.command = ["sh", "/root/entry.sh"] + server
  let container = try stage.start(options)
  // Time for the handler to be set and the server to be started.
  _ = try stage.wait(within: 1) {
    Processes.has(Signal.term, in: "SigCgt", of: container.pid)
      && !Processes.children(of: container.pid).isEmpty
  }
  try Interrupt.sleep(milliseconds: 200)
  let first: First =
    if Processes.has(Signal.term, in: "SigCgt", of: container.pid) {
      .shell
    } else {
      Kernel.status(container.pid, "Name") == "sh" ? .deafShell : .command
    }
  let code = try stage.stop(container, grace: grace).code
  return (first, code, try container.output().split(separator: "\n").joined(separator: " "))
}
