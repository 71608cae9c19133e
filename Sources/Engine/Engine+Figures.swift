// What living containers are doing: their processes, and what they use.

import Linux
import OCI

/// What a container uses at one moment.
public struct Usage: Equatable, Sendable {
  /// Nothing yet.
  public init() {}

  /// When it was looked at (CLOCK_MONOTONIC).
  public var atNs: UInt64 = 0
  /// CPU time so far.
  public var cpuNs: UInt64 = 0
  /// Bytes of memory, without what could be dropped at once.
  public var memory: UInt64 = 0
  /// The most it may have: its limit, or the machine's memory.
  public var memoryLimit: UInt64 = 0
  /// Processes and threads.
  public var pids: UInt64 = 0
  /// Bytes read from block devices so far.
  public var blockRead: UInt64 = 0
  /// Bytes written to them.
  public var blockWritten: UInt64 = 0
  /// Bytes received on its links, but the loopback.
  public var received: UInt64 = 0
  /// Bytes sent on them.
  public var sent: UInt64 = 0

  /// Percent of one CPU since an earlier look.
  public func cpuPercent(since earlier: Usage) -> Double {
    let time = atNs &- earlier.atNs
    guard time > 0, cpuNs >= earlier.cpuNs else { return 0 }
    return Double(cpuNs - earlier.cpuNs) * 100 / Double(time)
  }

  /// Percent of its limit.
  public var memoryPercent: Double {
    memoryLimit == 0 ? 0 : Double(memory) * 100 / Double(memoryLimit)
  }
}

extension Engine {
  /// What ps(1) prints of a container's processes.
  ///
  /// - Parameters:
  ///   - container: a name, an id, or the beginning of an id.
  ///   - options: for ps; empty for `-ef`.
  /// - Returns: its lines.
  /// - Throws: `EngineError` when it does not live.
  public func top(_ container: String, _ options: [String]) throws(EngineError) -> String {
    let record = try living(container, doing: "Cannot list processes of container")
    do throws(EngineError) {
      let output = try runtime.run(["ps", record.id] + (options.isEmpty ? ["-ef"] : options))
      return String(decoding: output, as: UTF8.self)
    } catch {
      throw EngineError(error.message, hint: error.hint, exitCode: 1)
    }
  }

  /// What a container uses; nil when it does not live.
  ///
  /// - Throws: `EngineError` when there is none, or its figures cannot be read.
  public func usage(_ container: String) throws(EngineError) -> Usage? {
    let record = try store.find(container)
    guard let pid = try store.status(record).pid else { return nil }
    let layout = try asked("looking for cgroups") { () throws(SystemError) in
      try CgroupLayout.detect()
    }
    return CgroupUsage(layout: layout, cgroup: record.cgroup, pid: pid).read()
  }
}

/// Reads the figures from the files of a container's cgroups (kernel
/// Documentation/admin-guide/cgroup-v1 and cgroup-v2.rst); a file that is missing counts as 0.
private struct CgroupUsage {
  let layout: CgroupLayout
  let cgroup: String
  let pid: Int32

  private var isUnified: Bool { layout.mode == .v2 }

  func read() -> Usage {
    var usage = Usage()
    usage.atNs = Clock.now
    let machine = total()
    if isUnified {
      usage.cpuNs = (pairs("cpu", "cpu.stat")["usage_usec"] ?? 0) * 1000
      let current = number("memory", "memory.current")
      let inactive = pairs("memory", "memory.stat")["inactive_file"] ?? 0
      usage.memory = current - min(current, inactive)
      let limit = number("memory", "memory.max")
      usage.memoryLimit = limit == 0 ? machine : min(limit, machine)
      for line in text("io", "io.stat").split(separator: "\n") {
        for word in line.split(separator: " ") {
          if word.hasPrefix("rbytes=") { usage.blockRead += UInt64(word.dropFirst(7)) ?? 0 }
          if word.hasPrefix("wbytes=") { usage.blockWritten += UInt64(word.dropFirst(7)) ?? 0 }
        }
      }
    } else {
      usage.cpuNs = number("cpuacct", "cpuacct.usage")
      let current = number("memory", "memory.usage_in_bytes")
      let inactive = pairs("memory", "memory.stat")["total_inactive_file"] ?? 0
      usage.memory = current - min(current, inactive)
      usage.memoryLimit = min(number("memory", "memory.limit_in_bytes"), machine)
      for line in text("blkio", "blkio.throttle.io_service_bytes_recursive").split(separator: "\n")
      {
        let words = line.split(separator: " ")
        guard words.count == 3, let bytes = UInt64(words[2]) else { continue }
        if words[1] == "Read" { usage.blockRead += bytes }
        if words[1] == "Write" { usage.blockWritten += bytes }
      }
    }
    usage.pids = number("pids", "pids.current")
    readLinks(&usage)
    return usage
  }

  /// proc_pid_net(5): `  eth0: RECEIVED … SENT …`, of its own network namespace.
  private func readLinks(_ usage: inout Usage) {
    guard (try? File.link("/proc/\(pid)/ns/net")) != (try? File.link("/proc/self/ns/net")),
      let text = try? File.text("/proc/\(pid)/net/dev")
    else { return }
    for line in text.split(separator: "\n").dropFirst(2) {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2, !parts[0].hasSuffix(" lo"), parts[0] != "lo" else { continue }
      let fields = parts[1].split(separator: " ")
      guard fields.count > 8 else { continue }
      usage.received += UInt64(fields[0]) ?? 0
      usage.sent += UInt64(fields[8]) ?? 0
    }
  }

  private func total() -> UInt64 {
    let line = (try? File.text("/proc/meminfo"))?.split(separator: "\n").first ?? ""
    return (UInt64(line.filter { $0.isNumber }) ?? 0) * 1024
  }

  private func text(_ controller: String, _ file: String) -> String {
    guard let tree = isUnified ? layout.trees.first : layout.tree(controller) else { return "" }
    return (try? File.text("\(tree.mountPoint)\(cgroup)/\(file)")) ?? ""
  }

  private func number(_ controller: String, _ file: String) -> UInt64 {
    UInt64(text(controller, file).trimmedLine) ?? 0
  }

  private func pairs(_ controller: String, _ file: String) -> [String: UInt64] {
    var pairs = [String: UInt64]()
    for line in text(controller, file).split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count == 2 { pairs[String(words[0])] = UInt64(words[1]) }
    }
    return pairs
  }
}
