// What the kernel lets a process ask for itself (config.md, "Linux Process"; config-linux.md), and
// the devices a container gets: the types, and how each is read and written.

/// `process.scheduler`, see sched_setattr(2).
public struct Scheduler: Equatable, Sendable {
  /// `SCHED_OTHER` and its kin.
  public var policy: String
  /// -20 to 19.
  public var nice: Int32 = 0
  /// 1 to 99 for real-time policies.
  public var priority: Int32 = 0
  /// `SCHED_FLAG_RESET_ON_FORK` and its kin.
  public var flags: [String] = []
  /// Nanoseconds in every period, for SCHED_DEADLINE.
  public var runtime: UInt64 = 0
  /// Nanoseconds, for SCHED_DEADLINE.
  public var deadline: UInt64 = 0
  /// Nanoseconds, for SCHED_DEADLINE.
  public var period: UInt64 = 0
  /// Makes a policy with everything else zero.
  public init(policy: String) { self.policy = policy }

  static func read(_ json: inout JSONReader) throws(ConfigError) -> Scheduler {
    var scheduler = Scheduler(policy: "")
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("policy") {
        scheduler.policy = try json.string(among: Names.schedulerPolicies.span, "scheduling policy")
      } else if json.keyIs("nice") {
        scheduler.nice = Int32(truncatingIfNeeded: try json.signed(-20...19))
      } else if json.keyIs("priority") {
        scheduler.priority = Int32(truncatingIfNeeded: try json.signed(0...99))
      } else if json.keyIs("flags") {
        scheduler.flags = try json.strings(among: Names.schedulerFlags.span, "scheduling flag")
      } else if json.keyIs("runtime") {
        scheduler.runtime = try json.unsigned()
      } else if json.keyIs("deadline") {
        scheduler.deadline = try json.unsigned()
      } else if json.keyIs("period") {
        scheduler.period = try json.unsigned()
      } else {
        try json.ignoreKey()
      }
    }
    guard !scheduler.policy.isEmpty else { throw json.missing("policy") }
    try scheduler.check(json)
    return scheduler
  }

  /// What sched_setattr(2) would answer with EINVAL.
  private func check(_ json: JSONReader) throws(ConfigError) {
    let isRealTime = policy == "SCHED_FIFO" || policy == "SCHED_RR"
    if isRealTime, priority == 0 {
      throw json.error("\(policy) needs a priority from 1 to 99", in: "priority")
    }
    if !isRealTime, priority != 0 {
      throw json.error("\(policy) has no priority", in: "priority")
    }
    if policy == "SCHED_DEADLINE" {
      guard runtime >= 1024, runtime <= deadline, period == 0 || deadline <= period else {
        throw json.error(
          "SCHED_DEADLINE needs 1024 <= runtime <= deadline <= period, in nanoseconds",
          in: "runtime")
      }
    } else if runtime != 0 || deadline != 0 || period != 0 {
      throw json.error("only SCHED_DEADLINE has runtime, deadline and period", in: "runtime")
    }
  }

  func write(_ json: inout JSONWriter) {
    json.beginObject()
    json.member("policy", policy)
    if nice != 0 { json.member("nice", Int64(nice)) }
    if priority != 0 { json.member("priority", Int64(priority)) }
    json.strings("flags", flags)
    if runtime != 0 { json.member("runtime", runtime) }
    if deadline != 0 { json.member("deadline", deadline) }
    if period != 0 { json.member("period", period) }
    json.endObject()
  }
}

/// `process.ioPriority`, see ioprio_set(2).
public struct IOPriority: Equatable, Sendable {
  /// `IOPRIO_CLASS_RT`, `IOPRIO_CLASS_BE` or `IOPRIO_CLASS_IDLE`.
  public var kind: String
  /// 0 (first) to 7.
  public var priority: Int32
  /// Makes a priority.
  public init(_ kind: String, priority: Int32 = 0) {
    self.kind = kind
    self.priority = priority
  }

  static func read(_ json: inout JSONReader) throws(ConfigError) -> IOPriority {
    var result = IOPriority("")
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("class") {
        result.kind = try json.string(among: Names.ioPriorityClasses.span, "class of I/O priority")
      } else if json.keyIs("priority") {
        result.priority = Int32(truncatingIfNeeded: try json.signed(0...7))
      } else {
        try json.ignoreKey()
      }
    }
    guard !result.kind.isEmpty else { throw json.missing("class") }
    return result
  }

  func write(_ json: inout JSONWriter) {
    json.beginObject()
    json.member("class", kind)
    json.member("priority", Int64(priority))
    json.endObject()
  }
}

/// `process.execCPUAffinity`: where a program runs that `exec` puts into the container.
public struct ExecCPUAffinity: Equatable, Sendable {
  /// Until it is in the container's cgroup, `0-3,7`; empty leaves it as it is.
  public var initial = ""
  /// From then on; empty leaves it to the cgroup.
  public var final = ""
  /// Neither.
  public init() {}

  static func read(_ json: inout JSONReader) throws(ConfigError) -> ExecCPUAffinity? {
    var result = ExecCPUAffinity()
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("initial") {
        result.initial = try json.string()
      } else if json.keyIs("final") {
        result.final = try json.string()
      } else {
        try json.ignoreKey()
      }
    }
    return result == ExecCPUAffinity() ? nil : result
  }

  func write(_ json: inout JSONWriter) {
    json.beginObject()
    if !initial.isEmpty { json.member("initial", initial) }
    if !final.isEmpty { json.member("final", final) }
    json.endObject()
  }
}

/// `linux.memoryPolicy`, see set_mempolicy(2).
public struct MemoryPolicy: Equatable, Sendable {
  /// `MPOL_BIND` and its kin.
  public var mode: String
  /// `0-3,7`.
  public var nodes = ""
  /// `MPOL_F_STATIC_NODES` and its kin.
  public var flags: [String] = []
  /// Makes a policy without nodes.
  public init(mode: String) { self.mode = mode }

  static func read(_ json: inout JSONReader) throws(ConfigError) -> MemoryPolicy {
    var policy = MemoryPolicy(mode: "")
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("mode") {
        policy.mode = try json.string(among: Names.memoryPolicyModes.span, "memory policy")
      } else if json.keyIs("nodes") {
        policy.nodes = try json.string()
      } else if json.keyIs("flags") {
        policy.flags = try json.strings(
          among: Names.memoryPolicyFlags.span, "flag of memory policies")
      } else {
        try json.ignoreKey()
      }
    }
    guard !policy.mode.isEmpty else { throw json.missing("mode") }
    return policy
  }

  func write(_ json: inout JSONWriter) {
    json.beginObject()
    json.member("mode", mode)
    if !nodes.isEmpty { json.member("nodes", nodes) }
    json.strings("flags", flags)
    json.endObject()
  }
}

/// One of `linux.netDevices`: a link of the host that goes into the container.
public struct NetDevice: Equatable, Sendable {
  /// Its name on the host.
  public var host: String
  /// Its name inside.
  public var name: String
  /// Makes an entry; the name stays the same unless another is given.
  public init(_ host: String, name: String? = nil) {
    self.host = host
    self.name = name ?? host
  }

  static func readAll(_ json: inout JSONReader) throws(ConfigError) -> [NetDevice] {
    var devices: [NetDevice] = []
    try json.beginObject()
    while try json.nextKey() {
      var device = NetDevice(json.keyString())
      guard device.host.isLinkName else { throw json.error("not the name of a network link") }
      try json.beginObject()
      while try json.nextKey() {
        if json.keyIs("name") {
          let name = try json.string()
          guard name.isEmpty || name.isLinkName else {
            throw json.error("\"\(name)\" is not a name for a network link (15 bytes, no slash)")
          }
          if !name.isEmpty { device.name = name }
        } else {
          try json.ignoreKey()
        }
      }
      for other in devices where other.name == device.name {
        throw json.error("a second link named \(device.name)")
      }
      devices.append(device)
    }
    return devices
  }
}

extension LinuxConfig {
  func writeNetDevices(_ json: inout JSONWriter) {
    guard !netDevices.isEmpty else { return }
    json.key("netDevices")
    json.beginObject()
    for device in netDevices {
      json.key(device.host)
      json.beginObject()
      if device.name != device.host { json.member("name", device.name) }
      json.endObject()
    }
    json.endObject()
  }

  /// `linux.personality.domain`: LINUX or LINUX32; no flag is defined.
  static func readPersonality(_ json: inout JSONReader) throws(ConfigError) -> String? {
    var domain: String?
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("domain") {
        domain = try json.string(among: Names.personalities.span, "personality")
      } else if json.keyIs("flags") {
        try json.refuseUnlessEmpty("the specification defines no flag")
      } else {
        try json.ignoreKey()
      }
    }
    return domain
  }
}

extension String {
  /// Whether dev_valid_name() of the kernel takes it (net/core/dev.c).
  package var isLinkName: Bool {
    guard !isEmpty, utf8.count < 16, self != ".", self != ".." else { return false }
    for byte in utf8 where byte <= 32 || byte == UInt8(ascii: "/") || byte == UInt8(ascii: ":") {
      return false
    }
    return true
  }
}

extension JSONReader {
  /// An array of some of `names`.
  mutating func strings(
    among names: Span<StaticString>, _ what: StaticString
  ) throws(ConfigError) -> [String] {
    var list: [String] = []
    try beginArray()
    while try nextElement() { list.append(try string(among: names, what)) }
    return list
  }
}
