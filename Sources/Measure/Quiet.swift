public import Linux

/// How much of the machine was there for an experiment, from counters and never from guesses.
public enum Quiet {
  /// CPUs that all but the watched cgroup used on average in the window.
  ///
  /// The cgroup's own usage, in nanoseconds, is taken off what /proc/stat says was busy, in ticks
  /// of 10 ms; the difference is good to about 0.02 CPUs over one second.
  ///
  /// - Parameters:
  ///   - window: Taken with the experiment's cgroup.
  ///   - cpus: Only these CPUs; nil means all. On cgroup v2, which does not count by CPU, the
  ///     experiment is then taken to run on these alone, as its cpuset makes it.
  ///   - own: CPUs the experiment itself used, when several cgroups belong to it; nil means the
  ///     usage of the window's cgroup.
  /// - Returns: CPUs, never negative.
  public static func othersUsed(
    _ window: Window, on cpus: [Int]? = nil, own: Double? = nil
  ) -> Double {
    guard window.nanoseconds > 0 else { return 0 }
    let busy = window.ticks(on: cpus).reduce(0.0) { $0 + $1.busySeconds } / window.seconds
    return max(0, busy - (own ?? ownUsage(window, on: cpus)))
  }

  private static func ownUsage(_ window: Window, on cpus: [Int]?) -> Double {
    guard let cpus, let perCPU = window.usagePerCPU else { return window.usedCPUs ?? 0 }
    let used = cpus.reduce(UInt64(0)) { $0 + ($1 < perCPU.count ? perCPU[$1] : 0) }
    return Double(used) / Double(window.nanoseconds)
  }

  /// CPUs that were there for the experiment: all, less what others used and what was stolen.
  ///
  /// Parameters as for `othersUsed`.
  public static func free(
    _ window: Window, on cpus: [Int]? = nil, own: Double? = nil
  ) -> Double {
    let count = Double(window.ticks(on: cpus).count)
    let stolen = window.steal(on: cpus) * count
    return max(0, count - stolen - othersUsed(window, on: cpus, own: own))
  }

  /// Why the window cannot decide about an experiment that wants `wanted` CPUs; empty when it can.
  ///
  /// - Parameters:
  ///   - window: The very window of the experiment.
  ///   - wanted: CPUs the experiment needs to show what it claims.
  ///   - cpus: Only these CPUs; nil means all.
  ///   - own: CPUs the experiment itself used; nil means the usage of the window's cgroup.
  ///   - slack: Part of `wanted` that may be missing, for what the shell and the kernel need.
  /// - Returns: Steal, too few free CPUs, a quota above: whatever applies.
  public static func doubts(
    _ window: Window, wanted: Double, on cpus: [Int]? = nil, own: Double? = nil,
    slack: Double = 0.05
  ) -> [Doubt] {
    var doubts: [Doubt] = []
    let steal = window.steal(on: cpus)
    if steal > 0.10 { doubts.append(.steal(share: steal)) }
    let free = free(window, on: cpus, own: own)
    if free < wanted * (1 - slack) { doubts.append(.fewCPUs(wanted: wanted, had: free)) }
    if let held = window.ancestorsThrottledNanoseconds, window.nanoseconds > 0 {
      let share = Double(held) / Double(window.nanoseconds)
      if share > 0.02 { doubts.append(.throttledAbove(share: share)) }
    }
    return doubts
  }

  /// Watches the machine for a moment, before an experiment starts.
  ///
  /// - Throws: `SystemError` when /proc/stat cannot be read.
  public static func probe(
    milliseconds: Int = 200, sampler: Sampler = Sampler()
  ) throws(SystemError) -> Window {
    let before = try sampler.read()
    Stopwatch.sleep(milliseconds: milliseconds)
    return Window(from: before, to: try sampler.read())
  }
}
