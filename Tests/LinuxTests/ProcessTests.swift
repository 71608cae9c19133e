import Linux
import Testing

/// Clocks, signals, namespace flags, start times, terminals, channels.
@Suite struct ProcessTests {
  @Test(
    arguments: [
      (0, "1970-01-01T00:00:00.000000000Z"),
      (951_782_400_000_000_001, "2000-02-29T00:00:00.000000001Z"),
      (1_709_251_199_999_999_999, "2024-02-29T23:59:59.999999999Z"),
      (1_735_689_600_000_000_000, "2025-01-01T00:00:00.000000000Z"),
      (4_107_542_400_500_000_000, "2100-03-01T00:00:00.500000000Z"),
      (1_000_000_000_000_000_000, "2001-09-09T01:46:40.000000000Z"),
    ] as [(UInt64, String)])
  func rfc3339(wall: UInt64, text: String) { #expect(Clock.rfc3339(wall) == text) }

  @Test func clocksGoForward() {
    let before = (Clock.now, Clock.cpu)
    var sum: UInt64 = 0
    for i in 0..<100_000 { sum = sum &+ UInt64(i) &* 3 }
    #expect(sum > 0)
    #expect(Clock.now > before.0)
    #expect(Clock.cpu > before.1)
  }

  @Test(
    arguments: [
      ("9", 9), ("KILL", 9), ("SIGKILL", 9), ("kill", 9), ("SigTerm", 15), ("0", 0), ("64", 64),
      ("RTMIN", 34), ("SIGRTMIN+3", 37), ("RTMAX", 64), ("WINCH", 28), ("SYS", 31),
    ] as [(String, Int32)])
  func signals(text: String, number: Int32) { #expect(Signal.number(text) == number) }

  @Test(arguments: ["", "SIG", "65", "-1", "NOPE", "RTMIN+31", "RTMIN+", "9x", "SIGSIGKILL"])
  func noSignals(text: String) { #expect(Signal.number(text) == nil) }

  @Test func everySignalNameIsReadBack() {
    for number in Int32(1)...31 { #expect(Signal.number(Signal.name(number)) == number) }
    #expect(Signal.name(40) == "signal 40")
  }

  @Test func exitCodesAsAShellShowsThem() {
    #expect(ExitStatus.exited(7).code == 7)
    #expect(ExitStatus.signalled(9).code == 137)
  }

  @Test func namespaceFlagsAreNamed() {
    #expect(NamespaceFlags([]).description == "no namespace")
    #expect(NamespaceFlags([.uts, .mount]).description == "CLONE_NEWNS|CLONE_NEWUTS")
    #expect(NamespaceFlags.kinds.count == 8)
    #expect(Set(NamespaceFlags.kinds.map { $0.flag.rawValue }).count == 8)
  }

  @Test func startTimesNameAProcess() throws {
    let mine = try #require(Processes.startTime(Processes.current))
    #expect(Processes.startTime(Processes.current) == mine)
    #expect(Processes.startTime(1) != mine)
    #expect(Processes.startTime(Int32.max) == nil)
  }

  @Test func messagesArriveWhole() throws {
    let (a, b) = try Channel.pair()
    let mine = Channel(owning: a)
    let its = Channel(owning: b)
    let long = [UInt8](repeating: 7, count: 100_000)
    try mine.send([1, 2, 3])
    #expect(try its.receive() == [1, 2, 3])
    try mine.send(long)
    #expect(try its.receive() == long)
    #expect(throws: SystemError.self) {
      try mine.send([UInt8](repeating: 0, count: Channel.limit + 1))
    }
    Descriptors.close(its.release())
    #expect(try mine.receive() == nil)
    #expect(throws: SystemError("send(2)", Errno(32), "channel")) { try mine.send([1]) }
  }

  @Test func descriptorsTravel() throws {
    let (a, b) = try Channel.pair()
    let mine = Channel(owning: a)
    let its = Channel(owning: b)
    let file = try File.open("/proc/self/status", .readOnly)
    try Channel.pass(file.raw, over: mine.raw, name: "status")
    let received = try Channel.receiveDescriptor(over: its.raw)
    #expect(received.raw != file.raw)
    #expect(try File.read(received.raw, limit: 1 << 20, name: "status").count > 0)
  }

  @Test func terminalsHaveASize() throws {
    let pair = try Terminal.open("/dev/ptmx")
    let master = Descriptor(owning: pair.master)
    let slave = Descriptor(owning: pair.slave)
    try Terminal.resize(master.raw, TerminalSize(rows: 33, columns: 77))
    #expect(Terminal.size(slave.raw) == TerminalSize(rows: 33, columns: 77))
    #expect(Terminal.isTerminal(slave.raw))
    let file = try File.open("/dev/null", .readOnly)
    #expect(!Terminal.isTerminal(file.raw))
    #expect(Terminal.size(file.raw) == nil)
  }

  @Test func rawModeEndsWithItsOwner() throws {
    let pair = try Terminal.open("/dev/ptmx")
    let master = Descriptor(owning: pair.master)
    let slave = Descriptor(owning: pair.slave)
    func echoed() throws -> Bool {
      try File.write(master.raw, "x\n".utf8, name: "master")
      let echo = try Events.wait([master.raw], milliseconds: 200) != 0
      if echo { _ = try File.readSome(master.raw, 100) }
      return echo
    }
    #expect(try echoed())
    do {
      let raw = try RawTerminal(slave.raw)
      #expect(try !echoed())
      _ = consume raw
    }
    #expect(try echoed())
  }
}
