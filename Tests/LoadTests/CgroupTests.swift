import Testing

@testable import Load

/// The files of a machine, as text: no root, no kernel.
@Suite struct CgroupTests {
  static let gigabyte: UInt64 = 1 << 30

  /// Where a process sits, what is mounted, and what must be found.
  struct Machine: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let files: [String: String]
    let memory: Cgroup.Finding
    let milliCPUs: Cgroup.Finding

    init(
      _ description: String, cgroup: String, mounts: [String], _ files: [String: String],
      memory: Cgroup.Finding, milliCPUs: Cgroup.Finding
    ) {
      testDescription = description
      var all = files
      all["/proc/self/cgroup"] = cgroup
      all["/proc/self/mountinfo"] = mounts.joined(separator: "\n") + "\n"
      all["/proc/meminfo"] = "MemTotal:       1048576 kB\nMemFree: 1 kB\n"
      self.files = all
      self.memory = memory
      self.milliCPUs = milliCPUs
    }

    var view: Cgroup { Cgroup(read: { [files] in files[$0] }) }
  }

  static func v1(_ controllers: String, _ root: String, _ point: String) -> String {
    "30 25 0:27 \(root) \(point) rw,nosuid shared:5 - cgroup cgroup rw,\(controllers)"
  }

  static func v2(_ root: String, _ point: String) -> String {
    "31 25 0:28 \(root) \(point) rw,nosuid - cgroup2 cgroup2 rw,nsdelegate"
  }

  static let machines = [
    Machine(
      "v1 on the host; the tighter ancestor counts",
      cgroup: "4:memory:/a/b\n3:cpu,cpuacct:/a/b\n0::/x\n",
      mounts: [
        "22 1 8:1 / / rw - ext4 /dev/sda1 rw", v1("memory", "/", "/sys/fs/cgroup/memory"),
        v1("cpu,cpuacct", "/", "/sys/fs/cgroup/cpu"), v2("/", "/sys/fs/cgroup/unified"),
      ],
      [
        "/sys/fs/cgroup/memory/a/b/memory.limit_in_bytes": "9223372036854771712\n",
        "/sys/fs/cgroup/memory/a/memory.limit_in_bytes": "67108864\n",
        "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
        "/sys/fs/cgroup/cpu/a/b/cpu.cfs_quota_us": "150000\n",
        "/sys/fs/cgroup/cpu/a/b/cpu.cfs_period_us": "100000\n",
        "/sys/fs/cgroup/cpu/a/cpu.cfs_quota_us": "5000\n",
        "/sys/fs/cgroup/cpu/a/cpu.cfs_period_us": "10000\n",
        "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
        "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
      ],
      memory: .limit(64 << 20, source: "/sys/fs/cgroup/memory/a/memory.limit_in_bytes"),
      milliCPUs: .limit(500, source: "/sys/fs/cgroup/cpu/a/cpu.cfs_quota_us")),
    Machine(
      "v1 in a container without a cgroup namespace: the mount's root is the group",
      cgroup: "4:memory:/docker/ab12\n3:cpu:/docker/ab12\n",
      mounts: [
        v1("memory", "/docker/ab12", "/sys/fs/cgroup/memory"),
        v1("cpu", "/docker/ab12", "/sys/fs/cgroup/cpu"),
      ],
      [
        "/sys/fs/cgroup/memory/memory.limit_in_bytes": "134217728",
        "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1",
        "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000",
      ],
      memory: .limit(128 << 20, source: "/sys/fs/cgroup/memory/memory.limit_in_bytes"),
      milliCPUs: .unlimited),
    Machine(
      "v1 in a cgroup namespace; an ancestor outside of it has the limit",
      cgroup: "4:memory:/\n3:cpu:/\n",
      mounts: [
        v1("memory", "/", "/sys/fs/cgroup/memory"), v1("cpu", "/", "/sys/fs/cgroup/cpu"),
      ],
      [
        "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712",
        "/sys/fs/cgroup/memory/memory.stat": "cache 0\nhierarchical_memory_limit 33554432\n",
        "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "20000",
        "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000",
      ],
      memory: .limit(32 << 20, source: "/sys/fs/cgroup/memory/memory.stat"),
      milliCPUs: .limit(200, source: "/sys/fs/cgroup/cpu/cpu.cfs_quota_us")),
    Machine(
      "v2 on the host, unlimited below a limited slice",
      cgroup: "0::/user.slice/shell.scope\n", mounts: [v2("/", "/sys/fs/cgroup")],
      [
        "/sys/fs/cgroup/cgroup.controllers": "cpuset cpu io memory pids\n",
        "/sys/fs/cgroup/user.slice/shell.scope/memory.max": "max\n",
        "/sys/fs/cgroup/user.slice/memory.max": "268435456\n",
        "/sys/fs/cgroup/user.slice/shell.scope/cpu.max": "max 100000\n",
        "/sys/fs/cgroup/user.slice/cpu.max": "250000 100000\n",
      ],
      memory: .limit(256 << 20, source: "/sys/fs/cgroup/user.slice/memory.max"),
      milliCPUs: .limit(2500, source: "/sys/fs/cgroup/user.slice/cpu.max")),
    Machine(
      "v2 in a container with its own cgroup namespace",
      cgroup: "0::/\n", mounts: [v2("/", "/sys/fs/cgroup")],
      [
        "/sys/fs/cgroup/cgroup.controllers": "cpu memory\n",
        "/sys/fs/cgroup/memory.max": "1048576\n", "/sys/fs/cgroup/cpu.max": "max 100000\n",
      ],
      memory: .limit(1 << 20, source: "/sys/fs/cgroup/memory.max"), milliCPUs: .unlimited),
    Machine(
      "hybrid: v2 is mounted but has no controller",
      cgroup: "4:memory:/\n0::/\n",
      mounts: [v2("/", "/sys/fs/cgroup/unified"), v1("memory", "/", "/sys/fs/cgroup/memory")],
      [
        "/sys/fs/cgroup/unified/cgroup.controllers": "hugetlb\n",
        "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712",
      ],
      memory: .unlimited,
      milliCPUs: .unknown(
        "no cgroup filesystem in /proc/self/mountinfo shows / with the cpu controller "
          + "(is /sys/fs/cgroup mounted here?)")),
    Machine(
      "nothing mounted",
      cgroup: "4:memory:/drydock/x\n3:cpu:/drydock/x\n", mounts: ["22 1 8:1 / / rw - ext4 a rw"],
      [:],
      memory: .unknown(
        "no cgroup filesystem in /proc/self/mountinfo shows /drydock/x with the memory controller "
          + "(is /sys/fs/cgroup mounted here?)"),
      milliCPUs: .unknown(
        "no cgroup filesystem in /proc/self/mountinfo shows /drydock/x with the cpu controller "
          + "(is /sys/fs/cgroup mounted here?)")),
    Machine(
      "a mount point with a blank, and the host's mount seen from inside a cgroup namespace first",
      cgroup: "4:memory:/\n",
      mounts: [
        v1("memory", "/../..", "/host/memory"), v1("memory", "/", "/mnt/my\\040groups"),
      ],
      [
        "/host/memory/memory.limit_in_bytes": "1", "/mnt/my groups/memory.limit_in_bytes": "4096",
      ],
      memory: .limit(4096, source: "/mnt/my groups/memory.limit_in_bytes"),
      milliCPUs: .unknown(
        "no cgroup filesystem in /proc/self/mountinfo shows ? with the cpu controller "
          + "(is /sys/fs/cgroup mounted here?)")),
  ]

  @Test("The limit in force is found", arguments: machines) func limits(machine: Machine) {
    #expect(machine.view.memoryLimit() == machine.memory)
    #expect(machine.view.cpuQuota() == machine.milliCPUs)
  }

  @Test(
    "Percentages become bytes, divided among the workers",
    arguments: [(1, 0.8), (2, 0.8), (3, 0.125)])
  func plan(workers: Int64, share: Double) throws {
    var options = Options()
    options.vm = workers
    options.vmBytes = .percent(share * 100)
    let journal = Journal(program: "stress")
    let limited = try Plan(options, cgroup: Self.machines[3].view, journal)
    #expect(limited.vmBytes == Int64(Double(256 << 20) * share) / workers)
    // No limit: MemTotal, 1 GiB here.
    var quiet = journal
    quiet.verbosity = .quiet
    let free = try Plan(options, cgroup: Self.machines[5].view, quiet)
    #expect(free.vmBytes == Int64(Double(Self.gigabyte) * share) / workers)
    let unseen = try Plan(options, cgroup: Self.machines[6].view, quiet)
    #expect(unseen.vmBytes == free.vmBytes)
  }

  @Test("Without /proc a percentage has nothing to relate to") func noProc() {
    var options = Options()
    options.vm = 1
    options.vmBytes = .percent(50)
    let error = #expect(throws: Amounts.Refused.self) {
      try Plan(options, cgroup: Cgroup(read: { _ in nil }), Journal(program: "stress"))
    }
    #expect(error?.text.hasPrefix("memory limit unknown: /proc/self/cgroup cannot be read") == true)
  }

  @Test(
    "CPU percentages of a quota below the machine are rounded up",
    arguments: [(100.0, 1), (150, 1), (200, 1), (201, 2), (1000, 5)])
  func cpus(share: Double, workers: Int64) throws {
    var options = Options()
    options.cpu = .percent(share)
    // Half a CPU: below what any machine has.
    let plan = try Plan(options, cgroup: Self.machines[0].view, Journal(program: "stress"))
    #expect(plan.count(.cpu) == workers && plan.total == Int(workers))
  }
}
