import Linux
import Measure
import Testing

@testable import XRay

@Suite struct ProcessTests {
  private func process(
    _ pid: Int32, parent: Int32 = 0, pids: [Int64] = [], pidNamespace: UInt64 = 1,
    cgroup: String = "/"
  ) -> HostProcess {
    var status = "Name:\tp\(pid)\nState:\tS (sleeping)\nPPid:\t\(parent)\nUid:\t0\t0\t0\t0\n"
    status += "NSpid:\t" + (pids.isEmpty ? "\(pid)" : pids.map { "\($0)" }.joined(separator: "\t"))
    return HostProcess(
      pid: pid, status: Status(status), namespaces: ["pid": pidNamespace],
      cgroups: ["memory": cgroup])
  }

  @Test func statusAsTheKernelWritesIt() throws {
    let status = Status(try Recorded.text("status"))
    #expect(status["Name"] == "sleep" && status.numbers("NSpid").last == 1)
    #expect(status.numbers("Uid") == [0, 0, 0, 0])
    #expect(status["CapEff"] == "00000000a80425fb" && status.numbers("Seccomp") == [2])
    for text in Recorded.damaged(try Recorded.text("status")) { _ = Status(text).numbers("Uid") }
  }

  /// A name may look like a line of the file; the kernel escapes its line feeds.
  @Test func aNameCannotSetAField() {
    let status = Status("Name:\tx\\nCapEff:\tffff\nCapEff:\t00\nCapEff:\tff\n")
    #expect(status["CapEff"] == "00")
  }

  @Test func parentsComeBeforeChildren() {
    let tree = ProcessTree.ordered([
      process(30, parent: 20), process(10, parent: 1), process(20, parent: 10),
      process(15, parent: 10),
    ])
    #expect(tree.map { $0.0.pid } == [10, 15, 20, 30])
    #expect(tree.map { $0.1 } == [0, 1, 1, 2])
  }

  /// Pids used again while they are read can make loops.
  @Test func aLoopIsCut() {
    let tree = ProcessTree.ordered([
      process(10, parent: 20), process(20, parent: 10), process(5, parent: 5),
    ])
    #expect(tree.map { $0.0.pid }.sorted() == [5, 10, 20])
  }

  @Test func aContainerIsItsCgroup() {
    let all = HostProcesses([
      process(1), process(2, cgroup: "/c/conmon"),
      process(10, parent: 2, pids: [10, 1], pidNamespace: 7, cgroup: "/c/a"),
      process(11, parent: 10, pids: [11, 2], pidNamespace: 7, cgroup: "/c/a/inner"),
      // An `exec`, whose parent is outside.
      process(12, parent: 1, pids: [12, 3], pidNamespace: 7, cgroup: "/c/a"),
      // Another container in the same pid namespace.
      process(20, parent: 2, pids: [20, 4], pidNamespace: 7, cgroup: "/c/ab"),
    ])
    #expect(all.members(of: 10, host: 1).map { $0.pid } == [10, 11, 12])
    #expect(all.members(of: 20, host: 1).map { $0.pid } == [20])
  }

  @Test func withoutACgroupThePIDNamespaceDecides() {
    let all = HostProcesses([
      process(1), process(10, pids: [10, 1], pidNamespace: 7),
      process(11, pids: [11, 2], pidNamespace: 7), process(30),
    ])
    #expect(all.members(of: 10, host: 1).map { $0.pid } == [10, 11])
    #expect(all.members(of: 30, host: 1).map { $0.pid } == [30])
    #expect(all.members(of: 99, host: 1).isEmpty)
  }

  @Test func sharersAreNamedByTheirContainer() {
    let id = String(repeating: "0f", count: 32)
    let sharers = Namespaces.sharers([
      process(8, cgroup: "/docker/\(id)"), process(7, cgroup: "/docker/\(id)"),
      process(5, cgroup: "/user"),
    ])
    #expect(sharers.map { $0.pid } == [5, 7])
    #expect(sharers.map { $0.container } == [nil, id] && sharers.last?.processes == 2)
  }

  @Test(arguments: [
    ("net:[4026531840]", UInt64?(4_026_531_840)), ("net:[]", nil), ("net", nil), ("", nil),
    ("[7", nil), ("net:[-1]", nil), ("net:[99999999999999999999]", nil),
  ])
  func inodes(_ link: String, _ inode: UInt64?) { #expect(Namespaces.inode(link) == inode) }

  @Test func aPIDThatIsNoProcess() {
    #expect(throws: XRayError.self) { try Picture(pid: Int32.max) }
  }

  @Test func anEndedProcessIsNotShown() throws {
    let child = try Child("/bin/sh", ["sh", "-c", "exit 0"])
    #expect(try child.ended(within: 5000))
    // A zombie until it is waited for.
    let error = #expect(throws: XRayError.self) { try Picture(pid: child.pid) }
    #expect(error?.hint.contains("ended") == true)
    _ = try child.wait()
  }

  /// Whoever dies while it is looked at never becomes another process.
  @Test func aProcessThatDiesMeanwhile() throws {
    let child = try Child("/bin/sleep", ["sleep", "60"])
    let subject = try Subject(child.pid)
    var notes = Notes()
    #expect(subject.text("status", &notes) != nil && subject.lives)
    try child.signal(Signal.kill)
    _ = try child.wait()
    #expect(subject.text("status", &notes) == nil && !subject.lives)
    #expect(Capabilities(subject, &notes) == nil && Layers(subject, &notes) == nil)
    #expect(notes.problems.contains { $0.reason.en.contains("ended") })
  }
}
