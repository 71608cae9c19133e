import Linux
import Testing

/// What the engine's commands take that no other work on the machine changes: programs, memory, waits
/// for the disk.
///
/// Times are in `drydock bench run engine`.
@Suite(
  .serialized, .enabled(if: Drydock.isReady, "needs root and the built executables"),
  .enabled(if: File.exists("/usr/bin/strace"), "needs Debian's strace"))
struct EngineCostTests {
  private let drydock: Drydock

  init() throws {
    drydock = try Drydock()
    // The built-in image is made by the first.
    try #require(try drydock.run(["run", "--rm", "busybox", "true"]).code == 0)
  }

  private static let isLong = Processes.environment.contains("DRYDOCK_SOAK=1")

  /// The system calls of a command and its children, a line each, of one kind.
  private func calls(_ kinds: String, _ words: [String]) throws -> [String] {
    let trace = drydock.scratch + "/trace"
    let result = try Child.run(
      "/usr/bin/strace",
      ["strace", "-f", "-qq", "-e", "signal=none", "-e", "trace=" + kinds, "-o", trace]
        + [drydock.binaries + "/drydock"] + drydock.roots + words)
    try #require(
      result.status.code == 0, "\(words): \(String(decoding: result.error, as: UTF8.self))")
    // A call that is interrupted has a second line, which resumes it.
    return try File.text(trace).lines.filter { !$0.contains("resumed>") }
  }

  private static let syncing = "fsync,fdatasync,sync_file_range,syncfs,sync,msync"

  /// The command itself, the runtime, and the program: nothing else.
  @Test func runExecutesTheRuntimeAndTheProgram() throws {
    let programs = try calls("execve", ["run", "--rm", "busybox", "true"])
    #expect(programs.count == 3, "\(programs)")
  }

  @Test func runWithRmWaitsForNoDisk() throws {
    // The write-ahead log is checkpointed once in some hundred pages, which one run may meet.
    let counts = try (0..<3).map { _ in
      try calls(EngineCostTests.syncing, ["run", "--rm", "busybox", "true"]).count
    }
    #expect(counts.min() == 0, "\(counts)")
  }

  /// What is to stay is on the disk: that its record is there survives a power cut.
  @Test func createWaitsForTheDisk() throws {
    #expect(try !calls(EngineCostTests.syncing, ["create", "busybox", "true"]).isEmpty)
  }

  @Test func execExecutesTheRuntimeAndTheProgram() throws {
    try #require(
      try drydock.run(["run", "-d", "--name", "on", "busybox", "sleep", "1000"]).code == 0)
    let programs = try calls("execve", ["exec", "on", "true"])
    #expect(programs.count == 3, "\(programs)")
    let syncs = try calls(EngineCostTests.syncing, ["exec", "on", "true"])
    #expect(syncs.isEmpty, "\(syncs)")
  }

  /// `ps` starts nobody, and what it asks the kernel for each container has a limit.
  @Test func listingAsksLittleOfEachContainer() throws {
    func count(_ containers: Int) throws -> Int {
      while try drydock.run(["ps", "-aq"]).output.lines.filter({ !$0.isEmpty }).count < containers {
        try #require(try drydock.run(["create", "busybox", "true"]).code == 0)
      }
      let made = try calls("all", ["ps", "-a"])
      #expect(made.filter { $0.contains(" execve(") }.count == 1)
      return made.count
    }
    let (few, more) = (try count(5), try count(25))
    #expect(more - few <= 20 * 20, "\(few) calls with 5 containers, \(more) with 25")
  }

  @Test func whatKeepsAContainerIsSmall() throws {
    for number in 0..<3 {
      try #require(
        try drydock.run(["run", "-d", "--name", "kept\(number)", "busybox", "sleep", "1000"]).code
          == 0)
    }
    let monitors = try monitors()
    #expect(monitors.count == 3)
    for pid in monitors {
      let bytes = try privateBytes(pid)
      #expect(bytes < 1 << 20, "monitor \(pid) has \(bytes) bytes of its own")
    }
  }

  /// 40 always; 1,000 with `Tests/run --all`.
  @Test func manyAtOnce() throws {
    let count = EngineCostTests.isLong ? 1000 : 40
    let names = (0..<count).map { "many-\($0)" }
    for name in names {
      let result = try drydock.run(["run", "-d", "--name", name, "busybox", "sleep", "100000"])
      try #require(result.code == 0, "\(result.error)")
    }
    #expect(try drydock.run(["ps", "-q"]).output.lines.count == count)
    let bytes = try monitors().map(privateBytes).reduce(0, +)
    #expect(bytes < count << 20, "\(bytes) bytes keep \(count) containers")
    let removed = try drydock.run(["rm", "-f"] + names)
    #expect(removed.code == 0 && removed.output.lines == names, "\(removed.error)")
    #expect(try drydock.leftovers() == [])
  }

  /// The pids of the monitors of these roots.
  private func monitors() throws -> [Int32] {
    try File.list("/proc").compactMap { Int32($0) }.filter { pid in
      guard let words = try? File.text("/proc/\(pid)/cmdline") else { return false }
      return words.hasPrefix("drydock-monitor\0") && words.contains(drydock.scratch)
    }
  }

  /// Memory that would be free without the process (proc(5), smaps_rollup).
  private func privateBytes(_ pid: Int32) throws -> Int {
    try File.text("/proc/\(pid)/smaps_rollup").lines.filter { $0.hasPrefix("Private_") }
      .map { Int($0.split(separator: " ")[1]) ?? 0 }.reduce(0, +) << 10
  }
}
