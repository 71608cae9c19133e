import Linux
import OCI
import Testing

/// Many containers, and what the machine has more of afterwards: nothing.
///
/// A short form always; the long one, 10,000 and 500, with `Tests/run --all`.
@Suite(.enabled(if: Machine.isReady, Machine.reason))
struct SoakTests {
  private static let isLong = Processes.environment.contains("DRYDOCK_SOAK=1")

  /// What grows when something leaks.
  private struct Holdings: CustomStringConvertible {
    var mounts = 0
    var cgroups = 0
    var descriptors = 0
    var processes = 0
    /// Kernel memory that cannot be given back, in KiB: what namespaces, mounts and cgroups are.
    var kernel = 0

    init() throws {
      mounts = try File.text("/proc/self/mountinfo").split(separator: "\n").count
      for line in try File.text("/proc/cgroups").split(separator: "\n") where line.first != "#" {
        cgroups += Int(line.split(separator: "\t")[2]) ?? 0
      }
      descriptors = Int(try File.text("/proc/sys/fs/file-nr").split(separator: "\t")[0]) ?? 0
      processes = try File.list("/proc").filter { Int($0) != nil }.count
      for line in try File.text("/proc/meminfo").split(separator: "\n")
      where line.hasPrefix("SUnreclaim:") || line.hasPrefix("Percpu:") {
        kernel += Int(line.split(separator: " ")[1]) ?? 0
      }
    }

    var description: String {
      "mounts \(mounts), cgroups \(cgroups), descriptors \(descriptors), "
        + "processes \(processes), kernel \(kernel) KiB"
    }

    /// Within what other programs of a machine do meanwhile, which matters for descriptors and
    /// processes; a leak of one thing a container is far above it when there are thousands.
    func isBack(to before: Holdings, containers: Int) -> Bool {
      mounts - before.mounts < 1 + containers / 20
        && cgroups - before.cgroups < 9 + containers / 20
        && descriptors - before.descriptors < 1024 + containers / 20
        && processes - before.processes < 128 + containers / 20
        // A network namespace is 100 KiB, a cgroup 10.
        && kernel - before.kernel < 8192 + containers * 2
    }
  }

  /// The kernel frees namespaces and cgroups a moment later, in its own threads.
  private func expectBack(_ before: Holdings, _ containers: Int) throws {
    var now = try Holdings()
    for _ in 0..<100 where !now.isBack(to: before, containers: containers) {
      Clock.sleep(200_000_000)
      now = try Holdings()
    }
    #expect(
      now.isBack(to: before, containers: containers), "before: \(before); after: \(now)")
  }

  @Test func oneAfterAnother() throws {
    let count = SoakTests.isLong ? 10_000 : 300
    let bundle = try Bundle { $0.process?.args = ["true"] }
    let words = bundle.words(["run", "--bundle", bundle.path, "c"])
    let null = try File.open("/dev/null", .readWrite)
    func once() throws {
      let child = try Child(
        Machine.runtime, words, input: null.raw, output: null.raw, error: null.raw)
      try #require(try child.wait().code == 0)
    }
    // What the first ones leave for good are caches.
    for _ in 0..<50 { try once() }
    let before = try Holdings()
    for _ in 0..<count { try once() }
    try expectBack(before, count)
    try bundle.expectNothingLeft()
  }

  @Test func allAtOnce() throws {
    let count = SoakTests.isLong ? 500 : 40
    let bundle = try Bundle { $0.process?.args = ["sleep", "1000"] }
    // The kernel keeps what so many needed at once for the next; a leak would be there twice.
    try together(count, bundle)
    let before = try Holdings()
    try together(count, bundle)
    try expectBack(before, count)
  }

  /// Starts so many, sees that all live, and deletes them.
  private func together(_ count: Int, _ bundle: Bundle) throws {
    for index in 0..<count {
      let file = try bundle.file(for: "n\(index)")
      let outcome = try run(
        bundle.words(
          ["run", "--detach", "--bundle", bundle.path, "--config", file, "n\(index)"]))
      try #require(outcome.code == 0, "\(outcome.error)")
    }
    let states = try run(bundle.words(["list", "--quiet"])).output.split(separator: "\n")
    #expect(states.count == count)
    let living = try HostState(of: bundle).processes.count
    #expect(living == count)
    for index in 0..<count {
      let outcome = try bundle.runtime("delete", "--force", "n\(index)")
      try #require(outcome.code == 0, "\(outcome.error)")
    }
    try bundle.expectNothingLeft()
  }
}
