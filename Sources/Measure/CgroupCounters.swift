internal import Linux

/// Where a cgroup's counters lie: a directory a controller on v1, the same one for all on v2.
public struct CgroupPaths: Equatable, Sendable {
  /// Has cpu.stat.
  public var cpu: String?
  /// Has cpuacct.usage; nil on v2, where cpu.stat tells the usage.
  public var cpuacct: String?
  /// Has memory.max_usage_in_bytes, or memory.peak on v2.
  public var memory: String?

  /// Names the directories; nil where a controller is not used.
  public init(cpu: String? = nil, cpuacct: String? = nil, memory: String? = nil) {
    self.cpu = cpu
    self.cpuacct = cpuacct
    self.memory = memory
  }

  /// A cgroup of the v2 tree.
  public init(unified directory: String) {
    self.init(cpu: directory, memory: directory)
  }

  /// Asks for the directory of each controller, for example `RunningContainer.cgroup`.
  public init(of directory: (String) -> String?) {
    self.init(cpu: directory("cpu"), cpuacct: directory("cpuacct"), memory: directory("memory"))
  }
}

/// How often and how long the CPU bandwidth controller held a cgroup back.
public struct Throttling: Codable, Equatable, Sendable {
  /// Periods in which the cgroup wanted to run.
  public var periods: UInt64
  /// Periods in which its quota ran out.
  public var throttledPeriods: UInt64
  /// Nanoseconds its run queues were held back, summed over CPUs.
  public var throttledNanoseconds: UInt64

  /// Wraps the three counters.
  public init(periods: UInt64, throttledPeriods: UInt64, throttledNanoseconds: UInt64) {
    self.periods = periods
    self.throttledPeriods = throttledPeriods
    self.throttledNanoseconds = throttledNanoseconds
  }

  /// Takes the counters out of a cpu.stat: `throttled_time` in ns on v1, `throttled_usec` on v2.
  init?(_ stat: [String: UInt64]) {
    guard let periods = stat["nr_periods"], let throttled = stat["nr_throttled"] else { return nil }
    self.init(
      periods: periods, throttledPeriods: throttled,
      throttledNanoseconds: stat["throttled_time"] ?? (stat["throttled_usec"] ?? 0) * 1000)
  }

  func since(_ earlier: Throttling) -> Throttling {
    Throttling(
      periods: periods.growth(from: earlier.periods),
      throttledPeriods: throttledPeriods.growth(from: earlier.throttledPeriods),
      throttledNanoseconds: throttledNanoseconds.growth(from: earlier.throttledNanoseconds))
  }
}

/// Memory counters of a cgroup, in bytes and events.
public struct MemoryCounters: Codable, Equatable, Sendable {
  /// Bytes charged now (memory.usage_in_bytes, memory.current).
  public var bytes: UInt64
  /// The most bytes ever charged (memory.max_usage_in_bytes; memory.peak since Linux 5.19).
  public var peakBytes: UInt64?
  /// Limit in bytes; nil when there is none.
  public var limitBytes: UInt64?
  /// Times the limit stopped an allocation (memory.failcnt; `max` in memory.events).
  public var limitHits: UInt64?
  /// Processes killed for lack of memory (`oom_kill` in memory.oom_control or memory.events).
  public var oomKills: UInt64?

  /// Wraps the counters.
  public init(
    bytes: UInt64, peakBytes: UInt64?, limitBytes: UInt64?, limitHits: UInt64?, oomKills: UInt64?
  ) {
    self.bytes = bytes
    self.peakBytes = peakBytes
    self.limitBytes = limitBytes
    self.limitHits = limitHits
    self.oomKills = oomKills
  }
}

/// A cgroup's counters at one moment; nil is what this kernel or this cgroup does not have.
public struct CgroupCounters: Equatable, Sendable {
  /// CPU nanoseconds used.
  public var usageNanoseconds: UInt64?
  /// CPU nanoseconds used on each CPU, in order (v1 only).
  public var usagePerCPU: [UInt64]?
  /// What the quota of this cgroup did.
  public var throttling: Throttling?
  /// Nanoseconds that cgroups above this one were held back by their quotas.
  public var ancestorsThrottledNanoseconds: UInt64?
  /// Memory.
  public var memory: MemoryCounters?

  /// No counters at all.
  public init() {}

  /// Reads the counters there are.
  ///
  /// A file that is not there is nil; the directory itself is not
  /// required either, for it may vanish with the container at any time.
  public init(reading paths: CgroupPaths) {
    if let cpu = paths.cpu {
      let stat = flatKeyed("\(cpu)/cpu.stat")
      throttling = Throttling(stat)
      usageNanoseconds = stat["usage_usec"].map { $0 * 1000 }
      ancestorsThrottledNanoseconds = CgroupCounters.throttledAbove(cpu)
    }
    if let cpuacct = paths.cpuacct {
      // A v2 cgroup is asked for as well, and has no such file: cpu.stat has told.
      usageNanoseconds = number("\(cpuacct)/cpuacct.usage") ?? usageNanoseconds
      usagePerCPU = content("\(cpuacct)/cpuacct.usage_percpu")?
        .split(whereSeparator: \.isWhitespace).compactMap { UInt64($0) }
    }
    if let directory = paths.memory { memory = CgroupCounters.readMemory(directory) }
  }

  /// Sums what the quotas of all cgroups above `directory` cost, up to the mount.
  private static func throttledAbove(_ directory: String) -> UInt64? {
    var path = directory[...]
    var sum: UInt64?
    while let slash = path.lastIndex(of: "/"), slash > path.startIndex {
      path = path[..<slash]
      guard let throttling = Throttling(flatKeyed("\(path)/cpu.stat")) else { break }
      sum = (sum ?? 0) + throttling.throttledNanoseconds
    }
    return sum
  }

  private static func readMemory(_ directory: String) -> MemoryCounters? {
    if let bytes = number("\(directory)/memory.current") {
      let events = flatKeyed("\(directory)/memory.events")
      return MemoryCounters(
        bytes: bytes, peakBytes: number("\(directory)/memory.peak"),
        limitBytes: number("\(directory)/memory.max"),  // "max" is no number: no limit
        limitHits: events["max"], oomKills: events["oom_kill"])
    }
    guard let bytes = number("\(directory)/memory.usage_in_bytes") else { return nil }
    // Without a limit v1 shows the largest page-aligned 63-bit number.
    let limit = number("\(directory)/memory.limit_in_bytes").flatMap { $0 < 1 << 62 ? $0 : nil }
    return MemoryCounters(
      bytes: bytes, peakBytes: number("\(directory)/memory.max_usage_in_bytes"),
      limitBytes: limit, limitHits: number("\(directory)/memory.failcnt"),
      oomKills: flatKeyed("\(directory)/memory.oom_control")["oom_kill"])
  }
}

/// The text of a counter file; nil when it cannot be read, for kernels differ in what they have.
func content(_ path: String) -> String? {
  do {
    return try File.text(path, limit: 1 << 20)
  } catch {
    return nil
  }
}

/// The only number in a file.
private func number(_ path: String) -> UInt64? {
  content(path).flatMap { UInt64($0.trimmedLine) }
}

/// A file of `key value` lines ("flat keyed" in the kernel's cgroup-v2.rst).
private func flatKeyed(_ path: String) -> [String: UInt64] {
  var values: [String: UInt64] = [:]
  for line in (content(path) ?? "").split(separator: "\n") {
    let fields = line.split(separator: " ")
    if fields.count == 2, let value = UInt64(fields[1]) { values[String(fields[0])] = value }
  }
  return values
}
