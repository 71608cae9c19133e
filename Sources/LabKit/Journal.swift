internal import CLinux
public import Linux

/// What a learner has done so far: a file to which lines are only ever added.
///
/// One line an event, fields parted by tabs:
///
///     2026-01-31T08:15:00Z  13  predict   split   b
///     2026-01-31T08:15:09Z  13  verdict   lab     pass
///     2026-01-31T08:15:09Z  13  confirm   split   a        (the answer the kernel gave)
///     2026-01-31T08:20:00Z  13  hint      exercise  0
///     2026-01-31T08:21:00Z  13  check     exercise  fail  quota
///
/// The first `predict` of a question counts: that is what makes an answer locked.
public struct Journal: Sendable {
  /// One line.
  public struct Event: Equatable, Sendable {
    /// RFC 3339, UTC.
    public var time: String
    /// The lab's number.
    public var lab: Int
    /// `predict`, `confirm`, `verdict`, `hint` or `check`.
    public var kind: String
    /// The question's id, `exercise`, `broken` or `lab`.
    public var about: String
    /// The answer, the verdict, the hint's number.
    public var value: String
    /// The cause a check found; empty when none.
    public var cause: String
  }

  /// The file; nil keeps everything in memory only.
  public let path: String?
  /// All events, oldest first.
  public private(set) var events: [Event] = []

  /// Opens the journal, or starts one.
  ///
  /// - Throws: `SystemError` when the file is there and cannot be read.
  public init(path: String?) throws(SystemError) {
    self.path = path
    guard let path, File.exists(path) else { return }
    for line in try File.text(path).split(separator: "\n") {
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard fields.count >= 5, let lab = Int(fields[1]) else { continue }
      events.append(
        Event(
          time: fields[0], lab: lab, kind: fields[2], about: fields[3], value: fields[4],
          cause: fields.count > 5 ? fields[5] : ""))
    }
  }

  /// Adds an event.
  ///
  /// - Throws: `SystemError` when it cannot be written.
  public mutating func add(
    _ lab: Lab, _ kind: String, _ about: String, _ value: String, cause: String = ""
  ) throws(SystemError) {
    let event = Event(
      time: Clock.rfc3339(Clock.wall), lab: lab.number, kind: kind, about: about,
      value: value, cause: cause)
    events.append(event)
    guard let path else { return }
    let line = [event.time, "\(event.lab)", kind, about, value, cause].joined(separator: "\t")
    let file = try File.open(path, [.writeOnly, .create, .append, .noFollow], mode: 0o644)
    try File.write(file.raw, Array((line + "\n").utf8), name: path)
  }

  /// The locked answer to a question; nil when there is none yet.
  public func answer(_ lab: Lab, _ question: Question) -> String? {
    events.first {
      $0.lab == lab.number && $0.kind == "predict" && $0.about == question.id
    }?.value
  }

  /// Locks an answer; one that is already locked stays.
  ///
  /// - Returns: the answer that counts.
  /// - Throws: `SystemError` when it cannot be written.
  public mutating func lock(
    _ lab: Lab, _ question: Question, _ key: String
  ) throws(SystemError) -> String {
    if let locked = answer(lab, question) { return locked }
    try add(lab, "predict", question.id, key)
    return key
  }

  /// The latest event of a kind about something.
  public func last(_ lab: Lab, _ kind: String, _ about: String) -> Event? {
    events.last { $0.lab == lab.number && $0.kind == kind && $0.about == about }
  }

  /// How far a lab is.
  public func standing(_ lab: Lab) -> Standing {
    var standing = Standing(questions: lab.questions.count)
    for question in lab.questions {
      guard let answer = answer(lab, question) else { continue }
      standing.answered += 1
      if answer == question.right { standing.right += 1 }
    }
    standing.verdict = last(lab, "verdict", "lab")?.value
    standing.exercise = passed(lab, "exercise")
    standing.broken = passed(lab, "broken")
    standing.hints = events.filter { $0.lab == lab.number && $0.kind == "hint" }.count
    return standing
  }

  private func passed(_ lab: Lab, _ about: String) -> Bool {
    events.contains {
      $0.lab == lab.number && $0.kind == "check" && $0.about == about && $0.value == "pass"
    }
  }
}

/// How far a learner is with a lab.
public struct Standing: Equatable, Sendable {
  /// How many predictions it asks for.
  public var questions: Int
  /// How many are locked.
  public var answered = 0
  /// How many of them are right.
  public var right = 0
  /// What the last experiment came to: `pass`, `fail`, `inconclusive`; nil before it ran.
  public var verdict: String?
  /// Whether the exercise passed once.
  public var exercise = false
  /// Whether the broken state was repaired once.
  public var broken = false
  /// How many hints were taken.
  public var hints = 0

  /// Nothing done yet.
  public init(questions: Int) { self.questions = questions }

  /// Whether everything is done.
  public var isDone: Bool { answered == questions && verdict != nil && exercise && broken }
}

extension Assignment {
  /// The hint that comes next: one for the last check's cause if it has not been given since,
  /// else the next of the ladder; the last one again when there are no more.
  ///
  /// - Returns: the hint and its index in `hints`.
  public func nextHint(_ events: [Journal.Event]) -> (index: Int, hint: Hint)? {
    let given = events.filter { $0.kind == "hint" }.compactMap { Int($0.value) }
    if let check = events.last(where: { $0.kind == "check" }), check.value != "pass",
      let index = hints.firstIndex(where: { $0.cause == check.cause && !check.cause.isEmpty })
    {
      let since = events.drop { $0 != check }.filter { $0.kind == "hint" }
      if !since.contains(where: { $0.value == "\(index)" }) { return (index, hints[index]) }
    }
    let ladder = hints.indices.filter { hints[$0].cause == nil }
    guard let index = ladder.first(where: { !given.contains($0) }) ?? ladder.last else {
      return nil
    }
    return (index, hints[index])
  }
}
