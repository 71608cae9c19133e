// A container's figures, from the files of its cgroups, as `events` prints them: times in
// nanoseconds, amounts in bytes, and names as runc gives them, whatever the version of cgroups.
//
//   v1                                        v2
//   cpuacct.usage, _percpu, cpuacct.stat      cpu.stat: usage_usec, user_usec, system_usec
//   cpu.stat: nr_…, throttled_time            cpu.stat: nr_…, throttled_usec
//   memory.usage_in_bytes and its kin         memory.current, .peak, .max, .events
//   memory.memsw.…                            memory.current + memory.swap.current
//   blkio.throttle.io_serviced_recursive      io.stat: 254:0 rbytes=… rios=…
//   hugetlb.2MB.usage_in_bytes                hugetlb.2MB.current

internal import Linux
internal import OCI

/// Reads and writes them.
struct CgroupStats {
  let cgroups: Cgroups

  private var isUnified: Bool { cgroups.layout.mode == .v2 }

  func write(_ json: inout JSONWriter) {
    json.beginObject()
    writeCPU(&json)
    writeCPUSet(&json)
    writeMemory(&json)
    json.key("pids")
    json.beginObject()
    json.member("current", number("pids", "pids.current") ?? 0)
    if let limit = number("pids", "pids.max") { json.member("limit", limit) }
    json.endObject()
    writeBlkio(&json)
    writeHugetlb(&json)
    json.key("intel_rdt")
    json.beginObject()
    json.endObject()
    json.key("network_interfaces")
    json.null()
    json.endObject()
  }

  // MARK: processor

  private func writeCPU(_ json: inout JSONWriter) {
    let stat = pairs("cpu", "cpu.stat")
    json.key("cpu")
    json.beginObject()
    json.key("usage")
    json.beginObject()
    if isUnified {
      json.member("total", stat["usage_usec"] &* 1000)
      json.member("kernel", stat["system_usec"] &* 1000)
      json.member("user", stat["user_usec"] &* 1000)
    } else {
      json.member("total", number("cpuacct", "cpuacct.usage") ?? 0)
      for (name, file) in [
        ("percpu", "cpuacct.usage_percpu"), ("percpu_kernel", "cpuacct.usage_percpu_sys"),
        ("percpu_user", "cpuacct.usage_percpu_user"),
      ] {
        json.key(name)
        json.beginArray()
        for word in (text("cpuacct", file) ?? "").parts(" ") {
          if let value = UInt64(word) { json.number(value) }
        }
        json.endArray()
      }
      json.member("kernel", number("cpuacct", "cpuacct.usage_sys") ?? 0)
      json.member("user", number("cpuacct", "cpuacct.usage_user") ?? 0)
    }
    json.endObject()
    json.key("throttling")
    json.beginObject()
    json.member("periods", stat["nr_periods"])
    json.member("throttledPeriods", stat["nr_throttled"])
    json.member(
      "throttledTime", isUnified ? stat["throttled_usec"] &* 1000 : stat["throttled_time"])
    json.endObject()
    json.endObject()
  }

  private func writeCPUSet(_ json: inout JSONWriter) {
    json.key("cpuset")
    json.beginObject()
    for name in ["cpus", "mems"] {
      json.key(name)
      json.beginArray()
      let file = isUnified ? "cpuset.\(name).effective" : "cpuset.\(name)"
      for range in (text("cpuset", file) ?? "").parts(",") {
        let ends = range.parts("-").compactMap { UInt64($0) }
        guard let first = ends.first, let last = ends.last, first <= last else { continue }
        for value in first...last { json.number(value) }
      }
      json.endArray()
    }
    for name in [
      "cpu_exclusive", "mem_hardwall", "mem_exclusive", "memory_migrate", "memory_spread_page",
      "memory_spread_slab", "memory_pressure", "sched_load_balance",
    ] {
      json.member(name, isUnified ? 0 : number("cpuset", "cpuset.\(name)") ?? 0)
    }
    let level = text("cpuset", "cpuset.sched_relax_domain_level").flatMap { Int64($0) }
    json.member("sched_relax_domain_level", level ?? 0)
    json.endObject()
  }

  // MARK: memory

  private func writeMemory(_ json: inout JSONWriter) {
    let stat = pairs("memory", "memory.stat")
    json.key("memory")
    json.beginObject()
    json.member("cache", stat[isUnified ? "file" : "cache"])
    if isUnified {
      let usage = number("memory", "memory.current") ?? 0
      let limit = number("memory", "memory.max") ?? .max
      let swap = number("memory", "memory.swap.current") ?? 0
      let swapLimit = number("memory", "memory.swap.max") ?? .max
      entry(
        &json, "usage", limit: limit, usage: usage, max: number("memory", "memory.peak"),
        failures: pairs("memory", "memory.events")["max"])
      // As v1 counts: memory and swap together.
      let (both, overflow) = limit.addingReportingOverflow(swapLimit)
      entry(
        &json, "swap", limit: overflow ? .max : both, usage: usage &+ swap, max: nil,
        failures: pairs("memory", "memory.swap.events")["fail"])
    } else {
      for (name, part) in [
        ("usage", ""), ("swap", "memsw."), ("kernel", "kmem."), ("kernelTCP", "kmem.tcp."),
      ] {
        let file = "memory." + part
        entry(
          &json, name, limit: number("memory", file + "limit_in_bytes") ?? 0,
          usage: number("memory", file + "usage_in_bytes") ?? 0,
          max: number("memory", file + "max_usage_in_bytes"),
          failures: number("memory", file + "failcnt") ?? 0)
      }
    }
    json.key("raw")
    json.beginObject()
    for pair in stat.list { json.member(pair.name, pair.value) }
    json.endObject()
    json.endObject()
  }

  private func entry(
    _ json: inout JSONWriter, _ name: String, limit: UInt64, usage: UInt64, max: UInt64?,
    failures: UInt64
  ) {
    json.key(name)
    json.beginObject()
    json.member("limit", limit)
    json.member("usage", usage)
    if let max { json.member("max", max) }
    json.member("failcnt", failures)
    json.endObject()
  }

  // MARK: disks and huge pages

  private func writeBlkio(_ json: inout JSONWriter) {
    json.key("blkio")
    json.beginObject()
    for (name, throttle, bfq, keys) in [
      (
        "ioServiceBytesRecursive", "blkio.throttle.io_service_bytes_recursive",
        "blkio.bfq.io_service_bytes_recursive", ["rbytes", "wbytes", "dbytes"]
      ),
      (
        "ioServicedRecursive", "blkio.throttle.io_serviced_recursive",
        "blkio.bfq.io_serviced_recursive", ["rios", "wios", "dios"]
      ),
    ] {
      json.key(name)
      json.beginArray()
      if isUnified {
        for line in (text("io", "io.stat") ?? "").parts("\n") { io(&json, line, keys) }
      } else {
        let text = text("blkio", throttle) ?? text("blkio", bfq) ?? ""
        for line in text.parts("\n") {
          let words = line.parts(" ")
          // The last line, `Total N`, is for all devices.
          guard words.count == 3, let value = UInt64(words[2]) else { continue }
          operation(&json, words[0], words[1], value)
        }
      }
      json.endArray()
    }
    json.endObject()
  }

  /// A line of io.stat: `254:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6`.
  private func io(_ json: inout JSONWriter, _ line: String, _ keys: [String]) {
    let words = line.parts(" ")
    for word in words.dropFirst() {
      let parts = word.parts("=")
      guard parts.count == 2, let index = keys.firstIndex(of: parts[0]),
        let value = UInt64(parts[1])
      else { continue }
      operation(&json, words[0], ["Read", "Write", "Discard"][index], value)
    }
  }

  private func operation(
    _ json: inout JSONWriter, _ device: String, _ name: String, _ value: UInt64
  ) {
    let numbers = device.parts(":").compactMap { UInt64($0) }
    guard numbers.count == 2 else { return }
    json.beginObject()
    json.member("major", numbers[0])
    json.member("minor", numbers[1])
    json.member("op", name)
    json.member("value", value)
    json.endObject()
  }

  private func writeHugetlb(_ json: inout JSONWriter) {
    json.key("hugetlb")
    json.beginObject()
    for size in HugePages.sizes {
      guard
        let usage = number("hugetlb", "hugetlb.\(size).current")
          ?? number("hugetlb", "hugetlb.\(size).usage_in_bytes")
      else { continue }
      json.key(size)
      json.beginObject()
      json.member("usage", usage)
      if let max = number("hugetlb", "hugetlb.\(size).max_usage_in_bytes") {
        json.member("max", max)
      }
      json.member(
        "failcnt",
        number("hugetlb", "hugetlb.\(size).failcnt")
          ?? pairs("hugetlb", "hugetlb.\(size).events")["max"])
      json.endObject()
    }
    json.endObject()
  }

  // MARK: files

  /// A file of the container's; nil when this kernel or this cgroup has none.
  private func text(_ controller: String, _ file: String) -> String? {
    guard let directory = cgroups.directory(controller) else { return nil }
    return (try? File.text(directory + "/" + file))?.trimmedLine
  }

  /// A file with one number; nil for `max` too.
  private func number(_ controller: String, _ file: String) -> UInt64? {
    text(controller, file).flatMap { UInt64($0) }
  }

  /// A file with a name and a number a line.
  private func pairs(_ controller: String, _ file: String) -> Pairs {
    var pairs = Pairs()
    for line in (text(controller, file) ?? "").parts("\n") {
      let words = line.parts(" ")
      guard words.count == 2, let value = UInt64(words[1]) else { continue }
      pairs.list.append((words[0], value))
    }
    return pairs
  }

  private struct Pairs {
    var list: [(name: String, value: UInt64)] = []
    /// 0 for what is not there.
    subscript(name: String) -> UInt64 { list.first { $0.name == name }?.value ?? 0 }
  }
}

/// Sizes of huge pages, as the hugetlb controller names them.
enum HugePages {
  /// `2MB`, `1GB`: those this kernel has (/sys/kernel/mm/hugepages/hugepages-2048kB).
  static var sizes: [String] {
    ((try? File.list("/sys/kernel/mm/hugepages")) ?? []).compactMap { name in
      guard name.hasPrefix("hugepages-"), name.hasSuffix("kB"),
        let kib = UInt64(name.dropFirst(10).dropLast(2))
      else { return nil }
      if kib >= 1 << 20 { return "\(kib >> 20)GB" }
      return kib >= 1 << 10 ? "\(kib >> 10)MB" : "\(kib)KB"
    }
  }
}
