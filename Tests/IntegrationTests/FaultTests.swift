import Linux
import OCI
import Testing

/// Every step of a container's life fails once, and once the process dies there: nothing may stay.
@Suite(.enabled(if: Machine.isReady, Machine.reason))
struct FaultTests {
  /// A container that needs nearly every kind of step.
  static func configure(_ config: inout Config) {
    config.process?.args = ["sleep", "300"]
    config.process?.oomScoreAdj = 500
    config.process?.scheduler = Scheduler(policy: "SCHED_BATCH")
    config.process?.ioPriority = IOPriority("IOPRIO_CLASS_IDLE")
    config.linux.personality = "LINUX"
    config.process?.user.uid = 1000
    config.process?.user.gid = 1000
    config.process?.user.additionalGids = [7]
    config.process?.capabilities?.inheritable = ["CAP_KILL"]
    config.process?.capabilities?.ambient = ["CAP_KILL"]
    config.hostname = "fault"
    config.domainname = "fault.example"
    config.mounts.append(
      Mount(destination: "/bound", type: "bind", source: "/etc", options: ["rbind", "ro"]))
    config.mounts.append(
      Mount(destination: "/spread", type: "tmpfs", source: "t", options: ["shared"]))
    config.linux.sysctl = [KeyValue("net.ipv4.ip_forward", "1")]
    config.linux.resources.memory.limit = 64 << 20
    config.linux.resources.memory.reservation = 32 << 20
    config.linux.resources.cpu.shares = 512
    config.linux.resources.cpu.quota = 50_000
    config.linux.resources.cpu.period = 100_000
    config.linux.resources.cpu.cpus = "0"
    config.linux.resources.pids = 64
    config.linux.rootfsPropagation = "private"
    var rules = Seccomp(defaultAction: "SCMP_ACT_ALLOW")
    rules.syscalls = [SeccompRule(names: ["kexec_load"], action: "SCMP_ACT_ERRNO")]
    config.linux.seccomp = rules
    let hook = Hook(path: "/bin/true")
    config.hooks.createRuntime = [hook]
    config.hooks.startContainer = [hook]
    config.hooks.poststart = [hook]
    config.hooks.poststop = [hook]
  }

  /// Kinds of container that are made in different ways.
  enum Shape: String, CaseIterable, Sendable {
    /// Every namespace new.
    case plain
    /// With a user namespace: mounts are made ready by the runtime.
    case users
    /// Namespaces of another container, a time namespace, an id-mapped mount, no pivot_root.
    case joined
    /// A new user namespace beside others' namespaces: a helper enters them.
    case joinedUsers

    var hasUsers: Bool { self == .users || self == .joinedUsers }
    var joins: Bool { self == .joined || self == .joinedUsers }
    var flags: [String] { self == .joined ? ["--no-pivot"] : [] }
  }

  static func makeBundle(
    _ shape: Shape = .plain, joining pid: Int32 = 0
  ) throws -> Bundle {
    let bundle = try Bundle()
    configure(&bundle.config)
    if shape.hasUsers {
      bundle.config.linux.namespaces.append(Namespace(.user))
      let map = IDMapping(containerID: 0, hostID: 100_000, size: 65536)
      bundle.config.linux.uidMappings = [map]
      bundle.config.linux.gidMappings = [map]
      // The way to the root must be passable for a stranger.
      try #require(run(["/bin/chown", "-R", "100000:100000", bundle.rootfs]).code == 0)
      try File.setMode(bundle.path, 0o755)
      bundle.config.mounts.append(
        Mount(destination: "/own", type: "bind", source: "/etc", options: ["idmap"]))
    }
    if shape.joins {
      for (kind, file) in [(NamespaceKind.network, "net"), (.ipc, "ipc")] {
        bundle.config.linux.namespaces.removeAll { $0.kind == kind }
        bundle.config.linux.namespaces.append(
          Namespace(kind, path: "/proc/\(pid)/ns/\(file)"))
      }
      bundle.config.mounts.removeAll { $0.type == "sysfs" || $0.type == "mqueue" }
      bundle.config.mounts.removeAll { $0.type == "cgroup" }
      // Settings of a network namespace are its owner's.
      if shape.hasUsers { bundle.config.linux.sysctl = [] }
      bundle.config.linux.namespaces.append(Namespace(.time))
      bundle.config.linux.timeOffsets.monotonic = TimeOffset(seconds: 100)
      var mapped = Mount(
        destination: "/mapped", type: "bind", source: "/etc", options: ["ridmap", "rro"])
      mapped.uidMappings = [IDMapping(containerID: 0, hostID: 1000, size: 10)]
      mapped.gidMappings = mapped.uidMappings
      bundle.config.mounts.append(mapped)
    }
    try bundle.write()
    return bundle
  }

  /// A process whose namespaces containers of a shape that joins enter.
  private final class Keeper {
    private var process: Running?
    let pid: Int32

    init(_ shape: Shape) throws {
      guard shape.joins else {
        process = nil
        pid = 0
        return
      }
      let process = try Running(
        ["/usr/bin/unshare", "-n", "-i", "sh", "-c", "echo ready; exec sleep 3600"])
      pid = process.pid
      #expect(try eventually { try process.written() == "ready\n" })
      self.process = consume process
    }

    /// It lives until here; its process is killed and reaped with it.
    func end() { process = nil }
  }

  /// Without pivot_root each mount of the host is let go: how many there are is not ours to say.
  private static func isOneOfMany(_ step: String) -> Bool {
    let parts = step.split(separator: "#")
    return parts[0] == "rootfs.detach" && (Int(parts[1]) ?? 0) > 3
  }

  /// The steps of a command, from a traced run of it.
  static func steps(of flags: [String], in bundle: Bundle) throws -> [String] {
    let file = bundle.path + "/trace.json"
    let outcome = try run(
      bundle.words(flags.map { $0 == "TRACE" ? "--trace=" + file : $0 }))
    try #require(outcome.code == 0, "\(outcome.error)")
    return try TraceFile(file).occurrences
  }

  /// Does something with each value, on both CPUs.
  static func spread(
    _ values: [String], _ shape: Shape = .plain, joining pid: Int32 = 0,
    _ body: @escaping @Sendable (Bundle, String) throws -> Void
  ) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for lane in 0..<2 {
        group.addTask {
          let bundle = try makeBundle(shape, joining: pid)
          for (index, value) in values.enumerated() where index % 2 == lane {
            try body(bundle, value)
          }
        }
      }
      try await group.waitForAll()
    }
  }

  @Test func theContainerNeedsNearlyEveryStep() throws {
    let bundle = try FaultTests.makeBundle()
    var seen = try FaultTests.steps(
      of: ["run", "--detach", "--bundle", bundle.path, "TRACE", "c"], in: bundle)
    seen += try FaultTests.steps(of: ["delete", "--force", "TRACE", "c"], in: bundle)
    try bundle.expectNothingLeft()
    let ids = Set(seen.map { $0.split(separator: "#")[0] })
    #expect(ids.count > 35, "only \(ids.sorted())")
    #expect(seen.count > 80)
  }

  @Test(arguments: Shape.allCases)
  func everyStepOfRunFailing(shape: Shape) async throws {
    let keeper = try Keeper(shape)
    defer { keeper.end() }
    let bundle = try FaultTests.makeBundle(shape, joining: keeper.pid)
    let steps = try FaultTests.steps(
      of: ["run", "--detach", "--bundle", bundle.path, "TRACE"] + shape.flags + ["c"], in: bundle
    ).filter { !FaultTests.isOneOfMany($0) }
    try bundle.runtime("delete", "--force", "c")
    try await FaultTests.spread(steps, shape, joining: keeper.pid) { bundle, step in
      let outcome = try run(
        bundle.words(["run", "--detach", "--bundle", bundle.path, "--fault", step + ":EIO"])
          + shape.flags + ["c"])
      let id = step.split(separator: "#")[0]
      #expect(outcome.code != 0, "\(step)")
      // Of execve(2) people are told in the words of a shell.
      let words = id == "process.exec" ? "exec: \"sleep\"" : String(id)
      #expect(outcome.error.contains(words), "\(step): \(outcome.error)")
      #expect(outcome.error.contains("EIO"), "\(step): \(outcome.error)")
      try bundle.expectNothingLeft("\(step):EIO")
      try bundle.runtime("delete", "--force", "c")
    }
  }

  @Test(arguments: Shape.allCases)
  func dyingAtEveryStepOfRun(shape: Shape) async throws {
    let keeper = try Keeper(shape)
    defer { keeper.end() }
    let bundle = try FaultTests.makeBundle(shape, joining: keeper.pid)
    let steps = try FaultTests.steps(
      of: ["run", "--detach", "--bundle", bundle.path, "TRACE"] + shape.flags + ["c"], in: bundle
    ).filter { !FaultTests.isOneOfMany($0) }
    try bundle.runtime("delete", "--force", "c")
    try await FaultTests.spread(steps, shape, joining: keeper.pid) { bundle, step in
      let outcome = try run(
        bundle.words(["run", "--detach", "--bundle", bundle.path, "--fault", step + ":kill"])
          + shape.flags + ["c"])
      // Once the filter may be in force, a death is the program's own.
      let last = step.hasPrefix("seccomp.load") || step.hasPrefix("process.exec")
      #expect(outcome.code != 0 || last, "\(step)")
      try FaultTests.expectTheDoctorHelps(bundle, "\(step):kill")
      let next = try bundle.runtime("run", "--detach", "--bundle", bundle.path, "c")
      #expect(next.code == 0, "run after \(step):kill: \(next.error)")
      try bundle.runtime("delete", "--force", "c")
      try bundle.expectNothingLeft("\(step):kill, doctor, run, delete --force")
    }
  }

  /// A terminal is made in a foreground run; its steps are the ones that no detached one has.
  @Test(arguments: ["EIO", "kill"])
  func faultsOfATerminal(fault: String) throws {
    let bundle = try FaultTests.makeBundle()
    bundle.config.process?.terminal = true
    bundle.config.process?.args = ["true"]
    try bundle.write()
    let steps = try FaultTests.steps(
      of: ["run", "--bundle", bundle.path, "TRACE", "c"], in: bundle
    )
    .filter { $0.hasPrefix("tty.") || $0.hasPrefix("dev.bind") || $0.hasPrefix("process.s") }
    #expect(steps.count >= 4, "\(steps)")
    for step in steps {
      let flag = "\(step):\(fault)"
      let outcome = try bundle.runtime("run", "--bundle", bundle.path, "--fault", flag, "c")
      #expect(outcome.code != 0, "\(flag)")
      let cleanup = try bundle.runtime("delete", "--force", "c")
      #expect(cleanup.code == 0, "\(flag): \(cleanup.error)")
      try bundle.expectNothingLeftSoon("\(flag), then delete --force")
    }
  }

  /// Of a container that does not live nothing is left after `drydock doctor`; one that lives is
  /// left alone by it.
  static func expectTheDoctorHelps(_ bundle: Bundle, _ fault: String) throws {
    // Init sees that the runtime is gone, and ends: then it lets go of its lock.
    _ = try eventually {
      if ["running", "created"].contains(try bundle.status()) { return true }
      return try !FileLock.isHeld(bundle.root + "/c") && HostState(of: bundle).processes.isEmpty
    }
    let before = try HostState(of: bundle)
    let status = try bundle.status()
    let doctor = try bundle.doctor()
    #expect(doctor.code == 0, "\(fault): \(doctor.error)")
    guard ["running", "created"].contains(status) else {
      try bundle.expectNothingLeft("\(fault), then doctor")
      return
    }
    #expect(try HostState(of: bundle) == before, "\(fault): the doctor touched what lives")
    try bundle.runtime("delete", "--force", "c")
    try bundle.expectNothingLeftSoon("\(fault), then delete --force")
  }

  @Test(arguments: ["EIO", "kill"])
  func faultsBetweenCreateAndStart(fault: String) async throws {
    let bundle = try FaultTests.makeBundle()
    _ = try FaultTests.steps(of: ["create", "--bundle", bundle.path, "TRACE", "c"], in: bundle)
    let steps = try FaultTests.steps(of: ["start", "TRACE", "c"], in: bundle)
    try bundle.runtime("delete", "--force", "c")
    #expect(steps.count > 10, "\(steps)")
    // Of steps that create has too, the later ones are meant: their numbers go on.
    let names = Set(steps.map { String($0.split(separator: "#")[0]) })
    let all = try FaultTests.steps(
      of: ["run", "--detach", "--bundle", bundle.path, "TRACE", "c"], in: bundle)
    try bundle.runtime("delete", "--force", "c")
    let cases = all.filter { names.contains(String($0.split(separator: "#")[0])) }
    try await FaultTests.spread(cases) { bundle, step in
      let flag = "\(step):\(fault)"
      let created = try bundle.runtime("create", "--bundle", bundle.path, "--fault", flag, "c")
      if created.code == 0 {
        let started = try bundle.runtime("start", "--fault", flag, "c")
        // hook.run#1 was createRuntime's, or is poststart's: then the program runs already.
        let last = step.hasPrefix("seccomp.load") || step.hasPrefix("process.exec")
        #expect(
          started.code != 0 || step.hasPrefix("hook.run") || last && fault == "kill", "\(flag)")
        #expect(try bundle.status() != "creating", "\(flag)")
      }
      try FaultTests.expectTheDoctorHelps(bundle, "create and start, \(flag)")
    }
  }

  @Test(arguments: ["EIO", "kill"])
  func faultsOfExecLeaveTheContainerAlone(fault: String) throws {
    let bundle = try FaultTests.makeBundle()
    try #require(
      try bundle.runtime("run", "--detach", "--bundle", bundle.path, "c").code == 0)
    let steps = try FaultTests.steps(of: ["exec", "TRACE", "c", "true"], in: bundle)
    #expect(steps.count > 8, "\(steps)")
    for step in steps {
      let outcome = try bundle.runtime("exec", "--fault", "\(step):\(fault)", "c", "true")
      #expect(outcome.code != 0, "\(step)")
      #expect(try bundle.status() == "running", "\(step)")
      #expect(
        try eventually { try HostState(of: bundle).processes.count == 1 },
        "\(step)")
    }
    #expect(try bundle.runtime("exec", "c", "true").code == 0)
    try bundle.runtime("delete", "--force", "c")
    try bundle.expectNothingLeft()
  }

  /// What acts on a living container: it lives on, and the same command works afterwards.
  @Test(arguments: ["EIO", "kill"], [["pause"], ["resume"], ["update"], ["kill"]])
  func faultsOfWhatActsOnALivingContainer(fault: String, command: [String]) throws {
    let bundle = try FaultTests.makeBundle()
    try #require(
      try bundle.runtime("run", "--detach", "--bundle", bundle.path, "c").code == 0)
    let rest: [String] =
      switch command[0] {
      case "update": ["--memory", "32m", "--memory-swap", "32m", "--cpu-shares", "256", "c"]
      case "kill": ["c", "WINCH"]
      default: ["c"]
      }
    let before: [String] =
      switch command[0] {
      case "update":
        ["update", "--memory", "64m", "--memory-swap", "64m", "--cpu-shares", "512", "c"]
      case "resume": ["pause", "c"]
      default: ["resume", "c"]
      }
    _ = try run(bundle.words(before))
    let limits = try limits(of: bundle)
    let steps = try FaultTests.steps(of: command + ["TRACE"] + rest, in: bundle)
    #expect(!steps.isEmpty)
    for step in steps {
      _ = try run(bundle.words(before))
      try #require(try self.limits(of: bundle) == limits)
      let failed = try run(bundle.words(command + ["--fault", "\(step):\(fault)"] + rest))
      #expect(failed.code != 0, "\(step):\(fault)")
      if fault == "EIO" {
        #expect(failed.error.contains("EIO"), "\(step): \(failed.error)")
        #expect(try self.limits(of: bundle) == limits, "\(step): what was refused was put back")
      }
      #expect(["running", "paused"].contains(try bundle.status()), "\(step)")
      #expect(try bundle.doctor().output == "Nothing was left behind.\n", "\(step)")
      let again = try run(bundle.words(command + rest))
      // A resume that died behind its last write has resumed.
      let isDone = again.error.contains("not paused") || again.error.contains("paused already")
      #expect(again.code == 0 || isDone, "\(step):\(fault), repeated: \(again.error)")
    }
    _ = try bundle.runtime("resume", "c")
    #expect(try bundle.runtime("exec", "c", "true").code == 0)
    try bundle.runtime("delete", "--force", "c")
    try bundle.expectNothingLeft()
  }

  /// What `update` changes, as the kernel has it.
  private func limits(of bundle: Bundle) throws -> [String] {
    var limits = [String]()
    for (controller, file) in [
      ("memory", "memory.limit_in_bytes"), ("memory", "memory.memsw.limit_in_bytes"),
      ("cpu", "cpu.shares"), ("memory", "memory.max"), ("cpu", "cpu.weight"),
    ] {
      let path = try bundle.directory(controller) + "/" + file
      if File.exists(path) { limits.append(try File.text(path)) }
    }
    return limits
  }

  @Test(arguments: ["EIO", "kill"])
  func aDeleteThatFailedCanBeRepeated(fault: String) async throws {
    let bundle = try FaultTests.makeBundle()
    try #require(
      try bundle.runtime("run", "--detach", "--bundle", bundle.path, "c").code == 0)
    let steps = try FaultTests.steps(of: ["delete", "--force", "TRACE", "c"], in: bundle)
    #expect(steps.count > 5, "\(steps)")
    try await FaultTests.spread(steps) { bundle, step in
      try #require(
        try bundle.runtime("run", "--detach", "--bundle", bundle.path, "c").code == 0)
      let failed = try bundle.runtime("delete", "--force", "--fault", "\(step):\(fault)", "c")
      #expect(failed.code != 0, "\(step):\(fault)")
      if fault == "kill" {
        try FaultTests.expectTheDoctorHelps(bundle, "delete, \(step):kill")
        return
      }
      let again = try bundle.runtime("delete", "--force", "c")
      #expect(again.code == 0, "\(step): \(again.error)")
      try bundle.expectNothingLeft("\(step):\(fault), then delete --force")
    }
  }
}
