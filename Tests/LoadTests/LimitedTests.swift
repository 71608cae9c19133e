import Foundation
import Testing

/// A memory limit of 64 MiB on the real kernel: a cgroup of this suite's own, v1 or v2.
@Suite(.enabled(if: MemoryGroup.isPossible, "needs root and a writable memory cgroup"))
struct LimitedTests {
  private let scratch: Scratch
  private let group: MemoryGroup

  init() throws {
    scratch = try Scratch()
    group = try MemoryGroup(bytes: 64 << 20)
  }

  /// Runs a tool inside the group: the shell enters it, then becomes the tool.
  private func run(_ tool: Tool, _ line: String) throws -> Outcome {
    let words = line.split(separator: " ").map(String.init)
    let enter = "echo $$ > \"$0/cgroup.procs\" && exec \"$@\""
    return try Running(
      "/bin/sh", ["-c", enter, group.path, tool.path] + words, in: scratch.folder
    ).wait()
  }

  @Test(
    "More memory than the limit: the worker is killed and reported, as with the classic tool",
    .enabled(if: Tool.classicIsInstalled, "needs /usr/bin/stress (apt-get install stress)"))
  func outOfMemory() throws {
    let line = "--vm 1 --vm-bytes 150M --vm-hang 0 -t 20"
    let classic = try run(Tool.classic, line)
    let ours = try run(Tool.ours, line)
    for outcome in [classic, ours] {
      #expect(outcome.code == 1)
      #expect(outcome.stdout.contains("dispatching hogs: 0 cpu, 0 io, 1 vm, 0 hdd"))
      #expect(outcome.stderr.contains("got signal 9"))
      #expect(outcome.stderr.contains("failed run completed in"))
    }
  }

  @Test("80 % of the limit fits, and is 80 % of the limit") func share() throws {
    let outcome = try run(Tool.ours, "-v --vm 1 --vm-bytes 80% --ops 1 --metrics-json -")
    #expect(outcome.code == 0)
    #expect(outcome.stderr.contains("is 53687091 bytes for each of 1 workers"))
    #expect(outcome.stdout.contains("\"vm_bytes\":53687091"))
    #expect(try group.peak() >= 53_687_091)
  }
}

/// A memory cgroup that goes with its owner.
final class MemoryGroup: Sendable {
  let path: String
  private let isV2: Bool

  private static let v1 = "/sys/fs/cgroup/memory"
  private static let v2 = "/sys/fs/cgroup"

  private static var hasV1: Bool {
    FileManager.default.isWritableFile(atPath: v1 + "/memory.limit_in_bytes")
  }
  private static var hasV2: Bool {
    let list = FileManager.default.contents(atPath: v2 + "/cgroup.subtree_control") ?? Data()
    return String(decoding: list, as: UTF8.self).contains("memory")
  }
  static var isPossible: Bool { getuid() == 0 && (hasV1 || hasV2) }

  init(bytes: Int) throws {
    isV2 = !MemoryGroup.hasV1
    path = (isV2 ? MemoryGroup.v2 : MemoryGroup.v1) + "/stress-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    try set(isV2 ? "memory.max" : "memory.limit_in_bytes", bytes)
    // Where there is swap, it must not take what the limit refuses.
    let swap = isV2 ? "memory.swap.max" : "memory.memsw.limit_in_bytes"
    if FileManager.default.fileExists(atPath: "\(path)/\(swap)") {
      try set(swap, isV2 ? 0 : bytes)
    }
  }

  private func set(_ file: String, _ value: Int) throws {
    try "\(value)".write(toFile: "\(path)/\(file)", atomically: false, encoding: .utf8)
  }

  /// The most bytes it ever held.
  func peak() throws -> Int {
    let file = path + (isV2 ? "/memory.peak" : "/memory.max_usage_in_bytes")
    let text = try String(contentsOfFile: file, encoding: .utf8)
    return try #require(Int(text.trimmingCharacters(in: .whitespacesAndNewlines)))
  }

  deinit {
    // The kernel may still be taking leave of the last process.
    for _ in 0..<200 {
      if unsafe rmdir(path) == 0 { return }
      usleep(5000)
    }
    Issue.record("\(path) stays behind")
  }
}
