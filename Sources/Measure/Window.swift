/// What happened between two snapshots.
public struct Window: Codable, Equatable, Sendable {
  /// Length by the wall clock, in nanoseconds.
  public var nanoseconds: UInt64
  /// Ticks by CPU number.
  public var cpus: [Int: CPUTicks]
  /// Context switches of the whole machine.
  public var contextSwitches: UInt64
  /// Load average at the end.
  public var loadAverage: Double?
  /// Waiting time by resource; absent where the kernel has no PSI.
  public var pressure: [String: Pressure]
  /// CPU nanoseconds of the cgroup watched.
  public var usageNanoseconds: UInt64?
  /// The same by CPU (cgroup v1 only).
  public var usagePerCPU: [UInt64]?
  /// What the quota of the cgroup watched did.
  public var throttling: Throttling?
  /// Nanoseconds that quotas above it cost.
  public var ancestorsThrottledNanoseconds: UInt64?
  /// Memory at the end; `limitHits` and `oomKills` are those within the window.
  public var memory: MemoryCounters?

  /// Subtracts two snapshots of the same sampler.
  public init(from before: Snapshot, to after: Snapshot) {
    nanoseconds = after.nanoseconds.growth(from: before.nanoseconds)
    cpus = [:]
    for (number, ticks) in after.stat.cpus {
      if let earlier = before.stat.cpus[number] { cpus[number] = ticks.since(earlier) }
    }
    contextSwitches = after.stat.contextSwitches.growth(from: before.stat.contextSwitches)
    loadAverage = after.loadAverage
    pressure = [:]
    for (resource, now) in after.pressure {
      if let earlier = before.pressure[resource] { pressure[resource] = now.since(earlier) }
    }
    addCgroup(from: before.cgroup, to: after.cgroup)
  }

  private mutating func addCgroup(from before: CgroupCounters?, to after: CgroupCounters?) {
    guard let before, let after else { return }
    usageNanoseconds = difference(before.usageNanoseconds, after.usageNanoseconds)
    if let now = after.usagePerCPU, let earlier = before.usagePerCPU {
      usagePerCPU = zip(now, earlier).map { $0.growth(from: $1) }
    }
    if let now = after.throttling, let earlier = before.throttling {
      throttling = now.since(earlier)
    }
    ancestorsThrottledNanoseconds = difference(
      before.ancestorsThrottledNanoseconds, after.ancestorsThrottledNanoseconds)
    var atEnd = after.memory
    atEnd?.limitHits = difference(before.memory?.limitHits, after.memory?.limitHits)
    atEnd?.oomKills = difference(before.memory?.oomKills, after.memory?.oomKills)
    memory = atEnd
  }

  private func difference(_ before: UInt64?, _ after: UInt64?) -> UInt64? {
    guard let before, let after else { return nil }
    return after.growth(from: before)
  }

  /// Length in seconds.
  public var seconds: Double { Double(nanoseconds) / 1e9 }

  /// CPUs the watched cgroup used on average: 1.5 is one and a half CPUs all the time.
  public var usedCPUs: Double? {
    guard let usageNanoseconds, nanoseconds > 0 else { return nil }
    return Double(usageNanoseconds) / Double(nanoseconds)
  }

  /// Part of all CPU time that the hypervisor gave away, 0…1.
  ///
  /// Counted in ticks of 10 ms: over less than 100 ms it says little (`Round` looks at a longer
  /// window then).
  public var steal: Double { steal(on: nil) }

  /// Part of the CPU time of some CPUs that the hypervisor gave away, 0…1; nil means all CPUs.
  public func steal(on numbers: [Int]?) -> Double {
    let chosen = self.ticks(on: numbers)
    guard nanoseconds > 0, !chosen.isEmpty else { return 0 }
    let stolen = chosen.reduce(0.0) { $0 + $1.stealSeconds }
    return min(1, stolen / (seconds * Double(chosen.count)))
  }

  /// The ticks of some CPUs, or of all.
  func ticks(on numbers: [Int]?) -> [CPUTicks] {
    guard let numbers else { return Array(cpus.values) }
    return numbers.compactMap { cpus[$0] }
  }

  /// Above 5 %: the number is kept and marked.
  public var isFlagged: Bool { steal > 0.05 }

  /// Above 10 %: the round is run again.
  public var isUnusable: Bool { steal > 0.10 }
}
