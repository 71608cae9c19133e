import Linux
import Measure
import Testing

@testable import XRay

/// The readers of kernel files, on recorded ones and on damaged ones.
@Suite struct ReaderTests {
  @Test func cgroupPaths() throws {
    let v1 = CgroupPaths.parse(try Recorded.text("cgroup.v1"))
    #expect(v1["memory"] == "/drydock/568a305a84a8" && v1["cpu,cpuacct"] != nil && v1[""] == "/")
    #expect(
      CgroupPaths.parse("1:x:/a:b:c\n0::/d e\n2:y\nnonsense\n") == ["x": "/a:b:c", "": "/d e"])
    for text in Recorded.damaged(try Recorded.text("cgroup.v1")) { _ = CgroupPaths.parse(text) }
  }

  @Test func containerIDs() throws {
    let id = String(repeating: "4e", count: 32)
    for path in [
      "/docker/\(id)", "/system.slice/docker-\(id).scope", "/machine.slice/libpod-\(id).scope",
      "/kubepods/pod1/cri-containerd-\(id).scope", "/libpod_parent/libpod-\(id)/inner",
    ] { #expect(CgroupPaths.containerID(path) == id, "\(path)") }
    #expect(CgroupPaths.containerID("/drydock/568a305a84a8") == "568a305a84a8")
    #expect(CgroupPaths.containerID("/user.slice/session-1.scope") == nil)
    #expect(CgroupPaths.containerID("/docker/\(id)0") == nil)
    #expect(CgroupPaths.containerID("") == nil)
  }

  @Test func cgroupDirectories() throws {
    let mounts = [
      "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct",
      "33 31 0:30 /box /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory",
      "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw",
    ].compactMap { MountInfo($0) }
    func directory(_ tree: String, _ path: String) -> String? {
      CgroupPaths.directory(tree: tree, path: path, mounts: mounts)?.directory
    }
    #expect(directory("cpu,cpuacct", "/a") == "/sys/fs/cgroup/cpu,cpuacct/a")
    #expect(directory("memory", "/box/a") == "/sys/fs/cgroup/memory/a")
    #expect(directory("memory", "/box") == "/sys/fs/cgroup/memory")
    #expect(directory("memory", "/boxes/a") == nil)
    #expect(directory("", "/") == "/sys/fs/cgroup/unified")
    #expect(directory("pids", "/a") == nil)
  }

  @Test func amountsAndTheirAbsence() {
    func amount(_ text: String) -> UInt64? { CgroupFiles.Value(text: text, path: "f").amount }
    #expect(amount("67108864\n") == 67_108_864)
    #expect(amount("max\n") == nil && amount("-1\n") == nil && amount("") == nil)
    #expect(amount("9223372036854771712\n") == nil)
    #expect(amount("50000 100000\n") == 50000)
    let stat = CgroupFiles.Value(text: "nr_periods 7\nnr_throttled x\nbad\n", path: "f")
    #expect(stat.field("nr_periods") == 7 && stat.field("nr_throttled") == nil)
  }

  @Test func aTighterParentIsInForce() {
    let above = [("1000", "/c/p/f"), ("max", "/c/f"), ("500", "/f")].map {
      CgroupFiles.Value(text: $0.0, path: $0.1)
    }
    #expect(CgroupView.tighter(than: 800, above)?.limit == 500)
    #expect(CgroupView.tighter(than: 400, above) == nil)
    #expect(CgroupView.tighter(than: nil, above)?.path == "/f")
  }

  /// A whole v2 tree and a v1 one, as files.
  @Test(arguments: [true, false]) func limitsOfEitherVersion(isUnified: Bool) throws {
    let scratch = try Scratch()
    let files: [String: String] =
      isUnified
      ? [
        "memory.max": "1048576", "memory.current": "4096", "memory.peak": "8192",
        "memory.swap.max": "0", "memory.swap.current": "0", "memory.events": "oom 0\noom_kill 2\n",
        "cpu.max": "50000 100000", "cpu.weight": "59",
        "cpu.stat": "usage_usec 3000000\nnr_periods 9\nnr_throttled 4\nthrottled_usec 70000\n",
        "pids.max": "max", "pids.current": "3", "cpuset.cpus.effective": "0-1",
        "io.max": "8:0 rbps=1048576 wbps=max riops=max wiops=max\n", "cgroup.freeze": "1",
      ]
      : [
        "memory.limit_in_bytes": "1048576", "memory.usage_in_bytes": "4096",
        "memory.max_usage_in_bytes": "8192", "memory.memsw.limit_in_bytes": "1048576",
        "memory.memsw.usage_in_bytes": "4096", "memory.oom_control": "oom_kill 2\n",
        "cpu.cfs_quota_us": "50000", "cpu.cfs_period_us": "100000", "cpu.shares": "512",
        "cpu.stat": "nr_periods 9\nnr_throttled 4\nthrottled_time 70000000\n",
        "cpuacct.usage": "3000000000", "pids.max": "max", "pids.current": "3",
        "cpuset.cpus": "0-1", "freezer.state": "FROZEN",
        "blkio.throttle.read_bps_device": "8:0 1048576\n",
      ]
    for (name, text) in files {
      try File.replace("\(scratch.path)/\(name)", with: text.utf8)
    }
    let place = CgroupFiles.Place(
      directory: scratch.path, root: scratch.path, isUnified: isUnified)
    let tree = isUnified ? "" : "memory,cpu,cpuacct,pids,cpuset,freezer,blkio"
    var notes = Notes()
    let rows = CgroupView.rows(CgroupFiles(places: [tree: place]), &notes)
    func row(_ id: String) throws -> CgroupView.Row {
      try #require(rows.first { $0.id == id }, "\(id)")
    }
    #expect(try row("memory").amounts == CgroupView.Amount(limit: 1_048_576, use: 4096))
    #expect(try row("memory").use?.en == "4096 B, peak 8192 B")
    #expect(try row("oom_kill").use?.en == "2")
    #expect(try row("cpu").limit?.en == "0.5 CPUs (50000 of 100000 µs)")
    #expect(try row("cpu").use?.en == "3.00 s so far")
    #expect(try row("throttled").use?.en == "4 of 9 periods, 70.0 ms")
    #expect(try row("pids").limit == nil && row("pids").amounts?.use == 3)
    #expect(try row("cpuset.cpus").limit?.en == "0-1")
    #expect(try row("frozen").use?.en == "yes")
    #expect(try row("cpu_share").limit?.en.hasPrefix(isUnified ? "59 " : "512 ") == true)
    #expect(rows.contains { $0.id == (isUnified ? "io.max" : "blkio.throttle.read_bps_device") })
    #expect(notes.problems.isEmpty)
    // Nothing there: nothing is said, and nothing breaks.
    var none = Notes()
    let missing = CgroupFiles.Place(
      directory: "/nonexistent/a", root: "/nonexistent", isUnified: isUnified)
    #expect(CgroupView.rows(CgroupFiles(places: [tree: missing]), &none).isEmpty)
  }

  @Test func mountsAndMasks() throws {
    let table = MountTable(mountinfo: try Recorded.text("mountinfo"))
    func entry(_ target: String) throws -> MountTable.Entry {
      try #require(table.entries.first { $0.target == target })
    }
    #expect(table.count == 24)
    #expect(try entry("/proc/keys").isMask && entry("/sys/firmware").isMask)
    #expect(try !entry("/sys/fs/cgroup").isMask && entry("/sys/fs/cgroup").isReadOnly)
    #expect(try !entry("/dev/shm").isMask && !entry("/").isReadOnly)
    #expect(try entry("/proc/sys").isReadOnly && entry("/proc/sys").source == "proc[/sys]")
    #expect(try entry("/").propagation == "private")
    for text in Recorded.damaged(try Recorded.text("mountinfo")) { _ = MountTable(mountinfo: text) }
  }

  @Test func aHugeTableIsCounted() throws {
    let line = "85 69 0:39 / /mnt rw,relatime shared:4 master:1 - tmpfs lab rw\n"
    let table = MountTable(mountinfo: String(repeating: line, count: 20_000))
    #expect(table.count == 20_000 && table.entries.count == MountTable.most)
    #expect(table.entries.first?.propagation == "shared:4 master:1")
  }

  @Test func resourceLimits() throws {
    let entries = ResourceLimits.parse(try Recorded.text("limits"))
    #expect(entries.count == 16)
    #expect(entries.first { $0.name == "Max open files" }?.soft == 20000)
    #expect(entries.first?.soft == nil && entries.first?.unit == "seconds")
    #expect(entries.first { $0.name == "Max nice priority" }?.unit == "")
    for text in Recorded.damaged(try Recorded.text("limits")) { _ = ResourceLimits.parse(text) }
  }

  @Test func idMaps() {
    let map = IDMapping.map("         0     100000      65536\n     65536 5 1\nbad\n1 2\n")
    #expect(map.count == 2 && map[0].outside == 100_000)
    #expect(IDMapping.inside(100_005, map) == 5 && IDMapping.inside(5, map) == 65536)
    #expect(IDMapping.inside(0, map) == nil && IDMapping.inside(165_536, map) == nil)
    #expect(IDMapping.map("0 0 4294967295\n")[0].count == .max)
    #expect(IDMapping.map("0 0 4294967296\n").isEmpty)
  }

  @Test func capabilityNames() {
    #expect(Capabilities.names(mask: 0x21) == ["CAP_CHOWN", "CAP_KILL"])
    #expect(Capabilities.all(40).count == 41 && Capabilities.all(40)[13] == "CAP_NET_RAW")
    #expect(Capabilities.all(-5).count == 1 && Capabilities.all(1000).count <= 64)
    #expect(Capabilities.names(mask: .max).count == 64)
  }

  // MARK: Links

  @Test func linksAsTheKernelTellsThem() throws {
    let links = NetworkLink.parse(
      links: try Recorded.messages("links.hex"), addresses: try Recorded.messages("addresses.hex"))
    #expect(links.map { $0.name } == ["lo", "eth0"])
    let veth = try #require(links.last)
    #expect(veth.kind == "veth" && veth.index == 7 && veth.mtu == 1450 && veth.isUp)
    #expect(veth.hardware == "02:42:0a:c8:00:02" && veth.peer == 9 && veth.peerIsElsewhere)
    #expect(veth.addresses.contains("10.200.0.2/16") && veth.addresses.contains("fd00::2/64"))
    #expect(links.first?.addresses == ["127.0.0.1/8", "::1/128"])
  }

  @Test func linksCutShortAreLeftOut() throws {
    let links = try Recorded.messages("links.hex")
    for message in links {
      for length in 0..<message.count { _ = NetworkLink(Array(message[..<length])) }
      for at in message.indices {
        var turned = message
        turned[at] = 0xff
        _ = NetworkLink.parse(links: [turned], addresses: [turned, []])
      }
    }
    #expect(NetworkLink([]) == nil && NetworkLink([UInt8](repeating: 0, count: 16)) == nil)
  }

  @Test(
    arguments: [
      ([10, 0, 0, 2], String?("10.0.0.2")), ([], nil), ([1, 2, 3], nil),
      ([0xfe, 0x80] + [UInt8](repeating: 0, count: 13) + [1], "fe80::1"),
      ([UInt8](repeating: 0, count: 16), "::"),
      ([UInt8](repeating: 0, count: 15) + [1], "::1"),
      ([0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1], "2001:db8:0:1::1"),
      ([0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 4, 0, 5, 0, 6], "1:0:2:0:3:4:5:6"),
      ([0, 1, 0, 0, 0, 0, 0, 2, 0, 3, 0, 0, 0, 0, 0, 4], "1::2:3:0:0:4"),
    ] as [([UInt8], String?)])
  func addresses(_ bytes: [UInt8], _ text: String?) {
    #expect(IPAddress(bytes: bytes)?.description == text)
  }

  @Test func routesAndCounters() throws {
    #expect(Links.gateways(try Recorded.text("route")) == ["10.200.0.1 (eth0)"])
    let counters = Links.counters(try Recorded.text("dev"))
    #expect(counters.map { $0.name } == ["lo", "eth0"])
    #expect(counters.last?.received == 266 && counters.last?.sent == 196)
    for text in Recorded.damaged(try Recorded.text("route")) { _ = Links.gateways(text) }
    for text in Recorded.damaged(try Recorded.text("dev")) { _ = Links.counters(text) }
  }

  // MARK: Finding

  @Test func theInitOfAnIDIsFound() throws {
    let id = String(repeating: "ab", count: 32)
    let other = "abab" + String(repeating: "00", count: 30)
    func process(_ pid: Int32, _ cgroup: String, _ pids: String) -> HostProcess {
      HostProcess(
        pid: pid, status: Status("NSpid:\t\(pids)\n"), namespaces: [:], cgroups: ["": cgroup])
    }
    let list = [
      process(5, "/x/libpod-conmon-\(id).scope", "5"), process(9, "/x/libpod-\(id)", "9\t1"),
      process(8, "/x/libpod-\(id)", "8\t7"),
    ]
    #expect(try Finding.search(list, "ababab") == 9)
    #expect(try Finding.search(list, id) == 9)
    #expect(try Finding.search(list, "abab") == nil, "too short to be meant")
    #expect(try Finding.search(list, "web") == nil)
    #expect(try Finding.search(list, "cccccc") == nil)
    let two = list + [process(11, "/x/\(other)", "11\t1")]
    #expect(try Finding.search(two, "ababab") == 9)
    let same = list + [process(11, "/x/ababab\(String(repeating: "0", count: 58))", "11\t1")]
    #expect(throws: XRayError.self) { try Finding.search(same, "ababab") }
  }
}
