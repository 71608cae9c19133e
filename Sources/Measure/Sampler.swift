internal import CLinux
public import Linux

/// All counters at one moment.
public struct Snapshot: Sendable {
  /// When, in nanoseconds of CLOCK_MONOTONIC.
  public var nanoseconds: UInt64
  /// The machine's CPUs and context switches.
  public var stat: ProcStat
  /// Runnable tasks averaged over one minute (/proc/loadavg).
  public var loadAverage: Double?
  /// Pressure by resource (`cpu`, `io`, `memory`); empty where the kernel has none.
  public var pressure: [String: Pressure]
  /// The cgroup watched, if any.
  public var cgroup: CgroupCounters?

  /// Puts a moment together, for tests and other sources.
  public init(
    nanoseconds: UInt64, stat: ProcStat, loadAverage: Double? = nil,
    pressure: [String: Pressure] = [:], cgroup: CgroupCounters? = nil
  ) {
    self.nanoseconds = nanoseconds
    self.stat = stat
    self.loadAverage = loadAverage
    self.pressure = pressure
    self.cgroup = cgroup
  }
}

/// Reads the counters that stand beside every number, before and after it is taken.
///
/// ```swift
/// let sampler = Sampler(cgroup: CgroupPaths { container.cgroup($0) })
/// let before = try sampler.read()
/// Stopwatch.sleep(milliseconds: 2000)
/// let window = Window(from: before, to: try sampler.read())
/// ```
public struct Sampler: Sendable {
  /// The cgroup of the experiment, so that its own load is not taken for somebody else's.
  public var cgroup: CgroupPaths?
  /// Where proc(5) is mounted.
  public var proc: String

  /// Watches the machine, and one cgroup when there is one.
  public init(cgroup: CgroupPaths? = nil, proc: String = "/proc") {
    self.cgroup = cgroup
    self.proc = proc
  }

  /// Reads everything once.
  ///
  /// - Throws: `SystemError` when /proc/stat cannot be read; all else may be missing.
  public func read() throws(SystemError) -> Snapshot {
    let stat = ProcStat(parsing: try File.text("\(proc)/stat"))
    let load = content("\(proc)/loadavg")?.split(separator: " ").first.flatMap { Double($0) }
    var pressure: [String: Pressure] = [:]
    for resource in ["cpu", "io", "memory"] {
      pressure[resource] = content("\(proc)/pressure/\(resource)").flatMap(Pressure.init(parsing:))
    }
    return Snapshot(
      nanoseconds: Stopwatch.now, stat: stat, loadAverage: load, pressure: pressure,
      cgroup: cgroup.map(CgroupCounters.init(reading:)))
  }

  /// Reads everything again and again for a while, for timelines; the caller waits meanwhile.
  ///
  /// - Parameters:
  ///   - milliseconds: How long.
  ///   - interval: Milliseconds from one reading to the next, whatever a reading takes.
  /// - Returns: The readings, the first at once.
  /// - Throws: `SystemError` when /proc/stat cannot be read.
  public func record(
    milliseconds: Int, every interval: Int
  ) throws(SystemError) -> [Snapshot] {
    var snapshots = [try read()]
    let step = UInt64(max(1, interval)) * 1_000_000
    let end = snapshots[0].nanoseconds + UInt64(max(0, milliseconds)) * 1_000_000
    var due = snapshots[0].nanoseconds + step
    while due <= end {
      let now = Stopwatch.now
      if due > now { _ = lx_sleep_ns(due - now) }
      snapshots.append(try read())
      due += step
    }
    return snapshots
  }
}
