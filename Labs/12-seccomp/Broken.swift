internal import Engine
internal import LabKit
internal import Linux

/// profile.sh: clone3(2) answered with EPERM, as Docker's rules did until 20.10.9: programs with
/// glibc 2.34 could start nothing any more (moby 42680).
let broken = Assignment(
  file: "profile.sh", task: Texts.brokenTask,
  start: """
    #!/bin/sh
    cat <<'END'
    { "defaultAction": "SCMP_ACT_ALLOW",
      "syscalls": [
        { "names": ["clone3"], "action": "SCMP_ACT_ERRNO" } ] }
    END

    """,
  solution: """
    #!/bin/sh
    cat <<'END'
    { "defaultAction": "SCMP_ACT_ALLOW",
      "syscalls": [
        { "names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38 } ] }
    END

    """,
  wrong: [
    Planted(
      "allows the call", cause: "allowed",
      """
      #!/bin/sh
      echo '{ "defaultAction": "SCMP_ACT_ALLOW", "syscalls": [] }'

      """),
    Planted(
      "tries another errno", cause: "errno",
      """
      #!/bin/sh
      echo '{ "defaultAction": "SCMP_ACT_ALLOW", "syscalls": ['
      echo '{ "names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 22 } ] }'

      """),
    Planted(
      "kills whoever calls it", cause: "killed",
      """
      #!/bin/sh
      echo '{ "defaultAction": "SCMP_ACT_ALLOW", "syscalls": ['
      echo '{ "names": ["clone3"], "action": "SCMP_ACT_KILL_PROCESS" } ] }'

      """),
  ],
  hints: [
    Hint(Texts.brokenHint1), Hint(Texts.brokenHint2), Hint(Texts.brokenHint3),
    Hint(Texts.hintErrno, cause: "errno"), Hint(Texts.hintAllowed, cause: "allowed"),
    Hint(Texts.hintKilled, cause: "killed"),
  ],
  judge: judgeBroken)

@Sendable private func judgeBroken(_ stage: Stage, _ script: Script) throws {
  let rules = try stage.run(script, []).output
  let path = try stage.keep("profile.json", Texts.profile, rules)
  var options = RunOptions(image: "probe")
  // awk starts a command as glibc's popen(3) does, with clone3.
  options.command = [
    "sh", "-c",
    """
    probe clone3 || [ $? = 1 ] || echo "killed = SIGSYS"
    awk 'BEGIN { "echo works" | getline line; print "awk: " line }'
    echo done
    """,
  ]
  options.securityOptions = ["seccomp=\(path)"]
  let lines: [String]
  do {
    let container = try stage.start(options)
    _ = try stage.finish(container)
    lines = try container.output().split(separator: "\n").map(String.init)
  } catch let error as EngineError {
    refused(stage, error)
    return
  }
  let call = lines.first { $0.hasPrefix("clone3") || $0.hasPrefix("killed") } ?? "-"
  let answer = call.split(separator: " ").last.map(String.init) ?? "-"
  let cause: String? =
    switch answer {
    case "ENOSYS": nil
    case "SIGSYS": "killed"
    default: Int(answer) == nil ? "errno" : "allowed"
    }
  stage.find(
    "clone3", Texts.findClone, expected: "ENOSYS", seen: answer, if: answer == "ENOSYS",
    otherwise: Texts.otherClone, cause: cause)
  let said = lines.first { $0.hasPrefix("awk:") } ?? "-"
  stage.find(
    "awk", Texts.findAwk, expected: "awk: works", seen: said, if: said == "awk: works",
    otherwise: Texts.notStarted, cause: cause)
}
