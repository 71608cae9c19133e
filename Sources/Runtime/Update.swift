// `update`: other limits for a container that exists.
//
//   --resources FILE|-   linux.resources as JSON; what it does not name stays
//   --memory 64m …       or one flag a limit, as runc has them
//
// What is not told is taken from the kernel, not from the configuration: the files hold what is in
// force. Either all limits are changed or none: when one is refused, those before it are put back.

internal import Linux
internal import OCI
internal import Steps

extension Command {
  static let updateFlags = [
    Flag("resources", short: "r", .value, "file with linux.resources as JSON; - is standard input"),
    Flag("cpu-share", .value, "relative share of CPU time, 2 to 262144"),
    Flag("cpu-shares", .value, "the same"),
    Flag("cpu-period", .value, "microseconds in which the quota may be used"),
    Flag("cpu-quota", .value, "microseconds of CPU time a period; -1 is no limit"),
    Flag("cpu-burst", .value, "microseconds of quota that may be saved up"),
    Flag("cpu-idle", .value, "1: only when nobody else wants the CPU"),
    Flag("cpu-rt-period", .value, "microseconds in which the realtime budget may be used (v1)"),
    Flag("cpu-rt-runtime", .value, "microseconds of realtime tasks a period (v1)"),
    Flag("cpuset-cpus", .value, "CPUs, such as 0-1,3"),
    Flag("cpuset-mems", .value, "memory nodes"),
    Flag("memory", .value, "bytes, or with k, m, g, t; -1 is no limit"),
    Flag("memory-reservation", .value, "soft limit, written likewise"),
    Flag("memory-swap", .value, "memory and swap together, written likewise"),
    Flag("kernel-memory", .value, "refused: Linux dropped this limit"),
    Flag("kernel-memory-tcp", .value, "TCP buffers, written likewise (v1)"),
    Flag("pids-limit", .value, "most processes and threads; -1 is no limit"),
    Flag("blkio-weight", .value, "relative share of disk time, 10 to 1000"),
    Flag("help", short: "h", .switched, "print this"),
  ]

  func update() throws(RuntimeError) -> Int32 {
    let asked = try ResourceFlags(options: options).resources()
    return try watched(try options.id(name)) { container, glass, _ throws(RuntimeError) in
      try container.update(asked, glass)
    }
  }
}

/// The flags of `update` as resources.
private struct ResourceFlags {
  let options: Options

  func resources() throws(RuntimeError) -> Resources {
    if let path = options["resources"] { return try read(path) }
    var resources = Resources()
    if let text = options["cpu-share"] ?? options["cpu-shares"] {
      resources.cpu.shares = try number(text, "cpu-share", 2...262_144)
    }
    if let text = options["cpu-period"] {
      resources.cpu.period = try number(text, "cpu-period", 1000...1_000_000)
    }
    if let text = options["cpu-quota"] {
      resources.cpu.quota = try number(text, "cpu-quota", -1...Int64.max)
    }
    if let text = options["cpu-burst"] {
      resources.cpu.burst = try number(text, "cpu-burst", 0...UInt64.max)
    }
    if let text = options["cpu-idle"] {
      resources.cpu.idle = try number(text, "cpu-idle", 0...1)
    }
    if let text = options["pids-limit"] {
      resources.pids = try number(text, "pids-limit", -1...Int64.max)
    }
    if let text = options["blkio-weight"] {
      resources.blockIO.weight = try number(text, "blkio-weight", 10...1000)
    }
    if let text = options["cpu-rt-period"] {
      resources.cpu.realtimePeriod = try number(text, "cpu-rt-period", 1...UInt64.max)
    }
    if let text = options["cpu-rt-runtime"] {
      resources.cpu.realtimeRuntime = try number(text, "cpu-rt-runtime", -1...Int64.max)
    }
    resources.cpu.cpus = options["cpuset-cpus"]
    resources.cpu.mems = options["cpuset-mems"]
    resources.memory.limit = try bytes("memory")
    resources.memory.reservation = try bytes("memory-reservation")
    resources.memory.swap = try bytes("memory-swap")
    resources.memory.kernel = try bytes("kernel-memory")
    resources.memory.kernelTCP = try bytes("kernel-memory-tcp")
    return resources
  }

  private func read(_ path: String) throws(RuntimeError) -> Resources {
    let bytes = try lookingUp { () throws(SystemError) in
      path == "-"
        ? try File.read(0, limit: 1 << 20, name: "standard input")
        : try File.read(path, limit: 1 << 20)
    }
    do {
      return try Resources.parse(bytes)
    } catch {
      throw RuntimeError("\(path == "-" ? "standard input" : path): \(error.text)")
    }
  }

  private func number<T: FixedWidthInteger>(
    _ text: String, _ flag: StaticString, _ range: ClosedRange<T>
  ) throws(RuntimeError) -> T {
    guard let value = T(text), range.contains(value) else {
      throw RuntimeError(
        "update: --\(flag) \(text): not a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// `64m` as bytes; nil when the flag is not given, or 0, which engines write for "as it is".
  private func bytes(_ flag: String) throws(RuntimeError) -> Int64? {
    guard let text = options[flag] else { return nil }
    if text == "-1" { return -1 }
    let digits = String(decoding: text.utf8.prefix { (0x30...0x39).contains($0) }, as: UTF8.self)
    let units: [(StaticString, Int64)] = [
      ("", 1), ("b", 1), ("k", 1 << 10), ("kb", 1 << 10), ("m", 1 << 20), ("mb", 1 << 20),
      ("g", 1 << 30), ("gb", 1 << 30), ("t", 1 << 40), ("tb", 1 << 40),
    ]
    let unit = text.dropFirst(digits.utf8.count).lowercased()
    guard let count = Int64(digits), let factor = units.first(where: { $0.0.equals(unit) })?.1
    else { throw RuntimeError("update: --\(flag) \(text): not an amount such as 512m, or -1") }
    let (value, overflow) = count.multipliedReportingOverflow(by: factor)
    guard !overflow else { throw RuntimeError("update: --\(flag) \(text) is too much") }
    return value == 0 ? nil : value
  }
}

extension Container {
  /// Changes limits; what `asked` leaves out stays as it is.
  ///
  /// - Throws: `RuntimeError`, with every limit as it was before.
  func update(_ asked: Resources, _ glass: Glass) throws(RuntimeError) {
    guard state.pid != nil, state.status != .creating else { throw notRunning }
    guard let cgroups = try cgroups()?.withUnit() else {
      throw RuntimeError("container \(id) has no cgroups that could be limited")
    }
    let completed = try asked.completed(by: cgroups)
    let writes = try completed.writes(cgroups.layout.mode)
    try cgroups.check(writes)
    if asked.memory.checkBeforeUpdate == true { try cgroups.checkUsage(completed.memory) }
    try cgroups.change(writes, completed, glass)
  }
}

extension Resources {
  /// With the other half of those limits that are written as a pair, from the kernel.
  fileprivate func completed(by cgroups: Cgroups) throws(RuntimeError) -> Resources {
    var result = self
    // 0 is what engines write for "as it is".
    if pids == 0 { result.pids = nil }
    // No limit on memory leaves none on memory and swap together.
    if memory.limit == -1, memory.swap == nil, cgroups.hasFile("memory", swapFile(cgroups)) {
      result.memory.swap = -1
    }
    guard cgroups.layout.mode == .v2 else { return result }
    if (cpu.quota == nil) != (cpu.period == nil), let now = try cgroups.words("cpu", "cpu.max") {
      result.cpu.quota = cpu.quota ?? Int64(now.first ?? "max") ?? -1
      result.cpu.period = cpu.period ?? (now.count > 1 ? UInt64(now[1]) : nil)
    }
    if let swap = memory.swap, swap > 0, memory.limit == nil {
      result.memory.limit = Int64(try cgroups.words("memory", "memory.max")?.first ?? "")
    }
    return result
  }

  private func swapFile(_ cgroups: Cgroups) -> String {
    cgroups.layout.mode == .v2 ? "memory.swap.max" : "memory.memsw.limit_in_bytes"
  }
}
