// What a process asks for and this kernel, or this caller, cannot give: refused before anything is
// made, with the field, the reason and what would help.

internal import Linux
internal import OCI

/// Checks what a process asks for against what can be had.
struct ProcessRules {
  let process: Process
  let linux: LinuxConfig

  private static let sysNice: UInt64 = 1 << 23
  private static let sysResource: UInt64 = 1 << 24

  /// - Throws: `RuntimeError` naming the field.
  func check() throws(RuntimeError) {
    try checkLabels()
    try checkLimits()
    try checkOOMScore()
    try checkScheduling()
    try checkMemoryPolicy()
    try checkCPUs(process.execCPUAffinity?.initial, "initial")
    try checkCPUs(process.execCPUAffinity?.final, "final")
  }

  private func checkCPUs(_ list: String?, _ name: StaticString) throws(RuntimeError) {
    guard let list, !list.isEmpty, NumberSet(list: list) == nil else { return }
    throw RuntimeError("process.execCPUAffinity.\(name): \"\(list)\" is not a list such as 0-3,7")
  }

  /// Whether this process could do it here, and the program too where it is to do it itself.
  private func has(_ capability: UInt64, inside: Bool = true) -> Bool {
    if inside, linux.namespaces.contains(where: { $0.kind == .user }) { return false }
    return Identity.effectiveCapabilities.mask & capability != 0
  }

  private func checkLabels() throws(RuntimeError) {
    func need(_ module: SecurityModule, _ field: String) throws(RuntimeError) {
      guard !module.isOn else { return }
      throw RuntimeError(
        "\(field): this kernel has no \(module.rawValue), so the label could not be enforced",
        hint:
          "leave the field out, or boot with security=\(module == .apparmor ? "apparmor" : "selinux")"
      )
    }
    // "unconfined" is what every process is without AppArmor.
    if let profile = process.apparmorProfile, profile != "unconfined" {
      try need(.apparmor, "process.apparmorProfile")
    }
    if process.selinuxLabel != nil { try need(.selinux, "process.selinuxLabel") }
    if linux.mountLabel != nil { try need(.selinux, "linux.mountLabel") }
  }

  private func checkLimits() throws(RuntimeError) {
    for limit in process.rlimits {
      guard let number = Identity.limitNumber(limit.type) else { continue }
      let own = try lookingUp { () throws(SystemError) in try Identity.limit(number) }
      guard limit.hard > own.hard else { continue }
      guard has(ProcessRules.sysResource, inside: false) else {
        throw RuntimeError(
          "process.rlimits: \(limit.type) \(limit.hard) is above the runtime's own hard limit,"
            + " \(own.hard): operation not permitted (EPERM)",
          hint: "raising it needs CAP_SYS_RESOURCE, which this process does not have; ask for"
            + " \(own.hard) or less")
      }
      // setrlimit(2): not even CAP_SYS_RESOURCE goes beyond.
      if limit.type == "RLIMIT_NOFILE", let text = try? File.text("/proc/sys/fs/nr_open"),
        let most = UInt64(text.trimmedLine), limit.hard > most
      {
        throw RuntimeError(
          "process.rlimits: RLIMIT_NOFILE \(limit.hard) is above fs.nr_open, \(most):"
            + " operation not permitted (EPERM)", hint: "sysctl fs.nr_open raises it")
      }
    }
  }

  /// The kernel remembers the lowest value that was allowed, and does not show it: so it is tried,
  /// on this process, which gets its own value back.
  private func checkOOMScore() throws(RuntimeError) {
    guard let score = process.oomScoreAdj, !has(ProcessRules.sysResource, inside: false) else {
      return
    }
    let file = "/proc/self/oom_score_adj"
    guard let text = try? File.text(file), let own = Int32(text.trimmedLine), score < own else {
      return
    }
    do {
      try File.set(file, String(score))
    } catch {
      throw RuntimeError(
        "process.oomScoreAdj: \(score) is below the runtime's own, \(own): permission denied"
          + " (\(error.errno.name))",
        hint: "going lower needs CAP_SYS_RESOURCE, which this process does not have")
    }
    try lookingUp { () throws(SystemError) in try File.set(file, String(own)) }
  }

  private func checkScheduling() throws(RuntimeError) {
    if let scheduler = process.scheduler {
      let field = "process.scheduler: \(scheduler.policy)"
      if scheduler.policy == "SCHED_ISO" {
        throw RuntimeError(field + " is reserved, and no kernel has it")
      }
      let isRealTime = ["SCHED_FIFO", "SCHED_RR", "SCHED_DEADLINE"].contains(scheduler.policy)
      if isRealTime || scheduler.nice < 0, !has(ProcessRules.sysNice) {
        throw RuntimeError(
          field + (isRealTime ? "" : " with nice \(scheduler.nice)") + " is not permitted here",
          hint: "it needs CAP_SYS_NICE in the first user namespace, for the container's init too")
      }
    }
    if let priority = process.ioPriority, priority.kind == "IOPRIO_CLASS_RT",
      !has(ProcessRules.sysNice | 1 << 21)
    {
      throw RuntimeError(
        "process.ioPriority: IOPRIO_CLASS_RT is not permitted here",
        hint: "it needs CAP_SYS_NICE or CAP_SYS_ADMIN in the first user namespace")
    }
  }

  private func checkMemoryPolicy() throws(RuntimeError) {
    guard let policy = linux.memoryPolicy else { return }
    guard Scheduling.hasMemoryPolicies else {
      throw RuntimeError("linux.memoryPolicy: this kernel has no memory policies (CONFIG_NUMA)")
    }
    let takesNone = policy.mode == "MPOL_DEFAULT" || policy.mode == "MPOL_LOCAL"
    if takesNone {
      guard policy.nodes.isEmpty else {
        throw RuntimeError("linux.memoryPolicy.nodes: \(policy.mode) takes no nodes")
      }
      return
    }
    // MPOL_PREFERRED without nodes is MPOL_LOCAL.
    if policy.nodes.isEmpty, policy.mode == "MPOL_PREFERRED" { return }
    guard let nodes = NumberSet(list: policy.nodes) else {
      throw RuntimeError(
        "linux.memoryPolicy.nodes: \"\(policy.nodes)\" is not a list such as 0-1")
    }
    guard let text = try? File.text("/sys/devices/system/node/has_memory"),
      let present = NumberSet(list: text.trimmedLine)
    else { return }
    for (index, word) in nodes.words.enumerated() {
      guard index >= present.words.count || word & ~present.words[index] != 0 else { continue }
      throw RuntimeError(
        "linux.memoryPolicy.nodes: \(policy.nodes) has nodes without memory",
        hint: "this machine's are \(text.trimmedLine)")
    }
  }
}
