internal import CLinux

extension Worker {
  /// Computes, all the time or for a part of it, and verifies each result against the first.
  func spin() -> Int32 {
    var work = CPUWork(options.cpuMethod)
    let expected = work.operation(slot.seed)
    var pace = options.cpuLoad < 100 ? Pace(percent: options.cpuLoad) : nil
    while !isDone {
      let checksum = work.operation(slot.seed)
      guard checksum == expected else {
        journal.fail(
          "hogcpu verification failed: \(work.method.name) gave \(checksum), before \(expected)")
        return 1
      }
      slot.count(checksum: checksum)
      pace?.rest()
    }
    return 0
  }
}

/// Keeps a worker at a part of one CPU, in periods of 20 ms.
///
/// It works until it has used its budget of CPU time, then sleeps to the period's end. What one
/// operation uses too much is taken from the next budget; time lost to others (contention,
/// throttling) is not caught up.
struct Pace {
  static let period: Int64 = 20_000_000
  private let budget: Int64
  private var allowance: Int64
  private var usedBefore: Int64
  private var boundary: Int64

  init(percent: Double) {
    budget = Int64(Double(Pace.period) * percent / 100)
    allowance = budget
    usedBefore = Int64(lx_cpu_ns())
    boundary = Int64(lx_now_ns()) + Pace.period
  }

  /// To be called after each operation; sleeps when the period's budget is used.
  mutating func rest() {
    let used = Int64(lx_cpu_ns()) - usedBefore
    guard used >= allowance else { return }
    allowance += budget - used
    usedBefore += used
    while allowance <= 0 {
      allowance += budget
      boundary += Pace.period
    }
    let now = Int64(lx_now_ns())
    if boundary > now { _ = lx_sleep_ns(UInt64(boundary - now)) }
    boundary = max(boundary, now) + Pace.period
  }
}
