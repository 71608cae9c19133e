// Limits of a cgroup that is in use: in an order the kernel accepts at every moment, and all or none.

internal import Linux
internal import OCI
internal import Steps

extension Cgroups {
  func hasFile(_ controller: String, _ file: String) -> Bool {
    directory(controller).map { File.exists($0 + "/" + file) } ?? false
  }

  /// What a file of the container's says now; nil when it is not there.
  func words(_ controller: String, _ file: String) throws(RuntimeError) -> [String]? {
    guard hasFile(controller, file), let directory = directory(controller) else { return nil }
    return try lookingUp { () throws(SystemError) in
      try File.text(directory + "/" + file).trimmedLine.parts(" ")
    }
  }

  /// Refuses a memory limit below what is in use.
  ///
  /// v1 refuses it by itself, v2 would kill.
  func checkUsage(_ memory: MemoryLimits) throws(RuntimeError) {
    let file = layout.mode == .v2 ? "memory.current" : "memory.usage_in_bytes"
    guard let limit = memory.limit, limit >= 0,
      let used = try words("memory", file)?.first.flatMap({ Int64($0) }), used > limit
    else { return }
    throw RuntimeError(
      "linux.resources.memory.limit \(limit) is below the \(used) bytes in use, and"
        + " checkBeforeUpdate is set")
  }

  /// Writes limits; when one is refused, all are put back.
  func change(
    _ writes: [CgroupWrite], _ resources: Resources, _ glass: Glass
  ) throws(RuntimeError) {
    let devices = resources.devices
    var undo: [CgroupWrite] = []
    do throws(RuntimeError) {
      for write in try inOrder(writes) {
        let before = before(write)
        try limit([write], devices: [], glass)
        if let before { undo.append(before) }
      }
      try unit?.set(resources.properties(layout.mode), glass)
      if !devices.isEmpty { try limit([], devices: devices, glass) }
    } catch {
      for write in undo.reversed() {
        do throws(RuntimeError) {
          try limit([write], devices: [], glass)
        } catch { File.report("drydock-runtime: not put back: \(error.message)\n") }
      }
      throw error
    }
  }

  /// The order in which pairs that are bound to each other stay so between two writes.
  ///
  /// - memory alone ≤ memory and swap together (v1): what grows is written first;
  /// - burst ≤ quota: a burst that shrinks is written first, one that grows last;
  /// - quota / period, and the same of realtime, ≤ the ratio of the cgroup above (v1): between the
  ///   two writes stands the smaller of the two mixtures.
  private func inOrder(_ writes: [CgroupWrite]) throws(RuntimeError) -> [CgroupWrite] {
    var list = writes
    try order(&list, "memory.memsw.limit_in_bytes", before: "memory.limit_in_bytes") { new, now in
      new.first > now.first
    }
    for (quota, period) in [
      ("cpu.cfs_quota_us", "cpu.cfs_period_us"), ("cpu.rt_runtime_us", "cpu.rt_period_us"),
    ] {
      // The new quota over the present period, against the present quota over the new period.
      try order(&list, quota, before: period) { new, now in
        new.first * new.second < now.first * now.second
      }
    }
    for (burst, quota) in [
      ("cpu.cfs_burst_us", "cpu.cfs_quota_us"), ("cpu.max.burst", "cpu.max"),
    ] {
      try order(&list, burst, before: quota) { new, now in new.first < now.first }
    }
    return list
  }

  /// The first numbers of two files; what has no limit is more than any number.
  private typealias Pair = (first: Double, second: Double)

  /// Writes `early` before `late` when the new and the present numbers say so, else after it.
  private func order(
    _ list: inout [CgroupWrite], _ early: String, before late: String,
    _ decides: (_ new: Pair, _ now: Pair) -> Bool
  ) throws(RuntimeError) {
    guard let a = list.firstIndex(where: { $0.file == early }),
      let b = list.firstIndex(where: { $0.file == late }),
      let nowA = try words(list[a].controller, early)?.first,
      let nowB = try words(list[b].controller, late)?.first
    else { return }
    func number(_ text: String) -> Double {
      let value = Int64(text.parts(" ").first ?? "") ?? -1
      return value < 0 ? .infinity : Double(value)
    }
    let new = Pair(number(list[a].value), number(list[b].value))
    if decides(new, Pair(number(nowA), number(nowB))) != (a < b) { list.swapAt(a, b) }
  }

  /// The write that brings back what a file says now.
  private func before(_ write: CgroupWrite) -> CgroupWrite? {
    guard let directory = directory(write.controller) else { return nil }
    let chosen = write.choice(in: directory)
    // Where it cannot be read or is not there, writing says so.
    guard let text = try? File.text(directory + "/" + chosen.file) else { return nil }
    var old = chosen
    old.other = nil
    old.value = chosen.inverse(text.trimmedLine)
    return old
  }
}
