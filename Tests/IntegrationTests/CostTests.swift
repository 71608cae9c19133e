import Linux
import OCI
import Testing

/// The v1 trees in which floor.c makes its cgroups.
private let trees = ["cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "blkio", "pids"]

/// Each a tree of its own: elsewhere cpu and cpuacct are two links to one.
private let treesAreThere = trees.allSatisfy {
  (try? File.status("/sys/fs/cgroup/\($0)", follow: false))?.isDirectory == true
}

/// What `run` of a static `true` with the default mounts takes that no other work on the machine
/// changes: system calls, page faults and memory, beside the floor (Benchmarks/floor/floor.c),
/// which makes the same container and does nothing else.
@Suite(
  .enabled(if: Machine.isReady, Machine.reason),
  .enabled(if: Machine.binaries.contains("release"), "needs a release build: others take more"),
  .enabled(if: File.exists("/usr/bin/gcc"), "needs Debian's gcc"),
  .enabled(if: treesAreThere, "needs the eight v1 trees in which the floor makes its cgroups"))
struct CostTests {
  let bundle: Bundle

  init() throws {
    bundle = try Bundle {
      $0.ociVersion = "1.0.2"  // what every version of crun reads
      $0.process?.args = ["/true"]
    }
    try compile("true", input: "int main(void) { return 0; }\n", into: bundle.rootfs)
    try File.makeDirectory(bundle.path + "/bin")
    let package = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    for name in ["floor", "peak"] {
      let source = try File.text("/\(package)/Benchmarks/\(name)/\(name).c")
      try compile(name, input: source, into: bundle.path)
    }
  }

  private func compile(_ name: String, input: String, into directory: String) throws {
    let words = ["/usr/bin/gcc", "-O2", "-static", "-o", "\(directory)/\(name)", "-x", "c", "-"]
    let outcome = try run(words, input: input)
    try #require(outcome.code == 0, "\(outcome.error)")
  }

  // MARK: the tests

  @Test func pageFaultsNearTheFloor() throws {
    try withParents {
      let (floor, runtime) = (try usage(floor), try usage(runtime))
      // 2.8 when this was written; 4.3 before its code and its variables lay in the order in which
      // they are used.
      #expect(
        runtime.faults * 10 <= floor.faults * 32,
        "\(runtime.faults) page faults, the floor \(floor.faults)")
    }
  }

  @Test(.enabled(if: File.exists("/usr/bin/crun"), "needs Debian's crun"))
  func memoryNotAboveCrun() throws {
    try withParents {
      let (crun, runtime) = (try usage(crun), try usage(runtime))
      #expect(
        runtime.residentKiB * 10 <= crun.residentKiB * 11,
        "\(runtime.residentKiB) KiB resident, crun \(crun.residentKiB) KiB")
    }
  }

  @Test(.enabled(if: File.exists("/usr/bin/strace"), "needs Debian's strace"))
  func systemCallsNearTheFloor() throws {
    try withParents {
      let (floor, runtime) = (try systemCalls(floor), try systemCalls(runtime))
      // 2.3 when this was written.
      #expect(runtime * 10 <= floor * 25, "\(runtime) system calls, the floor \(floor)")
    }
  }

  /// The container's init is in its cgroup before it becomes the program, so its own memory counts.
  @Test(
    .enabled(
      if: File.exists("/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes"),
      "needs a kernel that counts swap"))
  func runsUnderAMemoryLimitOf256KiB() throws {
    bundle.config.linux.resources.memory.limit = 256 << 10
    bundle.config.linux.resources.memory.swap = 256 << 10
    try bundle.write()
    try runAlone(runtime)
    try bundle.expectNothingLeft()
  }

  // MARK: what is compared

  private var runtime: [String] {
    [bundle.path + "/bin/drydock-runtime"]
      + bundle.words(["run", "--bundle", bundle.path, "c"])[1...]
  }

  private var floor: [String] {
    ["\(bundle.path)/floor", bundle.rootfs, bundle.cgroup + "/c", "--", "/true"]
  }

  private var crun: [String] {
    ["/usr/bin/crun", "--root", bundle.path + "/crun", "run", "--bundle", bundle.path, "c"]
  }

  /// Runs a command in a mount namespace of its own, whose end undoes these mounts.
  ///
  /// What a page fault maps depends on how the file came into the page cache: a copied one has
  /// larger folios than a linked one. In a tmpfs it has none, so the runtime is run from there.
  /// Some versions of crun refuse a v2 tree beside v1 trees, so nobody sees it.
  @discardableResult
  private func runAlone(_ words: [String]) throws -> Outcome {
    let script = """
      unified=/sys/fs/cgroup/unified
      [ ! -d $unified ] || { umount -l $unified && mount -t tmpfs none $unified; } || exit
      mount -t tmpfs none "$1" && cp "$2" "$1" || exit
      shift 2
      exec "$@"
      """
    let shell = ["/usr/bin/unshare", "--mount", "/bin/busybox", "sh", "-c", script, "sh"]
    let outcome = try run(shell + [bundle.path + "/bin", Machine.runtime] + words)
    try #require(outcome.code == 0, "\(outcome.error)")
    return outcome
  }

  /// Runs with the cgroups above the container's, which the floor needs and nobody else removes.
  private func withParents(_ body: () throws -> Void) throws {
    for tree in trees {
      try File.makeDirectory("/sys/fs/cgroup/\(tree)\(bundle.cgroup)")
    }
    defer {
      do {
        // crun makes one in the tree named systemd too.
        for tree in trees + ["systemd"] {
          let directory = "/sys/fs/cgroup/\(tree)\(bundle.cgroup)"
          if File.exists(directory) { try File.removeDirectory(directory) }
        }
      } catch { Issue.record(error) }
    }
    // cpuset(7): born empty; with clone_children its children are born with its values.
    let directory = "/sys/fs/cgroup/cpuset"
    for name in ["cpuset.cpus", "cpuset.mems"] {
      try File.set(directory + bundle.cgroup + "/" + name, File.text(directory + "/" + name))
    }
    try File.set(directory + bundle.cgroup + "/cgroup.clone_children", "1")
    try body()
  }

  /// The least of five runs, by peak.c: what is not in the page cache yet costs more.
  private func usage(_ words: [String]) throws -> (residentKiB: Int, faults: Int) {
    let samples = try (0..<5).map { _ in
      let outcome = try runAlone([bundle.path + "/peak"] + words)
      let figures = outcome.output.split { $0 == " " || $0 == "\n" }.compactMap { Int($0) }
      try #require(figures.count == 2, "\(outcome.output)")
      return figures
    }
    return (samples.map { $0[0] }.min() ?? 0, samples.map { $0[1] }.min() ?? 0)
  }

  /// All processes' system calls, from strace's table: the line `100.00 0.01 5 1234 12 total`.
  private func systemCalls(_ words: [String]) throws -> Int {
    let table = bundle.path + "/calls"
    try runAlone(["/usr/bin/strace", "-f", "-c", "-o", table] + words)
    let text = try File.text(table)
    let line = try #require(text.split(separator: "\n").last, "strace says nothing")
    let fields = line.split(separator: " ")
    try #require(fields.count >= 5 && fields.last == "total", "\(text)")
    return try #require(Int(fields[3]), "\(text)")
  }
}
