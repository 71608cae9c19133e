/// What a check or an experiment came to.
public enum Outcome: String, Sendable {
  /// As expected.
  case pass
  /// Not as expected.
  case fail
  /// The machine did not let it be measured; the reason says why.
  case inconclusive

  /// The worse of several: a failure outweighs, then doubt.
  public static func of(_ all: [Outcome]) -> Outcome {
    if all.contains(.fail) { return .fail }
    return all.contains(.inconclusive) || all.isEmpty ? .inconclusive : .pass
  }
}

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
  /// What came of it.
  public var outcome: Outcome
  /// Why it failed or is inconclusive.
  public var reason: Text?
  /// The cause's id, by which a hint is chosen.
  public var cause: String?

  /// Makes a finding.
  public init(
    _ id: String, _ what: Text, expected: String, seen: String, _ outcome: Outcome,
    reason: Text? = nil, cause: String? = nil
  ) {
    self.id = id
    self.what = what
    self.expected = expected
    self.seen = seen
    self.outcome = outcome
    self.reason = reason
    self.cause = cause
  }
}

/// Something read from the kernel, at several moments.
public struct Evidence: Sendable {
  /// The file under /proc or /sys.
  public var path: String
  /// What it shows.
  public var caption: Text
  /// The readings in order: the moment and the value.
  public var readings: [(moment: Moment, value: String)]

  /// When a file was read.
  public enum Moment: String, Sendable {
    /// Before the thing happened.
    case before
    /// While it happened.
    case during
    /// Afterwards.
    case after
  }
}

/// A step of the runtime, as shown to the learner.
public struct ShownStep: Sendable, Equatable {
  /// The step's id.
  public var id: String
  /// The system call.
  public var call: String
  /// What it acted on.
  public var object: String
  /// The shell equivalent with the real values; nil where no command exists.
  public var shell: String?
  /// The man page.
  public var man: String
}

/// A number worth putting into the report.
public struct Figure: Sendable {
  /// What was measured.
  public var name: Text
  /// The value.
  public var value: Double
  /// What was expected, when something was.
  public var expected: Double?
  /// The unit, such as `%`.
  public var unit: String
}

/// All that came out of one run.
public struct Record: Sendable {
  /// What was compared.
  public var findings: [Finding] = []
  /// What was read.
  public var evidence: [Evidence] = []
  /// What the runtime did.
  public var steps: [ShownStep] = []
  /// What was measured.
  public var figures: [Figure] = []
  /// Named values for the explanations.
  public var facts: [String: String] = [:]

  /// An empty record.
  public init() {}

  /// Over all findings.
  public var outcome: Outcome { Outcome.of(findings.map(\.outcome)) }

  /// The cause of the first failure that names one.
  public var cause: String? { findings.first { $0.outcome == .fail && $0.cause != nil }?.cause }

  /// Where the record falls short of the rules of the course; empty when it does not.
  public func problems(of lab: Lab) -> [String] {
    var found = [String]()
    let changed = evidence.filter { item in
      item.path.hasPrefix("/proc/") || item.path.hasPrefix("/sys/")
    }
    if changed.filter({ Set($0.readings.map(\.moment)).count >= 2 }).count < 2 {
      found.append("fewer than two kernel files were read before and after")
    }
    for question in lab.questions where !findings.contains(where: { $0.id == question.confirmedBy })
    {
      found.append("no finding \(question.confirmedBy) for question \(question.id)")
    }
    if steps.isEmpty { found.append("no step was shown") }
    for finding in findings where finding.outcome != .pass && finding.reason == nil {
      found.append("\(finding.id) is \(finding.outcome.rawValue) without a reason")
    }
    return found
  }
}
