internal import Linux
internal import Measure

/// The files of a process's cgroups, whatever the version.
struct CgroupFiles {
  /// One tree's cgroup.
  struct Place {
    let directory: String
    /// Where the tree is mounted: no cgroup above it is visible.
    let root: String
    let isUnified: Bool
  }

  let places: [String: Place]

  /// The cgroup that a controller's files are in: its v1 tree, else the v2 tree.
  func place(_ controller: String) -> Place? {
    for (tree, place) in places where tree.split(separator: ",").contains(Substring(controller)) {
      return place
    }
    return places[""]
  }

  func isUnified(_ controller: String) -> Bool { place(controller)?.isUnified ?? true }

  /// A file of the controller; nil when it has none of that name.
  func text(_ controller: String, _ file: String, _ notes: inout Notes) -> Value? {
    guard let place = place(controller) else { return nil }
    let path = place.directory + "/" + file
    return notes.optional(path).map { Value(text: $0, path: path) }
  }

  /// The same file in the cgroups above, from near to far.
  func above(_ controller: String, _ file: String, _ notes: inout Notes) -> [Value] {
    guard let place = place(controller) else { return [] }
    var values = [Value]()
    var directory = place.directory
    while directory.count > place.root.count, let slash = directory.lastIndex(of: "/") {
      directory = String(directory[..<slash])
      let path = directory + "/" + file
      if let text = notes.optional(path) { values.append(Value(text: text, path: path)) }
    }
    return values
  }

  /// What a file held.
  struct Value: Equatable {
    let text: String
    let path: String

    var line: String { String(text.prefix { $0 != "\n" }) }
    /// The first number; `max` and -1 are none, and so is what v1 has for "no limit"
    /// (PAGE_COUNTER_MAX pages, a little below 2⁶³).
    var amount: UInt64? {
      let word = line.prefix { $0 != " " }
      guard let number = UInt64(word), number < 1 << 62 else { return nil }
      return number
    }
    /// A number of a `name value` file such as cpu.stat.
    func field(_ name: String) -> UInt64? {
      for line in text.split(separator: "\n") {
        let parts = line.split(separator: " ")
        if parts.count == 2, parts[0] == name { return UInt64(parts[1]) }
      }
      return nil
    }
    /// Lines, for files with one a device.
    var lines: [String] { text.split(separator: "\n").map { String($0) } }
  }
}

extension CgroupView {
  static func rows(_ files: CgroupFiles, _ notes: inout Notes) -> [Row] {
    var rows = [Row]()
    rows += memory(files, &notes) + cpu(files, &notes) + pids(files, &notes)
    rows += disk(files, &notes) + rest(files, &notes)
    return rows
  }

  /// The tightest limit above a cgroup, when it is tighter than its own.
  static func tighter(
    than own: UInt64?, _ above: [CgroupFiles.Value]
  ) -> (limit: UInt64, path: String)? {
    let limits = above.compactMap { value in value.amount.map { (limit: $0, path: value.path) } }
    guard let least = limits.min(by: { $0.limit < $1.limit }), least.limit < own ?? .max
    else { return nil }
    return least
  }

  private static func bounded(
    _ own: UInt64?, _ above: [CgroupFiles.Value], _ text: (UInt64) -> String
  ) -> (limit: UInt64?, text: Bilingual?, path: String?) {
    if let least = tighter(than: own, above) {
      let by = least.path.split(separator: "/").dropLast().last.map { String($0) } ?? "/"
      return (
        least.limit,
        Bilingual(
          en: "\(text(least.limit)), by its parent \(by)",
          zh: "\(text(least.limit))，由上级 \(by) 限制"), least.path
      )
    }
    return (own, own.map { Bilingual(text($0)) }, nil)
  }

  // MARK: Memory

  private static func memory(_ files: CgroupFiles, _ notes: inout Notes) -> [Row] {
    let v2 = files.isUnified("memory")
    let limitFile = v2 ? "memory.max" : "memory.limit_in_bytes"
    guard
      let use = files.text("memory", v2 ? "memory.current" : "memory.usage_in_bytes", &notes)
    else { return [] }
    let own = files.text("memory", limitFile, &notes)
    let peak = files.text("memory", v2 ? "memory.peak" : "memory.max_usage_in_bytes", &notes)
    let bound = bounded(own?.amount, files.above("memory", limitFile, &notes), Amounts.bytes)
    let used = Amounts.bytes(use.amount ?? 0)
    let most = peak?.amount.map { Amounts.bytes($0) }
    var rows = [
      Row(
        id: "memory", what: Bilingual(en: "memory", zh: "内存"), limit: bound.text,
        use: Bilingual(
          en: used + (most.map { ", peak \($0)" } ?? ""),
          zh: used + (most.map { "，峰值 \($0)" } ?? "")),
        amounts: Amount(limit: bound.limit.map { Double($0) }, use: Double(use.amount ?? 0)),
        files: [own?.path, bound.path, use.path, peak?.path].compactMap { $0 })
    ]
    if let swap = files.text(
      "memory", v2 ? "memory.swap.max" : "memory.memsw.limit_in_bytes", &notes)
    {
      let used = files.text(
        "memory", v2 ? "memory.swap.current" : "memory.memsw.usage_in_bytes", &notes)
      rows.append(
        Row(
          id: v2 ? "swap" : "memory+swap",
          what: v2
            ? Bilingual(en: "swap", zh: "交换") : Bilingual(en: "memory and swap", zh: "内存加交换"),
          limit: swap.amount.map { Bilingual(Amounts.bytes($0)) },
          use: used?.amount.map { Bilingual(Amounts.bytes($0)) },
          amounts: used?.amount.map {
            Amount(limit: swap.amount.map { Double($0) }, use: Double($0))
          },
          files: [swap.path] + (used.map { [$0.path] } ?? [])))
    }
    if let events = files.text("memory", v2 ? "memory.events" : "memory.oom_control", &notes),
      let kills = events.field("oom_kill")
    {
      rows.append(
        Row(
          id: "oom_kill", what: Bilingual(en: "killed for memory", zh: "因内存被杀"), limit: nil,
          use: Bilingual("\(kills)"), amounts: nil, isFact: true, files: [events.path]))
    }
    return rows
  }

  // MARK: Processor

  private static func cpu(_ files: CgroupFiles, _ notes: inout Notes) -> [Row] {
    let v2 = files.isUnified("cpu")
    var rows = [Row]()
    let stat = files.text("cpu", "cpu.stat", &notes)
    let quota = files.text("cpu", v2 ? "cpu.max" : "cpu.cfs_quota_us", &notes)
    let period = v2 ? quota : files.text("cpu", "cpu.cfs_period_us", &notes)
    if let quota {
      let length =
        v2 ? quota.line.split(separator: " ").last.flatMap { UInt64($0) } : period?.amount
      let cpus = quota.amount.flatMap { quota in
        length.flatMap { $0 > 0 ? Double(quota) / Double($0) : nil }
      }
      let micros = quota.amount ?? 0
      rows.append(
        Row(
          id: "cpu", what: Bilingual(en: "CPU time", zh: "CPU 时间"),
          limit: cpus.map {
            Bilingual(
              en: "\(Decimals.short($0)) CPUs (\(micros) of \(length ?? 0) µs)",
              zh: "\(Decimals.short($0)) 个 CPU（每 \(length ?? 0) µs 用 \(micros) µs）")
          }, use: cpuUse(files, stat, v2, &notes), amounts: nil,
          files: [quota.path] + (v2 ? [] : period.map { [$0.path] } ?? [])))
    }
    if let stat, let periods = stat.field("nr_periods"), let hit = stat.field("nr_throttled") {
      let time =
        stat.field("throttled_usec").map { $0 &* 1000 } ?? stat.field("throttled_time") ?? 0
      rows.append(
        Row(
          id: "throttled", what: Bilingual(en: "throttled", zh: "被限流"), limit: nil,
          use: Bilingual(
            en: "\(hit) of \(periods) periods, \(Amounts.seconds(time))",
            zh: "\(periods) 个周期中的 \(hit) 个，\(Amounts.seconds(time))"),
          amounts: Amount(limit: Double(periods), use: Double(hit)), isFact: true,
          files: [stat.path]))
    }
    if let share = files.text("cpu", v2 ? "cpu.weight" : "cpu.shares", &notes) {
      rows.append(
        Row(
          id: "cpu_share", what: Bilingual(en: "CPU share", zh: "CPU 份额"),
          limit: Bilingual(
            en: "\(share.line) (a ratio, no cap)", zh: "\(share.line)（比例，不是上限）"), use: nil,
          amounts: nil, files: [share.path]))
    }
    return rows
  }

  private static func cpuUse(
    _ files: CgroupFiles, _ stat: CgroupFiles.Value?, _ v2: Bool, _ notes: inout Notes
  ) -> Bilingual? {
    let used =
      v2
      ? stat?.field("usage_usec").map { $0 &* 1000 }
      : files.text("cpuacct", "cpuacct.usage", &notes)?.amount
    return used.map {
      Bilingual(en: "\(Amounts.seconds($0)) so far", zh: "累计 \(Amounts.seconds($0))")
    }
  }

  // MARK: The rest

  private static func pids(_ files: CgroupFiles, _ notes: inout Notes) -> [Row] {
    guard let use = files.text("pids", "pids.current", &notes) else { return [] }
    let own = files.text("pids", "pids.max", &notes)
    let bound = bounded(own?.amount, files.above("pids", "pids.max", &notes)) { "\($0)" }
    let refused = files.text("pids", "pids.events", &notes)?.field("max") ?? 0
    return [
      Row(
        id: "pids", what: Bilingual(en: "processes and threads", zh: "进程与线程"),
        limit: bound.text,
        use: Bilingual(
          en: use.line + (refused > 0 ? ", \(refused) refused" : ""),
          zh: use.line + (refused > 0 ? "，拒绝 \(refused) 次" : "")),
        amounts: Amount(limit: bound.limit.map { Double($0) }, use: Double(use.amount ?? 0)),
        files: [own?.path, bound.path, use.path].compactMap { $0 })
    ]
  }

  private static func disk(_ files: CgroupFiles, _ notes: inout Notes) -> [Row] {
    let names: [(file: String, en: String, zh: String)] =
      files.isUnified("blkio") && files.isUnified("io")
      ? [("io.max", "disk", "磁盘")]
      : [
        ("blkio.throttle.read_bps_device", "disk reads, bytes/s", "磁盘读，字节/秒"),
        ("blkio.throttle.write_bps_device", "disk writes, bytes/s", "磁盘写，字节/秒"),
        ("blkio.throttle.read_iops_device", "disk reads/s", "磁盘读，次/秒"),
        ("blkio.throttle.write_iops_device", "disk writes/s", "磁盘写，次/秒"),
      ]
    return names.compactMap { name in
      guard
        let value = files.text(name.file == "io.max" ? "io" : "blkio", name.file, &notes),
        !value.lines.isEmpty
      else { return nil }
      return Row(
        id: name.file, what: Bilingual(en: name.en, zh: name.zh),
        limit: Bilingual(value.lines.prefix(8).joined(separator: "; ")), use: nil, amounts: nil,
        files: [value.path])
    }
  }

  private static func rest(_ files: CgroupFiles, _ notes: inout Notes) -> [Row] {
    var rows = [Row]()
    func add(_ controller: String, _ file: String, _ id: String, _ what: Bilingual) {
      guard let value = files.text(controller, file, &notes), !value.line.isEmpty else { return }
      rows.append(
        Row(
          id: id, what: what, limit: Bilingual(value.line), use: nil, amounts: nil,
          files: [value.path]))
    }
    let cpus = files.isUnified("cpuset") ? "cpuset.cpus.effective" : "cpuset.cpus"
    add("cpuset", cpus, "cpuset.cpus", Bilingual(en: "which CPUs", zh: "可用的 CPU"))
    let nodes = files.isUnified("cpuset") ? "cpuset.mems.effective" : "cpuset.mems"
    add("cpuset", nodes, "cpuset.mems", Bilingual(en: "which memory nodes", zh: "可用的内存节点"))
    if let rules = files.text("devices", "devices.list", &notes) {
      let all = rules.line == "a *:* rwm"
      rows.append(
        Row(
          id: "devices", what: Bilingual(en: "devices", zh: "设备"),
          limit: all
            ? nil
            : Bilingual(
              en: "\(rules.lines.count) rules allow some", zh: "\(rules.lines.count) 条允许规则"),
          use: nil, amounts: nil, files: [rules.path]))
    }
    if let state = files.text("freezer", "freezer.state", &notes)
      ?? files.text("", "cgroup.freeze", &notes)
    {
      let frozen = state.line != "THAWED" && state.line != "0"
      rows.append(
        Row(
          id: "frozen", what: Bilingual(en: "paused", zh: "暂停"), limit: nil,
          use: frozen ? Bilingual(en: "yes", zh: "是") : Bilingual(en: "no", zh: "否"),
          amounts: nil, isFact: true, files: [state.path]))
    }
    return rows
  }
}
