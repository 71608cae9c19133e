import Linux
import OCI
import Testing

/// What a process asks for itself: scheduling, CPUs, limits, labels; and the flags of `exec`.
@Suite(.serialized, .enabled(if: Machine.isReady, Machine.reason))
final class ProcessTests {
  private let bundle: Bundle

  init() throws { bundle = try Bundle() }

  private var hasSysResource: Bool { Identity.effectiveCapabilities.mask & 1 << 24 != 0 }

  /// A refusal before anything was made: no directory, no cgroup, no process.
  private func expectRefusal(_ words: String...) throws {
    let outcome = try bundle.shell("true")
    #expect(outcome.code == 125)
    for word in words { #expect(outcome.error.contains(word), "\(word): \(outcome.error)") }
    let made = File.exists(bundle.root) ? try File.list(bundle.root) : []
    #expect(made.filter { !$0.hasPrefix(".") }.isEmpty)
    try bundle.expectNothingLeft()
  }

  /// A container that sleeps.
  private func start() throws {
    bundle.config.process?.args = ["sleep", "300"]
    try bundle.write()
    try bundle.create()
    try #require(try bundle.runtime("start", "c").code == 0)
  }

  private func exec(_ words: String...) throws -> Outcome {
    try run(bundle.words(["exec"] + words))
  }

  // MARK: signals

  /// What the caller ignores would stay ignored through every execve(2) (signal(7)), and through
  /// CLONE_CLEAR_SIGHAND (clone(2)).
  @Test func whatTheCallerIgnoresNobodyInsideDoes() throws {
    // SIGUSR1 and SIGPIPE; busybox's sh ignores others by itself.
    func ignored(_ line: String) throws -> UInt64 {
      let digits = line.drop { $0 != "\t" }.dropFirst().prefix(16)
      return try #require(UInt64(digits, radix: 16), "\(line)") & 0x1200
    }
    let show = "grep SigIgn /proc/self/status"
    bundle.caller = ["/bin/busybox", "sh", "-c", "trap '' USR1 PIPE; exec \"$@\"", "sh"]
    #expect(try ignored(run(bundle.caller + ["/bin/busybox", "sh", "-c", show]).output) == 0x1200)
    bundle.caller.append(Machine.runtime)

    var hook = Hook(path: "/bin/busybox")
    hook.args = ["busybox", "sh", "-c", "\(show) > \(bundle.path)/hook"]
    bundle.config.hooks.createRuntime = [hook]
    #expect(try ignored(bundle.output(show)) == 0)
    #expect(try ignored(File.text(bundle.path + "/hook")) == 0)
    bundle.config.hooks.createRuntime = []
    try start()
    #expect(try ignored(exec("c", "sh", "-c", show).output) == 0)
  }

  // MARK: attributes

  @Test func schedulerAndPriorities() throws {
    var scheduler = Scheduler(policy: "SCHED_BATCH")
    scheduler.nice = -5
    scheduler.flags = ["SCHED_FLAG_RESET_ON_FORK"]
    bundle.config.process?.scheduler = scheduler
    bundle.config.process?.ioPriority = IOPriority("IOPRIO_CLASS_BE", priority: 6)
    bundle.config.process?.args = ["cut", "-d", " ", "-f19,41", "/proc/self/stat"]
    try bundle.write()
    #expect(try bundle.runtime("run", "--bundle", bundle.path, "c").output == "-5 3\n")
    // With that flag a child's negative niceness goes, and of the policies only those of real time
    // (sched(7), "Resetting scheduling policy for child processes").
    #expect(
      try bundle.output("cut -d' ' -f19,41 /proc/self/stat; busybox ionice -p $$")
        == "0 3\nbest-effort: prio 6")
    bundle.config.process?.scheduler = Scheduler(policy: "SCHED_IDLE")
    #expect(try bundle.output("cut -d' ' -f41 /proc/self/stat") == "5")
    bundle.config.process?.ioPriority = IOPriority("IOPRIO_CLASS_IDLE")
    #expect(try bundle.output("busybox ionice -p $$").hasPrefix("idle"))
    try bundle.expectNothingLeft()
  }

  @Test func policiesThatCannotBeHadAreRefused() throws {
    bundle.config.process?.scheduler = Scheduler(policy: "SCHED_ISO")
    try expectRefusal("process.scheduler", "no kernel has it")
    var deadline = Scheduler(policy: "SCHED_DEADLINE")
    deadline.runtime = 10_000_000
    deadline.deadline = 30_000_000
    deadline.period = 30_000_000
    bundle.config.process?.scheduler = deadline
    bundle.config.linux.namespaces.append(Namespace(.user))
    bundle.config.linux.uidMappings = [IDMapping(containerID: 0, hostID: 100_000, size: 10)]
    bundle.config.linux.gidMappings = bundle.config.linux.uidMappings
    try expectRefusal("SCHED_DEADLINE", "CAP_SYS_NICE")
    bundle.config.process?.scheduler = nil
    bundle.config.process?.ioPriority = IOPriority("IOPRIO_CLASS_RT", priority: 1)
    try expectRefusal("process.ioPriority", "IOPRIO_CLASS_RT")
  }

  @Test func personalityAndMemoryPolicy() throws {
    bundle.config.linux.personality = "LINUX32"
    #expect(try bundle.output("uname -m") != HostMachine.name)
    bundle.config.linux.personality = "LINUX"
    #expect(try bundle.output("uname -m") == HostMachine.name)
    guard Scheduling.hasMemoryPolicies else { return }
    var policy = MemoryPolicy(mode: "MPOL_BIND")
    policy.nodes = "0"
    policy.flags = ["MPOL_F_STATIC_NODES"]
    bundle.config.linux.memoryPolicy = policy
    #expect(try bundle.output("head -1 /proc/self/numa_maps").contains(" bind=static:0 "))
    bundle.config.linux.memoryPolicy?.nodes = "0,900"
    try expectRefusal("linux.memoryPolicy.nodes", "0,900")
    bundle.config.linux.memoryPolicy?.nodes = ""
    try expectRefusal("linux.memoryPolicy.nodes", "is not a list")
  }

  @Test func limitsThatCannotBeRaisedAreRefused() throws {
    // Above this nobody may go, with whatever capability (setrlimit(2)).
    let most = try #require(UInt64(try File.text("/proc/sys/fs/nr_open").dropLast()))
    bundle.config.process?.rlimits = [
      Rlimit(type: "RLIMIT_NOFILE", soft: 100, hard: most + 1)
    ]
    try expectRefusal("process.rlimits", "RLIMIT_NOFILE", "operation not permitted (EPERM)")
    let own = try Identity.limit(7)
    guard !hasSysResource, own.hard < most else { return }
    bundle.config.process?.rlimits = [
      Rlimit(type: "RLIMIT_NOFILE", soft: 100, hard: own.hard + 1)
    ]
    try expectRefusal("RLIMIT_NOFILE", "CAP_SYS_RESOURCE", "\(own.hard)")
  }

  @Test func aLowerOOMScoreIsRefusedWithoutTheCapability() throws {
    try #require(!hasSysResource, "only where CAP_SYS_RESOURCE is missing")
    let own = try File.text("/proc/self/oom_score_adj")
    bundle.config.process?.oomScoreAdj = -900
    try expectRefusal("process.oomScoreAdj", "CAP_SYS_RESOURCE")
    #expect(try File.text("/proc/self/oom_score_adj") == own)
  }

  @Test func labelsWithoutTheirModuleAreRefused() throws {
    try #require(!File.exists("/sys/module/apparmor") && !File.exists("/sys/fs/selinux"))
    bundle.config.process?.apparmorProfile = "docker-default"
    try expectRefusal("process.apparmorProfile", "no AppArmor")
    bundle.config.process?.apparmorProfile = "unconfined"
    #expect(try bundle.shell("true").code == 0)
    bundle.config.process?.selinuxLabel = "system_u:system_r:container_t:s0"
    try expectRefusal("process.selinuxLabel", "no SELinux")
    bundle.config.process?.selinuxLabel = nil
    bundle.config.linux.mountLabel = "system_u:object_r:container_file_t:s0"
    try expectRefusal("linux.mountLabel", "no SELinux")
  }

  // MARK: realtime budgets

  private static let hasBudgets =
    File.exists("/sys/fs/cgroup/cpu/cpu.rt_runtime_us")
    && Identity.effectiveCapabilities.mask & 1 << 23 != 0

  @Test(.enabled(if: hasBudgets, "needs cgroup v1 with realtime budgets, and CAP_SYS_NICE"))
  func aRealtimePolicyNeedsABudget() throws {
    var scheduler = Scheduler(policy: "SCHED_FIFO")
    scheduler.priority = 7
    bundle.config.process?.scheduler = scheduler
    try expectRefusal("SCHED_FIFO", "budget", "realtimeRuntime")
    // A parent of somebody else's that has none.
    let other = "/sys/fs/cgroup/cpu/ddother\(Processes.current)"
    try File.makeDirectory(other)
    defer { try? File.removeDirectory(other) }
    bundle.config.linux.resources.cpu.realtimeRuntime = 5_000
    let path = bundle.config.linux.cgroupsPath
    bundle.config.linux.cgroupsPath = "/ddother\(Processes.current)/c"
    try expectRefusal("realtimeRuntime", other)
    bundle.config.linux.cgroupsPath = path
    // From here to the program, through the runtime's own parent, and a second time beside it.
    bundle.config.process?.args = ["sh", "-c", "grep ^policy /proc/self/sched; sleep 300"]
    try bundle.write()
    let ids = ["c", "d"]
    for id in ids {
      let outcome = try bundle.runtime(
        "run", "--detach", "--bundle", bundle.path, "--config", try bundle.file(for: id), id)
      #expect(outcome.code == 0, "\(outcome.error)")
      let exec = try bundle.runtime("exec", id, "grep", "^policy", "/proc/self/sched")
      #expect(exec.output.hasSuffix(" 1\n"), "\(exec.output) \(exec.error)")
    }
    let parent = "/sys/fs/cgroup/cpu" + bundle.cgroup
    #expect(try File.text(parent + "/cpu.rt_runtime_us") == "10000\n")
    for id in ids { #expect(try bundle.runtime("delete", "--force", id).code == 0) }
    try bundle.expectNothingLeft()

    // Another process of a container without one.
    bundle.config.process?.scheduler = nil
    bundle.config.linux.resources.cpu.realtimeRuntime = nil
    bundle.config.process?.args = ["sleep", "300"]
    try bundle.write()
    try bundle.create()
    #expect(try bundle.runtime("start", "c").code == 0)
    let file = bundle.path + "/process.json"
    try File.replace(
      file,
      with: #"{"args":["true"],"cwd":"/","scheduler":{"policy":"SCHED_RR","priority":1}}"#.utf8)
    let refused = try bundle.runtime("exec", "--process", file, "c")
    #expect(refused.code == 125 && refused.error.contains("budget"), "\(refused.error)")
    #expect(try bundle.runtime("delete", "--force", "c").code == 0)
    try bundle.expectNothingLeft()
  }

  // MARK: devices

  @Test func aLinkOfTheHostMovesIn() throws {
    let number = 100 + Machine.unique() % 100
    let (link, peer) = ("ddp\(Processes.current % 10_000)a", "ddp\(Processes.current % 10_000)b")
    let ip = "/usr/sbin/ip"
    try #require(
      try run([ip, "link", "add", link, "type", "veth", "peer", "name", peer]).code == 0)
    defer { _ = try? run([ip, "link", "del", peer]) }
    let address = "10.200.\(number).1/24"
    _ = try run([ip, "addr", "add", address, "dev", link])
    _ = try run([ip, "link", "set", link, "up"])
    bundle.config.linux.netDevices = [NetDevice(link, name: "eth7")]

    // A later step fails: it is back, under its name, up, and with its address.
    var hook = Hook(path: "/bin/sh")
    hook.args = ["sh", "-c", "\(ip) -o link show \(link) > \(bundle.path)/seen 2>&1; exit 1"]
    bundle.config.hooks.createRuntime = [hook]
    #expect(try bundle.shell("true").code == 125)
    #expect(try File.text(bundle.path + "/seen").contains("does not exist"))
    let back = try run([ip, "addr", "show", link]).output
    #expect(back.contains(address) && back.contains("UP"), "\(back)")
    try bundle.expectNothingLeft()

    bundle.config.hooks.createRuntime = []
    let inside = try bundle.output("busybox ip addr show eth7")
    #expect(inside.contains(address) && inside.contains("UP"), "\(inside)")
    bundle.config.linux.netDevices = [NetDevice("nosuchlink")]
    try expectRefusal("nosuchlink")
    bundle.config.linux.netDevices = [NetDevice("lo")]
    try expectRefusal("lo belongs")
    bundle.config.linux.namespaces.removeAll { $0.kind == .network }
    bundle.config.linux.netDevices = [NetDevice(link)]
    // The pair before ended with the container's namespace, which the kernel takes down later.
    #expect(
      try eventually {
        try run([ip, "link", "add", link, "type", "veth", "peer", "name", peer]).code == 0
      })
    try expectRefusal("linux.netDevices needs a network namespace")
  }

  // MARK: exec

  @Test func execTakesFurtherGroupsAndCapabilities() throws {
    bundle.config.process?.user.additionalGids = [7]
    try start()
    let show = ["c", "grep", "-E", "^(Uid|Groups|CapInh|CapEff|NoNewPrivs)", "/proc/self/status"]
    let plain = try run(bundle.words(["exec"] + show)).output
    #expect(plain.contains("Groups:\t7 \n"), "\(plain)")
    let asked = try run(
      bundle.words(
        ["exec", "--user", "12:34", "--additional-gids", "50", "-g", "60", "--no-new-privs"] + show)
    ).output
    // Exactly those: not the container's 7, and none of the caller's (CVE-2022-2995).
    #expect(asked.contains("Groups:\t50 60 \n"), "\(asked)")
    #expect(asked.contains("NoNewPrivs:\t1\n"))
    let added = try run(bundle.words(["exec", "--cap", "mknod"] + show)).output
    let line = try #require(added.split(separator: "\n").first { $0.hasPrefix("CapEff") })
    #expect(try #require(UInt64(line.suffix(16), radix: 16)) & 1 << 27 != 0)
    #expect(added.contains("CapInh:\t0000000000000000\n"))
    #expect(try exec("--additional-gids", "x", "c", "true").code == 125)
    #expect(try bundle.runtime("delete", "--force", "c").code == 0)
    try bundle.expectNothingLeft()
  }

  @Test func execRunsOnTheCPUsAsked() throws {
    var affinity = ExecCPUAffinity()
    affinity.initial = "0"
    affinity.final = "0"
    bundle.config.process?.execCPUAffinity = affinity
    try start()
    let line = try exec("c", "grep", "Cpus_allowed_list", "/proc/self/status").output
    #expect(line == "Cpus_allowed_list:\t0\n")
    // The container's own program is not meant.
    let pid = try #require(try bundle.state().pid)
    let whole = try File.text("/proc/self/status").split(separator: "\n")
      .first { $0.hasPrefix("Cpus_allowed_list") }
    #expect(
      try File.text("/proc/\(pid)/status").split(separator: "\n").contains(try #require(whole)))
    #expect(try bundle.runtime("delete", "--force", "c").code == 0)
    bundle.config.process?.execCPUAffinity?.final = "one"
    try expectRefusal("process.execCPUAffinity.final", "\"one\"")
  }

  @Test func execIntoAPausedContainerWaits() throws {
    try start()
    try #require(try bundle.runtime("pause", "c").code == 0)
    let refused = try exec("c", "true")
    #expect(refused.code == 1 && refused.error.contains("paused"), "\(refused.error)")
    let waiting = try Running(bundle.words(["exec", "--ignore-paused", "c", "echo", "late"]))
    Clock.sleep(200_000_000)
    #expect(try waiting.written().isEmpty)
    #expect(try bundle.runtime("resume", "c").code == 0)
    let outcome = try waiting.finish()
    #expect(outcome.code == 0 && outcome.output == "late\n", "\(outcome.error)")
    #expect(try bundle.runtime("delete", "--force", "c").code == 0)
    try bundle.expectNothingLeft()
  }

  @Test func execIntoACgroupBelow() throws {
    try start()
    let below = try bundle.directory("pids") + "/below"
    try File.makeDirectory(below)
    #expect(try exec("--cgroup", "pids:below", "c", "true").code == 0)
    let detached = try exec("-d", "--cgroup", "pids:/below", "c", "sleep", "100")
    #expect(detached.code == 0, "\(detached.error)")
    #expect(try !File.text(below + "/cgroup.procs").isEmpty)
    for wrong in ["../..", "pids:nowhere", "nosuch:below"] {
      let outcome = try exec("--cgroup", wrong, "c", "true")
      #expect(outcome.code == 125 && outcome.error.contains("--cgroup"), "\(wrong)")
    }
    for pid in try File.text(below + "/cgroup.procs").split(separator: "\n") {
      try Processes.kill(try #require(Int32(pid)), Signal.kill)
    }
    #expect(try eventually { try File.text(below + "/cgroup.procs").isEmpty })
    try File.removeDirectory(below)
    #expect(try bundle.runtime("delete", "--force", "c").code == 0)
    try bundle.expectNothingLeft()
  }

  /// A process.json with a label is refused like a config.json with one.
  @Test func execChecksBeforeItEnters() throws {
    try #require(!File.exists("/sys/module/apparmor"))
    try start()
    let outcome = try exec("--apparmor", "docker-default", "c", "true")
    #expect(outcome.code == 125 && outcome.error.contains("no AppArmor"), "\(outcome.error)")
    let label = try exec("--process-label", "a:b:c", "c", "true")
    #expect(label.code == 125 && label.error.contains("no SELinux"), "\(label.error)")
    #expect(try bundle.runtime("delete", "--force", "c").code == 0)
  }
}

/// The machine's own name for its processor.
enum HostMachine {
  static let name: String = {
    let text = (try? run(["/bin/uname", "-m"]).output) ?? ""
    return String(text.dropLast())
  }()
}
