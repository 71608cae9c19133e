// config-linux.md, "Control groups": the values are read back from the kernel's own files, on the
// host, on v1 and on v2.

internal import Linux

extension Trial {
  /// What a file of the container's cgroup says, on v1 or v2; nil when the kernel has no such file.
  func value(_ controller: String, _ v1: String, _ v2: String?) throws -> String? {
    let unified = try Fixture.isUnified()
    guard let name = unified ? v2 : v1 else { return nil }
    guard let tree = try CgroupLayout.detect().tree(controller) else { return nil }
    let file = tree.mountPoint + cgroupsPath + "/" + name
    guard File.exists(file) else { return nil }
    return try File.text(file).split(separator: "\n").joined(separator: " ")
  }

  /// The limit must be in force after `create`; where the kernel has no such file, `create` must
  /// fail, since the environment cannot be made as asked (runtime.md, "Lifecycle").
  func limits(
    _ controller: String, _ v1: String, _ v2: String?, is wanted: String, v2 wantedV2: String? = nil
  ) throws {
    let outcome = try attempt()
    guard outcome.succeeded else {
      let layout = try CgroupLayout.detect()
      let base: String? = layout.tree(controller).map { $0.mountPoint }
      let name = try Fixture.isUnified() ? v2 : v1
      var there = false
      if let base, let name {
        // A file that the root has not may be in a child: the suite's own folder is one.
        for folder in [base, base + bench.cgroup] where File.exists(folder + "/" + name) {
          there = true
        }
      }
      try expect(!there, "create failed: \(outcome.complaint)")
      return try nothingLeft()
    }
    let unified = try Fixture.isUnified()
    guard let got = try value(controller, v1, v2) else {
      throw Failure(text: "create succeeded, but the kernel has no \(unified ? v2 ?? v1 : v1)")
    }
    let right = unified ? wantedV2 ?? wanted : wanted
    try expect(got == right, "\(unified ? v2 ?? v1 : v1) is \"\(got)\", not \"\(right)\"")
  }

  /// A block device of this machine, `8:0`.
  func blockDevice() throws -> (major: Int, minor: Int) {
    for name in try File.list("/sys/block") where !name.hasPrefix("loop") && !name.hasPrefix("ram")
    {
      let numbers = try File.text("/sys/block/\(name)/dev").filter { $0 != "\n" }
        .split(separator: ":").compactMap { Int($0) }
      if numbers.count == 2 { return (numbers[0], numbers[1]) }
    }
    throw Skip(text: "no block device here")
  }
}

extension Cases {
  static func cgroups() -> Section {
    var section = Section("config-linux/cgroups")
    section.must("absolute", "an absolute cgroupsPath is below the hierarchies' mount points") {
      t in
      try t.create()
      let lines = try File.text("/proc/\(t.pid)/cgroup").split(separator: "\n")
      let joined = lines.filter { $0.hasSuffix(":" + t.cgroupsPath) }
      try t.expect(!joined.isEmpty, "the process is in \(lines)")
      for controller in ["memory", "cpu", "pids"] where !(try Fixture.isUnified()) {
        try t.expect(
          joined.contains {
            $0.split(separator: ":")[1].split(separator: ",").contains { $0 == controller }
          },
          "not in the cgroup of \(controller)")
      }
    }
    section.must("consistent", "the same relative cgroupsPath is the same place each time") { t in
      let name = t.bench.cgroup.dropFirst() + "-relative/" + t.id
      t.config["linux.cgroupsPath"] = .string(String(name))
      try t.create()
      let first = try File.text("/proc/\(t.pid)/cgroup")
      try t.kill()
      try t.wait()
      try t.delete()
      let again = try t.call(
        ["create", "--bundle", t.bundle, "--pid-file", t.bundle + "/pid", t.id], container: true)
      defer { _ = try? t.call(["delete", "--force", t.id]) }
      try t.expect(again.succeeded, "create failed: \(again.complaint)")
      let pid = try File.text(t.bundle + "/pid").filter { $0 != "\n" }
      try t.equal(try File.text("/proc/\(pid)/cgroup"), first, "/proc/PID/cgroup")
      try t.expect(first.contains(t.id), "the path is not used: \(first)")
    }
    section.must("default", "without cgroupsPath the container runs, in a cgroup of its own choice")
    {
      t in
      t.config["linux.cgroupsPath"] = nil
      try t.see("echo ran", "ran")
    }
    section.must("created", "cgroups that are not there are made, with their parents") { t in
      t.config["linux.cgroupsPath"] = .string(t.cgroupsPath + "/a/b")
      try t.create()
      let text = try File.text("/proc/\(t.pid)/cgroup")
      try t.expect(text.contains(t.cgroupsPath + "/a/b"), "the process is in \(text)")
      _ = try t.call(["delete", "--force", t.id])
      for path in ["/a/b", "/a", ""] {
        for folder in try Fixture.cgroups(t.cgroupsPath + path) {
          try? File.removeDirectory(folder)
        }
      }
    }
    section.should("owner", "the cgroup's owner stays root where it is not handed over") { t in
      t.useUserNamespace()
      try t.create()
      for folder in try Fixture.cgroups(t.cgroupsPath) {
        try t.equal(try File.status(folder).uid, 0, "owner of \(folder)")
      }
    }
    section.must("joined-before", "the program is in its cgroup before its first instruction") {
      t in
      let path = t.cgroupsPath
      let text = try t.run("cat /proc/self/cgroup")
      try t.expect(text.contains(path), "it saw \(text)")
    }
    return section
  }

  static func deviceRules() -> Section {
    var section = Section("config-linux/device-rules")
    let node: Value = [
      "type": "c", "path": "/dev/probe", "major": 10, "minor": 229, "fileMode": 0o666,
    ]
    /// What opening /dev/fuse (10:229) inside under these rules gives, reading and writing.
    func open(_ t: Trial, _ rules: Value) throws -> String {
      guard File.exists("/sys/class/misc/fuse") || File.exists("/dev/fuse") else {
        throw Skip(text: "no fuse device here to try the rules on")
      }
      t.config["linux.devices"] = [node]
      t.config["linux.resources.devices"] = rules
      return try t.run(
        "(: </dev/probe) 2>/dev/null && echo r; (: >/dev/probe) 2>/dev/null && echo w; echo .")
    }
    let deny: Value = ["allow": false, "access": "rwm"]
    func fuse(_ allow: Bool, _ access: String) -> Value {
      ["allow": .bool(allow), "type": "c", "major": 10, "minor": 229, "access": .string(access)]
    }
    section.must("denied", "what no rule allows after a denial of all cannot be opened") { t in
      try t.equal(try open(t, [deny]), ".", "opened")
    }
    section.must("allowed", "what a rule allows can be opened") { t in
      try t.equal(try open(t, [deny, fuse(true, "rwm")]), "r\nw\n.", "opened")
    }
    section.must("access", "a rule allows only the access it names") { t in
      try t.equal(try open(t, [deny, fuse(true, "r")]), "r\n.", "opened")
    }
    section.must("order", "entries are applied in the listed order: the later wins") { t in
      try t.equal(try open(t, [deny, fuse(true, "rw"), fuse(false, "w")]), "r\n.", "opened")
    }
    section.must("order-all", "a denial of all after an allowance denies") { t in
      try t.equal(try open(t, [fuse(true, "rwm"), deny]), ".", "opened")
    }
    section.must("wildcard", "numbers that are not given mean all") { t in
      let misc: Value = ["allow": true, "type": "c", "major": 10, "access": "rw"]
      try t.equal(try open(t, [deny, misc]), "r\nw\n.", "opened")
    }
    section.must("default-devices", "the default devices stay usable under a denial of all") { t in
      t.config["linux.resources.devices"] = [deny]
      try t.see("echo x >/dev/null && head -c 1 /dev/urandom | wc -c", "1")
    }
    section.must("type-unknown", "a rule of a type nobody knows is an error") { t in
      t.config["linux.resources.devices"] = [["allow": true, "type": "z", "access": "r"]]
      try t.refused("the type z")
    }
    return section
  }

  static func memory() -> Section {
    var section = Section("config-linux/memory")
    let mebibyte = 1 << 20
    func add(
      _ slug: String, _ text: String, _ memory: Value, _ v1: String, _ v2: String?,
      _ wanted: String,
      _ wantedV2: String? = nil
    ) {
      section.must(slug, text) { t in
        t.config["linux.resources.memory"] = memory
        try t.limits("memory", v1, v2, is: wanted, v2: wantedV2)
      }
    }
    add(
      "limit", "limit is the most memory", ["limit": Value(64 * mebibyte)],
      "memory.limit_in_bytes", "memory.max", "67108864")
    add(
      "limit-unlimited", "-1 is no limit", ["limit": -1], "memory.limit_in_bytes", "memory.max",
      "9223372036854771712", "max")
    add(
      "reservation", "reservation is the soft limit", ["reservation": Value(32 * mebibyte)],
      "memory.soft_limit_in_bytes", "memory.low", "33554432")
    add(
      "swap", "swap is the most memory and swap together",
      ["limit": Value(64 * mebibyte), "swap": Value(96 * mebibyte)],
      "memory.memsw.limit_in_bytes", "memory.swap.max", "100663296", "33554432")
    add(
      "swappiness", "swappiness is set", ["swappiness": 35], "memory.swappiness", nil, "35")
    add(
      "kernelTCP", "kernelTCP is the most memory for TCP buffers",
      ["kernelTCP": Value(4 * mebibyte)],
      "memory.kmem.tcp.limit_in_bytes", nil, "4194304")
    section.must("kernel", "kernel limits kernel memory, or is an error") { t in
      t.config["linux.resources.memory"] = ["kernel": Value(32 * mebibyte)]
      // Gone from the kernel in 5.16 (v1), never there on v2.
      let outcome = try t.attempt()
      guard outcome.succeeded else { return try t.nothingLeft() }
      let got = try t.value("memory", "memory.kmem.limit_in_bytes", nil) ?? "no such file"
      try t.equal(got, "33554432", "memory.kmem.limit_in_bytes")
    }
    section.must("disableOOMKiller", "disableOOMKiller disables the OOM killer") { t in
      t.config["linux.resources.memory"] = [
        "limit": Value(64 * mebibyte), "disableOOMKiller": true,
      ]
      let outcome = try t.attempt()
      guard outcome.succeeded else {
        try t.expect(try Fixture.isUnified(), "create failed: \(outcome.complaint)")
        return
      }
      let text = try t.value("memory", "memory.oom_control", nil) ?? ""
      try t.expect(text.contains("oom_kill_disable 1"), "memory.oom_control is \"\(text)\"")
    }
    section.must("oom-enabled", "without it the OOM killer acts") { t in
      t.config["linux.resources.memory"] = [
        "limit": Value(16 * mebibyte), "disableOOMKiller": false,
      ]
      t.script("x=$(head -c 40000000 /dev/zero | tr '\\0' x); echo ${#x}")
      try t.create()
      try t.start()
      try t.expect(try t.wait() != .exited(0), "it used more than the limit")
    }
    section.must("checkBeforeUpdate", "with checkBeforeUpdate a limit below the usage is refused") {
      t in
      t.config["linux.resources.memory"] = [
        "limit": Value(64 * mebibyte), "checkBeforeUpdate": true,
      ]
      try t.hold()
      let file = t.bundle + "/resources.json"
      try Fixture.put(file, "{\"memory\": {\"limit\": 4096, \"checkBeforeUpdate\": true}}")
      let outcome = try t.call(["update", "--resources", file, t.id])
      try t.expect(!outcome.succeeded, "update to 4096 bytes succeeded")
      try t.equal(try t.status(), "running", "status")
    }
    return section
  }

  static func cpu() -> Section {
    var section = Section("config-linux/cpu")
    func add(
      _ slug: String, _ text: String, _ cpu: Value, _ controller: String, _ v1: String,
      _ v2: String?,
      _ wanted: String, _ wantedV2: String? = nil
    ) {
      section.must(slug, text) { t in
        t.config["linux.resources.cpu"] = cpu
        try t.limits(controller, v1, v2, is: wanted, v2: wantedV2)
      }
    }
    add("shares", "shares is the relative share", ["shares": 512], "cpu", "cpu.shares", nil, "512")
    add(
      "quota", "quota is the CPU time in a period", ["quota": 50_000, "period": 100_000], "cpu",
      "cpu.cfs_quota_us", "cpu.max", "50000", "50000 100000")
    add(
      "period", "period is the period", ["quota": 30_000, "period": 60_000], "cpu",
      "cpu.cfs_period_us", "cpu.max", "60000", "30000 60000")
    add(
      "quota-unlimited", "-1 is no quota", ["quota": -1], "cpu", "cpu.cfs_quota_us", "cpu.max",
      "-1",
      "max 100000")
    add(
      "burst", "burst is the CPU time that can be saved up",
      ["quota": 50_000, "period": 100_000, "burst": 20_000], "cpu", "cpu.cfs_burst_us",
      "cpu.max.burst", "20000")
    add(
      "cpus", "cpus are the CPUs the container runs on", ["cpus": "0"], "cpuset", "cpuset.cpus",
      "cpuset.cpus", "0")
    add(
      "mems", "mems are the memory nodes of the container", ["mems": "0"], "cpuset", "cpuset.mems",
      "cpuset.mems", "0")
    add(
      "idle", "idle 1 is SCHED_IDLE for the whole cgroup", ["idle": 1], "cpu", "cpu.idle",
      "cpu.idle", "1")
    section.must("realtimeRuntime", "realtimeRuntime is the time for real-time tasks") { t in
      // A cgroup can give no more than its parent has, and a new one has none (sched-rt-group.rst).
      let parent = try Fixture.cgroup("cpu", t.bench.cgroup)
      let file = parent + "/cpu.rt_runtime_us"
      try File.makeDirectories(parent, mode: 0o755)
      if File.exists(file) { try File.set(file, "20000") }
      defer { if File.exists(file) { try? File.set(file, "0") } }
      t.config["linux.resources.cpu"] = ["realtimeRuntime": 5000, "realtimePeriod": 1_000_000]
      try t.limits("cpu", "cpu.rt_runtime_us", nil, is: "5000")
      try t.clear()
    }
    section.must("burst-above-quota", "a burst above the quota is an error, or kept out of force") {
      t in
      t.config["linux.resources.cpu"] = ["quota": 50_000, "period": 100_000, "burst": 60_000]
      guard try t.attempt().succeeded else { return try t.nothingLeft() }
      let got = try t.value("cpu", "cpu.cfs_burst_us", "cpu.max.burst") ?? ""
      try t.expect(got == "0", "the burst is \(got)")
    }
    section.must("cpus-wrong", "a CPU that is not there is an error") { t in
      t.config["linux.resources.cpu"] = ["cpus": "4000-4001"]
      try t.refused("no CPU 4000")
    }
    section.must("cpus-seen", "the program runs on these CPUs only") { t in
      t.config["linux.resources.cpu"] = ["cpus": "0"]
      try t.see("sed -n 's/^Cpus_allowed_list:.//p' /proc/self/status", "0")
    }
    return section
  }

  static func otherResources() -> Section {
    var section = Section("config-linux/other-resources")
    section.must("pids", "pids.limit is the most tasks") { t in
      t.config["linux.resources.pids"] = ["limit": 42]
      try t.limits("pids", "pids.max", "pids.max", is: "42")
    }
    section.must("pids-enforced", "one task more than pids.limit is refused") { t in
      t.config["linux.resources.pids"] = ["limit": 5]
      t.script("for n in 1 2 3 4 5 6 7 8; do sleep 5 & done; wait")
      try t.create()
      try t.start()
      try t.eventually("no fork was refused") {
        let events = try t.value("pids", "pids.events", "pids.events") ?? ""
        return events.hasPrefix("max ") && events != "max 0"
      }
    }
    let rates: [(field: String, v1: String, v2: String)] = [
      ("throttleReadBpsDevice", "blkio.throttle.read_bps_device", "rbps=1048576"),
      ("throttleWriteBpsDevice", "blkio.throttle.write_bps_device", "wbps=1048576"),
      ("throttleReadIOPSDevice", "blkio.throttle.read_iops_device", "riops=1048576"),
      ("throttleWriteIOPSDevice", "blkio.throttle.write_iops_device", "wiops=1048576"),
    ]
    for (field, v1, v2) in rates {
      section.must(field, "\(field) is the device's rate") { t in
        let device = try t.blockDevice()
        let entry: Value = [
          "major": Value(device.major), "minor": Value(device.minor), "rate": 1_048_576,
        ]
        t.config["linux.resources.blockIO"] = .object([.init(key: field, value: [entry])])
        try t.create()
        let unified = try Fixture.isUnified()
        let got = try t.value(unified ? "io" : "blkio", v1, "io.max") ?? ""
        let wanted = "\(device.major):\(device.minor) " + (unified ? "" : "1048576")
        try t.expect(
          got.hasPrefix(wanted) && (!unified || got.contains(v2)), "\(v1) is \"\(got)\"")
      }
    }
    section.must("blockIO-weight", "blockIO.weight is the cgroup's weight") { t in
      t.config["linux.resources.blockIO"] = ["weight": 300]
      let outcome = try t.attempt()
      let got =
        try t.value("blkio", "blkio.weight", nil) ?? t.value("blkio", "blkio.bfq.weight", nil)
        ?? t.value("io", "", "io.bfq.weight") ?? t.value("io", "", "io.weight")
      guard outcome.succeeded else { return try t.nothingLeft() }
      try t.expect(
        got?.contains("300") ?? false, "create succeeded, but the weight is \(got ?? "no file")")
    }
    section.must("blockIO-weightDevice", "weightDevice is the device's weight, or an error") { t in
      let device = try t.blockDevice()
      t.config["linux.resources.blockIO"] = [
        "weightDevice": [
          ["major": Value(device.major), "minor": Value(device.minor), "weight": 300]
        ]
      ]
      let outcome = try t.attempt()
      guard outcome.succeeded else { return try t.nothingLeft() }
      let got =
        try t.value("blkio", "blkio.weight_device", nil)
        ?? t.value("blkio", "blkio.bfq.weight_device", nil) ?? t.value("io", "", "io.bfq.weight")
      try t.expect(
        got?.contains("300") ?? false, "create succeeded, but the weight is \(got ?? "no file")")
    }
    section.must("hugepageLimits", "hugepageLimits limit reservations, or is an error") { t in
      t.config["linux.resources.hugepageLimits"] = [["pageSize": "2MB", "limit": 4_194_304]]
      let outcome = try t.attempt()
      guard outcome.succeeded else { return try t.nothingLeft() }
      var got: [String] = []
      for folder in try Fixture.cgroups(t.cgroupsPath) {
        for name in ["rsvd.limit_in_bytes", "limit_in_bytes", "rsvd.max", "max"] {
          let file = folder + "/hugetlb.2MB." + name
          if File.exists(file) { got.append(try File.text(file)) }
        }
      }
      try t.expect(got.contains("4194304\n"), "create succeeded, but the limits are \(got)")
    }
    section.must("hugepage-size", "a page size that is not one is an error") { t in
      t.config["linux.resources.hugepageLimits"] = [["pageSize": "3MB", "limit": 4_194_304]]
      try t.refused("3MB")
    }
    section.must("network", "network.classID tags packets, or is an error") { t in
      t.config["linux.resources.network"] = ["classID": 1_048_577]
      try t.limits("net_cls", "net_cls.classid", nil, is: "1048577")
    }
    section.must("rdma", "rdma limits a device, or is an error") { t in
      t.config["linux.resources.rdma"] = ["mlx5_1": ["hcaHandles": 3, "hcaObjects": 100]]
      try t.limits(
        "rdma", "rdma.max", "rdma.max", is: "mlx5_1 hca_handle=3 hca_object=100")
    }
    section.must("unified", "unified sets files of v2; where there is no v2 it is an error") { t in
      t.config["linux.resources.unified"] = ["memory.high": "33554432"]
      guard try Fixture.isUnified() else { return try t.refused("this is not v2") }
      try t.limits("memory", "", "memory.high", is: "33554432")
    }
    section.must("unified-controller", "unified for a controller that is not there is an error") {
      t in
      t.config["linux.resources.unified"] = ["frobnicate.max": "1"]
      try t.refused("no controller frobnicate")
    }
    return section
  }
}
