import OCI

/// Makes configurations with every field in use now and then.
struct RandomConfig {
  var generator: SeededGenerator

  init(seed: UInt64) { generator = SeededGenerator(state: seed) }

  mutating func make() -> Config {
    var config = Config()
    config.ociVersion = pick(["1.0.0", "1.0.2-dev", "1.2.0"])
    config.root.path = "/" + text()
    config.root.readonly = chance()
    config.linux = linux()
    if config.linux.namespaces.contains(where: { $0.kind == .uts }) {
      config.hostname = maybe { "h" + String($0.number(1000)) }
      config.domainname = maybe { "d" + String($0.number(1000)) }
    }
    if !config.linux.namespaces.contains(where: { $0.kind == .user }) {
      config.linux.uidMappings = []
      config.linux.gidMappings = []
    }
    config.process = maybe { $0.process() }
    config.mounts = list {
      var mount = Mount(
        destination: "/" + $0.text(), type: "tmpfs", source: $0.text(),
        options: $0.list { $0.text() })
      if $0.chance() {
        mount.uidMappings = [IDMapping(containerID: 0, hostID: UInt32($0.number(1000)), size: 7)]
        mount.gidMappings = mount.uidMappings
      }
      return mount
    }
    config.hooks.prestart = list { $0.hook() }
    config.hooks.createRuntime = list { $0.hook() }
    config.hooks.createContainer = list { $0.hook() }
    config.hooks.startContainer = list { $0.hook() }
    config.hooks.poststart = list { $0.hook() }
    config.hooks.poststop = list { $0.hook() }
    for n in 0..<number(4) { config.annotations.append(KeyValue("key.\(n)", text())) }
    return config
  }

  private mutating func process() -> Process {
    var process = Process()
    process.terminal = chance()
    process.consoleHeight = UInt16(number(100))
    process.consoleWidth = UInt16(number(100))
    process.cwd = "/" + text()
    process.env = list { "N" + $0.text() + "=" + $0.text() }
    process.args = [text()] + list { $0.text() }
    process.user.uid = UInt32(number(100_000))
    process.user.gid = UInt32(number(100_000))
    process.user.umask = maybe { UInt32($0.number(0o777)) }
    process.user.additionalGids = list { UInt32($0.number(100_000)) }
    process.rlimits = maybe { [Rlimit(type: "RLIMIT_CPU", soft: $0.number(100), hard: .max)] } ?? []
    process.capabilities = maybe {
      var sets = Capabilities()
      sets.bounding = $0.list { $0.pick(["CAP_KILL", "CAP_CHOWN", "CAP_CHECKPOINT_RESTORE"]) }
      sets.effective = $0.list { $0.pick(["CAP_KILL", "CAP_SYS_ADMIN"]) }
      sets.inheritable = $0.list { $0.pick(["CAP_KILL", "CAP_BPF"]) }
      sets.permitted = $0.list { $0.pick(["CAP_KILL", "CAP_MKNOD"]) }
      sets.ambient = $0.list { $0.pick(["CAP_KILL", "CAP_SYSLOG"]) }
      return sets
    }
    process.noNewPrivileges = chance()
    process.oomScoreAdj = maybe { Int32($0.number(2000)) - 1000 }
    process.apparmorProfile = maybe { "p" + $0.text() }
    process.selinuxLabel = maybe { "l" + $0.text() }
    process.scheduler = maybe {
      var scheduler = Scheduler(policy: $0.pick(["SCHED_OTHER", "SCHED_BATCH", "SCHED_FIFO"]))
      scheduler.nice = Int32($0.number(40)) - 20
      if scheduler.policy == "SCHED_FIFO" { scheduler.priority = Int32($0.number(99)) + 1 }
      scheduler.flags = $0.list { $0.pick(["SCHED_FLAG_RESET_ON_FORK", "SCHED_FLAG_RECLAIM"]) }
      return scheduler
    }
    process.ioPriority = maybe {
      IOPriority(
        $0.pick(["IOPRIO_CLASS_RT", "IOPRIO_CLASS_IDLE"]), priority: Int32($0.number(8)))
    }
    process.execCPUAffinity = maybe {
      var affinity = ExecCPUAffinity()
      affinity.initial = "0-" + String($0.number(9))
      affinity.final = $0.chance() ? "" : "1"
      return affinity
    }
    return process
  }

  private mutating func hook() -> Hook {
    var hook = Hook(path: "/" + text())
    hook.args = list { $0.text() }
    hook.env = list { "A=" + $0.text() }
    hook.timeout = maybe { Int($0.number(100)) + 1 }
    return hook
  }

  private mutating func linux() -> LinuxConfig {
    var linux = LinuxConfig()
    for kind in NamespaceKind.allCases where chance() {
      linux.namespaces.append(Namespace(kind, path: maybe { "/" + $0.text() }))
    }
    linux.timeOffsets.monotonic = maybe {
      TimeOffset(seconds: Int64($0.number(2000)) - 1000, nanoseconds: UInt32($0.number(1000)))
    }
    for n in 0..<UInt32(number(4)) {
      let mapping = IDMapping(containerID: n * 10, hostID: 1000 + n * 10, size: 10)
      linux.uidMappings.append(mapping)
      linux.gidMappings.append(mapping)
    }
    linux.devices = list {
      var device = DeviceNode(
        type: $0.pick(["c", "u", "b", "p"]), path: "/" + $0.text(), major: UInt32($0.number(4096)),
        minor: UInt32($0.number(1 << 20)))
      device.fileMode = $0.maybe { UInt32($0.number(0o7777)) }
      device.uid = UInt32($0.number(1000))
      device.gid = UInt32($0.number(1000))
      return device
    }
    linux.cgroupsPath = maybe { "/drydock/" + String($0.number(1000)) }
    linux.resources = resources()
    for n in 0..<number(3) { linux.sysctl.append(KeyValue("net.core.x\(n)", text())) }
    linux.seccomp = maybe { $0.seccomp() }
    linux.rootfsPropagation = maybe { $0.pick(["private", "rslave", "shared"]) }
    linux.maskedPaths = list { "/" + $0.text() }
    linux.readonlyPaths = list { "/" + $0.text() }
    linux.mountLabel = maybe { "m" + $0.text() }
    linux.personality = maybe { $0.pick(["LINUX", "LINUX32"]) }
    linux.memoryPolicy = maybe {
      var policy = MemoryPolicy(mode: $0.pick(["MPOL_BIND", "MPOL_WEIGHTED_INTERLEAVE"]))
      policy.nodes = $0.pick(["", "0-3"])
      policy.flags = $0.list { $0.pick(["MPOL_F_STATIC_NODES"]) }
      return policy
    }
    for n in 0..<number(3) {
      linux.netDevices.append(NetDevice("eth\(n)", name: chance() ? nil : "in\(n)"))
    }
    return linux
  }

  private mutating func resources() -> Resources {
    var resources = Resources()
    resources.devices = list {
      var rule = DeviceRule(allow: $0.chance())
      rule.type = $0.pick(["a", "b", "c"])
      rule.major = $0.maybe { Int64($0.number(4096)) }
      rule.minor = $0.maybe { Int64($0.number(1 << 20)) }
      rule.access = $0.pick(["r", "rw", "rwm"])
      return rule
    }
    let amount: @Sendable (inout RandomConfig) -> Int64 = {
      $0.chance() ? -1 : Int64($0.number(1 << 62)) + 1
    }
    resources.memory.limit = maybe(amount)
    resources.memory.reservation = maybe(amount)
    resources.memory.swap = maybe(amount)
    resources.memory.swappiness = maybe { $0.number(101) }
    resources.memory.disableOOMKiller = maybe { $0.chance() }
    resources.memory.kernel = maybe(amount)
    resources.memory.kernelTCP = maybe(amount)
    resources.memory.useHierarchy = maybe { $0.chance() }
    resources.memory.checkBeforeUpdate = maybe { $0.chance() }
    resources.cpu.realtimeRuntime = maybe(amount)
    resources.cpu.realtimePeriod = maybe { $0.number(1_000_000) + 1 }
    resources.hugepages = list {
      HugepageLimit(pageSize: $0.pick(["64KB", "2MB", "1GB"]), limit: $0.number(1 << 40))
    }
    resources.network.classID = maybe { UInt32($0.number(1 << 20)) + 1 }
    resources.network.priorities = list {
      InterfacePriority(name: $0.pick(["eth0", "lo"]), priority: UInt32($0.number(100)))
    }
    for n in 0..<number(3) {
      resources.rdma.append(RDMALimit(device: "mlx5_\(n)", handles: UInt32(number(9))))
    }
    resources.blockIO.leafWeight = maybe { UInt16($0.number(991)) + 10 }
    resources.blockIO.weights = list {
      DeviceWeight(
        major: UInt32($0.number(256)), minor: UInt32($0.number(256)),
        weight: UInt16($0.number(991)) + 10)
    }
    resources.cpu.shares = maybe { $0.number(262_143) + 2 }
    resources.cpu.quota = maybe(amount)
    resources.cpu.burst = maybe { $0.number(100_000) }
    resources.cpu.period = maybe { $0.number(999_001) + 1000 }
    resources.cpu.cpus = maybe { $0.pick(["0", "0-1", "0,2-3"]) }
    resources.cpu.mems = maybe { $0.pick(["0", "0-1"]) }
    resources.cpu.idle = maybe { Int64($0.number(2)) }
    resources.pids = maybe { Int64($0.number(1000)) - 1 }
    resources.blockIO.weight = maybe { UInt16($0.number(991)) + 10 }
    resources.blockIO.readBps = list { $0.rate() }
    resources.blockIO.writeBps = list { $0.rate() }
    resources.blockIO.readIops = list { $0.rate() }
    resources.blockIO.writeIops = list { $0.rate() }
    for n in 0..<number(3) { resources.unified.append(KeyValue("memory.x\(n)", text())) }
    return resources
  }

  private mutating func rate() -> DeviceRate {
    DeviceRate(
      major: UInt32(number(4096)), minor: UInt32(number(1 << 20)), rate: generator.next())
  }

  private mutating func seccomp() -> Seccomp {
    var seccomp = Seccomp(defaultAction: "SCMP_ACT_ERRNO")
    seccomp.defaultErrnoRet = maybe { UInt32($0.number(65_536)) }
    seccomp.architectures = list { $0.pick(["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"]) }
    seccomp.flags = list { $0.pick(["SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_TSYNC"]) }
    seccomp.listenerPath = maybe { "/" + $0.text() }
    if seccomp.listenerPath != nil { seccomp.listenerMetadata = maybe { "m" + $0.text() } }
    seccomp.syscalls = list {
      var rule = SeccompRule(
        names: [$0.pick(["open", "close"])] + $0.list { $0.pick(["read", "write"]) },
        action: "SCMP_ACT_ERRNO")
      rule.errnoRet = $0.maybe { UInt32($0.number(4096)) }
      rule.args = $0.list {
        var argument = SeccompArg(
          index: UInt32($0.number(6)), value: $0.generator.next(),
          op: $0.pick(["SCMP_CMP_EQ", "SCMP_CMP_MASKED_EQ"]))
        argument.valueTwo = $0.chance() ? 0 : $0.generator.next()
        return argument
      }
      return rule
    }
    return seccomp
  }

  // MARK: Pieces

  /// Any text a string of JSON can hold, except NUL.
  private mutating func text() -> String {
    var text = ""
    for _ in 0..<number(6) {
      text += pick(["a", "Z", "0", " ", "\"", "\\", "/", "\n", "\u{1}", "\u{7F}", "é", "汉", "😀"])
    }
    return text
  }

  mutating func number(_ bound: UInt64) -> UInt64 { generator.next() % bound }

  private mutating func chance() -> Bool { generator.next() & 1 == 0 }

  private mutating func pick(_ choices: [String]) -> String {
    choices[Int(number(UInt64(choices.count)))]
  }

  private mutating func maybe<Value>(_ make: (inout RandomConfig) -> Value) -> Value? {
    chance() ? make(&self) : nil
  }

  private mutating func list<Value>(_ make: (inout RandomConfig) -> Value) -> [Value] {
    var values: [Value] = []
    for _ in 0..<number(4) { values.append(make(&self)) }
    return values
  }
}
