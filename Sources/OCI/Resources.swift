// `linux.resources` of config.json as types (config-linux.md, "Control groups"). Their names in
// /sys/fs/cgroup are the runtime's business.

/// `linux.resources`: nil is "not limited by this container".
public struct Resources: Equatable, Sendable {
  /// Rules for device nodes, in order.
  public var devices: [DeviceRule] = []
  /// Memory.
  public var memory = MemoryLimits()
  /// Processor.
  public var cpu = CPULimits()
  /// Most processes and threads; 0 or less means no limit.
  public var pids: Int64?
  /// Block devices.
  public var blockIO = BlockIOLimits()
  /// Huge pages, a limit a page size.
  public var hugepages: [HugepageLimit] = []
  /// Marks of network packets (v1).
  public var network = NetworkMarks()
  /// RDMA devices.
  public var rdma: [RDMALimit] = []
  /// Files of cgroup v2 to write as they are (`memory.high`); only on v2.
  public var unified: [KeyValue] = []
  /// No limit.
  public init() {}
}

/// One of `linux.resources.devices`.
public struct DeviceRule: Equatable, Sendable {
  /// Allowed or denied.
  public var allow: Bool
  /// `a`, `c` or `b`.
  public var type = "a"
  /// nil is every number.
  public var major: Int64?
  /// nil is every number.
  public var minor: Int64?
  /// Some of `rwm`.
  public var access = "rwm"
  /// Makes a rule for everything.
  public init(allow: Bool) { self.allow = allow }
}

/// `linux.resources.memory`, in bytes; -1 is unlimited.
public struct MemoryLimits: Equatable, Sendable {
  /// Most memory.
  public var limit: Int64?
  /// Soft limit.
  public var reservation: Int64?
  /// Memory and swap together, as v1 counts.
  public var swap: Int64?
  /// 0 to 100.
  public var swappiness: UInt64?
  /// Whether the cgroup waits instead of killing when it is full (v1).
  public var disableOOMKiller: Bool?
  /// Memory that the kernel uses on the cgroup's behalf; Linux dropped this limit.
  public var kernel: Int64?
  /// Buffers of TCP (v1).
  public var kernelTCP: Int64?
  /// Whether what is below counts too; Linux knows nothing else.
  public var useHierarchy: Bool?
  /// Whether an update below what is in use is refused.
  public var checkBeforeUpdate: Bool?
  /// Nothing limited.
  public init() {}
}

/// `linux.resources.cpu`.
public struct CPULimits: Equatable, Sendable {
  /// Relative share, 2 to 262144 (v1's cpu.shares).
  public var shares: UInt64?
  /// Microseconds of CPU time a period; -1 is no limit.
  public var quota: Int64?
  /// Microseconds that quota may be saved up.
  public var burst: UInt64?
  /// Microseconds.
  public var period: UInt64?
  /// CPUs allowed, `0-1,3`.
  public var cpus: String?
  /// Memory nodes allowed.
  public var mems: String?
  /// SCHED_IDLE for the whole cgroup when 1.
  public var idle: Int64?
  /// Microseconds of realtime tasks a period (v1).
  public var realtimeRuntime: Int64?
  /// Microseconds (v1).
  public var realtimePeriod: UInt64?
  /// Nothing limited.
  public init() {}
}

/// `linux.resources.blockIO`.
public struct BlockIOLimits: Equatable, Sendable {
  /// 10 to 1000.
  public var weight: UInt16?
  /// 10 to 1000, against the cgroups below; Linux dropped this.
  public var leafWeight: UInt16?
  /// Weights for single devices.
  public var weights: [DeviceWeight] = []
  /// Bytes a second.
  public var readBps: [DeviceRate] = []
  /// Bytes a second.
  public var writeBps: [DeviceRate] = []
  /// Operations a second.
  public var readIops: [DeviceRate] = []
  /// Operations a second.
  public var writeIops: [DeviceRate] = []
  /// Nothing limited.
  public init() {}
}

/// A rate for one block device.
public struct DeviceRate: Equatable, Sendable {
  /// Device number.
  public var major: UInt32
  /// Device number.
  public var minor: UInt32
  /// Bytes or operations a second.
  public var rate: UInt64
  /// Makes a rate.
  public init(major: UInt32, minor: UInt32, rate: UInt64) {
    self.major = major
    self.minor = minor
    self.rate = rate
  }
}

/// One of `linux.resources.blockIO.weightDevice`.
public struct DeviceWeight: Equatable, Sendable {
  /// Device number.
  public var major: UInt32
  /// Device number.
  public var minor: UInt32
  /// 10 to 1000.
  public var weight: UInt16?
  /// 10 to 1000, against the cgroups below; Linux dropped this.
  public var leafWeight: UInt16?
  /// Makes a weight.
  public init(major: UInt32, minor: UInt32, weight: UInt16? = nil, leafWeight: UInt16? = nil) {
    self.major = major
    self.minor = minor
    self.weight = weight
    self.leafWeight = leafWeight
  }
}

/// One of `linux.resources.hugepageLimits`.
public struct HugepageLimit: Equatable, Sendable {
  /// `2MB`, `1GB`: a directory of /sys/kernel/mm/hugepages in other words.
  public var pageSize: String
  /// Bytes.
  public var limit: UInt64
  /// Makes a limit.
  public init(pageSize: String, limit: UInt64) {
    self.pageSize = pageSize
    self.limit = limit
  }
}

/// `linux.resources.network`: what packets of the container are marked with (v1).
public struct NetworkMarks: Equatable, Sendable {
  /// The class for tc(8).
  public var classID: UInt32?
  /// Priorities by interface.
  public var priorities: [InterfacePriority] = []
  /// No marks.
  public init() {}
}

/// One of `linux.resources.network.priorities`.
public struct InterfacePriority: Equatable, Sendable {
  /// The interface, in the runtime's network namespace.
  public var name: String
  /// 0 is the lowest.
  public var priority: UInt32
  /// Makes a priority.
  public init(name: String, priority: UInt32) {
    self.name = name
    self.priority = priority
  }
}

/// One of `linux.resources.rdma`.
public struct RDMALimit: Equatable, Sendable {
  /// The device, such as `mlx5_1`.
  public var device: String
  /// Most handles.
  public var handles: UInt32?
  /// Most objects.
  public var objects: UInt32?
  /// Makes a limit.
  public init(device: String, handles: UInt32? = nil, objects: UInt32? = nil) {
    self.device = device
    self.handles = handles
    self.objects = objects
  }
}
