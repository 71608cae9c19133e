import OCI
import Testing

@testable import Linux
@testable import Runtime

/// The wire format, against what systemd's own busctl(1) sent.
@Suite struct DBusTests {
  /// Recorded from `busctl call org.freedesktop.systemd1 /org/freedesktop/systemd1
  /// org.freedesktop.systemd1.Manager StartTransientUnit 'ssa(sv)a(sa(sv))' drydock-web.scope replace
  /// 6 Slice s system.slice PIDs au 1 4711 Delegate b true MemoryMax t 67108864 AllowedCPUs ay 1 3
  /// DeviceAllow 'a(ss)' 1 /dev/char/1:3 rwm 0` (systemd 252), its flags set to 0.
  private static let recorded =
    "6c0106010001000002000000b600000001016f00190000002f6f72672f667265656465736b746f702f737973"
    + "74656d643100000000000000030173001200000053746172745472616e7369656e74556e6974000000000000"
    + "02017300200000006f72672e667265656465736b746f702e73797374656d64312e4d616e6167657200000000"
    + "0000000006017300180000006f72672e667265656465736b746f702e73797374656d64310000000000000000"
    + "08016700107373612873762961287361287376292900000011000000647279646f636b2d7765622e73636f70"
    + "65000000070000007265706c61636500d400000005000000536c696365000173000000000c00000073797374"
    + "656d2e736c696365000000000000000004000000504944730002617500000000040000006712000008000000"
    + "44656c6567617465000162000100000000000000090000004d656d6f72794d61780001740000000000000000"
    + "00000004000000000b000000416c6c6f7765644350557300026179000100000003000000000000000b000000"
    + "446576696365416c6c6f770005612873732900001c000000000000000d0000002f6465762f636861722f313a"
    + "330000000300000072776d0000000000"

  private static var bytes: [UInt8] {
    var bytes: [UInt8] = []
    var text = recorded[...]
    while let first = text.popFirst(), let second = text.popFirst() {
      bytes.append(UInt8(String([first, second]), radix: 16) ?? 0)
    }
    // Flags: no start of a service, interactive authorization. This client sets none.
    bytes[2] = 0
    return bytes
  }

  private static var message: DBusMessage {
    var message = DBusMessage(kind: .call)
    message.serial = 2
    message.path = "/org/freedesktop/systemd1"
    message.interface = "org.freedesktop.systemd1.Manager"
    message.member = "StartTransientUnit"
    message.destination = "org.freedesktop.systemd1"
    message.body = [
      .text("drydock-web.scope"), .text("replace"),
      .properties([
        .init(name: "Slice", value: .text("system.slice")),
        .init(name: "PIDs", value: .u32s([4711])), .init(name: "Delegate", value: .bool(true)),
        .init(name: "MemoryMax", value: .u64(64 << 20)),
        .init(name: "AllowedCPUs", value: .bytes([3])),
        .init(
          name: "DeviceAllow", value: .pairs([.init(first: "/dev/char/1:3", second: "rwm")])),
      ]), .noUnits,
    ]
    return message
  }

  @Test func aCallIsWrittenAsSystemdWritesIt() {
    #expect(DBusTests.message.encode() == DBusTests.bytes)
  }

  @Test func aMessageIsReadBack() throws {
    #expect(try DBusMessage.length(DBusTests.bytes) == DBusTests.bytes.count)
    #expect(try DBusMessage.length(Array(DBusTests.bytes.prefix(15))) == nil)
    var expected = DBusTests.message
    // Only texts and numbers are read, up to the first other value.
    expected.body = Array(expected.body.prefix(2))
    #expect(try DBusMessage.parse(DBusTests.bytes) == expected)
  }

  @Test func aSignalIsReadBack() throws {
    var signal = DBusMessage(kind: .signal)
    signal.serial = 77
    signal.path = "/org/freedesktop/systemd1"
    signal.interface = "org.freedesktop.systemd1.Manager"
    signal.member = "JobRemoved"
    signal.body = [.u32(5), .path("/job/5"), .text("drydock-web.scope"), .text("done")]
    #expect(try DBusMessage.parse(signal.encode()) == signal)
  }

  /// Whoever sits on the bus may send anything.
  @Test func brokenMessagesAreRefused() throws {
    let good = DBusTests.bytes
    for length in 16..<good.count {
      _ = try? DBusMessage.parse(Array(good.prefix(length)))
    }
    for index in 0..<good.count {
      var bytes = good
      bytes[index] ^= 0xff
      _ = try? DBusMessage.length(bytes)
      _ = try? DBusMessage.parse(bytes)
    }
    #expect(throws: DBusError.self) { try DBusMessage.length([66] + good.dropFirst()) }
    var huge = good
    huge[6] = 0xff
    #expect(throws: DBusError.self) { try DBusMessage.length(huge) }
    #expect(throws: DBusError.self) { try DBusMessage.parse(Array(good.prefix(40))) }
  }
}

/// Names and limits as systemd has them.
@Suite struct SystemdUnitTests {
  @Test(
    arguments: [
      ("system.slice", "/system.slice"), ("a-b-c.slice", "/a.slice/a-b.slice/a-b-c.slice"),
      ("-.slice", ""), ("machine.slice", "/machine.slice"),
    ] as [(String, String)])
  func slicesAreExpanded(slice: String, path: String) throws {
    #expect(try SystemdNames.expand(slice) == path)
  }

  @Test(arguments: [
    "", "a", ".slice", "a--b.slice", "-a.slice", "a-.slice", "a/b.slice", "../x.slice",
  ])
  func noSlices(slice: String) {
    #expect(throws: RuntimeError.self) { try SystemdNames.expand(slice) }
  }

  @Test(
    arguments: [
      ("system.slice:docker:abc", "/system.slice/docker-abc.scope"),
      ("kube-pods.slice:cri-containerd:x", "/kube.slice/kube-pods.slice/cri-containerd-x.scope"),
      ("::web", "/system.slice/web.scope"), ("", "/system.slice/drydock-id.scope"),
    ] as [(String, String)])
  func pathsOfUnits(configured: String, path: String) throws {
    let names = try SystemdNames(configured: configured, id: "id", isRoot: true)
    #expect(names.path == path)
    #expect(SystemdNames(path: path) == names)
  }

  @Test(arguments: [
    "/drydock/web", "a:b", "a.slice:b:", "a.slice:b:c d", "a.slice:../x:c", "a:b:c:d",
  ])
  func noUnits(configured: String) {
    #expect(throws: RuntimeError.self) {
      try SystemdNames(configured: configured, id: "id", isRoot: true)
    }
  }

  @Test func otherPathsAreNoUnits() {
    for path in ["/drydock/web", "/a.slice", "/a.slice/x.scope/inner", "/x.scope"] {
      #expect(SystemdNames(path: path) == nil)
    }
  }

  private func shown(_ resources: Resources, _ mode: CgroupMode) -> [String] {
    resources.properties(mode).map { "\($0.name)=\($0.value)" }
  }

  @Test func limitsAsProperties() {
    var resources = Resources()
    resources.memory.limit = 64 << 20
    resources.memory.swap = 96 << 20
    resources.cpu.shares = 1024
    resources.cpu.quota = 12_345
    resources.cpu.period = 100_000
    resources.cpu.cpus = "0-1,9"
    resources.pids = -1
    #expect(
      shown(resources, .v2) == [
        "MemoryMax=u64(67108864)", "MemorySwapMax=u64(33554432)", "CPUWeight=u64(100)",
        "CPUQuotaPeriodUSec=u64(100000)", "CPUQuotaPerSecUSec=u64(130000)",
        "TasksMax=u64(18446744073709551615)", "AllowedCPUs=bytes([3, 2])",
      ])
    #expect(
      shown(resources, .hybrid) == [
        "MemoryLimit=u64(67108864)", "CPUShares=u64(1024)", "CPUQuotaPeriodUSec=u64(100000)",
        "CPUQuotaPerSecUSec=u64(130000)", "TasksMax=u64(18446744073709551615)",
      ])
  }

  @Test func devicesAsProperties() {
    var resources = Resources()
    resources.devices = [DeviceRule(allow: true)]
    #expect(shown(resources, .v2) == [#"DevicePolicy=text("auto")"#])
    resources.devices = [DeviceRule(allow: false)]
    let lines = shown(resources, .v2)
    #expect(lines.count == 2 && lines[0] == #"DevicePolicy=text("strict")"#)
    #expect(lines[1].contains("/dev/char/1:3") && lines[1].contains("char-*"))
  }
}
