import Linux
import Testing

@testable import Steps

/// Records as messages: whatever arrives, nothing crashes and nothing is made up.
@Suite struct RelayTests {
  static let full: StepRecord = {
    var record = StepRecord(
      .mountAttach, .`init`,
      .mount(MountCall("proc", on: "/r/proc", type: "proc", .noSUID, data: "hidepid=2")))
    record.start = 0x0102_0304_0506_0708
    record.duration = UInt64.max
    record.errno = .perm
    return record
  }()

  @Test(arguments: StepID.allCases)
  func aRecordComesBack(id: StepID) {
    var record = RelayTests.full
    record.id = id
    #expect(StepRecord(message: record.message(.end)) == record)
    record.shell = nil
    record.errno = nil
    record.object = ""
    #expect(StepRecord(message: record.message(.begin)) == record)
    #expect(record.message(.begin).first == MessageKind.begin.rawValue)
  }

  @Test func everyCutIsRefused() {
    let message = RelayTests.full.message(.end)
    for length in 0..<message.count {
      #expect(StepRecord(message: Array(message.prefix(length))) == nil)
    }
  }

  @Test func garbageNeverCrashes() {
    var seed: UInt64 = 20_261_121
    func random() -> UInt64 {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return seed >> 33
    }
    let good = RelayTests.full.message(.end)
    var accepted = 0
    for round in 0..<5000 {
      var message: [UInt8]
      if round % 2 == 0 {
        message = (0..<Int(random() % 200)).map { _ in UInt8(truncatingIfNeeded: random()) }
      } else {
        message = good
        for _ in 0...(random() % 4) {
          message[Int(random()) % message.count] = UInt8(truncatingIfNeeded: random())
        }
      }
      if StepRecord(message: message) != nil { accepted += 1 }
    }
    #expect(accepted > 0, "a changed letter is still a record")
    #expect(accepted < 5000)
  }

  @Test func lengthsNearTheLimitOfTheNumberAreRefused() {
    var message = Array(RelayTests.full.message(.end).prefix(23))
    message += [0xfe, 0xff, 0xff, 0xff] + [UInt8](repeating: 0x61, count: 64)
    #expect(StepRecord(message: message) == nil)
  }

  @Test func aLongValueStillFitsAMessage() throws {
    let long = String(repeating: "长", count: 40_000)
    let record = StepRecord(.mountAttach, .`init`, .mount(MountCall(long, on: long, type: long)))
    let message = record.message(.end)
    #expect(message.count <= Channel.limit)
    #expect(StepRecord(message: message)?.id == .mountAttach)
  }

  @Test func goMayComeAfterMappedAndJoined() throws {
    let (a, b) = try Channel.pair()
    let runtime = Channel(owning: a)
    let mine = Channel(owning: b)
    let line = InitLine(socket: mine.raw)
    try runtime.send([MessageKind.joined.rawValue])
    try runtime.send([MessageKind.mapped.rawValue])
    try runtime.send([MessageKind.go.rawValue])
    #expect(line.wait(for: .go))
    #expect(line.wait(for: .mapped))
    #expect(line.wait(for: .joined))
    try runtime.send([MessageKind.deny.rawValue])
    #expect(!line.wait(for: .go))
    Descriptors.close(runtime.release())
    #expect(!line.wait(for: .go), "the runtime is gone")
  }

  @Test func theReporterTellsWhatItDidAndWhatFailed() throws {
    let (a, b) = try Channel.pair()
    let runtime = Channel(owning: a)
    let mine = Channel(owning: b)
    let fault = try #require(Fault("uts.sethostname#1:EPERM"))
    let glass = Glass(
      observer: Reporter(line: InitLine(socket: mine.raw), waits: false, faults: Faults([fault])))
    glass.side = .`init`
    #expect(throws: StepFailure.self) { try glass.perform(.utsSethostname, .hostName("web")) }
    let message = try #require(try runtime.receive())
    let record = try #require(StepRecord(message: message))
    #expect(message.first == MessageKind.end.rawValue)
    #expect(record.id == .utsSethostname && record.side == .`init`)
    #expect(record.errno == .perm && record.object == "web")
  }
}
