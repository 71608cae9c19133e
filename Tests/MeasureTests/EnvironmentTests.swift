import Linux
import Testing

@testable import Measure

@Suite struct EnvironmentTests {
  static let hybrid = """
    22 27 0:21 / /proc rw,relatime - proc proc rw
    27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/root rw,errors=remount-ro
    30 27 0:25 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu
    31 27 0:26 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
    40 27 0:40 / /var/my\\040disk rw,noatime - xfs /dev/sdb rw
    41 27 0:41 / /var/my\\040disk rw,nodev - btrfs /dev/sdc rw

    """

  @Test func cgroupModes() {
    #expect(Environment.cgroupMode(mounts: EnvironmentTests.hybrid) == "hybrid")
    #expect(Environment.cgroupMode(mounts: "30 27 0:25 / /c rw - cgroup2 cgroup2 rw") == "v2")
    let beside = """
      30 27 0:25 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw
      31 27 0:26 / /run/old rw - cgroup cgroup rw,name=old
      """
    #expect(Environment.cgroupMode(mounts: beside) == "v2")
    #expect(Environment.cgroupMode(mounts: "30 27 0:25 / /c rw - cgroup cgroup rw,cpu") == "v1")
    #expect(Environment.cgroupMode(mounts: "") == "none")
  }

  @Test func filesystemIsTheLongestAndLastMount() {
    let mounts = EnvironmentTests.hybrid
    let root = Environment.filesystem(of: "/var/mystery", mounts: mounts)
    #expect(root?.type == "ext4")
    #expect(root?.options == "rw,relatime rw,errors=remount-ro")
    let disk = Environment.filesystem(of: "/var/my disk/file", mounts: mounts)
    #expect(disk?.mountPoint == "/var/my disk")
    #expect(disk?.type == "btrfs", "the later mount covers the earlier one")
  }

  @Test func cpuInfoOfBothArchitectures() {
    let x86 = CPUInfo(
      parsing: """
        processor\t: 0
        model name\t: Example 9000 @ 3 GHz
        flags\t\t: sse2 hypervisor avx2

        processor\t: 1
        model name\t: Other
        flags\t\t: none

        """)
    #expect(x86.model == "Example 9000 @ 3 GHz")
    #expect(x86.count == 2)
    #expect(x86.flags == ["avx2", "hypervisor", "sse2"])
    let arm = CPUInfo(parsing: "processor\t: 0\nFeatures\t: fp asimd\n")
    #expect(arm.flags == ["asimd", "fp"])
    #expect(arm.model == "unknown")
  }

  @Test func memory() {
    let memory = Environment.memoryInfo(
      "MemTotal:       24684092 kB\nSwapTotal:             0 kB\n")
    #expect(memory["MemTotal"] == 24_684_092 * 1024)
    #expect(memory["SwapTotal"] == 0)
  }

  @Test func thisMachineEqualsItself() {
    let here = Environment.capture()
    #expect(here.cpus >= 1)
    #expect(here.memoryBytes > 0)
    #expect(here.kernel.first?.isNumber == true)
    #expect(here.differences(from: here) == [])
    var there = here
    there.kernel += "-other"
    there.binaryDigest = "another"
    #expect(there.differences(from: here) == ["kernel"], "binaries may differ")
  }

  @Test("The digest is that of the program's bytes") func digest() throws {
    let path = "/tmp/drydock-measure-\(UInt64.random(in: 0...UInt64.max))"
    defer { do { try File.remove(path) } catch { Issue.record("\(error)") } }
    try File.replace(path, with: Array("abc".utf8))
    // FIPS 180-4, the first example.
    #expect(
      Environment.capture(path: "/", binary: path).binaryDigest
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }

  @Test(arguments: [
    (0, "1970-01-01T00:00:00Z"), (951_782_400, "2000-02-29T00:00:00Z"),
    (951_868_799, "2000-02-29T23:59:59Z"), (1_735_689_599, "2024-12-31T23:59:59Z"),
    (4_107_542_400, "2100-03-01T00:00:00Z"),
  ])
  func timestamps(seconds: UInt64, text: String) {
    #expect(Stopwatch.timestamp(seconds: seconds) == text)
  }

  @Test func revisions() throws {
    let tree = try FixtureDirectory("git")
    let commit = "5d3b756aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    try tree.write("a/.git/HEAD", "\(commit)\n")
    try tree.write("a/Sources/x", "")
    #expect(GitRevision.find(from: "\(tree.path)/a/Sources") == commit)
    try tree.write("b/.git/HEAD", "ref: refs/heads/main\n")
    try tree.write("b/.git/packed-refs", "# pack-refs\n\(commit) refs/heads/main\n")
    #expect(GitRevision.find(from: "\(tree.path)/b") == commit)
    try tree.write("b/.git/refs/heads/main", "fresher\n")
    #expect(GitRevision.find(from: "\(tree.path)/b") == "fresher")
    try tree.write("linked/.git", "gitdir: ../b/.git/worktrees/linked\n")
    try tree.write("b/.git/worktrees/linked/HEAD", "ref: refs/heads/main\n")
    try tree.write("b/.git/worktrees/linked/commondir", "../..\n")
    #expect(GitRevision.find(from: "\(tree.path)/linked") == "fresher")
    #expect(GitRevision.find(from: "/") == nil)
  }
}
