import Testing

@testable import Engine

/// A machine with two CPUs and every capability but two.
let testMachine = Machine(
  cpus: [0, 1], cpuList: "0-1",
  capabilities: CapabilityRules.defaults + ["CAP_NET_ADMIN", "CAP_SYS_ADMIN", "CAP_SYS_PTRACE"])

@Suite("Options that are refused")
struct OptionTests {
  /// The words of the refusal.
  private func words(_ change: (inout RunOptions) -> Void) -> String {
    refusal {
      var options = RunOptions(image: "busybox")
      change(&options)
      try OptionRules.check(options, on: testMachine)
    }.message
  }

  @Test("Nothing is refused without options")
  func plain() throws { try OptionRules.check(RunOptions(image: "busybox"), on: testMachine) }

  @Test("Memory: at least 6 MB, and swap counts memory too")
  func memory() throws {
    #expect(words { $0.memory = 1024 } == "Minimum memory limit allowed is 6MB")
    #expect(words { $0.memory = 6 << 20 - 1 } == "Minimum memory limit allowed is 6MB")
    #expect(
      words { $0.memorySwap = 1 << 30 }
        == "You should always set the Memory limit when using Memoryswap limit, see usage")
    #expect(
      words {
        $0.memory = 64 << 20
        $0.memorySwap = 32 << 20
      } == "Minimum memoryswap limit should be larger than memory limit, see usage")
    #expect(words { $0.memorySwap = -2 }.contains("-2"))
    var fine = RunOptions(image: "busybox")
    fine.memory = 6 << 20
    fine.memorySwap = -1
    try OptionRules.check(fine, on: testMachine)
  }

  @Test("CPUs: the range is the machine's", arguments: [2.01, 8, 0.001, -1, .infinity])
  func cpuRange(cpus: Double) {
    #expect(
      words { $0.cpus = cpus }
        == "Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available")
  }

  @Test("CPUs: nan is no number")
  func nan() {
    #expect(words { $0.cpus = .nan }.contains("failed to parse nan as a rational number"))
  }

  @Test("CPU set: numbers that are there")
  func cpuset() throws {
    #expect(
      words { $0.cpusetCpus = "0-9" }
        == "Requested CPUs are not available - requested 0-9, available: 0-1")
    for text in ["x", "1-", "-1", "1-0", "0,,1", "0 1", "99999999999999999999"] {
      #expect(words { $0.cpusetCpus = text } == "Invalid value \(text) for cpuset cpus")
    }
  }

  @Test("CPU shares: what the kernel takes")
  func shares() {
    #expect(words { $0.cpuShares = 1 } == "the minimum allowed cpu-shares is 2")
    #expect(words { $0.cpuShares = 262_145 } == "the maximum allowed cpu-shares is 262144")
  }

  @Test(
    "Names that could be paths", arguments: ["../x", "a/b", "a..b", "x", "-a", ".a", "", "a b"])
  func names(name: String) {
    #expect(words { $0.name = name }.hasPrefix("Invalid container name (\(name))"))
  }

  @Test("Host names that could be more than a name", arguments: ["a b", "a\nb", "", "-a", "a/b"])
  func hostnames(name: String) {
    #expect(words { $0.hostname = name }.hasPrefix("invalid hostname"))
  }

  /// Words, an option, and the refusal.
  private static let refusals: [(String, @Sendable (inout RunOptions) -> Void)] = [
    (
      "Conflicting options: --restart and --rm",
      {
        $0.removeOnExit = true
        $0.restart = "always"
      }
    ),
    ("invalid restart policy 'often'", { $0.restart = "often" }),
    (
      "maximum retry count cannot be used with restart policy 'always'",
      { $0.restart = "always:3" }
    ),
    ("Invalid signal: SIGNO", { $0.stopSignal = "SIGNO" }),
    (
      "--no-healthcheck conflicts with --health-* options",
      {
        $0.health.isOff = true
        $0.health.command = "true"
      }
    ),
    (
      "Conflicting options: Nano CPUs and CPU Quota cannot both be set.",
      {
        $0.cpus = 1
        $0.cpuQuota = 50_000
      }
    ),
    (
      "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)",
      { $0.cpuPeriod = 999 }
    ),
    ("CPU cfs quota can not be less than 1ms (i.e. 1000)", { $0.cpuQuota = 10 }),
    (
      "cpu real-time runtime cannot be higher than cpu real-time period",
      {
        $0.cpuRealtimePeriod = 1000
        $0.cpuRealtimeRuntime = 2000
      }
    ),
    (
      "Requested memory nodes are not available - requested 7, available: 0",
      { $0.cpusetMems = "7" }
    ),
    ("Minimum memory reservation allowed is 6MB", { $0.memoryReservation = 1 << 20 }),
    (
      "Minimum memory limit can not be less than memory reservation limit, see usage",
      {
        $0.memory = 64 << 20
        $0.memoryReservation = 65 << 20
      }
    ),
    (
      "Invalid value: 101, valid memory swappiness range is 0-100", { $0.memorySwappiness = 101 }
    ),
    ("Invalid value 1001, range for oom score adj is [-1000, 1000]", { $0.oomScore = 1001 }),
    ("Range of blkio weight is from 10 to 1000", { $0.ioWeight = 9 }),
    ("bad format for device path: sda:1mb", { $0.readBps = ["sda:1mb"] }),
    ("/dev/null is not a block device", { $0.writeIops = ["/dev/null:10"] }),
    ("bad format: /dev/sda", { $0.ioWeights = ["/dev/sda"] }),
    ("SHM size can not be less than 0", { $0.shmSize = 0 }),
    ("bad mode specified: x", { $0.devices = ["/dev/null:/dev/n:x"] }),
    ("invalid device cgroup format 'x 1:3 rwm'", { $0.deviceRules = ["x 1:3 rwm"] }),
    ("sysctl 'kernel.panic=1' is not whitelisted", { $0.sysctls = ["kernel.panic=1"] }),
    (
      "sysctl 'net.core.somaxconn' not allowed in host network namespace",
      {
        $0.network = "host"
        $0.sysctls = ["net.core.somaxconn=1"]
      }
    ),
    ("--pid: invalid PID mode", { $0.pid = "other" }),
    ("--ipc: invalid IPC mode", { $0.ipc = "none of it" }),
    ("--userns: invalid USER mode", { $0.userns = "mine" }),
    ("invalid isolation (hyperv) on linux", { $0.isolation = "hyperv" }),
    (
      "privileged mode is incompatible with user namespaces",
      {
        $0.privileged = true
        $0.uidMap = ["0:100000:65536"]
      }
    ),
    ("bad format for add-host: \"web\"", { $0.addedHosts = ["web"] }),
    ("invalid IP address in add-host: \"1.2.3\"", { $0.addedHosts = ["web:1.2.3"] }),
    ("ns is not an ip address", { $0.dns = ["ns"] }),
    ("invalid range format for --expose: 90-80", { $0.expose = ["90-80"] }),
    ("Invalid proto: icmp", { $0.expose = ["80/icmp"] }),
    ("invalid label format: \"=x\"", { $0.labels = ["=x"] }),
    ("open /absent: no such file or directory", { $0.environmentFiles = ["/absent"] }),
    (
      "invalid argument \"core\" for \"--ulimit\" flag: invalid ulimit argument: core",
      { $0.ulimits = ["core"] }
    ),
    (
      "invalid argument \"x=1\" for \"--ulimit\" flag: invalid ulimit type: x",
      { $0.ulimits = ["x=1"] }
    ),
    (
      "invalid argument \"core=2:1\" for \"--ulimit\" flag: ulimit soft limit must be less than or "
        + "equal to hard limit: 2 > 1", { $0.ulimits = ["core=2:1"] }
    ),
    (
      "invalid argument \"none\" for \"-a, --attach\" flag: valid streams are STDIN, STDOUT and "
        + "STDERR", { $0.attach = ["none"] }
    ),
    ("invalid cgroup parent: \"/a/../b\"", { $0.cgroupParent = "/a/../b" }),
    ("Duplicate mount point: /x", { $0.volumes = ["/tmp:/x", "/run:/x"] }),
  ]

  @Test("Refused in Docker's words", arguments: refusals.indices)
  func refused(index: Int) {
    let (message, change) = Self.refusals[index]
    #expect(words(change) == message)
  }

  @Test("A hard limit above this process's own needs CAP_SYS_RESOURCE")
  func hardLimit() throws {
    var machine = testMachine
    machine.hardLimit = { _ in 100 }
    var options = RunOptions(image: "busybox")
    options.ulimits = ["nofile=50:101"]
    let refused = refusal { try OptionRules.check(options, on: machine) }
    #expect(
      refused.message
        == "--ulimit nofile: 101 is above this process's own hard limit, 100")
    machine.capabilities.append("CAP_SYS_RESOURCE")
    try OptionRules.check(options, on: machine)
    options.ulimits = ["nofile=50:100", "core=-1"]
    machine.hardLimit = { $0 == "nofile" ? 100 : .max }
    try OptionRules.check(options, on: machine)
  }

  @Test("The rest")
  func rest() {
    #expect(
      words { $0.workingDirectory = "tmp" }
        == "the working directory 'tmp' is invalid, it needs to be an absolute path")
    #expect(words { $0.capAdd = ["foo"] } == "invalid CapAdd: unknown capability: \"CAP_FOO\"")
    #expect(words { $0.capDrop = ["foo"] } == "invalid CapDrop: unknown capability: \"CAP_FOO\"")
    #expect(words { $0.capAdd = ["SYS_TIME"] }.contains("bounding set"))
    #expect(words { $0.securityOptions = ["foo"] } == "invalid --security-opt: \"foo\"")
    #expect(words { $0.environment = ["=x"] } == "invalid environment variable: =x")
  }
}

@Suite("Capabilities")
struct CapabilityTests {
  private func granted(_ add: [String], _ drop: [String]) throws -> [String] {
    try CapabilityRules.granted(add: add, drop: drop, bounding: testMachine.capabilities)
  }

  @Test("Added and dropped by any spelling")
  func spelling() throws {
    #expect(try granted([], []) == CapabilityRules.defaults)
    #expect(try granted(["net_admin"], []) == CapabilityRules.defaults + ["CAP_NET_ADMIN"])
    #expect(try granted(["CAP_CHOWN"], []) == CapabilityRules.defaults)
    #expect(try !granted([], ["Chown"]).contains("CAP_CHOWN"))
  }

  @Test("ALL means all that this machine can give")
  func all() throws {
    #expect(
      try granted(["ALL"], ["CHOWN"]) == testMachine.capabilities.filter { $0 != "CAP_CHOWN" })
    #expect(try granted(["KILL"], ["all"]) == ["CAP_KILL"])
    #expect(try granted([], ["ALL"]).isEmpty)
  }
}

@Suite("Amounts")
struct AmountTests {
  private static let amounts: [(String, Int64)] = [
    ("64m", 67_108_864), ("64M", 67_108_864), ("64mb", 67_108_864), ("64MiB", 67_108_864),
    ("1k", 1024), ("100b", 100), ("4096", 4096), ("1.5g", 1_610_612_736), ("0", 0),
    ("1t", 1_099_511_627_776),
  ]

  @Test("Bytes", arguments: amounts)
  func bytes(text: String, value: Int64) throws { #expect(try Amount.bytes(text) == value) }

  @Test(
    "No bytes",
    arguments: [
      "", "m", "-1", "1x", "64 mm", "nan", "inf", "0x10", "1e3", ".5", "5.", "1..2", "９m",
    ])
  func noBytes(text: String) {
    #expect(refusal { _ = try Amount.bytes(text) }.message == "invalid size: '\(text)'")
  }

  @Test("Bytes that do not fit")
  func tooLarge() {
    #expect(refusal { _ = try Amount.bytes("9000000p") }.message == "invalid size: '9000000p'")
  }

  @Test("CPUs", arguments: [("1.5", 1.5), ("3/2", 1.5), ("0.01", 0.01), ("-1", -1.0), ("8", 8.0)])
  func cpus(text: String, value: Double) throws { #expect(try Amount.cpus(text) == value) }

  @Test("No CPUs", arguments: ["nan", "NaN", "inf", "", "1/0", "0x1", "one", "--1"])
  func noCPUs(text: String) {
    #expect(
      refusal { _ = try Amount.cpus(text) }.message
        == "invalid argument \"\(text)\" for \"--cpus\" flag: failed to parse \(text) as a "
        + "rational number")
  }

  @Test(
    "Sizes as text",
    arguments: [(999, "999B"), (1000, "1kB"), (4_020_000, "4.02MB"), (12_340_000, "12.3MB")])
  func sizeText(bytes: UInt64, text: String) { #expect(Amount.text(bytes: bytes) == text) }

  @Test(
    "Spans as text",
    arguments: [
      (0.4, "Less than a second"), (1, "1 second"), (59, "59 seconds"), (61, "About a minute"),
      (130, "2 minutes"), (3600, "About an hour"), (7300, "2 hours"), (200_000, "2 days"),
    ])
  func spanText(seconds: Double, text: String) {
    #expect(Amount.text(nanoseconds: UInt64(seconds * 1e9)) == text)
  }
}
