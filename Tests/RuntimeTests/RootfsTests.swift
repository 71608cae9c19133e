import Linux
import OCI
import Steps
import Testing

@testable import Runtime

/// The order in which a root filesystem is built, read from a recording kernel without root.
@Suite struct RootfsTests {
  let scratch: Scratch
  let recorder = Recorder()

  init() throws { scratch = try Scratch() }

  private func rootfs(_ config: Config, user: Bool = false) -> Rootfs {
    Rootfs(
      config: config, path: scratch.path, glass: Glass(observer: recorder), cgroups: nil,
      hasCgroupNamespace: true, hasUserNamespace: user)
  }

  private func config() -> Config {
    var config = Config()
    config.mounts = [
      Mount(destination: "/proc", type: "proc", source: "proc"),
      Mount(destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "mode=755"]),
      Mount(
        destination: "/data", type: "bind", source: "/etc", options: ["rbind", "ro", "rslave"]),
    ]
    return config
  }

  private var ids: [StepID] { recorder.steps.map { $0.id } }

  @Test func openDetachesFromTheHostFirst() throws {
    _ = try rootfs(config()).open()
    #expect(ids == [.mountPropagation, .rootfsBind])
    #expect(recorder.steps[0].shell == "mount --make-rslave /")
    #expect(recorder.steps[1].shell == "mount --rbind \(scratch.path) \(scratch.path)")
  }

  @Test func anOverlayOnTheRootTakesTheBindsPlace() throws {
    var config = config()
    config.linux.rootfsPropagation = "private"
    config.mounts.insert(
      Mount(destination: "/", type: "overlay", source: "overlay", options: ["lowerdir=/a:/b"]),
      at: 0)
    let rootfs = rootfs(config)
    let root = try rootfs.open()
    #expect(ids == [.mountPropagation, .rootfsOverlay])
    #expect(recorder.steps[0].shell == "mount --make-rprivate /")
    #expect(
      recorder.steps[1].shell == "mount -t overlay -o lowerdir=/a:/b overlay \(scratch.path)")
    try rootfs.fill(root.raw) { () throws(RuntimeError) in }
    #expect(!recorder.steps.dropFirst(2).contains { $0.id == .rootfsOverlay })
  }

  @Test func mountsThenDevicesThenCovers() throws {
    try scratch.make("proc/secret")
    try scratch.make("proc/folder/x")
    try scratch.make("proc/other/x")
    var config = config()
    config.linux.maskedPaths = ["/proc/secret", "/proc/folder", "/proc/other", "/proc/missing"]
    config.linux.readonlyPaths = ["/proc/folder", "/missing"]
    let rootfs = rootfs(config)
    let root = try rootfs.open()
    try rootfs.fill(root.raw) { () throws(RuntimeError) in }
    let expected: [StepID] =
      [.mountPropagation, .rootfsBind, .mountAttach, .mountAttach, .mountBind]
      + Array(repeating: .devNode, count: 6) + Array(repeating: .devLink, count: 5)
      + [.rootfsReadonlyPath, .rootfsMask, .rootfsMask, .rootfsMask]
    #expect(ids == expected)
    #expect(
      recorder.steps[4].shell == """
        mkdir -p \(scratch.path)/data && mount --rbind /etc \(scratch.path)/data \
        && mount -o remount,bind,ro \(scratch.path)/data \
        && mount --make-rslave \(scratch.path)/data
        """)
    let masks = recorder.steps.suffix(3).map { $0.object }
    #expect(
      masks == [
        "/dev/null → \(scratch.path)/proc/secret", "tmpfs → \(scratch.path)/proc/folder",
        "\(scratch.path)/proc/folder → \(scratch.path)/proc/other",
      ])
  }

  @Test func theTurn() throws {
    var config = config()
    config.root.readonly = true
    config.linux.rootfsPropagation = "shared"
    let rootfs = rootfs(config)
    let root = try rootfs.open()
    // The mount that the root is on is cut off, or all mounts inside would appear on the host.
    #expect(ids == [.mountPropagation, .mountPropagation, .rootfsBind])
    #expect(recorder.steps[0].shell == "mount --make-rshared /")
    let before = recorder.steps.count
    try rootfs.enter(root.raw)
    #expect(
      Array(ids.dropFirst(before)) == [
        .rootfsReadonly, .rootfsPivot, .mountPropagation, .rootfsDetach, .processCwd, .mountSpread,
      ])
  }

  @Test func inAUserNamespaceNodesAreBound() throws {
    let rootfs = rootfs(config(), user: true)
    let root = try rootfs.open()
    try rootfs.fill(root.raw) { () throws(RuntimeError) in }
    #expect(ids.filter { $0 == .devBind }.count == 6 && !ids.contains(.devNode))
  }

  @Test func theHostsDevIsLeftAlone() throws {
    var config = config()
    config.mounts[1] = Mount(destination: "/dev", type: "bind", source: "/dev", options: ["rbind"])
    let rootfs = rootfs(config)
    let root = try rootfs.open()
    try rootfs.fill(root.raw) { () throws(RuntimeError) in }
    #expect(!ids.contains(.devNode) && !ids.contains(.devLink))
  }

  @Test func ownDevicesReplaceTheDefaultOnes() throws {
    var config = config()
    config.linux.devices = [DeviceNode(type: "c", path: "/dev/null", major: 9, minor: 9)]
    let rootfs = rootfs(config)
    let root = try rootfs.open()
    try rootfs.fill(root.raw) { () throws(RuntimeError) in }
    let nulls = recorder.steps.filter { $0.id == .devNode && $0.object.contains("/dev/null") }
    #expect(nulls.map { $0.object } == ["\(scratch.path)/dev/null c 9:9"])
  }

  @Test func cgroupMountsWaitUntilTheProcessJoined() throws {
    var config = config()
    config.mounts.append(
      Mount(destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: ["ro"]))
    let rootfs = rootfs(config)
    let root = try rootfs.open()
    var joinedAfter = -1
    try rootfs.fill(root.raw) { () throws(RuntimeError) in joinedAfter = recorder.steps.count }
    // Everything before the cgroup mount, nothing after it.
    #expect(joinedAfter == 5)
  }

  @Test func withoutPivotTheHostsMountsAreLetGoAndTheRootIsMoved() throws {
    var rootfs = rootfs(config())
    rootfs.pivots = false
    let root = try rootfs.open()
    let before = recorder.steps.count
    try rootfs.enter(root.raw)
    let steps = Array(recorder.steps.dropFirst(before))
    let last = Array(steps.suffix(2).map { $0.id })
    #expect(last == [.rootfsPivot, .processCwd])
    #expect(steps.dropLast(2).allSatisfy { $0.id == .rootfsDetach })
    #expect(steps.contains { $0.object == "/proc" } && steps.contains { $0.object == "/sys" })
    #expect(!steps.dropLast(2).contains { scratch.path.hasPrefix($0.object) })
  }

  /// Looked at before anything is made.
  @Test func aBindSourceMustExist() throws {
    var config = config()
    config.mounts[2].source = "/nowhere/at/all"
    let plan = InitPlan(id: "c", config: config, rootfs: scratch.path)
    let error = #expect(throws: RuntimeError.self) {
      try MountPreparation(plan: plan, glass: Glass(observer: recorder)).run()
    }
    #expect(error?.message.contains("/nowhere/at/all") == true)
  }
}
