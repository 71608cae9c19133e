internal import CLinux
internal import Linux

/// What this process's cgroup, cpuset and affinity allow, and where that is written: what reports
/// relate to.
struct Limits {
  /// CPUs, by the smaller of quota and cpuset.
  let cpus: Double
  /// Why so many.
  let cpusFrom: String
  /// Why the quota is not known; nil when it is, or when there is none.
  let quotaUnknown: String?
  /// Bytes; nil when there is no limit, or none could be read.
  let memoryBytes: UInt64?
  /// Where that limit is, or why there is none.
  let memoryFrom: String

  /// Reads them.
  ///
  /// - Throws: `Amounts.Refused` when the kernel does not tell the affinity.
  init(_ cgroup: Cgroup) throws(Amounts.Refused) {
    let allowed = try Limits.allowedCPUs()
    var cpus = Double(allowed)
    var reason = "\(allowed) CPUs by cpuset and affinity"
    var unknown: String?
    switch cgroup.cpuQuota() {
    case .limit(let milliCPUs, let source):
      cpus = min(cpus, Double(milliCPUs) / 1000)
      reason += ", quota of \(fixed(Double(milliCPUs) / 1000, 3)) CPUs in \(source)"
    case .unlimited: reason += ", no quota"
    case .unknown(let why):
      unknown = why
      reason += ", quota unknown: \(why)"
    }
    (self.cpus, cpusFrom, quotaUnknown) = (cpus, reason, unknown)
    let total = cgroup.memoryTotal() ?? .max
    switch cgroup.memoryLimit() {
    case .limit(let bytes, let source) where bytes < total:
      (memoryBytes, memoryFrom) = (bytes, source)
    case .limit, .unlimited: (memoryBytes, memoryFrom) = (nil, "no limit below MemTotal")
    case .unknown(let why): (memoryBytes, memoryFrom) = (nil, "unknown: \(why)")
    }
  }

  /// CPU time within a time, as percent of what is allowed: 100 is all of the quota.
  func percent(cpuNs: UInt64, spanNs: UInt64) -> Double {
    Double(cpuNs) / Double(spanNs) / cpus * 100
  }

  /// CPUs this process may run on: its affinity, which its cpuset bounds (sched_getaffinity(2)).
  private static func allowedCPUs() throws(Amounts.Refused) -> Int {
    var mask = [UInt](repeating: 0, count: 1024)  // 65536 CPUs
    let written = unsafe mask.withUnsafeMutableBufferPointer {
      unsafe lx_sched_getaffinity(0, $0.count * 8, $0.baseAddress)
    }
    guard written > 0 else {
      throw Amounts.Refused("sched_getaffinity(2) failed: \(Errno(Int32(-written)).strerror)")
    }
    return mask.reduce(0) { $0 + $1.nonzeroBitCount }
  }
}
