// From linux.resources to files and values: v1 names and units on one side, v2's on the other.
//
//   v1                               v2
//   cpu.shares N                     cpu.weight W (CPUWeight.weight)
//   cpu.cfs_quota_us, _period_us     cpu.max "QUOTA PERIOD"
//   cpu.cfs_burst_us                 cpu.max.burst
//   cpu.idle                         the same
//   cpu.rt_runtime_us, _period_us    (none)
//   cpuset.cpus, cpuset.mems         the same
//   memory.limit_in_bytes            memory.max
//   memory.memsw.limit_in_bytes      memory.swap.max = swap - limit
//   memory.soft_limit_in_bytes       memory.low
//   memory.swappiness, .oom_control  (none)
//   memory.kmem.tcp.limit_in_bytes   (none: counted within memory.max)
//   pids.max                         the same
//   blkio.bfq.weight, blkio.weight   io.bfq.weight, io.weight
//   blkio.throttle.*_device          io.max "MAJ:MIN rbps=…"
//   hugetlb.SIZE.limit_in_bytes      hugetlb.SIZE.max, with .rsvd. both
//   net_cls.classid, net_prio.…      (none)
//   rdma.max                         the same
//   devices.deny, devices.allow      a BPF program (DeviceRules.swift)
//
// On hybrid a limit goes to the v1 tree with its controller; huge pages may have theirs in the v2
// tree alone. Notes/cgroups.md says what the differences mean.

internal import Linux
internal import OCI
internal import Steps

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
    if !hugepages.isEmpty { result.append("hugetlb") }
    if !rdma.isEmpty { result.append("rdma") }
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
    try checkMemory()
    if mode != .v2, let first = unified.first {
      throw RuntimeError(
        "linux.resources.unified[\"\(first.key)\"] needs cgroup v2, and this machine has \(mode)",
        hint: "use linux.resources.memory, cpu, pids or blockIO")
    }
    if blockIO.leafWeight != nil || blockIO.weights.contains(where: { $0.leafWeight != nil }) {
      throw RuntimeError(
        "linux.resources.blockIO.leafWeight cannot be enforced: Linux 5.0 dropped it with CFQ")
    }
    var list = LimitList()
    if mode == .v2 {
      try addUnified(&list)
    } else {
      addLegacy(&list)
    }
    addCommon(&list, mode)
    return list.writes
  }

  /// Bytes: below this, execve(2) of even a small static program ends in the OOM killer.
  static let smallestMemory: Int64 = 64 << 10

  private func checkMemory() throws(RuntimeError) {
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
    if memory.kernel != nil {
      throw RuntimeError(
        "linux.resources.memory.kernel cannot be enforced: Linux 5.16 dropped this limit",
        hint: "memory.limit counts what the kernel uses for the container too")
    }
    if memory.useHierarchy == false {
      throw RuntimeError(
        "linux.resources.memory.useHierarchy cannot be false: since Linux 5.11 a cgroup always"
          + " counts what is below it")
    }
  }

  private func addLegacy(_ list: inout LimitList) {
    let memory = memory
    list.add("memory", "memory.limit_in_bytes", memory.limit, "memory.limit")
    list.add("memory", "memory.memsw.limit_in_bytes", memory.swap, "memory.swap")
    list.add("memory", "memory.soft_limit_in_bytes", memory.reservation, "memory.reservation")
    list.add("memory", "memory.swappiness", memory.swappiness, "memory.swappiness")
    list.add("memory", "memory.kmem.tcp.limit_in_bytes", memory.kernelTCP, "memory.kernelTCP")
    if let value = memory.disableOOMKiller {
      list.add("memory", "memory.oom_control", value ? 1 : 0, "memory.disableOOMKiller")
    }
    // cpu.shares cannot be written while idle is 1.
    if cpu.idle == 0 { list.add("cpu", "cpu.idle", cpu.idle, "cpu.idle") }
    list.add("cpu", "cpu.shares", cpu.shares, "cpu.shares")
    list.add("cpu", "cpu.rt_period_us", cpu.realtimePeriod, "cpu.realtimePeriod")
    list.add("cpu", "cpu.rt_runtime_us", cpu.realtimeRuntime, "cpu.realtimeRuntime")
    list.add("cpu", "cpu.cfs_period_us", cpu.period, "cpu.period")
    list.add("cpu", "cpu.cfs_quota_us", cpu.quota, "cpu.quota")
    list.add("cpu", "cpu.cfs_burst_us", cpu.burst, "cpu.burst")
    if cpu.idle == 1 { list.add("cpu", "cpu.idle", cpu.idle, "cpu.idle") }
    addSets(&list)
    if let value = blockIO.weight {
      list.add(
        "blkio", "blkio.bfq.weight", value, "blockIO.weight",
        other: .init(file: "blkio.weight", value: String(value)))
    }
    for entry in blockIO.weights {
      guard let weight = entry.weight else { continue }
      let value = "\(entry.major):\(entry.minor) \(weight)"
      list.add(
        "blkio", "blkio.bfq.weight_device", value, "blockIO.weightDevice",
        other: .init(file: "blkio.weight_device", value: value))
    }
    for throttle in blockIO.throttles {
      for rate in throttle.rates {
        list.add(
          "blkio", "blkio.throttle.\(throttle.v1)_device",
          "\(rate.major):\(rate.minor) \(rate.rate)", throttle.field)
      }
    }
    list.add("net_cls", "net_cls.classid", network.classID, "network.classID")
    for entry in network.priorities {
      list.add(
        "net_prio", "net_prio.ifpriomap", "\(entry.name) \(entry.priority)",
        "network.priorities")
    }
  }

  private func addUnified(_ list: inout LimitList) throws(RuntimeError) {
    for (field, isSet) in [
      ("memory.swappiness", memory.swappiness != nil),
      ("memory.disableOOMKiller", memory.disableOOMKiller == true),
      ("memory.kernelTCP", memory.kernelTCP != nil),
      ("cpu.realtimeRuntime", cpu.realtimeRuntime != nil),
      ("cpu.realtimePeriod", cpu.realtimePeriod != nil),
      ("network.classID", network.classID != nil),
      ("network.priorities", !network.priorities.isEmpty),
    ] where isSet {
      throw RuntimeError("linux.resources.\(field) does not exist on cgroup v2")
    }
    func bytes(_ value: Int64) -> String { value < 0 ? "max" : String(value) }
    list.add("memory", "memory.max", memory.limit.map(bytes), "memory.limit")
    if let value = memory.swap {
      // v1 counts memory and swap together, v2 apart.
      guard value < 0 || memory.limit.map({ $0 >= 0 }) ?? false else {
        throw RuntimeError(
          "linux.resources.memory.swap without a memory limit means nothing on cgroup v2")
      }
      list.add(
        "memory", "memory.swap.max", bytes(value < 0 ? -1 : value - (memory.limit ?? 0)),
        "memory.swap")
    }
    list.add("memory", "memory.low", memory.reservation.map(bytes), "memory.reservation")
    if cpu.idle == 0 { list.add("cpu", "cpu.idle", cpu.idle, "cpu.idle") }
    list.add("cpu", "cpu.weight", cpu.shares.map { CPUWeight.weight(shares: $0) }, "cpu.shares")
    if cpu.quota != nil || cpu.period != nil {
      let quota = cpu.quota ?? -1
      list.add(
        "cpu", "cpu.max", (quota > 0 ? String(quota) : "max") + " \(cpu.period ?? 100_000)",
        cpu.quota == nil ? "cpu.period" : "cpu.quota")
    }
    list.add("cpu", "cpu.max.burst", cpu.burst, "cpu.burst")
    if cpu.idle == 1 { list.add("cpu", "cpu.idle", cpu.idle, "cpu.idle") }
    addSets(&list)
    if let value = blockIO.weight {
      list.add(
        "io", "io.bfq.weight", value, "blockIO.weight",
        other: .init(file: "io.weight", value: "default \(IOWeight.weight(value))"))
    }
    for entry in blockIO.weights {
      guard let weight = entry.weight else { continue }
      let device = "\(entry.major):\(entry.minor)"
      list.add(
        "io", "io.bfq.weight", "\(device) \(weight)", "blockIO.weightDevice",
        other: .init(file: "io.weight", value: "\(device) \(IOWeight.weight(weight))"))
    }
    for throttle in blockIO.throttles {
      for rate in throttle.rates {
        let value = rate.rate == 0 ? "max" : String(rate.rate)
        list.add(
          "io", "io.max", "\(rate.major):\(rate.minor) \(throttle.v2)=\(value)", throttle.field)
      }
    }
    for entry in unified {
      guard !entry.key.contains("/"), entry.key.contains(".") else {
        throw RuntimeError("linux.resources.unified[\"\(entry.key)\"] is no cgroup file name")
      }
      list.add(
        String(entry.key.prefix { $0 != "." }), entry.key, entry.value,
        "unified[\"\(entry.key)\"]")
    }
  }

  private func addSets(_ list: inout LimitList) {
    list.add("cpuset", "cpuset.cpus", cpu.cpus, "cpu.cpus")
    list.add("cpuset", "cpuset.mems", cpu.mems, "cpu.mems")
    if let value = pids { list.add("pids", "pids.max", value > 0 ? String(value) : "max", "pids") }
  }

  /// What may be on either version, on hybrid too.
  private func addCommon(_ list: inout LimitList, _ mode: CgroupMode) {
    for entry in hugepages {
      // Reserved pages too: without, mmap(2) succeeds and the first touch is SIGBUS.
      for part in ["", "rsvd."] {
        let name = "hugetlb.\(entry.pageSize).\(part)"
        let value = String(entry.limit)
        list.add(
          "hugetlb", name + (mode == .v1 ? "limit_in_bytes" : "max"), value, "hugepageLimits",
          other: mode == .hybrid ? .init(file: name + "limit_in_bytes", value: value) : nil)
      }
    }
    for entry in rdma {
      var value = entry.device
      if let handles = entry.handles { value += " hca_handle=\(handles)" }
      if let objects = entry.objects { value += " hca_object=\(objects)" }
      list.add("rdma", "rdma.max", value, "rdma")
    }
  }
}

/// The writes so far.
private struct LimitList {
  var writes: [CgroupWrite] = []

  mutating func add(
    _ controller: String, _ file: String, _ value: (some CustomStringConvertible)?,
    _ field: String, other: CgroupWrite.Other? = nil
  ) {
    guard let value else { return }
    writes.append(
      CgroupWrite(
        controller: controller, file: file, value: value.description,
        field: "linux.resources." + field, other: other))
  }
}

extension BlockIOLimits {
  fileprivate struct Throttle {
    let v1: String
    let v2: String
    let field: String
    let rates: [DeviceRate]
  }

  fileprivate var throttles: [Throttle] {
    // Mostly there are none, and then no array of this type is made.
    if readBps.isEmpty, writeBps.isEmpty, readIops.isEmpty, writeIops.isEmpty { return [] }
    return [
      Throttle(
        v1: "read_bps", v2: "rbps", field: "blockIO.throttleReadBpsDevice", rates: readBps),
      Throttle(
        v1: "write_bps", v2: "wbps", field: "blockIO.throttleWriteBpsDevice", rates: writeBps),
      Throttle(
        v1: "read_iops", v2: "riops", field: "blockIO.throttleReadIOPSDevice", rates: readIops),
      Throttle(
        v1: "write_iops", v2: "wiops", field: "blockIO.throttleWriteIOPSDevice", rates: writeIops),
    ]
  }
}

/// The weight of io.weight, 1 to 10000, for one of 10 to 1000.
enum IOWeight {
  /// A straight line through 10→1 and 1000→10000, as runc and crun map it.
  static func weight(_ blkio: UInt16) -> Int { 1 + (Int(blkio) - 10) * 9999 / 990 }
}
