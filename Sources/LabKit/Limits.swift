internal import Linux
internal import Measure

/// Limits as the kernel has them, from the files of a cgroup of either version.
public enum Limits {
  /// A value and the file it was read from.
  public struct Entry<Value: Sendable>: Sendable {
    /// The file.
    public var path: String
    /// What it says.
    public var value: Value
  }

  /// `cpu.shares` on v1, `cpu.weight` on v2: what CPU time is divided by under contention.
  public static func cpuWeight(_ directory: String) -> Entry<Double>? {
    for name in ["cpu.shares", "cpu.weight"] {
      if let value = Kernel.read("\(directory)/\(name)").flatMap({ Double($0) }) {
        return Entry(path: "\(directory)/\(name)", value: value)
      }
    }
    return nil
  }

  /// The bandwidth limit: microseconds of CPU time in a period; nil quota is no limit.
  public struct Quota: Equatable, Sendable {
    /// Microseconds of CPU time in each period.
    public var quota: Double?
    /// Microseconds.
    public var period: Double

    /// CPUs' worth of time; nil when there is no limit.
    public var cpus: Double? { quota.map { $0 / period } }
  }

  /// `cpu.cfs_quota_us` and `cpu.cfs_period_us` on v1, `cpu.max` on v2.
  public static func cpuQuota(_ directory: String) -> Entry<Quota>? {
    if let text = Kernel.read("\(directory)/cpu.max") {
      let fields = text.split(separator: " ")
      guard fields.count == 2, let period = Double(fields[1]) else { return nil }
      let quota = Quota(quota: Double(fields[0]), period: period)  // "max" is no number
      return Entry(path: "\(directory)/cpu.max", value: quota)
    }
    let path = "\(directory)/cpu.cfs_quota_us"
    guard let quota = Kernel.read(path).flatMap({ Double($0) }),
      let period = Kernel.read("\(directory)/cpu.cfs_period_us").flatMap({ Double($0) })
    else { return nil }
    return Entry(path: path, value: Quota(quota: quota < 0 ? nil : quota, period: period))
  }

  /// A memory limit in bytes; nil value is no limit.
  public static func memory(_ directory: String) -> Entry<UInt64?>? {
    limit(directory, ["memory.max", "memory.limit_in_bytes"])
  }

  /// The limit that closes swap: `memory.swap.max` (swap alone) on v2,
  /// `memory.memsw.limit_in_bytes` (memory and swap together) on v1; nil where the kernel does
  /// not account swap.
  public static func swap(_ directory: String) -> Entry<UInt64?>? {
    limit(directory, ["memory.swap.max", "memory.memsw.limit_in_bytes"])
  }

  /// How many bytes of swap the cgroup may use; nil for no limit or where it is not known.
  public static func swapAllowance(_ directory: String) -> UInt64? {
    guard let swap = swap(directory)?.value else { return nil }
    if File.exists("\(directory)/memory.max") { return swap }
    let memory = memory(directory)?.value ?? 0
    return swap > memory ? swap - memory : 0
  }

  /// The file with the most memory ever charged.
  public static func peakFile(_ directory: String) -> String {
    let v2 = "\(directory)/memory.peak"
    return File.exists(v2) ? v2 : "\(directory)/memory.max_usage_in_bytes"
  }

  /// The file with the `oom_kill` line.
  public static func oomFile(_ directory: String) -> String {
    let v2 = "\(directory)/memory.events"
    return File.exists(v2) ? v2 : "\(directory)/memory.oom_control"
  }

  private static func limit(_ directory: String, _ names: [String]) -> Entry<UInt64?>? {
    for name in names {
      guard let text = Kernel.read("\(directory)/\(name)") else { continue }
      // v1 shows the largest page-aligned 63-bit number where there is no limit.
      let value = UInt64(text).flatMap { $0 < 1 << 62 ? $0 : nil }
      return Entry(path: "\(directory)/\(name)", value: value)
    }
    return nil
  }

  /// The file that counts CPU time, and the lines of it that matter (none: all).
  public static func usageFile(_ cgroup: (String) -> String?) -> (path: String, keep: [String])? {
    if let directory = cgroup("cpuacct"), File.exists("\(directory)/cpuacct.usage") {
      return ("\(directory)/cpuacct.usage", [])
    }
    return cgroup("cpu").map { ("\($0)/cpu.stat", ["usage_usec"]) }
  }

  /// The CPUs this process may run on.
  public static func allowedCPUs() -> [Int] {
    Kernel.cpuList(Kernel.status(Processes.current, "Cpus_allowed_list") ?? "0")
  }

  /// Moves a process to a cgroup; one that has ended meanwhile needs no moving.
  public static func move(_ pid: Int32, to group: String) {
    do throws(SystemError) { try File.set("\(group)/cgroup.procs", "\(pid)") } catch {
      // The session's cleaning finds what is still there and says so.
    }
  }

  /// Removes a cgroup that is empty.
  public static func remove(_ group: String) {
    do throws(SystemError) { try File.removeDirectory(group) } catch {
      // As above.
    }
  }
}
