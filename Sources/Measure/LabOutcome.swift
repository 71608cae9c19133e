/// A lab as it went: what was predicted, what the kernel showed, what was checked.
public struct LabOutcome: Codable, Equatable, Sendable {
  /// Number in the course.
  public var number: Int
  /// Its short name, such as `cpu-shares`.
  public var id: String
  /// What people read.
  public var title: Bilingual
  /// The prediction; empty when headless runs make none.
  public var predictions: [Prediction]
  /// What the kernel showed.
  public var evidence: [Evidence]
  /// What was held against what.
  public var checks: [Check]
  /// The verdict over all checks.
  public var verdict: Verdict
  /// One plain sentence on what came out.
  public var sentence: Bilingual
  /// The command that repeats it.
  public var command: String
  /// The machine during the experiment.
  public var window: Window?
  /// CPU splits.
  public var splits: [CPUSplit]
  /// Throttling over time.
  public var throttling: [ThrottlingTimeline]
  /// Memory over time.
  public var memory: [MemoryTimeline]

  /// Puts an outcome together; the verdict is that of all checks.
  public init(
    number: Int, id: String, title: Bilingual, predictions: [Prediction] = [],
    evidence: [Evidence] = [], checks: [Check], sentence: Bilingual, command: String,
    window: Window? = nil, splits: [CPUSplit] = [], throttling: [ThrottlingTimeline] = [],
    memory: [MemoryTimeline] = []
  ) {
    self.number = number
    self.id = id
    self.title = title
    self.predictions = predictions
    self.evidence = evidence
    self.checks = checks
    verdict = Verdict.all(checks.map(\.verdict))
    self.sentence = sentence
    self.command = command
    self.window = window
    self.splits = splits
    self.throttling = throttling
    self.memory = memory
  }
}

/// A question answered before the experiment ran.
public struct Prediction: Codable, Equatable, Sendable {
  /// What was asked.
  public var question: Bilingual
  /// What the learner said; nil when nobody was asked.
  public var answer: Bilingual?
  /// What came out.
  public var truth: Bilingual
  /// Whether the two agree.
  public var isCorrect: Bool

  /// Records an answer.
  public init(question: Bilingual, answer: Bilingual?, truth: Bilingual, isCorrect: Bool) {
    self.question = question
    self.answer = answer
    self.truth = truth
    self.isCorrect = isCorrect
  }
}

/// What a file of the kernel said before and after.
public struct Evidence: Codable, Equatable, Sendable {
  /// The file, such as `/proc/4711/status`, or a command.
  public var path: String
  /// What it shows.
  public var meaning: Bilingual
  /// Its content, or the line that matters, before; nil when it did not exist.
  public var before: String?
  /// The same after; nil when it no longer exists.
  public var after: String?

  /// Records two reads.
  public init(path: String, meaning: Bilingual, before: String?, after: String?) {
    self.path = path
    self.meaning = meaning
    self.before = before
    self.after = after
  }
}

/// One thing that was held against its expected value.
public struct Check: Codable, Equatable, Sendable {
  /// What was checked.
  public var text: Bilingual
  /// What was expected; nil for a yes or no.
  public var expected: Expected?
  /// What was measured.
  public var measured: Interval?
  /// What it comes to.
  public var verdict: Verdict

  /// Holds a measured value against an expected one.
  public init(
    _ text: Bilingual, expected: Expected, measured: Interval, doubts: [Doubt] = []
  ) {
    self.text = text
    self.expected = expected
    self.measured = measured
    verdict = expected.judge(measured, doubts: doubts)
  }

  /// A yes or no, with the cause to show for a no.
  public init(_ text: Bilingual, holds: Bool, otherwise cause: Bilingual, doubts: [Doubt] = []) {
    self.text = text
    if doubts.isEmpty {
      verdict = holds ? .pass : .fail(cause)
    } else {
      verdict = .inconclusive(doubts)
    }
  }
}
