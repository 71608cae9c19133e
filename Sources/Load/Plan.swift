internal import CLinux
internal import Linux

/// The options with every amount made exact: how many workers of each kind, and how much memory.
struct Plan {
  /// No more workers than this in all; the classic tool would fork until the machine refuses.
  static let maximumWorkers: Int64 = 16384

  let options: Options
  /// Workers of each kind, by its number.
  let workers: [Int64]
  /// Bytes for each vm worker.
  let vmBytes: Int64
  /// What reports relate to; nil when none are asked for.
  let limits: Limits?

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
    limits = options.metricsJSON == nil && options.interval == nil ? nil : try Limits(cgroup())
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
    workers =
      [cpu, options.io, options.vm, options.hdd]
      + Options.Kind.allCases.dropFirst(4).map { options.others[$0] ?? 0 }
    if options.hddMethod == .direct, options.hdd > 0, options.hddWriteSize % 512 != 0 {
      throw Amounts.Refused(
        "invalid hdd write size: \(options.hddWriteSize) (--hdd-method direct writes whole blocks "
          + "of the disk: give a multiple of 512, or of 4096 where the disk's are that large)")
    }
    let total = workers.reduce(0, +)
    guard total <= Plan.maximumWorkers else {
      throw Amounts.Refused("invalid number of hogs: \(total) (at most \(Plan.maximumWorkers))")
    }
  }

  /// Workers in all.
  var total: Int { Int(workers.reduce(0, +)) }

  /// Workers of one kind.
  func count(_ kind: Options.Kind) -> Int64 { workers[kind.rawValue] }

  /// Whether operations of a kind are timed each: those that take longer than to look at the clock.
  func isTimed(_ kind: Options.Kind) -> Bool {
    switch kind {
    case .io, .fork, .file, .netRR, .netRate: true
    case .hdd: options.hddMethod != .buffered
    case .cpu, .vm, .syscall, .fault, .netStream, .netListen: false
    }
  }

  private static func cpuWorkers(
    _ share: Double, _ cgroup: Cgroup, _ journal: Journal
  ) throws(Amounts.Refused) -> Int64 {
    let limits = try Limits(cgroup)
    if let why = limits.quotaUnknown {
      journal.warn(
        "CPU quota unknown: \(why); using the \(fixed(limits.cpus, 0)) CPUs of cpuset and affinity")
    }
    let workers = max(1, Int64((limits.cpus * share / 100).rounded(.up)))
    journal.debug("--cpu \(fixed(share, 1))% is \(workers) workers: \(limits.cpusFrom)")
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
