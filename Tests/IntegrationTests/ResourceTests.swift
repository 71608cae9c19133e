import Linux
import OCI
import Testing

/// Limits: each is read back from the kernel, and the kernel enforces it.
@Suite(.enabled(if: Machine.isReady, Machine.reason))
struct ResourceTests {
  let bundle: Bundle

  init() throws {
    bundle = try Bundle { $0.process?.args = ["sleep", "300"] }
  }

  private static let isV2 = (try? CgroupLayout.detect())?.mode == .v2

  /// The first of the files that exists, as the kernel shows it.
  private func value(_ controller: String, _ v1: String, _ v2: String) throws -> String {
    let file = ResourceTests.isV2 ? v2 : v1
    let text = try File.text(try bundle.directory(controller) + "/" + file)
    return text.hasSuffix("\n") ? String(text.dropLast()) : text
  }

  @Test func everyLimitIsReadBack() throws {
    bundle.config.linux.resources.memory.limit = 64 << 20
    bundle.config.linux.resources.memory.reservation = 32 << 20
    bundle.config.linux.resources.cpu.shares = 512
    bundle.config.linux.resources.cpu.quota = 50_000
    bundle.config.linux.resources.cpu.period = 200_000
    bundle.config.linux.resources.cpu.cpus = "0"
    bundle.config.linux.resources.cpu.mems = "0"
    bundle.config.linux.resources.pids = 33
    try bundle.write()
    try bundle.create()
    #expect(try value("memory", "memory.limit_in_bytes", "memory.max") == "67108864")
    #expect(try value("memory", "memory.soft_limit_in_bytes", "memory.low") == "33554432")
    #expect(try value("cpu", "cpu.shares", "cpu.weight") == (ResourceTests.isV2 ? "59" : "512"))
    if ResourceTests.isV2 {
      #expect(try value("cpu", "", "cpu.max") == "50000 200000")
    } else {
      #expect(try value("cpu", "cpu.cfs_quota_us", "") == "50000")
      #expect(try value("cpu", "cpu.cfs_period_us", "") == "200000")
    }
    #expect(try value("cpuset", "cpuset.cpus", "cpuset.cpus") == "0")
    #expect(try value("cpuset", "cpuset.mems", "cpuset.mems") == "0")
    #expect(try value("pids", "pids.max", "pids.max") == "33")
    // Init is in every one of them.
    let pid = try #require(try bundle.state().pid)
    for cgroup in try bundle.state().cgroups {
      #expect(try File.text(cgroup.path + "/cgroup.procs") == "\(pid)\n", "\(cgroup.path)")
    }
    #expect(try bundle.runtime("delete", "--force", "c").code == 0)
    try bundle.expectNothingLeft()
  }

  @Test func withoutLimitsTheCpusetIsTheParents() throws {
    try bundle.create()
    guard !ResourceTests.isV2 else { return }
    let cpus = try value("cpuset", "cpuset.cpus", "")
    let layout = try CgroupLayout.detect()
    let root = try #require(layout.tree("cpuset")).mountPoint
    #expect(try File.text(root + "/cpuset.cpus") == cpus + "\n")
    #expect(try value("pids", "pids.max", "pids.max") == "max")
    #expect(try bundle.runtime("delete", "--force", "c").code == 0)
  }

  @Test func ioThrottleOfARealDisk() throws {
    guard let tree = try CgroupLayout.detect().tree(ResourceTests.isV2 ? "io" : "blkio"),
      let disk = try File.list("/sys/block").first(where: { !$0.hasPrefix("loop") }),
      File.exists(tree.mountPoint + "/blkio.throttle.read_bps_device")
    else { return }
    let numbers = try File.text("/sys/block/\(disk)/dev").split(separator: "\n")[0]
      .split(separator: ":").compactMap { UInt32($0) }
    bundle.config.linux.resources.blockIO.weight = 500
    bundle.config.linux.resources.blockIO.readBps = [
      DeviceRate(major: numbers[0], minor: numbers[1], rate: 1 << 20)
    ]
    try bundle.write()
    try bundle.create()
    #expect(
      try value("blkio", "blkio.throttle.read_bps_device", "io.max")
        == "\(numbers[0]):\(numbers[1]) 1048576")
    #expect(try value("blkio", "blkio.bfq.weight", "io.bfq.weight").hasSuffix("500"))
    #expect(try bundle.runtime("delete", "--force", "c").code == 0)
  }

  @Test func theMemoryLimitIsEnforced() throws {
    bundle.config.linux.resources.memory.limit = 16 << 20
    bundle.config.linux.resources.memory.swap = 16 << 20
    let outcome = try bundle.shell("sh -c 'tail -c 100m /dev/zero >/dev/null'; echo $?")
    #expect(outcome.output == "137\n", "\(outcome.error)")
    try bundle.expectNothingLeft()
  }

  @Test func thePidsLimitIsEnforced() throws {
    bundle.config.linux.resources.pids = 3
    let outcome = try bundle.shell("sleep 5 & sleep 5 & sleep 5 & sleep 5 & echo not reached")
    #expect(outcome.code != 0 && outcome.error.contains("fork"), "\(outcome.error)")
    try bundle.expectNothingLeft()
  }

  @Test func theCpusetIsEnforced() throws {
    bundle.config.linux.resources.cpu.cpus = "1"
    #expect(
      try bundle.output("grep Cpus_allowed_list /proc/self/status; nproc")
        == "Cpus_allowed_list:\t1\n1")
  }

  @Test func unifiedNeedsV2() throws {
    guard !ResourceTests.isV2 else { return }
    bundle.config.linux.resources.unified = [KeyValue("memory.high", "1000000")]
    try bundle.write()
    let outcome = try bundle.runtime("run", "--bundle", bundle.path, "c")
    #expect(outcome.code == 125 && outcome.error.contains("memory.high"))
  }

  // MARK: devices

  @Test func deniedDevicesAreDenied() throws {
    bundle.config.process?.capabilities?.bounding += ["CAP_MKNOD"]
    bundle.config.process?.capabilities?.permitted += ["CAP_MKNOD"]
    bundle.config.process?.capabilities?.effective += ["CAP_MKNOD"]
    // kmsg: making the node is allowed, opening it is not.
    let outcome = try bundle.shell(
      "mknod /tmp/kmsg c 1 11 && echo made; cat /tmp/kmsg; echo $?; cat /dev/null && echo null;"
        + " head -c 2 /dev/zero | wc -c")
    #expect(outcome.output == "made\n1\nnull\n2\n", "\(outcome.error)")
    #expect(outcome.error.contains("Operation not permitted"))
    try bundle.expectNothingLeft()
  }

  @Test func allowedDevicesWork() throws {
    var node = DeviceNode(type: "c", path: "/dev/my/kmsg", major: 1, minor: 11)
    node.fileMode = 0o640
    node.uid = 12
    node.gid = 34
    bundle.config.linux.devices = [node]
    var rule = DeviceRule(allow: true)
    rule.type = "c"
    rule.major = 1
    rule.minor = 11
    rule.access = "r"
    bundle.config.linux.resources.devices.append(rule)
    bundle.config.process?.capabilities?.bounding += ["CAP_SYSLOG", "CAP_DAC_OVERRIDE"]
    bundle.config.process?.capabilities?.permitted += ["CAP_SYSLOG", "CAP_DAC_OVERRIDE"]
    bundle.config.process?.capabilities?.effective += ["CAP_SYSLOG", "CAP_DAC_OVERRIDE"]
    let outcome = try bundle.shell(
      "stat -c '%a %u %g %t:%T' /dev/my/kmsg; head -n 1 /dev/my/kmsg > /dev/null && echo read;"
        + " echo x > /dev/my/kmsg || echo no write")
    #expect(outcome.output == "640 12 34 1:b\nread\nno write\n", "\(outcome.error)")
  }
}
