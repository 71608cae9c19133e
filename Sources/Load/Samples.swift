/// What the workers of one kind did between two looks.
struct Sample {
  let kind: Options.Kind
  /// Since the start of the run.
  let atNs: UInt64
  /// Since the sample before, or the start.
  let spanNs: UInt64
  let operations: UInt64
  let bytes: UInt64
  let cpuNs: UInt64
  /// How long operations took, of the kinds that are timed.
  let latencies: Histogram
  private let operationsSoFar: UInt64
  private let bytesSoFar: UInt64
  private let cpuNsSoFar: UInt64
  private let latenciesSoFar: Histogram

  init(_ kind: Options.Kind, _ workers: [WorkerRecord], atNs: UInt64, _ previous: Sample?) {
    self.kind = kind
    self.atNs = atNs
    let mine = workers.filter { $0.kind == kind }
    operationsSoFar = mine.reduce(0) { $0 &+ $1.operations }
    bytesSoFar = mine.reduce(0) { $0 &+ $1.slot.bytes }
    let latenciesNow = Histogram(of: mine)
    latenciesSoFar = latenciesNow
    latencies = latenciesNow.since(previous?.latenciesSoFar ?? Histogram())
    let cpuNsNow = mine.reduce(0) { $0 &+ $1.cpuNs }
    // The clock of a living process and wait4(2)'s account differ by microseconds.
    cpuNsSoFar = max(cpuNsNow, previous?.cpuNsSoFar ?? 0)
    spanNs = atNs - (previous?.atNs ?? 0)
    operations = operationsSoFar &- (previous?.operationsSoFar ?? 0)
    bytes = bytesSoFar &- (previous?.bytesSoFar ?? 0)
    cpuNs = cpuNsSoFar - (previous?.cpuNsSoFar ?? 0)
  }

  var operationsPerSecond: Double { Double(operations) * 1e9 / Double(spanNs) }

  func text(_ limits: Limits?) -> String {
    var text =
      "sample: at \(fixed(Double(atNs) / 1e9, 3)) s: \(kind.name) \(operations) ops, "
      + "\(fixed(operationsPerSecond, 2)) ops/s, "
      + "\(fixed(Double(cpuNs) / Double(spanNs) * 100, 1)) % of a CPU"
    if let limits {
      let percent = limits.percent(cpuNs: cpuNs, spanNs: spanNs)
      text += " (\(fixed(percent, 1)) % of the limit)"
    }
    if bytes > 0 { text += ", \(fixed(Double(bytes) * 1e3 / Double(spanNs), 1)) MB/s" }
    for (percentile, ns) in latencies.told {
      text += ", \(percentile) \(fixed(Double(ns) / 1000, 1)) us"
    }
    return text
  }
}

extension Histogram {
  /// What workers have counted so far.
  init(of workers: [WorkerRecord]) {
    self.init()
    for worker in workers { merge(worker.slot.latencies) }
  }

  /// The percentiles that there are enough values for, and the largest value; each with its name.
  var told: [(name: String, ns: UInt64)] {
    let percentiles =
      [("p50", 50), ("p90", 90), ("p99", 99), ("p99.9", 99.9)] as [(String, Double)]
    var told: [(name: String, ns: UInt64)] = []
    for (name, percentile) in percentiles where supports(percentile: percentile) {
      if let ns = value(atPercentile: percentile) { told.append((name, ns)) }
    }
    if let max { told.append(("max", max)) }
    return told
  }
}
