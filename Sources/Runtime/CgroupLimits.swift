// From linux.resources to files and values: v1 names and units on one side, v2's on the other.
//
//   v1                               v2
//   cpu.shares N                     cpu.weight W (CPUWeight.weight)
//   cpu.cfs_quota_us, _period_us     cpu.max "QUOTA PERIOD"
//   cpuset.cpus, cpuset.mems         the same
//   memory.limit_in_bytes            memory.max
//   memory.memsw.limit_in_bytes      memory.swap.max = swap - limit
//   memory.soft_limit_in_bytes       memory.low
//   pids.max                         the same
//   blkio.throttle.*_device          io.max "MAJ:MIN rbps=…"
//   devices.deny, devices.allow      a BPF program (DeviceRules.swift)

internal import Linux
internal import OCI
internal import Steps

/// One file to write for a limit.
struct CgroupWrite: Equatable {
  let controller: String
  let file: String
  var value: String

  /// The value that brings back what the file says now.
  ///
  /// Most files are read as they are written. Those with a line a device are written one line at a
  /// time: `254:0 1048576` on v1, `254:0 rbps=1048576` on v2, where a device that is not listed has
  /// no limit: 0 on v1, `max` on v2.
  func inverse(_ text: String) -> String {
    // A flag among other lines: memory.oom_control.
    if file == "memory.oom_control" {
      return text.parts("\n").contains("oom_kill_disable 1") ? "1" : "0"
    }
    let words = value.parts(" ")
    guard words.count > 1, words[0].contains(":") || words[0] == "default" else { return text }
    let line = text.parts("\n").first { $0.hasPrefix(words[0] + " ") }
    let now = line.map { $0.parts(" ").dropFirst() } ?? []
    var result = words[0]
    for word in words.dropFirst() {
      let parts = word.parts("=", limit: 2)
      if parts.count > 1 {
        result += " " + (now.first { $0.hasPrefix(parts[0] + "=") } ?? parts[0] + "=max")
      } else {
        result += " " + (now.first ?? "0")
      }
    }
    return result
  }
}

extension Resources {
  /// The controllers that the limits need (v2 names).
  var controllers: [String] {
    var result = [String]()
    if cpu != CPULimits() {
      if cpu.cpus != nil || cpu.mems != nil { result.append("cpuset") }
      result.append("cpu")
    }
    if memory != MemoryLimits() { result.append("memory") }
    if pids != nil { result.append("pids") }
    if blockIO != BlockIOLimits() { result.append("io") }
    for entry in unified {
      let name = String(entry.key.prefix { $0 != "." })
      if !result.contains(name) { result.append(name) }
    }
    return result
  }

  /// Every file to write, in order.
  ///
  /// - Throws: `RuntimeError` for what this version of cgroups cannot enforce.
  func writes(_ mode: CgroupMode) throws(RuntimeError) -> [CgroupWrite] {
    if let limit = memory.limit, limit >= 0, limit < Resources.smallestMemory {
      throw RuntimeError(
        "memory limit of \(limit) bytes is too small: not even the program could be loaded",
        hint: "the smallest useful limit is \(Resources.smallestMemory) bytes")
    }
    if let limit = memory.limit, let swap = memory.swap, limit > 0, swap >= 0, swap < limit {
      throw RuntimeError(
        "memory.swap (\(swap)) is below memory.limit (\(limit))",
        hint: "swap counts memory and swap together; equal to the limit means no swap")
    }
    if mode != .v2, let first = unified.first {
      throw RuntimeError(
        "linux.resources.unified[\"\(first.key)\"] needs cgroup v2, and this machine has \(mode)",
        hint: "use linux.resources.memory, cpu, pids or blockIO")
    }
    return mode == .v2 ? try unifiedWrites() : legacyWrites()
  }

  /// Bytes: below this, execve(2) of even a small static program ends in the OOM killer.
  static let smallestMemory: Int64 = 64 << 10

  private func legacyWrites() -> [CgroupWrite] {
    var list = [CgroupWrite]()
    func add(_ controller: String, _ file: String, _ value: String) {
      list.append(CgroupWrite(controller: controller, file: file, value: value))
    }
    if let value = memory.limit {
      add("memory", "memory.limit_in_bytes", String(value))
    }
    if let value = memory.swap { add("memory", "memory.memsw.limit_in_bytes", String(value)) }
    if let value = memory.reservation {
      add("memory", "memory.soft_limit_in_bytes", String(value))
    }
    if let value = memory.swappiness { add("memory", "memory.swappiness", String(value)) }
    if let value = memory.disableOOMKiller, value { add("memory", "memory.oom_control", "1") }
    if let value = cpu.shares, value != 0 { add("cpu", "cpu.shares", String(value)) }
    if let value = cpu.period, value != 0 { add("cpu", "cpu.cfs_period_us", String(value)) }
    if let value = cpu.quota, value != 0 { add("cpu", "cpu.cfs_quota_us", String(value)) }
    if let value = cpu.burst { add("cpu", "cpu.cfs_burst_us", String(value)) }
    if let value = cpu.idle { add("cpu", "cpu.idle", String(value)) }
    if let value = cpu.cpus, !value.isEmpty { add("cpuset", "cpuset.cpus", value) }
    if let value = cpu.mems, !value.isEmpty { add("cpuset", "cpuset.mems", value) }
    if let value = pids { add("pids", "pids.max", value > 0 ? String(value) : "max") }
    if let value = blockIO.weight, value != 0 {
      add("blkio", "blkio.bfq.weight", String(value))
    }
    if blockIO == BlockIOLimits() { return list }
    for (name, rates) in blockIO.throttles {
      for rate in rates {
        add("blkio", "blkio.throttle.\(name)_device", "\(rate.major):\(rate.minor) \(rate.rate)")
      }
    }
    return list
  }

  private func unifiedWrites() throws(RuntimeError) -> [CgroupWrite] {
    if memory.swappiness != nil || memory.disableOOMKiller == true {
      let field = memory.swappiness != nil ? "swappiness" : "disableOOMKiller"
      throw RuntimeError("linux.resources.memory.\(field) does not exist on cgroup v2")
    }
    var list = [CgroupWrite]()
    func add(_ controller: String, _ file: String, _ value: String) {
      list.append(CgroupWrite(controller: controller, file: file, value: value))
    }
    func bytes(_ value: Int64) -> String { value < 0 ? "max" : String(value) }
    if let value = memory.limit { add("memory", "memory.max", bytes(value)) }
    if let value = memory.swap {
      // v1 counts memory and swap together, v2 apart.
      guard value < 0 || memory.limit.map({ $0 >= 0 }) ?? false else {
        throw RuntimeError(
          "linux.resources.memory.swap without a memory limit means nothing on cgroup v2")
      }
      add("memory", "memory.swap.max", value < 0 ? "max" : String(value - (memory.limit ?? 0)))
    }
    if let value = memory.reservation { add("memory", "memory.low", bytes(value)) }
    if let value = cpu.shares, value != 0 {
      add("cpu", "cpu.weight", String(CPUWeight.weight(shares: value)))
    }
    if cpu.quota != nil || cpu.period != nil {
      let quota = cpu.quota ?? -1
      let period = cpu.period ?? 100_000
      add(
        "cpu", "cpu.max", (quota > 0 ? String(quota) : "max") + " \(period == 0 ? 100_000 : period)"
      )
    }
    if let value = cpu.burst { add("cpu", "cpu.max.burst", String(value)) }
    if let value = cpu.idle { add("cpu", "cpu.idle", String(value)) }
    if let value = cpu.cpus, !value.isEmpty { add("cpuset", "cpuset.cpus", value) }
    if let value = cpu.mems, !value.isEmpty { add("cpuset", "cpuset.mems", value) }
    if let value = pids { add("pids", "pids.max", value > 0 ? String(value) : "max") }
    if let value = blockIO.weight, value != 0 { add("io", "io.bfq.weight", String(value)) }
    let keys = [
      "read_bps": "rbps", "write_bps": "wbps", "read_iops": "riops", "write_iops": "wiops",
    ]
    for (name, rates) in blockIO.throttles {
      for rate in rates {
        add("io", "io.max", "\(rate.major):\(rate.minor) \(keys[name] ?? name)=\(rate.rate)")
      }
    }
    for entry in unified {
      guard !entry.key.contains("/"), entry.key.contains(".") else {
        throw RuntimeError("linux.resources.unified[\"\(entry.key)\"] is no cgroup file name")
      }
      add(String(entry.key.prefix { $0 != "." }), entry.key, entry.value)
    }
    return list
  }
}

extension BlockIOLimits {
  fileprivate var throttles: [(String, [DeviceRate])] {
    [
      ("read_bps", readBps), ("write_bps", writeBps), ("read_iops", readIops),
      ("write_iops", writeIops),
    ]
  }
}

extension Cgroups {
  /// Writes the limits.
  ///
  /// - Throws: `RuntimeError` naming the file, or the controller that is not here.
  func limit(
    _ writes: [CgroupWrite], devices: [DeviceRule], _ glass: Glass
  ) throws(RuntimeError) {
    for write in writes {
      let base =
        write.controller == "cgroup"
        ? layout.trees.first.map(directory)
        : directory(write.controller)
      guard let base else {
        throw RuntimeError(
          "the limit \(write.file) = \(write.value) cannot be enforced: this kernel has no"
            + " \(write.controller) controller",
          hint: "/proc/cgroups lists those it has")
      }
      try stepping { () throws(StepFailure) in
        try glass.perform(.cgroupLimit, .write(base + "/" + write.file, write.value))
      }
    }
    try stepping { () throws(StepFailure) in try restrict(devices, glass) }
  }
}
