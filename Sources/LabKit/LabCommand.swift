// drydock lab list|start|check|hint|reset|progress|run
//
// Exit codes: 0 everything passed (or was shown), 1 something failed or the host is not as it was,
// 2 nothing failed but something is inconclusive, 125 it could not be run, 130 ended by Ctrl-C.

internal import CLinux
internal import Engine
internal import Linux
internal import Measure
internal import Report

/// The lab commands, on plain arguments: used by `drydock lab` and by each lab's own executable.
public struct LabCommand {
  /// The labs that are known.
  let labs: [Lab]
  let options: LabOptions
  let screen: Screen
  let environment: [String: String]
  /// Where containers come from; nil is the engine.
  let containers: (any LabContainers)?

  /// The help text.
  public static let usage = """
    usage: drydock lab COMMAND [LAB] [options]

      list                       the labs
      start LAB                  predict, run, look, explain, change
      check LAB [exercise|broken]
      hint LAB [exercise|broken]
      reset [LAB]                clean up after a lab that was killed
      progress                   what has been done
      run [LAB...]               labs one after another, and the report; --yes: no keyboard

    options:
      --yes            nobody is at the keyboard; right answers unless --answer says otherwise
      --answer Q=KEY   the answer to a question, with --yes
      --json           one JSON document on standard output instead of text
      --lang en|zh     the language; else LC_ALL, LC_MESSAGES, LANG
      --out DIR        where run writes report.html, report.md, result.json (here)
      --workdir DIR    scripts and progress (DRYDOCK_LABS, else ~/.drydock/labs)
      --root DIR, --run-root DIR, --runtime FILE

    exit code: 0 passed, 1 failed, 2 inconclusive, 125 could not run, 130 interrupted
    """

  /// Runs one command.
  ///
  /// - Parameters:
  ///   - labs: the labs that are known.
  ///   - arguments: the words after `drydock lab`.
  ///   - containers: where containers come from; nil is the engine.
  /// - Returns: the exit code.
  public static func run(
    labs: [Lab], _ arguments: [String], containers: (any LabContainers)? = nil
  ) -> Int32 {
    let environment = variables()
    do {
      let options = try LabOptions(arguments, environment: environment)
      let screen = Screen(
        output: 1, language: options.language, environment: environment, quiet: options.isJSON)
      let command = LabCommand(
        labs: labs, options: options, screen: screen, environment: environment,
        containers: containers)
      return try command.dispatch()
    } catch is Interrupted {
      return 130
    } catch {
      complain(LabError(error))
      return 125
    }
  }

  /// The executable of one lab: without a command it starts.
  public static func main(_ lab: Lab, _ arguments: [String]) -> Int32 {
    let commands: Set<String> = ["list", "start", "check", "hint", "reset", "progress", "run"]
    var words = arguments
    let command = words.first.flatMap { commands.contains($0) ? $0 : nil }
    if command != nil { words.removeFirst() }
    if words.contains("help") || words.contains("--help") { return run(labs: [lab], ["help"]) }
    let named = ["list", "progress"].contains(command ?? "") ? [] : [lab.name]
    return run(labs: [lab], [command ?? "start"] + named + words)
  }

  private static func variables() -> [String: String] {
    var values: [String: String] = [:]
    for entry in Processes.environment {
      guard let sign = entry.firstIndex(of: "=") else { continue }
      values[String(entry[..<sign])] = String(entry[entry.index(after: sign)...])
    }
    return values
  }

  static func complain(_ error: LabError) {
    let text = "drydock lab: \(error.message)\n" + (error.hint.isEmpty ? "" : "  \(error.hint)\n")
    do throws(SystemError) { try File.write(2, Array(text.utf8), name: "standard error") } catch {
      // There is nowhere left to say it; the exit code does.
    }
  }

  private func dispatch() throws -> Int32 {
    switch options.words.first ?? "help" {
    case "list": return try list()
    case "start": return try start()
    case "check": return try check()
    case "hint": return try hint()
    case "reset": return try reset()
    case "progress": return try progress()
    case "run": return try runAll()
    case "help":
      screen.line(LabCommand.usage)
      return 0
    case let other:
      throw LabError("no such command: \(other)", hint: "See drydock lab help.")
    }
  }

  /// The lab a word names: `13`, `cpu-shares` or `13-cpu-shares`.
  func lab(_ word: String) throws(LabError) -> Lab {
    if let lab = labs.first(where: {
      $0.name == word || $0.folder == word || Int(word) == $0.number
    }) {
      return lab
    }
    let known = labs.map { "\($0.number) \($0.name)" }.joined(separator: ", ")
    throw LabError("no such lab: \(word)", hint: "There are \(known).")
  }

  /// The lab that the command needs.
  func theLab() throws(LabError) -> Lab {
    guard options.words.count > 1 else {
      throw LabError("which lab?", hint: "For example: drydock lab \(options.words[0]) 13")
    }
    return try lab(options.words[1])
  }

  /// The learner's journal; `transient` keeps a headless run out of it.
  func journal(transient: Bool = false) throws(SystemError) -> Journal {
    guard !transient else { return try Journal(path: nil) }
    try File.makeDirectories(options.work)
    return try Journal(path: "\(options.work)/journal.tsv")
  }

  // MARK: - list, progress

  private func list() throws -> Int32 {
    if options.isJSON {
      let rows = labs.map { lab in
        Plain.object([
          ("number", "\(lab.number)"), ("name", Plain.string(lab.name)),
          ("title", Plain.string(lab.title[screen.language])),
          ("question", Plain.string(lab.questions.first?.ask[screen.language] ?? "")),
        ])
      }
      return Plain.put("[\(rows.joined(separator: ","))]")
    }
    for lab in labs {
      let head = Columns.pad("\(lab.number)", 4) + Columns.pad(lab.name, 13)
      screen.paragraph(lab.title[screen.language], indent: 17, mark: head)
    }
    screen.line()
    screen.paragraph(Words.listHint[screen.language])
    return 0
  }

  private func progress() throws -> Int32 {
    let journal = try journal()
    if options.isJSON {
      let rows = labs.map { lab in
        let standing = journal.standing(lab)
        return Plain.object([
          ("lab", "\(lab.number)"), ("answered", "\(standing.answered)"),
          ("right", "\(standing.right)"), ("questions", "\(standing.questions)"),
          ("verdict", standing.verdict.map(Plain.string) ?? "null"),
          ("exercise", "\(standing.exercise)"), ("broken", "\(standing.broken)"),
          ("hints", "\(standing.hints)"),
        ])
      }
      return Plain.put("[\(rows.joined(separator: ","))]")
    }
    let language = screen.language
    let sizes = [18, 13, 14, 10, 10, 6]
    func row(_ cells: [String]) {
      screen.line(zip(cells, sizes).map { Columns.pad($0, $1) }.joined())
    }
    row(Words.progressHead[language].split(separator: "|").map(String.init))
    for lab in labs {
      let standing = journal.standing(lab)
      let verdict: Text? =
        switch standing.verdict {
        case "pass": Words.pass
        case "fail": Words.fail
        case "inconclusive": Words.inconclusive
        default: nil
        }
      func mark(_ done: Bool) -> String { (done ? Words.done : Words.open)[language] }
      row([
        "\(lab.number) \(lab.name)",
        standing.answered == 0 ? "-" : "\(standing.right)/\(standing.questions)",
        verdict?[language] ?? "-", mark(standing.exercise), mark(standing.broken),
        "\(standing.hints)",
      ])
    }
    return 0
  }

  // MARK: - hint, reset

  private func hint() throws -> Int32 {
    let lab = try theLab()
    var journal = try journal()
    let part = try part(lab, journal)
    let assignment = part.of(lab)
    let events = journal.events.filter { $0.lab == lab.number && $0.about == part.rawValue }
    guard let (index, hint) = assignment.nextHint(events) else {
      screen.paragraph(Words.noHints[screen.language])
      return 0
    }
    try journal.add(lab, "hint", part.rawValue, "\(index)")
    let words: Text
    if hint.cause != nil {
      words = Words.hintForCause.with("text", hint.text)
    } else {
      let ladder = assignment.hints.indices.filter { assignment.hints[$0].cause == nil }
      words = Words.hint.with([
        "number": "\((ladder.firstIndex(of: index) ?? 0) + 1)", "all": "\(ladder.count)",
      ]).with("text", hint.text)
    }
    if options.isJSON {
      return Plain.put(
        Plain.object([
          ("part", Plain.string(part.rawValue)), ("hint", Plain.string(hint.text[screen.language])),
        ]))
    }
    screen.paragraph(part.title[screen.language], style: .strong)
    screen.paragraph(words[screen.language])
    return 0
  }

  /// The part that was named, else the first that is not done.
  func part(_ lab: Lab, _ journal: Journal) throws(LabError) -> Part {
    guard options.words.count > 2 else {
      return journal.standing(lab).exercise ? .broken : .exercise
    }
    guard let part = Part(rawValue: options.words[2]) else {
      throw LabError("no such part: \(options.words[2])", hint: "There are exercise and broken.")
    }
    return part
  }

  private func reset() throws -> Int32 {
    let lab: Lab? = options.words.count > 1 ? try self.lab(options.words[1]) : nil
    let sessions = Session.all(options.place, of: lab)
    var code: Int32 = 0
    if sessions.isEmpty { screen.paragraph(Words.resetNothing[screen.language]) }
    for session in sessions {
      let values = ["path": session.runRoot, "pid": "\(session.pid)"]
      guard !session.isAlive else {
        screen.paragraph(Words.resetAlive.with(values)[screen.language], style: .doubt)
        code = 1
        continue
      }
      let left = try session.clean(try engine(session.runRoot))
      screen.paragraph(Words.resetDone.with(values)[screen.language])
      if !show(left) { code = 1 }
    }
    return code
  }

  // MARK: - what several commands need

  /// The engine of a session.
  func engine(_ runRoot: String) throws(EngineError) -> Engine {
    try Engine(root: options.root, runRoot: runRoot, runtime: options.runtime)
  }

  /// Runs something that starts containers: the host is looked at before and after, and what is
  /// left is cleaned up, also after Ctrl-C and errors.
  ///
  /// - Returns: what came out of the body, and whether the host is as it was.
  func session<Result>(
    _ lab: Lab, _ body: (any LabContainers) throws -> Result
  ) throws -> (Result, isClean: Bool) {
    if let containers { return (try body(containers), true) }
    guard Kernel.status(Processes.current, "Uid")?.split(separator: " ").dropFirst().first == "0"
    else { throw LabError(Words.needRoot[screen.language]) }
    Interrupt.arm()
    lx_ignore_sigpipe()
    let session = try Session(lab, options.place)
    do {
      let engine = try engine(session.runRoot)
      let result = try body(engine)
      return (result, show(try session.clean(engine)))
    } catch {
      if error is Interrupted {
        screen.line()
        screen.paragraph(Words.interrupted[screen.language], style: .doubt)
      }
      let left = try session.clean(try engine(session.runRoot))
      _ = show(left)
      throw error
    }
  }

  /// Shows what differs on the host.
  ///
  /// - Returns: whether nothing of it is the lab's doing.
  func show(_ differences: [HostState.Difference]) -> Bool {
    let ours = differences.filter(\.isOurs)
    screen.line()
    if ours.isEmpty {
      screen.paragraph(Words.clean[screen.language], style: .good)
    } else {
      screen.paragraph(Words.dirty[screen.language], style: .bad)
      for item in ours { screen.paragraph(item.text, indent: 4) }
    }
    let others = differences.count - ours.count
    if others > 0 {
      let words = Words.meanwhile.with(["count": "\(others)"])
      screen.paragraph(words[screen.language], style: .faint)
    }
    return ours.isEmpty
  }

  /// The exit code for a verdict.
  static func code(_ verdict: Verdict) -> Int32 {
    switch verdict {
    case .pass: 0
    case .fail: 1
    case .inconclusive: 2
    }
  }
}
