internal import CLinux

/// What is known of one worker, filled in when it is collected.
struct WorkerRecord {
  /// How a worker ended.
  enum Ending: Equatable {
    case returned
    case error(Int32)
    case signal(Int32)

    var text: String {
      switch self {
      case .returned: "returned"
      case .error(let code): "error \(code)"
      case .signal(let number): "signal \(number)"
      }
    }
  }

  let kind: Options.Kind
  let number: Int64
  let pid: Int32
  let slot: Slot
  /// Began to work, after its backoff (or was forked, if it never did); since the start of the run.
  var startNs: UInt64
  /// Collected; since the start of the run.
  var endNs: UInt64 = 0
  var userUs: UInt64 = 0
  var systemUs: UInt64 = 0
  var rssMaxKiB: UInt64 = 0
  var ending: Ending?

  var operations: UInt64 { slot.operations }
  var realNs: UInt64 { endNs > startNs ? endNs - startNs : 0 }

  /// CPU time so far in nanoseconds, also of one that has ended.
  var cpuNs: UInt64 {
    if ending != nil { return (userUs + systemUs) * 1000 }
    var ns: UInt64 = 0
    return unsafe lx_process_cpu_ns(pid, &ns) == 0 ? ns : 0
  }
}

/// The sum over the workers of one kind.
struct Totals {
  let kind: Options.Kind
  let workers: Int
  let operations: UInt64
  /// Mean of the workers' lives in seconds: from the end of the backoff to being collected.
  let realSeconds: Double
  let userSeconds: Double
  let systemSeconds: Double
  let rssMaxKiB: UInt64

  /// nil when there was no such worker.
  init?(_ kind: Options.Kind, _ all: [WorkerRecord]) {
    let mine = all.filter { $0.kind == kind }
    guard !mine.isEmpty else { return nil }
    self.kind = kind
    workers = mine.count
    operations = mine.reduce(0) { $0 &+ $1.operations }
    realSeconds = mine.reduce(0) { $0 + Double($1.realNs) / 1e9 } / Double(mine.count)
    userSeconds = mine.reduce(0) { $0 + Double($1.userUs) / 1e6 }
    systemSeconds = mine.reduce(0) { $0 + Double($1.systemUs) / 1e6 }
    rssMaxKiB = mine.reduce(0) { max($0, $1.rssMaxKiB) }
  }

  /// Operations a second of real time; not a number when there was none.
  var perRealSecond: Double { Double(operations) / realSeconds }
  /// Operations a second of user and system time.
  var perCPUSecond: Double { Double(operations) / (userSeconds + systemSeconds) }
  /// CPU time as a part of all workers' real time: 100 is one whole CPU for each.
  var cpuPercent: Double {
    (userSeconds + systemSeconds) / (realSeconds * Double(workers)) * 100
  }

  static let heading =
    "metrics: hog  workers         ops   real s    usr s    sys s   ops/s real"
    + "    ops/s cpu   CPU %  RSS max KiB"

  /// A row under the heading.
  var row: String {
    "metrics: " + kind.name.padded(-4) + "\(workers)".padded(8) + "\(operations)".padded(12)
      + fixed(realSeconds, 2).padded(9) + fixed(userSeconds, 2).padded(9)
      + fixed(systemSeconds, 2).padded(9) + fixed(perRealSecond, 2).padded(13)
      + fixed(perCPUSecond, 2).padded(13) + fixed(cpuPercent, 1).padded(8)
      + "\(rssMaxKiB)".padded(13)
  }
}

/// What the workers of one kind did between two looks.
struct Sample {
  /// More are shown but not kept for the JSON: an hour of 100 ms samples of two kinds fits.
  static let maximum = 100_000

  let kind: Options.Kind
  /// Since the start of the run.
  let atNs: UInt64
  /// Since the sample before, or the start.
  let spanNs: UInt64
  let operations: UInt64
  let cpuNs: UInt64
  private let operationsSoFar: UInt64
  private let cpuNsSoFar: UInt64

  init(_ kind: Options.Kind, _ workers: [WorkerRecord], atNs: UInt64, _ previous: Sample?) {
    self.kind = kind
    self.atNs = atNs
    let mine = workers.filter { $0.kind == kind }
    operationsSoFar = mine.reduce(0) { $0 &+ $1.operations }
    cpuNsSoFar = mine.reduce(0) { $0 &+ $1.cpuNs }
    spanNs = atNs - (previous?.atNs ?? 0)
    operations = operationsSoFar &- (previous?.operationsSoFar ?? 0)
    // The clock of a living process and wait4(2)'s account differ by microseconds.
    cpuNs = max(cpuNsSoFar, previous?.cpuNsSoFar ?? 0) - (previous?.cpuNsSoFar ?? 0)
  }

  var text: String {
    "sample: at \(fixed(Double(atNs) / 1e9, 3)) s: \(kind.name) \(operations) ops, "
      + "\(fixed(Double(operations) * 1e9 / Double(spanNs), 2)) ops/s, "
      + "\(fixed(Double(cpuNs) / Double(spanNs) * 100, 1)) % of a CPU"
  }
}

extension String {
  /// Padded with blanks to a width: on the left, or on the right when the width is negative.
  fileprivate func padded(_ width: Int) -> String {
    let blanks = String(repeating: " ", count: max(0, abs(width) - count))
    return width < 0 ? self + blanks : blanks + self
  }
}
