// Scheduling, CPUs, memory nodes, personality and security labels of a process: from the names of
// config.json to steps. The same for init and for `exec`; made before its rights go.

internal import Linux
internal import OCI
internal import Steps

/// What a process gets beside its identity.
struct ProcessAttributes {
  let process: Process
  let linux: LinuxConfig
  /// Whether `exec` makes it: then its CPUs may be given (`process.execCPUAffinity`).
  let isExecuted: Bool
  /// Nil when no label is asked for.
  let labels: LabelFiles?

  /// Everything that was asked for.
  func apply(_ glass: Glass) throws(StepFailure) {
    if isExecuted, let list = process.execCPUAffinity?.final, let cpus = NumberSet(list: list) {
      try glass.perform(.processAffinity, .attribute(.affinity(cpus, list: list)))
    }
    if let policy = linux.memoryPolicy {
      try glass.perform(
        .processMemoryPolicy,
        .attribute(
          .memoryPolicy(
            policy.number, mode: policy.mode, NumberSet(list: policy.nodes), nodes: policy.nodes)))
    }
    if let scheduler = process.scheduler {
      try glass.perform(
        .processScheduler,
        .attribute(.scheduler(scheduler.attributes, policy: scheduler.policy)))
    }
    if let priority = process.ioPriority {
      try glass.perform(
        .processIOPriority,
        .attribute(.ioPriority(class: priority.number, level: priority.priority)))
    }
    if let domain = linux.personality {
      // PER_LINUX and PER_LINUX32 of <linux/personality.h>.
      try glass.perform(
        .processPersonality,
        .attribute(.personality(domain == "LINUX32" ? 0x0008 : 0, domain: domain)))
    }
    if let profile = process.apparmorProfile, let file = labels?.apparmor {
      try label("exec " + profile, file, glass)
    }
    if let label = process.selinuxLabel, let file = labels?.selinux {
      try self.label(label, file, glass)
    }
  }

  /// Nothing where the security module is not there to be told.
  private func label(_ text: String, _ file: Int32, _ glass: Glass) throws(StepFailure) {
    guard file >= 0 else { return }
    try glass.around(
      .processLabel,
      .described(call: "write(2)", object: "/proc/thread-self/attr ← \(text)", shell: nil)
    ) { () throws(SystemError) in
      try File.write(file, text.utf8, name: "/proc/thread-self/attr ← " + text)
    }
  }
}

/// A Linux security module that labels processes.
enum SecurityModule: String {
  case apparmor = "AppArmor"
  case selinux = "SELinux"

  /// Whether the running kernel uses it.
  var isOn: Bool {
    switch self {
    case .apparmor:
      (try? File.text("/sys/module/apparmor/parameters/enabled"))?.hasPrefix("Y") ?? false
    case .selinux: File.exists("/sys/fs/selinux/enforce")
    }
  }
}

extension Config {
  /// `linux.mountLabel`: the SELinux context of every mount whose filesystem is the container's own
  /// and takes one (mount(8), "context=").
  mutating func label(mounts label: String) {
    let without = ["proc", "sysfs", "mqueue", "cgroup", "cgroup2", "bind", "none"]
    for index in mounts.indices {
      let mount = mounts[index]
      let isBound = mount.options.contains("bind") || mount.options.contains("rbind")
      guard !isBound, !without.contains(mount.type) else { continue }
      mounts[index].options.append("context=\"\(label)\"")
    }
  }
}

extension Scheduler {
  /// As sched_setattr(2) takes it; the numbers are those of <linux/sched.h>.
  var attributes: SchedulerAttributes {
    let numbers: [(StaticString, UInt32)] = [
      ("SCHED_OTHER", 0), ("SCHED_FIFO", 1), ("SCHED_RR", 2), ("SCHED_BATCH", 3),
      ("SCHED_ISO", 4), ("SCHED_IDLE", 5), ("SCHED_DEADLINE", 6),
    ]
    let bits: [(StaticString, UInt64)] = [
      ("SCHED_FLAG_RESET_ON_FORK", 0x01), ("SCHED_FLAG_RECLAIM", 0x02),
      ("SCHED_FLAG_DL_OVERRUN", 0x04), ("SCHED_FLAG_KEEP_POLICY", 0x08),
      ("SCHED_FLAG_KEEP_PARAMS", 0x10), ("SCHED_FLAG_UTIL_CLAMP_MIN", 0x20),
      ("SCHED_FLAG_UTIL_CLAMP_MAX", 0x40),
    ]
    var result = SchedulerAttributes(policy: 0)
    for (name, number) in numbers where name.equals(policy) { result.policy = number }
    for flag in flags {
      for (name, bit) in bits where name.equals(flag) { result.flags |= bit }
    }
    result.nice = nice
    result.priority = UInt32(priority)
    result.runtime = runtime
    result.deadline = deadline
    result.period = period
    return result
  }
}

extension IOPriority {
  /// The class's number, ioprio_set(2).
  var number: Int32 {
    switch kind {
    case "IOPRIO_CLASS_RT": 1
    case "IOPRIO_CLASS_BE": 2
    default: 3
    }
  }
}

extension MemoryPolicy {
  /// Mode and flags as set_mempolicy(2) takes them (<linux/mempolicy.h>).
  var number: Int32 {
    let modes: [StaticString] = [
      "MPOL_DEFAULT", "MPOL_PREFERRED", "MPOL_BIND", "MPOL_INTERLEAVE", "MPOL_LOCAL",
      "MPOL_PREFERRED_MANY", "MPOL_WEIGHTED_INTERLEAVE",
    ]
    var result: Int32 = 0
    for (index, name) in modes.enumerated() where name.equals(mode) { result = Int32(index) }
    for flag in flags {
      switch flag {
      case "MPOL_F_STATIC_NODES": result |= 1 << 15
      case "MPOL_F_RELATIVE_NODES": result |= 1 << 14
      default: result |= 1 << 13  // MPOL_F_NUMA_BALANCING
      }
    }
    return result
  }
}
