import Linux
import Testing

/// `drydock doctor` after kills that no other command would notice.
@Suite(.enabled(if: Drydock.isReady, "needs root and the built executables"))
struct DoctorTests {
  private let drydock: Drydock

  init() throws { drydock = try Drydock() }

  private func doctor(_ flags: String...) throws -> Drydock.Result {
    try drydock.run(["doctor"] + flags)
  }

  /// Starts a container, kills its `drydock run`, its runtime too, and returns its program's pid.
  private func abandon(_ flags: String...) throws -> Int32 {
    let command = try drydock.start(
      ["run", "--name", "left"] + flags + ["busybox", "sleep", "100"])
    var pid: Int32?
    _ = try eventually {
      pid = try drydock.run(["exec", "left", "true"]).code == 0 ? program() : nil
      return pid != nil
    }
    let found = try #require(pid)
    let runtime = try #require(try parent(of: found))
    try command.signal(Signal.kill)
    _ = try command.wait()
    try Processes.kill(runtime, Signal.kill)
    return found
  }

  /// The program's pid, as the runtime wrote it down.
  private func program() throws -> Int32? {
    let root = drydock.scratch + "/run/runtime"
    for id in try File.list(root) where File.exists("\(root)/\(id)/pid") {
      return Int32(try File.text("\(root)/\(id)/pid").prefix { $0.isNumber })
    }
    return nil
  }

  @Test func aQuietMachineHasNothingLeft() throws {
    let result = try doctor()
    #expect(result.code == 0)
    #expect(result.output == "Nothing was left behind.\n")
  }

  /// The command and the runtime are killed, then the program ends by itself: nobody saw it.
  @Test(arguments: [false, true]) func whatNobodySawEnd(removes: Bool) throws {
    let pid = try removes ? abandon("--rm") : abandon()
    #expect(try doctor().output == "Nothing was left behind.\n", "a living container was touched")
    #expect(try drydock.run(["exec", "left", "true"]).code == 0)
    try Processes.kill(pid, Signal.kill)
    #expect(eventually { !File.exists("/proc/\(pid)") })

    let dry = try doctor("--dry-run")
    #expect(dry.code == 1)
    #expect(dry.output.contains("/run/runtime/") && dry.output.contains("/drydock/"), "\(dry)")
    let cgroups = dry.output.split(separator: "\n").filter { $0.contains("/sys/fs/cgroup/") }
      .compactMap { $0.split(separator: " ").last.map { String($0) } }
    #expect(!cgroups.isEmpty && cgroups.allSatisfy { File.exists($0) })
    let cure = try doctor()
    #expect(cure.code == 0, "\(cure.error)")
    #expect(!cgroups.contains { File.exists($0) })
    #expect(try doctor().output == "Nothing was left behind.\n")
    // The record of a container without --rm is what `ps -a` shows, and no leftover.
    let listed = try drydock.run(["ps", "-a"]).output
    #expect(listed.contains("Exited (?)") == !removes, "\(listed)")
    #expect(try File.list(drydock.scratch + "/run/runtime").filter { !$0.hasPrefix(".") } == [])
    #expect(try File.list(drydock.scratch + "/run/containers") == [])
  }

  @Test func stateThatIsGoneLeavesCgroups() throws {
    let pid = try abandon()
    try File.removeTree(drydock.scratch + "/run/runtime")
    let cure = try doctor()
    #expect(cure.code == 0 && cure.output.contains("/sys/fs/cgroup/"), "\(cure)")
    #expect(eventually { !File.exists("/proc/\(pid)") })
    #expect(try doctor().output == "Nothing was left behind.\n")
  }

  /// `create --rm`: it is to be removed when it has ended, and has not begun.
  @Test func whatWasOnlyMadeStays() throws {
    #expect(
      try drydock.run(["create", "--rm", "--name", "made", "busybox", "echo", "hi"]).code == 0)
    #expect(try doctor().output == "Nothing was left behind.\n")
    let started = try drydock.run(["start", "-a", "made"])
    #expect(started.code == 0 && started.output == "hi\n", "\(started)")
    #expect(try eventually { try drydock.run(["ps", "-aq"]).output == "" })
  }

  /// What a power cut may leave of a file that nobody has synced.
  @Test(arguments: [[], [UInt8](repeating: 0, count: 90), Array("{\"schema\":".utf8)])
  func anEndThatCannotBeReadIsOneThatNobodySaw(content: [UInt8]) throws {
    #expect(try drydock.run(["run", "--name", "ended", "busybox", "true"]).code == 0)
    let place = drydock.scratch + "/root/containers"
    let id = try #require(try File.list(place).first)
    try File.replace("\(place)/\(id)/exit", with: content)
    let listed = try drydock.run(["ps", "-a"])
    #expect(listed.code == 0 && listed.output.contains("Exited (?)"), "\(listed)")
    #expect(try drydock.run(["start", "ended"]).code == 0)
    #expect(try drydock.run(["rm", "-f", "ended"]).code == 0)
  }

  @Test func halfMadeThingsGo() throws {
    #expect(try drydock.run(["run", "--rm", "busybox", "true"]).code == 0)
    let root = drydock.scratch + "/root"
    let id = String(repeating: "ab", count: 32)
    try File.makeDirectories("\(root)/containers/\(id)/upper")
    let other = String(repeating: "cd", count: 32)
    try File.makeDirectories("\(root)/containers/.removing-\(other)/upper")
    try File.makeDirectories("\(root)/layers/.making-\(id)/diff")
    try File.replace("\(root)/blobs/ingest/4711-1", with: "half".utf8)
    try File.makeDirectories("\(drydock.scratch)/run/runtime/half")
    let cure = try doctor()
    #expect(cure.code == 0, "\(cure.error)")
    #expect(try File.list(root + "/containers") == [])
    #expect(try File.list(root + "/layers").filter { $0.hasPrefix(".making") } == [])
    #expect(try File.list(root + "/blobs/ingest") == [])
    #expect(try File.list(drydock.scratch + "/run/runtime").filter { !$0.hasPrefix(".") } == [])
    #expect(try drydock.run(["run", "--rm", "busybox", "true"]).code == 0)
  }

  private func parent(of pid: Int32) throws -> Int32? {
    let line = try File.text("/proc/\(pid)/status").split(separator: "\n")
      .first { $0.hasPrefix("PPid:") }
    return line.flatMap { Int32($0.split(separator: "\t").last ?? "") }
  }
}
