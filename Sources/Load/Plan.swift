internal import CLinux
internal import Linux

/// The options with every amount made exact: how many workers of each kind, and how much memory.
struct Plan {
  /// No more workers than this in all; the classic tool would fork until the machine refuses.
  static let maximumWorkers: Int64 = 16384

  let options: Options
  /// Workers of each kind, in the order cpu, io, vm, hdd.
  let workers: [Int64]
  /// Bytes for each vm worker.
  let vmBytes: Int64

  /// Resolves the percentages.
  ///
  /// What cannot be found out is replaced by the whole machine's amount, with a warning that says
  /// what is missing.
  ///
  /// - Throws: `Amounts.Refused` when a percentage has nothing to relate to.
  init(_ options: Options, cgroup: @autoclosure () -> Cgroup, _ journal: Journal)
    throws(Amounts.Refused)
  {
    self.options = options
    var cpu: Int64 = 0
    switch options.cpu {
    case .exact(let count): cpu = count
    case .percent(let share): cpu = try Plan.cpuWorkers(share, cgroup(), journal)
    }
    switch options.vmBytes {
    case .exact(let bytes): vmBytes = bytes
    case .percent(let share):
      vmBytes =
        options.vm == 0 ? 1 : try Plan.vmBytes(share, options.vm, cgroup(), journal)
    }
    workers = [cpu, options.io, options.vm, options.hdd]
    let total = workers.reduce(0, +)
    guard total <= Plan.maximumWorkers else {
      throw Amounts.Refused("invalid number of hogs: \(total) (at most \(Plan.maximumWorkers))")
    }
  }

  /// Workers in all.
  var total: Int { Int(workers.reduce(0, +)) }

  private static func cpuWorkers(
    _ share: Double, _ cgroup: Cgroup, _ journal: Journal
  ) throws(Amounts.Refused) -> Int64 {
    let allowed = try allowedCPUs()
    var cpus = Double(allowed)
    var reason = "\(allowed) CPUs by cpuset and affinity"
    switch cgroup.cpuQuota() {
    case .limit(let milliCPUs, let source):
      cpus = min(cpus, Double(milliCPUs) / 1000)
      reason += ", quota of \(fixed(Double(milliCPUs) / 1000, 3)) CPUs in \(source)"
    case .unlimited: reason += ", no quota"
    case .unknown(let why):
      journal.warn("CPU quota unknown: \(why); using the \(allowed) CPUs of cpuset and affinity")
    }
    let workers = max(1, Int64((cpus * share / 100).rounded(.up)))
    journal.debug("--cpu \(fixed(share, 1))% is \(workers) workers: \(reason)")
    return workers
  }

  private static func vmBytes(
    _ share: Double, _ workers: Int64, _ cgroup: Cgroup, _ journal: Journal
  ) throws(Amounts.Refused) -> Int64 {
    let total = cgroup.memoryTotal()
    var base = total ?? 0
    var reason = "of MemTotal"
    switch cgroup.memoryLimit() {
    case .limit(let bytes, let source) where bytes < total ?? .max:
      base = bytes
      reason = "of the limit in \(source)"
    case .limit, .unlimited: reason += ", no limit below it"
    case .unknown(let why):
      guard let total else {
        throw Amounts.Refused(
          "memory limit unknown: \(why); and no MemTotal in /proc/meminfo. Give bytes instead")
      }
      journal.warn("memory limit unknown: \(why); using MemTotal, \(total) bytes")
    }
    let bytes = max(1, Int64(min(Double(base) * share / 100 / Double(workers), 0x1p62)))
    journal.debug(
      "--vm-bytes \(fixed(share, 1))% is \(bytes) bytes for each of \(workers) workers: \(base) \(reason)"
    )
    return bytes
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

/// A number with so many decimals, rounded.
func fixed(_ value: Double, _ decimals: Int) -> String {
  guard value.isFinite, abs(value) < 1e15 else { return "-" }
  let scale = (0..<decimals).reduce(1.0) { product, _ in product * 10 }
  let scaled = Int64((abs(value) * scale).rounded())
  let sign = value < 0 && scaled > 0 ? "-" : ""
  guard decimals > 0 else { return "\(sign)\(scaled)" }
  let digits = String(scaled % Int64(scale))
  let padding = String(repeating: "0", count: decimals - digits.count)
  return "\(sign)\(scaled / Int64(scale)).\(padding)\(digits)"
}
