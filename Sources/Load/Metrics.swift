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

  /// CPU time of the other end of its connection, in nanoseconds, where the kernel's account of the
  /// worker does not have it: the worker was ended, or the end is no child of its own.
  var peerCPUNs: UInt64 {
    switch kind {
    case .netRR, .netStream, .netRate: slot.helpersCPUNs
    default: 0
    }
  }

  /// CPU time so far in nanoseconds, also of one that has ended, with that of its helpers.
  var cpuNs: UInt64 {
    if ending != nil { return (userUs + systemUs) * 1000 + peerCPUNs }
    var ns: UInt64 = 0
    return unsafe lx_process_cpu_ns(pid, &ns) == 0 ? ns + slot.helpersCPUNs : 0
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
  /// CPU time of the other ends of connections, beside the workers'.
  let peerSeconds: Double
  let bytes: UInt64
  let latencies: Histogram
  /// The sum of the workers' largest sizes, in KiB.
  let rssSumKiB: UInt64

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
    rssSumKiB = mine.reduce(0) { $0 + $1.rssMaxKiB }
    peerSeconds = mine.reduce(0) { $0 + Double($1.peerCPUNs) / 1e9 }
    bytes = mine.reduce(0) { $0 &+ $1.slot.bytes }
    latencies = Histogram(of: mine)
  }

  /// Operations a second of real time; not a number when there was none.
  var perRealSecond: Double { Double(operations) / realSeconds }
  /// User and system time, the other ends' too.
  var cpuSeconds: Double { userSeconds + systemSeconds + peerSeconds }
  /// Operations a second of user and system time.
  var perCPUSecond: Double { Double(operations) / cpuSeconds }
  /// CPU time as a part of all workers' real time: 100 is one whole CPU for each.
  var cpuPercent: Double { cpuSeconds / (realSeconds * Double(workers)) * 100 }

  static let heading =
    "metrics: hog  workers         ops   real s    usr s    sys s   ops/s real"
    + "    ops/s cpu   CPU %  RSS max KiB"

  /// A row under the heading.
  var row: String {
    "metrics: " + kind.name.padded(-max(4, kind.name.count)) + "\(workers)".padded(8)
      + "\(operations)".padded(12)
      + fixed(realSeconds, 2).padded(9) + fixed(userSeconds, 2).padded(9)
      + fixed(systemSeconds, 2).padded(9) + fixed(perRealSecond, 2).padded(13)
      + fixed(perCPUSecond, 2).padded(13) + fixed(cpuPercent, 1).padded(8)
      + "\(rssMaxKiB)".padded(13)
  }
}

extension String {
  /// Padded with blanks to a width: on the left, or on the right when the width is negative.
  fileprivate func padded(_ width: Int) -> String {
    let blanks = String(repeating: " ", count: max(0, abs(width) - count))
    return width < 0 ? self + blanks : blanks + self
  }
}
