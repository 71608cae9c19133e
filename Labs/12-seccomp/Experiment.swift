internal import Engine
internal import LabKit
internal import Linux
internal import Measure

/// Everything is allowed but these calls.
private func denying(_ names: [String]) -> String {
  let list = names.map { "\"\($0)\"" }.joined(separator: ", ")
  return """
    {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
    {"names": [\(list)], "action": "SCMP_ACT_ERRNO"}]}

    """
}

/// The same attempts in every container.
private let attempts = """
  cd /tmp; sleep 0.3; probe mkdir one; probe mkdirat two; probe io_uring three; exec sleep 60
  """

@Sendable func experiment(_ stage: Stage) throws {
  stage.say(Texts.sayFree)
  let free = try Attempt(stage, "unconfined", .before, steps: ["process.exec"])

  stage.say(Texts.sayDenied)
  let profile = try stage.keep("no-mkdir.json", Texts.profile, denying(["mkdir"]))
  let denied = try Attempt(stage, profile, .after)
  stage.fact("mkdir", denied.line("mkdir"))
  stage.fact("mkdirat", denied.line("mkdirat"))
  stage.fact("mode", denied.mode)
  stage.find(
    "mode", Texts.findMode, expected: "2, \(free.filters + 1)",
    seen: "\(denied.mode), \(denied.filters)",
    if: free.mode == "0" && denied.mode == "2" && denied.filters == free.filters + 1,
    otherwise: Texts.notFiltered)
  if free.answer("mkdir") == "ENOSYS" {
    let doubt = Doubt.unavailable(Texts.noMkdir.bilingual)
    stage.find(
      Finding("mkdir", Texts.findMkdir, expected: "EPERM", seen: "ENOSYS", .inconclusive([doubt])))
  } else {
    stage.find(
      "mkdir", Texts.findMkdir, expected: "0 → EPERM",
      seen: "\(free.answer("mkdir")) → \(denied.answer("mkdir"))",
      if: free.answer("mkdir") == "0" && denied.answer("mkdir") == "EPERM"
        && !denied.made.contains("one"),
      otherwise: Texts.otherAnswer)
  }
  stage.find(
    "mkdirat", Texts.findMkdirat, expected: "0, two", seen: denied.told("mkdirat", "two"),
    if: denied.answer("mkdirat") == "0" && denied.made.contains("two"),
    otherwise: Texts.otherAnswer)

  stage.say(Texts.sayRoot)
  let root = try Attempt(stage, profile, .after, capabilities: ["ALL"])
  stage.fact("capabilities", root.capabilities)
  stage.find(
    "root", Texts.findRoot, expected: "2, EPERM", seen: "\(root.mode), \(root.answer("mkdir"))",
    if: root.mode == "2" && root.capabilities == mask(Processes.current, "CapBnd")
      && (root.answer("mkdir") == "EPERM" || free.answer("mkdir") == "ENOSYS"),
    otherwise: Texts.otherAnswer)

  stage.say(Texts.sayRing)
  let longer = try stage.keep(
    "no-mkdir-at-all.json", Texts.profile, denying(["mkdir", "mkdirat"]))
  let both = try Attempt(stage, longer, .after)
  stage.fact("ring", both.line("io_uring"))
  guard free.made.contains("three") else {
    // kernel.io_uring_disabled, or a kernel without it.
    let doubt = Doubt.unavailable(Texts.noRing.bilingual)
    stage.find(
      Finding(
        "ring", Texts.findRing, expected: "0, three", seen: free.answer("io_uring"),
        .inconclusive([doubt])))
    return
  }
  stage.find(
    "ring", Texts.findRing, expected: "EPERM, 0, three",
    seen: "\(both.answer("mkdirat")), \(both.told("io_uring", "three"))",
    if: both.answer("mkdirat") == "EPERM" && both.answer("io_uring") == "0"
      && both.made == ["three"], otherwise: Texts.otherAnswer)
}

/// What a directory holds, in a line; `-` for nothing.
private func names(_ folder: String) -> String {
  let names = Kernel.list(folder).sorted()
  return names.isEmpty ? "-" : names.joined(separator: " ")
}

private func mask(_ pid: Int32, _ field: String) -> String { Kernel.status(pid, field) ?? "" }

/// One container's attempts, what they were told, and what the kernel has afterwards.
private struct Attempt {
  var lines: [String]
  /// The directories in /tmp, as the host sees them.
  var made: [String]
  var mode: String
  var filters: Int
  var capabilities: String

  init(
    _ stage: Stage, _ rules: String, _ moment: Exhibit.Moment, capabilities added: [String] = [],
    steps: [String] = ["seccomp.load"]
  ) throws {
    var options = RunOptions(image: "probe")
    options.command = ["sh", "-c", attempts]
    options.securityOptions = ["seccomp=\(rules)"]
    options.capAdd = added
    let container = try stage.start(options, steps: steps)
    let (pid, folder) = (container.pid, "/proc/\(container.pid)/root/tmp")
    stage.note(folder, Texts.folder, .before, names(folder))
    lines = try stage.lines(of: container, atLeast: 3)
    stage.say(Texts.sayLines.with(["lines": lines.joined(separator: "\n")]))
    made = Kernel.list(folder).sorted()
    stage.note(folder, Texts.folder, .after, names(folder))
    mode = Kernel.status(pid, "Seccomp") ?? "?"
    filters = Kernel.status(pid, "Seccomp_filters").flatMap { Int($0) } ?? 0
    capabilities = mask(pid, "CapEff")
    stage.note(
      "/proc/1/status", Texts.status, moment,
      "Seccomp: \(mode)\nSeccomp_filters: \(filters)\nCapEff: \(capabilities)")
    try stage.stop(container)
  }

  /// What a call was told: `0`, or an errno's name.
  func answer(_ call: String) -> String {
    line(call).split(separator: " ").last.map(String.init) ?? "-"
  }

  func line(_ call: String) -> String {
    lines.first { $0.hasPrefix("\(call)(") || $0.hasPrefix("\(call):") } ?? "-"
  }

  func told(_ call: String, _ name: String) -> String {
    "\(answer(call)), \(made.contains(name) ? name : "-")"
  }
}
