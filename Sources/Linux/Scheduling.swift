internal import CLinux

/// The arguments of sched_setattr(2).
public struct SchedulerAttributes: Equatable, Sendable {
  /// SCHED_OTHER is 0, SCHED_DEADLINE 6.
  public var policy: UInt32
  /// SCHED_FLAG_ bits.
  public var flags: UInt64 = 0
  /// -20 to 19, for SCHED_OTHER and SCHED_BATCH.
  public var nice: Int32 = 0
  /// 1 to 99, for SCHED_FIFO and SCHED_RR.
  public var priority: UInt32 = 0
  /// Nanoseconds of CPU in every period, for SCHED_DEADLINE.
  public var runtime: UInt64 = 0
  /// Nanoseconds after the beginning of a period, for SCHED_DEADLINE.
  public var deadline: UInt64 = 0
  /// Nanoseconds, for SCHED_DEADLINE.
  public var period: UInt64 = 0

  /// A policy with everything else zero.
  public init(policy: UInt32) { self.policy = policy }
}

/// CPUs or memory nodes as the kernel lists them: `0-3,7` (cpuset(7), "List format").
public struct NumberSet: Equatable, Sendable {
  /// More than any machine has; a list beyond is a mistake.
  public static let most = 8192

  /// Bit n for number n; as many words as are needed.
  public private(set) var words: [UInt64] = []

  /// Reads a list; nil when it is none, or empty.
  public init?(list: String) {
    for part in list.parts(",") {
      let ends = part.parts("-")
      guard ends.count <= 2, let first = Int(ends[0]), let last = Int(ends[ends.count - 1]),
        first >= 0, first <= last, last < NumberSet.most
      else { return nil }
      for number in first...last { insert(number) }
    }
    guard !words.isEmpty else { return nil }
  }

  private mutating func insert(_ number: Int) {
    while words.count <= number / 64 { words.append(0) }
    words[number / 64] |= 1 << UInt64(number % 64)
  }
}

/// How a process is scheduled, and where it runs and has its memory.
public enum Scheduling {
  /// sched_setattr(2) on this process.
  ///
  /// - Throws: `SystemError` with the policy's number.
  public static func set(_ attributes: SchedulerAttributes) throws(SystemError) {
    try check(
      lx_sched_setattr(
        attributes.policy, attributes.flags, attributes.nice, attributes.priority,
        attributes.runtime, attributes.deadline, attributes.period), "sched_setattr(2)",
      "policy \(attributes.policy), nice \(attributes.nice), priority \(attributes.priority)")
  }

  /// ioprio_set(2) on this process: class 1 to 3, level 0 to 7.
  ///
  /// - Throws: `SystemError` with both.
  public static func setIOPriority(class kind: Int32, level: Int32) throws(SystemError) {
    try check(
      lx_ioprio_set(kind << 13 | level), "ioprio_set(2)", "class \(kind), level \(level)")
  }

  /// sched_setaffinity(2) on this process.
  ///
  /// - Throws: `SystemError`; EINVAL when none of the CPUs may be used.
  public static func setAffinity(_ cpus: NumberSet, name: String) throws(SystemError) {
    try check(
      unsafe lx_sched_setaffinity(0, cpus.words.count * 8, cpus.words), "sched_setaffinity(2)",
      "CPUs \(name)")
  }

  /// set_mempolicy(2) on this process: MPOL_ mode with its flags; nil nodes are none.
  ///
  /// - Throws: `SystemError` with the mode and the nodes.
  public static func setMemoryPolicy(
    mode: Int32, nodes: NumberSet?, name: String
  ) throws(SystemError) {
    let words = nodes?.words ?? []
    try check(
      unsafe lx_set_mempolicy(mode, words, UInt(words.count * 64)), "set_mempolicy(2)",
      "mode \(mode), nodes \(name)")
  }

  /// Whether the kernel has memory policies (CONFIG_NUMA).
  public static var hasMemoryPolicies: Bool {
    var mode: Int32 = 0
    return unsafe lx_get_mempolicy(&mode) >= 0
  }

  /// personality(2).
  ///
  /// - Throws: `SystemError` with the value.
  public static func setPersonality(_ persona: UInt) throws(SystemError) {
    try check(lx_personality(persona), "personality(2)", "0x" + String(persona, radix: 16))
  }
}

extension Identity {
  /// The effective capabilities of this process (capget(2)).
  public static var effectiveCapabilities: CapabilitySet {
    var mask: UInt64 = 0
    _ = unsafe lx_capget_effective(&mask)
    return CapabilitySet(mask: mask)
  }

  /// A resource limit of this process: soft and hard (prlimit(2)).
  ///
  /// - Throws: `SystemError` with the limit's number.
  public static func limit(_ resource: Int32) throws(SystemError) -> (soft: UInt64, hard: UInt64) {
    var pair: [UInt64] = [0, 0]
    try check(unsafe lx_prlimit(0, resource, nil, &pair), "prlimit(2)", "\(resource)")
    return (pair[0], pair[1])
  }

  /// prlimit(2) on another process.
  ///
  /// - Throws: `SystemError` with the limit's number and values.
  public static func setLimit(
    of pid: Int32, _ resource: Int32, soft: UInt64, hard: UInt64
  ) throws(SystemError) {
    try check(
      unsafe lx_prlimit(pid, resource, [soft, hard], nil), "prlimit(2)",
      "\(resource) \(soft):\(hard)")
  }
}

/// What the kernel in hand can do with filters (seccomp(2)).
public enum SeccompKernel {
  /// Whether it knows an action, a SECCOMP_RET_ number.
  public static func has(action: UInt32) -> Bool { lx_seccomp_has_action(action) >= 0 }

  /// Whether it knows SECCOMP_FILTER_FLAG_ bits, given together.
  public static func has(flags: UInt32) -> Bool { lx_seccomp_has_flags(flags) >= 0 }
}

extension Processes {
  /// pidfd_getfd(2): a copy of another process's descriptor.
  ///
  /// - Throws: `SystemError`; EBADF when it has no such descriptor.
  public static func descriptor(
    _ fd: Int32, of handle: borrowing Descriptor
  ) throws(SystemError) -> Descriptor {
    Descriptor(
      owning: Int32(try check(lx_pidfd_getfd(handle.raw, fd), "pidfd_getfd(2)", "descriptor \(fd)"))
    )
  }

  /// The number that the next descriptor of this process will get.
  ///
  /// - Throws: `SystemError`.
  public static func nextDescriptor() throws(SystemError) -> Int32 {
    Int32(try check(lx_next_descriptor(), "open(2)", "/"))
  }

  /// setpgid(2): this process leads a group of its own.
  ///
  /// - Throws: `SystemError`.
  public static func leadGroup() throws(SystemError) {
    try check(lx_setpgid(0, 0), "setpgid(2)", "own group")
  }
}

extension Descriptors {
  /// Whether what a descriptor holds is on a proc filesystem (statfs(2), PROC_SUPER_MAGIC).
  ///
  /// - Throws: `SystemError`.
  public static func isProc(_ fd: Int32) throws(SystemError) -> Bool {
    var magic: UInt64 = 0
    try check(unsafe lx_fs_magic(fd, &magic), "fstatfs(2)", "descriptor \(fd)")
    return magic == 0x9fa0
  }
}
