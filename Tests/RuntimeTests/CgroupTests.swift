import OCI
import Steps
import Testing

@testable import Linux
@testable import Runtime

/// The order of operations on a fake v1 and a fake v2 tree, without root.
@Suite struct CgroupOrderTests {
  let scratch: Scratch
  let kernel = FakeKernel()
  let glass: Glass

  init() throws {
    scratch = try Scratch()
    glass = Glass(observer: kernel)
  }

  private func v1() throws -> CgroupLayout {
    try scratch.make("cpuset/cpuset.cpus", "0-3\n")
    try scratch.make("cpuset/cpuset.mems", "0\n")
    try scratch.make("memory/x")
    return CgroupLayout(
      mode: .v1,
      trees: [
        CgroupTree(
          controllers: ["memory"], mountPoint: scratch.path + "/memory", isUnified: false, own: "/"),
        CgroupTree(
          controllers: ["cpuset"], mountPoint: scratch.path + "/cpuset", isUnified: false, own: "/"),
      ], unified: nil)
  }

  private func v2() throws -> CgroupLayout {
    try scratch.make("tree/cgroup.controllers", "cpu memory pids hugetlb rdma\n")
    try scratch.make("tree/cgroup.subtree_control", "cpu\n")
    return CgroupLayout(
      mode: .v2,
      trees: [
        CgroupTree(
          controllers: ["cpu", "memory", "pids", "hugetlb", "rdma"],
          mountPoint: scratch.path + "/tree",
          isUnified: true, own: "/")
      ], unified: nil)
  }

  private func cgroups(_ layout: CgroupLayout) throws -> Cgroups {
    try Cgroups(layout: layout, configured: "/drydock/web", id: "web")
  }

  /// What was done, without the scratch directory.
  private var done: [String] {
    kernel.steps.map { step in
      let parts = step.object.split(separator: scratch.path, omittingEmptySubsequences: false)
      return step.id.rawValue + " " + parts.joined()
    }
  }

  @Test func v1MakesEveryLevelAndFillsTheCpuset() throws {
    try cgroups(v1()).create(glass, needed: [])
    #expect(
      done == [
        "cgroup.create /memory/drydock", "cgroup.create /memory/drydock/web",
        "cgroup.create /cpuset/drydock", "cgroup.inherit /cpuset/drydock/cpuset.cpus ← 0-3",
        "cgroup.inherit /cpuset/drydock/cpuset.mems ← 0",
        "cgroup.inherit /cpuset/drydock/cgroup.clone_children ← 1",
        "cgroup.create /cpuset/drydock/web",
        "cgroup.inherit /cpuset/drydock/web/cpuset.cpus ← 0-3",
        "cgroup.inherit /cpuset/drydock/web/cpuset.mems ← 0",
      ])
  }

  @Test func aParentThatAnotherMadeButDidNotFillIsFilled() throws {
    let layout = try v1()
    try scratch.make("cpuset/drydock/cpuset.cpus", "\n")
    try scratch.make("cpuset/drydock/cpuset.mems", "\n")
    try cgroups(layout).create(glass, needed: [])
    #expect(try File.text(scratch.path + "/cpuset/drydock/cpuset.cpus") == "0-3")
    #expect(try File.text(scratch.path + "/cpuset/drydock/web/cpuset.cpus") == "0-3")
    #expect(try File.text(scratch.path + "/cpuset/drydock/web/cpuset.mems") == "0")
  }

  @Test func theContainersOwnCgroupMustBeNew() throws {
    let layout = try v1()
    try scratch.make("memory/drydock/web/cgroup.procs", "17\n")
    #expect(
      throws: StepFailure(
        .cgroupCreate,
        SystemError("(planted fault)", .exists, scratch.path + "/memory/drydock/web"))
    ) { try cgroups(layout).create(glass, needed: []) }
  }

  @Test func whatIsInUseIsSomebodys() throws {
    let layout = try v1()
    for tree in ["pids", "memory", "cpuset"] {
      try scratch.make("\(tree)/drydock/web/cgroup.procs")
    }
    try cgroups(layout).checkIsFree()
    try File.replace(scratch.path + "/cpuset/drydock/web/cgroup.procs", with: "17\n".utf8)
    #expect(throws: RuntimeError.self) { try cgroups(layout).checkIsFree() }
  }

  @Test func v2HandsDownTheUsualControllersAndWhatIsNeeded() throws {
    try cgroups(v2()).create(glass, needed: ["memory", "hugetlb"])
    #expect(
      done == [
        "cgroup.delegate /tree/cgroup.subtree_control ← +memory +pids +hugetlb",
        "cgroup.create /tree/drydock", "cgroup.create /tree/drydock/web",
      ])
  }

  /// mkdir(2) waits for whoever hands controllers to the parent, so it comes after the look.
  @Test func v2HandsDownTopDownBeforeTheChildIsMade() throws {
    let layout = try v2()
    try scratch.make("tree/drydock/cgroup.controllers", "cpu memory\n")
    try cgroups(layout).create(glass, needed: [])
    #expect(
      done == [
        "cgroup.delegate /tree/cgroup.subtree_control ← +memory +pids",
        "cgroup.delegate /tree/drydock/cgroup.subtree_control ← +cpu +memory",
        "cgroup.create /tree/drydock/web",
      ])
  }

  @Test func v2BeginsAgainWhenTheParentVanishes() throws {
    let layout = try v2()
    kernel.failures = [scratch.path + "/tree/drydock/web": .noDevice]
    try cgroups(layout).create(glass, needed: [])
    #expect(done.filter { $0 == "cgroup.create /tree/drydock/web" }.count == 2)
    #expect(File.exists(scratch.path + "/tree/drydock/web"))
  }

  @Test func limitsGoIntoTheirControllersTrees() throws {
    let cgroups = try cgroups(v1())
    try cgroups.create(glass, needed: [])
    try cgroups.limit(
      [
        CgroupWrite(controller: "memory", file: "memory.limit_in_bytes", value: "1"),
        CgroupWrite(controller: "cpuset", file: "cpuset.cpus", value: "0"),
      ], devices: [], glass)
    #expect(
      done.suffix(2) == [
        "cgroup.limit /memory/drydock/web/memory.limit_in_bytes ← 1",
        "cgroup.limit /cpuset/drydock/web/cpuset.cpus ← 0",
      ])
  }

  @Test func aControllerThatIsMissingIsAnError() throws {
    let cgroups = try cgroups(v1())
    let error = #expect(throws: RuntimeError.self) {
      try cgroups.limit(
        [CgroupWrite(controller: "pids", file: "pids.max", value: "3")], devices: [], glass)
    }
    #expect(error?.message.contains("pids.max = 3") == true)
    #expect(error?.message.contains("no pids controller") == true)
  }

  @Test func joiningIsOneWriteATree() throws {
    let cgroups = try cgroups(v1())
    try cgroups.create(glass, needed: [])
    try cgroups.join(4242, glass)
    #expect(
      done.suffix(2) == [
        "cgroup.join /memory/drydock/web/cgroup.procs ← 4242",
        "cgroup.join /cpuset/drydock/web/cgroup.procs ← 4242",
      ])
    try cgroups.joinSelf(glass)
    #expect(done.last == "cgroup.join /cpuset/drydock/web/tasks ← 0")
  }

  @Test func removingTakesTheEmptyParentsAlong() throws {
    let layout = try v2()
    let cgroups = try cgroups(layout)
    try File.makeDirectories(scratch.path + "/tree/drydock/web")
    try cgroups.remove(glass)
    #expect(!File.exists(scratch.path + "/tree/drydock"))
    try File.makeDirectories(scratch.path + "/tree/drydock/web")
    try File.makeDirectories(scratch.path + "/tree/drydock/other")
    try cgroups.remove(glass)
    #expect(try File.list(scratch.path + "/tree/drydock") == ["other"])
    try cgroups.remove(glass)
  }

  @Test func parentsOfOthersStay() throws {
    let cgroups = try Cgroups(layout: v2(), configured: "/machine/web", id: "web")
    try File.makeDirectories(scratch.path + "/tree/machine/web")
    try cgroups.remove(glass)
    #expect(try File.list(scratch.path + "/tree/machine") == [])
  }

  @Test(
    arguments: [
      (nil, "/drydock/id"), ("", "/drydock/id"), ("/a/b", "/a/b"), ("a//b/", "/a/b"),
      ("x", "/x"), ("/a:b/c", "/a:b/c"),
    ] as [(String?, String)])
  func paths(configured: String?, path: String) throws {
    #expect(try Cgroups(layout: v2(), configured: configured, id: "id").path == path)
  }

  @Test(arguments: ["/", "//", "..", "/..", "/a/../b", "/a/.", "slice:drydock:id"])
  func refusedPaths(configured: String) throws {
    let layout = try v2()
    #expect(throws: RuntimeError.self) {
      _ = try Cgroups(layout: layout, configured: configured, id: "id")
    }
  }
}

/// From linux.resources to files and values.
@Suite struct CgroupLimitTests {
  private static let full: Resources = {
    var resources = Resources()
    resources.memory.limit = 100 << 20
    resources.memory.swap = 150 << 20
    resources.memory.reservation = 50 << 20
    resources.cpu.shares = 512
    resources.cpu.quota = 50_000
    resources.cpu.period = 100_000
    resources.cpu.cpus = "0-1"
    resources.cpu.mems = "0"
    resources.pids = 10
    resources.blockIO.weight = 200
    resources.blockIO.readBps = [DeviceRate(major: 8, minor: 0, rate: 1000)]
    resources.blockIO.writeIops = [DeviceRate(major: 8, minor: 16, rate: 5)]
    return resources
  }()

  private func lines(_ resources: Resources, _ mode: CgroupMode) throws -> [String] {
    try resources.writes(mode).map { "\($0.controller)/\($0.file)=\($0.value)" }
  }

  @Test func onV1() throws {
    #expect(
      try lines(CgroupLimitTests.full, .hybrid) == [
        "memory/memory.limit_in_bytes=104857600", "memory/memory.memsw.limit_in_bytes=157286400",
        "memory/memory.soft_limit_in_bytes=52428800", "cpu/cpu.shares=512",
        "cpu/cpu.cfs_period_us=100000", "cpu/cpu.cfs_quota_us=50000", "cpuset/cpuset.cpus=0-1",
        "cpuset/cpuset.mems=0", "pids/pids.max=10", "blkio/blkio.bfq.weight=200",
        "blkio/blkio.throttle.read_bps_device=8:0 1000",
        "blkio/blkio.throttle.write_iops_device=8:16 5",
      ])
  }

  @Test func onV2() throws {
    #expect(
      try lines(CgroupLimitTests.full, .v2) == [
        "memory/memory.max=104857600", "memory/memory.swap.max=52428800",
        "memory/memory.low=52428800", "cpu/cpu.weight=59", "cpu/cpu.max=50000 100000",
        "cpuset/cpuset.cpus=0-1", "cpuset/cpuset.mems=0", "pids/pids.max=10",
        "io/io.bfq.weight=200", "io/io.max=8:0 rbps=1000", "io/io.max=8:16 wiops=5",
      ])
  }

  @Test func nothingAskedNothingWritten() throws {
    #expect(try lines(Resources(), .v1).isEmpty)
    #expect(try lines(Resources(), .v2).isEmpty)
    #expect(Resources().controllers.isEmpty)
  }

  @Test func unlimitedIsMinusOneOrMax() throws {
    var resources = Resources()
    resources.memory.limit = -1
    resources.memory.swap = -1
    resources.cpu.quota = -1
    resources.pids = -1
    #expect(
      try lines(resources, .v1) == [
        "memory/memory.limit_in_bytes=-1", "memory/memory.memsw.limit_in_bytes=-1",
        "cpu/cpu.cfs_quota_us=-1", "pids/pids.max=max",
      ])
    #expect(
      try lines(resources, .v2) == [
        "memory/memory.max=max", "memory/memory.swap.max=max", "cpu/cpu.max=max 100000",
        "pids/pids.max=max",
      ])
  }

  @Test(arguments: [1024, 0, 65535] as [Int64])
  func tooLittleMemory(limit: Int64) {
    var resources = Resources()
    resources.memory.limit = limit
    for mode in [CgroupMode.v1, .v2] {
      let error = #expect(throws: RuntimeError.self) { try resources.writes(mode) }
      #expect(error?.message.contains("\(limit)") == true)
    }
  }

  @Test func whatCannotBeEnforcedIsRefused() {
    func refused(_ mode: CgroupMode, _ word: String, _ change: (inout Resources) -> Void) {
      var resources = Resources()
      change(&resources)
      let error = #expect(throws: RuntimeError.self) { try resources.writes(mode) }
      #expect(error?.message.contains(word) == true)
    }
    refused(.v1, "memory.swap") {
      $0.memory.limit = 1 << 20
      $0.memory.swap = 1 << 19
    }
    refused(.hybrid, "memory.high") { $0.unified = [KeyValue("memory.high", "1")] }
    refused(.v2, "swappiness") { $0.memory.swappiness = 10 }
    refused(.v2, "disableOOMKiller") { $0.memory.disableOOMKiller = true }
    refused(.v2, "swap") { $0.memory.swap = 1 << 30 }
    refused(.v2, "../x") { $0.unified = [KeyValue("../x", "1")] }
    refused(.v2, "plain") { $0.unified = [KeyValue("plain", "1")] }
  }

  @Test func unifiedFilesAreWrittenAsTheyAre() throws {
    var resources = Resources()
    resources.unified = [KeyValue("memory.high", "1000")]
    #expect(try lines(resources, .v2) == ["memory/memory.high=1000"])
    #expect(resources.controllers == ["memory"])
  }
}
