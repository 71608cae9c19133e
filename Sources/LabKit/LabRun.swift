// The commands that start containers: start, check, run.

internal import Linux
internal import Measure
internal import Report

extension LabCommand {
  /// `start LAB`: the whole lab.
  func start() throws -> Int32 {
    let lab = try theLab()
    let (outcome, code, _) = try guide(lab)
    if options.isJSON { return max(code, try put([outcome])) }
    return code
  }

  /// Takes one lab from the prediction to the assignments.
  private func guide(_ lab: Lab) throws -> (LabOutcome, Int32, start: Waterfall?) {
    let guide = Guide(
      lab, screen: screen, journal: try journal(transient: options.isHeadless),
      given: options.isHeadless ? options.answers : nil)
    guide.introduce()
    try guide.predict()
    let (_, isClean) = try session(lab) { try guide.run($0) }
    // A run that nobody watches is a test of the lab too.
    let problems = options.isHeadless ? guide.record.problems(of: lab) : []
    guard problems.isEmpty else {
      throw LabError("lab \(lab.name) is incomplete: \(problems.joined(separator: "; "))")
    }
    try guide.explain()
    guide.score()
    let files = options.isHeadless ? [:] : try plant(lab)
    guide.assign(files)
    if !options.isHeadless { try change(lab) }
    let code = isClean ? LabCommand.code(guide.record.verdict) : 1
    return (guide.outcome(), code, start: guide.record.firstStart)
  }

  /// Puts the scripts into the work directory; what is there already stays.
  ///
  /// - Returns: the paths by part.
  func plant(_ lab: Lab) throws(SystemError) -> [String: String] {
    var files: [String: String] = [:]
    for part in Part.allCases {
      let path = path(lab, part)
      files[part.rawValue] = path
      guard !File.exists(path) else { continue }
      try File.makeDirectories(String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]))
      let assignment = part.of(lab)
      let comment = assignment.task[screen.language].split(
        separator: "\n", omittingEmptySubsequences: false
      ).flatMap { Columns.wrap(String($0), width: 76) }.map { $0.isEmpty ? "#" : "# \($0)" }
      let body = assignment.start.dropFirst("#!/bin/sh\n".count)
      let text = "#!/bin/sh\n" + comment.joined(separator: "\n") + "\n\n" + body
      try File.replace(path, with: Array(text.utf8), mode: 0o755)
    }
    return files
  }

  /// Where a part's script is.
  func path(_ lab: Lab, _ part: Part) -> String {
    "\(options.work)/\(lab.folder)/\(part.rawValue)/\(part.of(lab).file)"
  }

  /// The prompt at the end of a lab, for those who want to go on at once.
  private func change(_ lab: Lab) throws {
    while true {
      let line = try screen.ask("\n" + Words.changePrompt[screen.language])
      guard let line, line.lowercased() != "q" else { return }
      if line.lowercased() == "h" {
        _ = LabCommand.run(labs: labs, again("hint", lab), containers: containers)
      } else {
        for part in Part.allCases { _ = try check(lab, part) }
      }
    }
  }

  private func again(_ command: String, _ lab: Lab) -> [String] {
    [command, lab.name, "--workdir", options.work, "--lang", options.language.rawValue]
  }

  /// `check LAB [PART]`: runs the learner's scripts on real containers.
  func check() throws -> Int32 {
    let lab = try theLab()
    let parts: [Part]
    if options.words.count > 2 {
      parts = [try part(lab, try journal())]
    } else {
      parts = Part.allCases
    }
    _ = try plant(lab)
    var codes = [Int32]()
    for part in parts { codes.append(try check(lab, part)) }
    // A failure outweighs a doubt.
    return codes.contains(1) ? 1 : codes.max() ?? 0
  }

  /// The labs that the learner has not been through yet; all of them once there are none left.
  private func remaining() throws(SystemError) -> [Lab] {
    let journal = try journal()
    let open = labs.filter { journal.standing($0).verdict == nil }
    return open.isEmpty ? labs : open
  }

  private func check(_ lab: Lab, _ part: Part) throws -> Int32 {
    let path = path(lab, part)
    screen.heading(part.title[screen.language])
    screen.paragraph(Words.checking.with(["path": path])[screen.language], style: .faint)
    let assignment = part.of(lab)
    let body = assignment.start.dropFirst("#!/bin/sh\n".count)
    if try File.text(path).hasSuffix(body) {
      screen.paragraph(Words.unchanged[screen.language], style: .doubt)
    }
    let narrator = Narrator(screen)
    let (record, isClean) = try session(lab) { containers in
      try Judging.judge(
        assignment, script: Script(path: path), containers: containers, audience: narrator)
    }
    screen.line()
    narrator.show(record.findings)
    var journal = try journal()
    try journal.add(
      lab, "check", part.rawValue, record.verdict.word.en, cause: record.cause ?? "")
    if options.isJSON { _ = Plain.put(Plain.check(lab, part, record, screen.language)) }
    return isClean ? LabCommand.code(record.verdict) : 1
  }

  /// `run [LAB…]`: labs one after another, and the report; with `--yes` nobody is at the keyboard.
  func runAll() throws -> Int32 {
    let names = options.words.dropFirst()
    var chosen = [Lab]()
    for name in names { chosen.append(try lab(name)) }
    if chosen.isEmpty { chosen = options.isHeadless ? labs : try remaining() }
    var outcomes = [LabOutcome]()
    var codes = [Int32]()
    var starts = [Waterfall]()
    for lab in chosen {
      if !options.isHeadless, !outcomes.isEmpty {
        let next = Words.nextLab.with(["lab": "\(lab.number) \(lab.name)"])
        guard let answer = try screen.ask(next[screen.language]), answer != "q" else { break }
      }
      let (outcome, code, start) = try guide(lab)
      if starts.isEmpty, let start { starts.append(start) }
      outcomes.append(outcome)
      codes.append(code)
    }
    try write(outcomes, starts: starts)
    if options.isJSON { codes.append(try put(outcomes)) }
    return codes.contains(1) ? 1 : codes.max() ?? 0
  }
}
