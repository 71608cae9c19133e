internal import Linux

/// A planted failure: `ID[#N][:ERRNO|kill]`.
///
/// `mount.attach#3:EPERM` lets the third mount fail with EPERM; without a number every occurrence
/// is meant, without an errno EIO.
public struct Fault: Equatable, Sendable {
  /// The step.
  public var id: StepID
  /// Which occurrence, from 1; nil is all.
  public var occurrence: Int?
  /// What happens.
  public var disposition: Disposition

  /// Parses the text of `--fault`; nil when it names no step, no errno or no number.
  public init?(_ text: String) {
    let halves = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let name = halves[0].split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
    guard let id = StepID(rawValue: String(name[0])) else { return nil }
    self.id = id
    if name.count == 2 {
      guard let n = Int(name[1]), n > 0 else { return nil }
      occurrence = n
    }
    disposition = .fail(Errno(5))
    if halves.count == 2 {
      if halves[1] == "kill" {
        disposition = .die
      } else {
        guard let errno = Errno(named: String(halves[1])) else { return nil }
        disposition = .fail(errno)
      }
    }
  }
}

/// Planted failures with the count of what has happened so far.
public struct Faults: Sendable {
  private let faults: [Fault]
  private var seen: [Int]

  /// Plants them.
  public init(_ faults: [Fault]) {
    self.faults = faults
    seen = Array(repeating: 0, count: faults.count)
  }

  /// What is planted for the next occurrence of a step.
  public mutating func next(_ id: StepID) -> Disposition {
    var result = Disposition.proceed
    for (index, fault) in faults.enumerated() where fault.id == id {
      seen[index] += 1
      if fault.occurrence == nil || fault.occurrence == seen[index] { result = fault.disposition }
    }
    return result
  }
}

/// Writes down what would be done, and does nothing: the kernel's stand-in in tests.
public final class Recorder: StepObserver {
  /// What was asked for, in order.
  public private(set) var steps: [StepRecord] = []

  /// An empty record.
  public init() {}

  /// Notes the step and pretends that it succeeded; a clone yields pid 4242.
  public func before(_ step: StepRecord, _ operation: borrowing Operation) -> Disposition {
    steps.append(step)
    return .pretend(step.id == .processClone ? 4242 : 0)
  }

  /// Nothing happened.
  public func after(_ step: StepRecord) {}
}
