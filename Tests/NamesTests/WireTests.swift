import Linux
import Testing

@testable import Names

/// Questions and answers as RFC 1035 has them on the wire.
@Suite struct WireTests {
  private func read(_ message: [UInt8]) throws -> DNSQuery { try DNSQuery(message) }

  @Test func aQuestion() throws {
    let query = try read(Wire.query("WeB.Example.", 28, id: 7))
    #expect(query.id == 7 && query.name == "web.example" && query.type == 28)
    #expect(query.dnsClass == 1 && query.ednsSize == nil && query.udpLimit == 512)
    // The answer repeats the question as it was asked: clients that mix cases compare them.
    #expect(Array(query.question.dropLast(4)) == Wire.labels("WeB.Example"))
    let edns = try read(Wire.query("web", edns: 4096))
    #expect(edns.ednsSize == 4096 && edns.udpLimit == 4096)
    #expect(try read(Wire.query("web", edns: 100)).udpLimit == 512)
    #expect(try read(Wire.query("")).name == "")
  }

  @Test func whatIsNoQuestion() throws {
    func failure(_ message: [UInt8]) -> DNSQuery.Failure? {
      do {
        _ = try DNSQuery(message)
        return nil
      } catch { return error }
    }
    let good = Wire.query("web", edns: 1232)
    #expect(failure(good) == nil)
    #expect(failure([]) == .silence)
    #expect(failure(Array(good.prefix(11))) == .silence)
    // An answer is never answered: two servers would go on for ever.
    #expect(failure(Wire.query("web", flags: 0x8100)) == .silence)
    #expect(failure(good + [UInt8](repeating: 0, count: DNSQuery.limit)) == .silence)
    #expect(failure(Wire.query("web", flags: 0x2800)) == .code(.notImplemented))  // UPDATE
    for end in 12..<good.count {
      #expect(failure(Array(good.prefix(end))) == .code(.formatError), "\(end) bytes")
    }
    for (place, value) in [(5, 0), (5, 2), (7, 1), (11, 9), (9, 9)] as [(Int, UInt8)] {
      var bad = good
      bad[place] = value
      #expect(failure(bad) == .code(.formatError), "byte \(place)")
    }
    // A pointer at itself.
    var loop = Wire.query("web")
    loop.replaceSubrange(12..<17, with: [0xc0, 12, 0, 0, 0])
    #expect(failure(loop) == .code(.formatError))
    var two = Wire.query("web", edns: 512)
    two[11] = 2
    #expect(failure(two + two.suffix(11)) == .code(.formatError))
  }

  @Test func namesHaveLimits() {
    let label = String(repeating: "a", count: 63)
    let long = [label, label, label, String(repeating: "b", count: 61)].joined(separator: ".")
    #expect(DNSName.encode(long)?.count == 255)
    #expect(DNSName.encode(long + "b") == nil)
    #expect(DNSName.encode(label + "a") == nil)
    #expect(DNSName.encode("a..b") == nil && DNSName.encode("") == nil)
    #expect(DNSName.encode("Web.") == [3, 119, 101, 98, 0])
    let wire = DNSName.encode(long) ?? []
    #expect(DNSName.read(wire, at: 0)?.name == long)
    #expect(DNSName.skip(wire, at: 0) == 255)
    let tooLong = Array(wire.dropLast()) + [1, 98, 0]
    #expect(DNSName.read(tooLong, at: 0) == nil)
  }

  @Test func aDotInALabelIsNoName() {
    let read = DNSName.read([3, 97, 46, 98, 0], at: 0)
    #expect(read?.name == "\u{0}" && read?.end == 5)
    #expect(DNSName.read([2, 97, 0xff, 0], at: 0)?.name == "\u{0}")
    #expect(!NameEntry.isName("\u{0}"))
  }

  @Test(arguments: [
    ("2.1.200.10.in-addr.arpa", "10.200.1.2"),
    (
      "2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.0.0.0.0.2.0.0.0.0.0.0.0.d.f.ip6.arpa",
      "fd00:0:200:1::2"
    ),
  ])
  func reverseNames(_ name: String, _ address: String) {
    #expect(DNSName.reverse(name).flatMap { IPAddress(bytes: $0) } == IPAddress(address))
  }

  @Test(arguments: [
    "1.200.10.in-addr.arpa", "256.1.200.10.in-addr.arpa", "-1.1.200.10.in-addr.arpa",
    "+2.1.200.10.in-addr.arpa", "x.1.200.10.in-addr.arpa", "2.0.ip6.arpa", "web",
    "2.1.200.10.in-addr.arp", "",
  ])
  func noReverseNames(_ name: String) { #expect(DNSName.reverse(name) == nil) }

  @Test func anAnswer() throws {
    let v4 = try #require(IPAddress("10.200.1.2"))
    let v6 = try #require(IPAddress("fd00::2"))
    let query = try read(Wire.query("WEB", 255, flags: 0x0110))
    let message = query.answer(.noError, [.address(v4), .address(v6), .name("web.shop")])
    let answer = try #require(Answer(message))
    #expect(answer.id == 0x1234 && answer.question == "web" && !answer.hasEDNS)
    #expect(answer.flags == 0x8590)  // QR, AA, RD, RA, CD
    #expect(answer.timesToLive == [0, 0, 0])
    #expect(
      answer.records == [
        .init(type: 1, data: v4.bytes), .init(type: 28, data: v6.bytes),
        .init(type: 12, data: Wire.labels("web.shop")),
      ])
    #expect(DNSRelay.isAnswer(message, id: 0x1234, question: query.question))
    let failed = try #require(Answer(query.answer(.serverFailure)))
    #expect(failed.flags == 0x8192 && failed.records == [])
  }

  @Test func anAnswerThatIsTooLongSaysSo() throws {
    let addresses = (0..<100).map { DNSQuery.Record.address(IPAddress(v4: 0x0ac8_0000 + $0)) }
    let plain = try read(Wire.query("all"))
    let cut = plain.answer(.noError, addresses, overTCP: false)
    let short = try #require(Answer(cut))
    #expect(short.isCut && cut.count <= 512 && cut.count + 16 > 512)
    #expect(!short.records.isEmpty)
    let edns = try read(Wire.query("all", edns: 4096))
    let longer = edns.answer(.noError, addresses, overTCP: false)
    let middle = try #require(Answer(longer))
    #expect(middle.isCut && middle.hasEDNS && longer.count <= DNSQuery.longestDatagram)
    #expect(middle.records.count > short.records.count)
    let whole = try #require(Answer(edns.answer(.noError, addresses, overTCP: true)))
    #expect(!whole.isCut && whole.records.count == 100)
    let many = (0..<5000).map { DNSQuery.Record.address(IPAddress(v4: $0)) }
    #expect(edns.answer(.noError, many).count <= 65_535)
  }

  @Test func unreadableQuestions() throws {
    let broken = [1, 2, 0x29, 0xff] + [UInt8](repeating: 9, count: 9)
    let reply = try #require(DNSQuery.answer(.formatError, toUnreadable: broken))
    #expect(reply == [1, 2, 0xa9, 0x81] + [UInt8](repeating: 0, count: 8))
    #expect(DNSQuery.answer(.formatError, toUnreadable: [1, 2]) == nil)
    var later = Wire.query("web", edns: 1232)
    later[later.count - 5] = 1
    let bad = try #require(Answer(try read(later).badVersion()))
    #expect(bad.hasEDNS && bad.extendedCode == 1 && bad.code == 0)
  }

  @Test func whatServersSay() throws {
    let query = try read(Wire.query("Web.Example", id: 9))
    let sent = DNSRelay.renumbered(Wire.query("Web.Example", id: 9), 77)
    var answer = try read(sent).answer(.noError, [.address(IPAddress(v4: 1))])
    #expect(DNSRelay.isAnswer(answer, id: 77, question: query.question))
    #expect(!DNSRelay.isAnswer(answer, id: 78, question: query.question))
    #expect(!DNSRelay.isAnswer(sent, id: 77, question: query.question), "a question")
    answer[13] |= 0x20
    #expect(DNSRelay.isAnswer(answer, id: 77, question: query.question), "other case")
    answer[14] = UInt8(ascii: "x")
    #expect(!DNSRelay.isAnswer(answer, id: 77, question: query.question), "other name")
    #expect(!DNSRelay.isAnswer(Array(answer.prefix(14)), id: 77, question: query.question))
    let unreadable = try #require(DNSQuery.answer(.formatError, toUnreadable: sent))
    #expect(DNSRelay.isAnswer(unreadable, id: 77, question: query.question))
    var empty = unreadable
    empty[3] = 0x80
    #expect(!DNSRelay.isAnswer(empty, id: 77, question: query.question), "nothing at all")

    let long = answer + [UInt8](repeating: 0, count: 600)
    let cut = try #require(Answer(DNSRelay.cut(long, to: query)))
    #expect(cut.isCut && cut.question == "web.example" && cut.records.isEmpty)
    #expect(DNSRelay.cut(answer, to: query) == answer)
  }
}
