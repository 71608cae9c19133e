import Images
import Linux
import OCI
import Testing

@testable import Engine

@Suite("From options to config.json")
struct ContainerConfigTests {
  private let id = String(repeating: "0123456789abcdef", count: 4)

  private func config(
    image: ImageSettings = ImageRecipe.settings("busybox"), host: [String] = [],
    _ change: (inout RunOptions) -> Void = { _ in }
  ) throws -> Config {
    var options = RunOptions(image: "busybox")
    change(&options)
    return try ContainerConfig(
      options: options, id: id, image: image, lower: "/images/b/rootfs", layer: "/containers/x",
      user: ContainerUser(home: "/root"), bounding: testMachine.capabilities,
      seccomp: .standard(capabilities: []), hostEnvironment: host, hostName: "harbour"
    ).config()
  }

  @Test("Without options it is Docker's default container")
  func plain() throws {
    let config = try config()
    let process = try #require(config.process)
    #expect(process.args == ["sh"])
    #expect(process.cwd == "/")
    #expect(
      process.env == [
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOSTNAME=0123456789ab", "HOME=/root",
      ])
    #expect(!process.terminal && !process.noNewPrivileges)
    #expect(process.capabilities?.bounding == CapabilityRules.defaults)
    #expect(process.capabilities?.effective == CapabilityRules.defaults)
    #expect(process.capabilities?.inheritable == [])  // CVE-2022-24769
    #expect(config.hostname == "0123456789ab")
    #expect(
      Set(config.linux.namespaces.map { $0.kind })
        == [.pid, .network, .mount, .ipc, .uts, .cgroup])
    #expect(config.linux.cgroupsPath == "/drydock/\(id.prefix(12))")
    #expect(config.linux.seccomp != nil)
    #expect(config.linux.maskedPaths.contains("/proc/kcore"))
    #expect(config.linux.readonlyPaths.contains("/proc/sys"))
    #expect(!config.root.readonly)
    var untouched = Resources()
    untouched.devices = config.linux.resources.devices
    #expect(config.linux.resources == untouched)
  }

  @Test("The first mount is the overlay over the root, then Docker's")
  func mounts() throws {
    let mounts = try config().mounts
    #expect(
      mounts[0]
        == Mount(
          destination: "/", type: "overlay", source: "overlay",
          options: [
            "lowerdir=/images/b/rootfs", "upperdir=/containers/x/upper",
            "workdir=/containers/x/work",
          ]))
    #expect(
      mounts.map { $0.destination } == [
        "/", "/proc", "/dev", "/dev/pts", "/sys", "/sys/fs/cgroup", "/dev/mqueue", "/dev/shm",
      ])
    for path in ["/sys", "/sys/fs/cgroup"] {
      #expect(mounts.first { $0.destination == path }?.options.contains("ro") == true)
    }
  }

  @Test("Devices are denied but for the usual ones")
  func devices() throws {
    let rules = try config().linux.resources.devices
    #expect(rules[0] == DeviceRule(allow: false))
    let used = rules.filter { $0.allow && $0.access == "rwm" }
    #expect(used.allSatisfy { $0.type == "c" && $0.major != nil })
    #expect(used.count == 9)
    // Nodes may be made, but what they lead to stays closed.
    #expect(rules.filter { $0.allow && $0.access == "m" }.count == 2)
  }

  @Test("A memory limit closes swap beside it unless asked otherwise")
  func memory() throws {
    let closed = try config { $0.memory = 64 << 20 }.linux.resources.memory
    #expect(closed.limit == 64 << 20 && closed.swap == 64 << 20)
    let open = try config {
      $0.memory = 64 << 20
      $0.memorySwap = -1
    }.linux.resources.memory
    #expect(open.swap == -1)
    let some = try config {
      $0.memory = 64 << 20
      $0.memorySwap = 128 << 20
    }.linux.resources.memory
    #expect(some.swap == 128 << 20)
  }

  @Test("CPU and pids limits")
  func cpu() throws {
    let resources = try config {
      $0.cpus = 1.5
      $0.cpuShares = 512
      $0.cpusetCpus = "0-1"
      $0.pidsLimit = 20
    }.linux.resources
    #expect(resources.cpu.quota == 150_000 && resources.cpu.period == 100_000)
    #expect(resources.cpu.shares == 512 && resources.cpu.cpus == "0-1")
    #expect(resources.pids == 20)
    #expect(try config { $0.pidsLimit = -1 }.linux.resources.pids == nil)
  }

  @Test("A command replaces the image's own; behind an entrypoint it is its arguments")
  func command() throws {
    #expect(try config { $0.command = ["ls", "-l"] }.process?.args == ["ls", "-l"])
    let stress = ImageRecipe.settings("stress")
    #expect(
      try config(image: stress) { $0.command = ["--vm", "1"] }.process?.args
        == ["stress", "--vm", "1"])
    #expect(try config(image: stress).process?.args == ["stress"])
  }

  @Test("Variables: given, taken from the host, replaced, removed")
  func environment() throws {
    let config = try config(host: ["LANG=zh_CN.UTF-8", "TERM=dumb"]) {
      $0.environment = ["A=1", "A=2", "LANG", "ABSENT", "PATH=/bin", "HOME=/h"]
      $0.tty = true
    }
    #expect(
      config.process?.env == [
        "PATH=/bin", "HOSTNAME=0123456789ab", "TERM=xterm", "A=2", "LANG=zh_CN.UTF-8", "HOME=/h",
      ])
    #expect(config.process?.terminal == true)
  }

  @Test("The host's network comes with the host's name and without a namespace")
  func hostNetwork() throws {
    let config = try config { $0.network = "host" }
    #expect(!config.linux.namespaces.contains { $0.kind == .network })
    #expect(config.hostname == "harbour")
  }

  @Test("Limits of every kind")
  func limits() throws {
    let config = try config {
      $0.memoryReservation = 32 << 20
      $0.memorySwappiness = 10
      $0.disablesOOMKiller = true
      $0.oomScore = 500
      $0.cpuPeriod = 50_000
      $0.cpuQuota = 25_000
      $0.cpusetMems = "0"
      $0.ioWeight = 300
      $0.ulimits = ["nofile=100:200", "core=-1"]
      $0.cgroupParent = "/lab//a"
      $0.shmSize = 1 << 20
    }
    let resources = config.linux.resources
    #expect(resources.memory.reservation == 32 << 20 && resources.memory.swappiness == 10)
    #expect(resources.memory.disableOOMKiller == true && resources.blockIO.weight == 300)
    #expect(resources.cpu.period == 50_000 && resources.cpu.quota == 25_000)
    #expect(resources.cpu.mems == "0" && config.process?.oomScoreAdj == 500)
    #expect(
      config.process?.rlimits == [
        Rlimit(type: "RLIMIT_NOFILE", soft: 100, hard: 200),
        Rlimit(type: "RLIMIT_CORE", soft: .max, hard: .max),
      ])
    #expect(config.linux.cgroupsPath == "/lab/a/\(id.prefix(12))")
    let shm = config.mounts.first { $0.destination == "/dev/shm" }
    #expect(shm?.options.contains("size=1048576") == true)
  }

  @Test("--privileged: all capabilities and devices, nothing hidden, nothing read-only")
  func privileged() throws {
    let config = try config {
      $0.privileged = true
      $0.capDrop = ["CHOWN"]
    }
    #expect(
      config.process?.capabilities?.effective
        == testMachine.capabilities.filter { $0 != "CAP_CHOWN" })
    #expect(config.linux.maskedPaths.isEmpty && config.linux.readonlyPaths.isEmpty)
    #expect(config.linux.resources.devices == [DeviceRule(allow: true)])
    #expect(config.linux.devices.contains { $0.path == "/dev/null" })
    #expect(!config.linux.devices.contains { $0.path.hasPrefix("/dev/pts/") })
    for path in ["/sys", "/sys/fs/cgroup"] {
      #expect(config.mounts.first { $0.destination == path }?.options.contains("rw") == true)
    }
  }

  @Test("Devices of the host by name, with their numbers and a rule each")
  func hostDevices() throws {
    let config = try config {
      $0.devices = ["/dev/null:/dev/hole:r", "/dev/zero"]
      $0.deviceRules = ["c 10:* rwm"]
    }
    #expect(config.linux.devices.map(\.path) == ["/dev/hole", "/dev/zero"])
    #expect(config.linux.devices[0].major == 1 && config.linux.devices[0].minor == 3)
    let rules = config.linux.resources.devices.suffix(3)
    #expect(rules.map(\.access) == ["r", "rwm", "rwm"])
    #expect(rules.last?.major == 10 && rules.last?.minor == nil)
  }

  @Test("An entrypoint takes the place of the image's, and of its command")
  func entrypoint() throws {
    let stress = ImageRecipe.settings("stress")
    #expect(
      try config(image: stress) {
        $0.entrypoint = "/bin/echo"
        $0.command = ["a"]
      }.process?.args == ["/bin/echo", "a"])
    #expect(
      try config(image: stress) {
        $0.entrypoint = ""
        $0.command = ["true"]
      }.process?.args == ["true"])
    #expect(
      refusal { _ = try config(image: stress) { $0.entrypoint = "" } }.message
        == "No command specified")
  }

  @Test("Namespaces of the host and of others")
  func namespaces() throws {
    let host = try config {
      $0.pid = "host"
      $0.ipc = "host"
    }
    #expect(!host.linux.namespaces.contains { $0.kind == .pid || $0.kind == .ipc })
  }

  @Test("What is generated is what the parser accepts")
  func roundTrip() throws {
    let made = try config {
      $0.memory = 64 << 20
      $0.readOnly = true
      $0.securityOptions = ["no-new-privileges"]
    }
    let read = try Config.parse(made.encode())
    #expect(read == made)
    #expect(read.root.readonly && read.process?.noNewPrivileges == true)
  }
}

@Suite("Users")
struct UserTests {
  private let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    try File.makeDirectory(scratch.path + "/etc")
    try File.replace(
      scratch.path + "/etc/passwd",
      with: Array("root:x:0:0::/root:/bin/sh\nweb:x:33:34::/var/www:\nbroken\n".utf8))
    try File.replace(
      scratch.path + "/etc/group", with: Array("root:x:0:\nlog:x:4:web,root\ndata:x:34:\n".utf8))
  }

  private func user(_ text: String?) throws -> ContainerUser {
    try ContainerUser.resolve(text, in: try ImageView(lower: scratch.path))
  }

  @Test("Names and numbers")
  func found() throws {
    let web = try user("web")
    #expect(web.user.uid == 33 && web.user.gid == 34 && web.user.additionalGids == [4])
    #expect(web.home == "/var/www")
    #expect(try user("33") == web)
    #expect(try user(nil).home == "/root")
    let stranger = try user("1234")
    #expect(stranger.user.uid == 1234 && stranger.user.gid == 0 && stranger.home == "/")
    let grouped = try user("web:log")
    #expect(grouped.user.gid == 4 && grouped.user.additionalGids.isEmpty)
    #expect(try user("1234:5678").user.gid == 5678)
  }

  @Test("What is not listed")
  func missing() {
    #expect(
      refusal { _ = try user("nobody") }.message
        == "unable to find user nobody: no matching entries in passwd file")
    #expect(
      refusal { _ = try user("web:nobody") }.message
        == "unable to find group nobody: no matching entries in group file")
    for text in ["-1", "4294967296", "99999999999"] {
      #expect(refusal { _ = try user(text) }.message.hasPrefix("unable to find user"))
    }
  }

  @Test("A link in the image does not lead out of it")
  func link() throws {
    try File.remove(scratch.path + "/etc/passwd")
    try File.makeLink(scratch.path + "/etc/passwd", to: "/etc/passwd")
    // Inside the image the link leads to itself; the host's file is not read.
    #expect(refusal { _ = try user("daemon") }.message.contains("too many levels"))
  }
}
