/// CPU time by kind, in ticks (proc_stat(5)); the kernel counts what a guest uses within `user`.
public struct CPUTicks: Codable, Equatable, Sendable {
  /// Programs at normal priority.
  public var user: UInt64 = 0
  /// Programs at low priority.
  public var nice: UInt64 = 0
  /// The kernel.
  public var system: UInt64 = 0
  /// Nothing to run.
  public var idle: UInt64 = 0
  /// Nothing to run, with input or output under way.
  public var iowait: UInt64 = 0
  /// Interrupts.
  public var irq: UInt64 = 0
  /// Soft interrupts.
  public var softirq: UInt64 = 0
  /// Wanted by us, given to another virtual machine by the hypervisor.
  public var steal: UInt64 = 0

  /// All kinds at zero.
  public init() {}

  /// Reads the numbers behind the name of a `cpu` line; kinds an old kernel lacks stay zero.
  init(fields: some Sequence<Substring>) {
    let numbers = fields.map { UInt64($0) ?? 0 }
    func field(_ index: Int) -> UInt64 { index < numbers.count ? numbers[index] : 0 }
    user = field(0)
    nice = field(1)
    system = field(2)
    idle = field(3)
    iowait = field(4)
    irq = field(5)
    softirq = field(6)
    steal = field(7)
  }

  /// Ticks a second: USER_HZ, which is 100 for every Linux ABI this runs on.
  public static let perSecond = 100.0

  /// Ticks in which something ran here.
  public var busy: UInt64 { user + nice + system + irq + softirq }

  /// Busy ticks as seconds.
  public var busySeconds: Double { Double(busy) / CPUTicks.perSecond }

  /// Stolen ticks as seconds.
  public var stealSeconds: Double { Double(steal) / CPUTicks.perSecond }

  /// What was added since `earlier`; a counter that ran backwards (iowait may) counts as zero.
  public func since(_ earlier: CPUTicks) -> CPUTicks {
    var difference = CPUTicks()
    difference.user = user.growth(from: earlier.user)
    difference.nice = nice.growth(from: earlier.nice)
    difference.system = system.growth(from: earlier.system)
    difference.idle = idle.growth(from: earlier.idle)
    difference.iowait = iowait.growth(from: earlier.iowait)
    difference.irq = irq.growth(from: earlier.irq)
    difference.softirq = softirq.growth(from: earlier.softirq)
    difference.steal = steal.growth(from: earlier.steal)
    return difference
  }
}

/// What is used here of /proc/stat: a `cpuN` line for each CPU, and `ctxt`.
public struct ProcStat: Equatable, Sendable {
  /// Ticks by CPU number; an offline CPU has no entry.
  public var cpus: [Int: CPUTicks] = [:]
  /// Context switches of the whole machine since boot.
  public var contextSwitches: UInt64 = 0

  /// Reads the text of /proc/stat; lines of other kinds are skipped.
  public init(parsing text: String) {
    for line in text.split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard let name = fields.first else { continue }
      if name == "ctxt", fields.count > 1 {
        contextSwitches = UInt64(fields[1]) ?? 0
      } else if name.hasPrefix("cpu"), let number = Int(name.dropFirst(3)) {
        cpus[number] = CPUTicks(fields: fields.dropFirst())
      }
    }
  }
}

extension UInt64 {
  /// The growth of a counter; zero when it ran backwards or was reset.
  func growth(from earlier: UInt64) -> UInt64 { self > earlier ? self - earlier : 0 }
}
