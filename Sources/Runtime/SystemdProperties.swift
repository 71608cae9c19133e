// Limits as properties of a unit (systemd.resource-control(5)), for those that systemd has names for.
//
//   linux.resources        v1                     v2
//   memory.limit           MemoryLimit            MemoryMax
//   memory.swap            (none)                 MemorySwapMax = swap - limit
//   memory.reservation     (none)                 MemoryLow
//   cpu.shares             CPUShares              CPUWeight
//   cpu.quota, .period     CPUQuotaPerSecUSec, CPUQuotaPeriodUSec
//   cpu.cpus, .mems        (none)                 AllowedCPUs, AllowedMemoryNodes: a bit each
//   pids                   TasksMax
//   blockIO.weight         BlockIOWeight          IOWeight
//   devices                DevicePolicy=strict and DeviceAllow, where they only allow

internal import Linux
internal import OCI

extension Resources {
  /// What systemd is told.
  func properties(_ mode: CgroupMode) -> [DBusValue.Property] {
    var list: [DBusValue.Property] = []
    func add(_ name: String, _ value: UInt64?) {
      if let value { list.append(.init(name: name, value: .u64(value))) }
    }
    func bytes(_ value: Int64?) -> UInt64? { value.map { $0 < 0 ? .max : UInt64($0) } }
    let v2 = mode == .v2
    add(v2 ? "MemoryMax" : "MemoryLimit", bytes(memory.limit))
    if v2 {
      add("MemoryLow", bytes(memory.reservation))
      if let swap = memory.swap, let limit = memory.limit {
        add("MemorySwapMax", bytes(swap < 0 ? -1 : swap - max(limit, 0)))
      }
      add("CPUWeight", cpu.shares.map { CPUWeight.weight(shares: $0) })
      add("IOWeight", blockIO.weight.map { UInt64(IOWeight.weight($0)) })
    } else {
      add("CPUShares", cpu.shares)
      add("BlockIOWeight", blockIO.weight.map { UInt64($0) })
    }
    if cpu.quota != nil || cpu.period != nil {
      let period = cpu.period ?? 100_000
      add("CPUQuotaPeriodUSec", period)
      add("CPUQuotaPerSecUSec", Resources.perSecond(quota: cpu.quota ?? -1, period: period))
    }
    if let pids { add("TasksMax", pids > 0 ? UInt64(pids) : .max) }
    if v2 {
      for (name, set) in [("AllowedCPUs", cpu.cpus), ("AllowedMemoryNodes", cpu.mems)] {
        if let set { list.append(.init(name: name, value: .bytes(Resources.bits(set)))) }
      }
    }
    return list + devices.properties
  }

  /// Microseconds a second; systemd keeps whole percents of a CPU, so it is rounded up to those.
  static func perSecond(quota: Int64, period: UInt64) -> UInt64 {
    guard quota > 0 else { return .max }
    let (product, overflow) = UInt64(quota).multipliedReportingOverflow(by: 1_000_000)
    guard !overflow, period > 0 else { return .max }
    return (product / period + 9999) / 10_000 * 10_000
  }

  /// `0-1,3` as bits, the first byte's lowest being 0.
  static func bits(_ set: String) -> [UInt8] {
    var bytes: [UInt8] = []
    for range in set.parts(",") {
      let ends = range.parts("-").compactMap { Int($0) }
      guard let first = ends.first, let last = ends.last, first <= last, last < 1 << 16 else {
        continue
      }
      for bit in first...last {
        while bytes.count <= bit / 8 { bytes.append(0) }
        bytes[bit / 8] |= 1 << UInt8(bit % 8)
      }
    }
    return bytes
  }
}

extension [DeviceRule] {
  /// Without them systemd would open all devices of a v1 cgroup anew when it reloads.
  fileprivate var properties: [DBusValue.Property] {
    guard let first = reduced.first, !isEmpty else { return [] }
    if first.isEverything, first.allow {
      return [.init(name: "DevicePolicy", value: .text("auto"))]
    }
    var allowed: [DBusValue.Pair] = []
    for rule in reduced + DeviceRule.always where rule.allow && !rule.isEverything {
      guard let name = rule.systemdName else { continue }
      allowed.append(.init(first: name, second: rule.access))
    }
    return [
      .init(name: "DevicePolicy", value: .text("strict")),
      .init(name: "DeviceAllow", value: .pairs(allowed)),
    ]
  }
}

extension DeviceRule {
  /// `/dev/char/1:3`, `char-pts` for all of a major number (/proc/devices), `char-*` for all.
  fileprivate var systemdName: String? {
    let kind = type == "b" ? "block" : "char"
    guard let major, major >= 0 else { return "\(kind)-*" }
    if let minor, minor >= 0 { return "/dev/\(kind)/\(major):\(minor)" }
    var isRight = false
    for line in ((try? File.text("/proc/devices")) ?? "").parts("\n") {
      if line.hasSuffix(":") {
        isRight = line.hasPrefix(type == "b" ? "Block" : "Character")
      } else if isRight {
        let words = line.parts(" ").filter { !$0.isEmpty }
        if words.count == 2, words[0] == String(major) { return "\(kind)-\(words[1])" }
      }
    }
    // Nobody has the number: there is nothing to allow.
    return nil
  }
}
