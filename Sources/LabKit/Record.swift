public import Engine
public import Measure

/// One comparison of what was expected with what the kernel showed.
public struct Finding: Sendable {
  /// Its id, to which questions and tests refer.
  public var id: String
  /// What was looked at.
  public var what: Text
  /// The expected value, computed from what was written to the kernel.
  public var expected: String
  /// The value seen.
  public var seen: String
  /// What came of it, with the reason when it is no pass.
  public var verdict: Verdict
  /// The expected value as a number, where it is one.
  public var expectation: Expected?
  /// The measured value as a number, where it is one.
  public var measured: Double?
  /// The cause's id, by which a hint is chosen.
  public var cause: String?

  /// Makes a finding; `cause` only counts when the verdict is a failure.
  public init(
    _ id: String, _ what: Text, expected: String, seen: String, _ verdict: Verdict,
    cause: String? = nil
  ) {
    self.id = id
    self.what = what
    self.expected = expected
    self.seen = seen
    self.verdict = verdict
    self.cause = cause
  }

  /// Whether it is a failure.
  public var isFailure: Bool {
    if case .fail = verdict { return true }
    return false
  }
}

/// Something read from the kernel, at several moments.
public struct Exhibit: Sendable {
  /// When a file was read.
  public enum Moment: String, Sendable {
    /// Before the thing happened.
    case before
    /// While it happened.
    case during
    /// Afterwards.
    case after
  }

  /// One reading; nil when the file was not there.
  public struct Reading: Sendable {
    /// When.
    public var moment: Moment
    /// What was in the file.
    public var value: String?
  }

  /// The file under /proc or /sys.
  public var path: String
  /// What it shows.
  public var caption: Text
  /// The readings in order.
  public var readings: [Reading]
}

/// A command as it could have been typed, and the steps the runtime took for it.
public struct ShownRun: Sendable {
  /// `drydock run …`.
  public var command: String
  /// The steps shown, a part of all.
  public var steps: [TracedStep]
  /// How many steps there were in all.
  public var stepCount: Int
}

/// All that came out of one run.
public struct Record: Sendable {
  /// What was compared.
  public var findings: [Finding] = []
  /// What was read.
  public var exhibits: [Exhibit] = []
  /// What was run, with the steps of the runtime.
  public var runs: [ShownRun] = []
  /// How CPU time was split, for the report.
  public var splits: [CPUSplit] = []
  /// What a quota did over time, for the report.
  public var throttling: [ThrottlingTimeline] = []
  /// How the first container started, for the report.
  public var firstStart: Waterfall?
  /// Memory over time, for the report.
  public var memory: [MemoryTimeline] = []
  /// The machine during the experiment.
  public var window: Window?
  /// Named values for the explanations.
  public var facts: [String: String] = [:]

  /// An empty record.
  public init() {}

  /// Over all findings: a failure counts most, then a doubt.
  public var verdict: Verdict { Verdict.all(findings.map(\.verdict)) }

  /// The cause of the first failure that names one.
  public var cause: String? { findings.first { $0.isFailure && $0.cause != nil }?.cause }

  /// The finding of an id.
  public func finding(_ id: String) -> Finding? { findings.first { $0.id == id } }

  /// Where the record of an experiment falls short of the rules of the course; empty when it
  /// does not.
  public func problems(of lab: Lab) -> [String] {
    var found = [String]()
    let changed = exhibits.filter { item in
      (item.path.hasPrefix("/proc/") || item.path.hasPrefix("/sys/"))
        && item.readings.contains { $0.moment == .before }
        && item.readings.contains { $0.moment != .before }
    }
    if changed.count < 2 {
      found.append("fewer than two kernel files were read before and after")
    }
    for question in lab.questions where finding(question.confirmedBy) == nil {
      found.append("no finding \(question.confirmedBy) for question \(question.id)")
    }
    if runs.allSatisfy(\.steps.isEmpty) { found.append("no step was shown") }
    return found
  }
}
