import Foundation
import Linux
import Names
import Testing

/// What containers hear from drydock-dns, on a real bridge.
@Suite("Names: what is answered", .enabled(if: NameStage.isReady, NameStage.reason))
struct NameServerTests {
  private func nslookup(
    _ stage: NameStage, _ container: NameStage.Container, _ words: String...
  ) throws -> String {
    try run(
      ["/usr/bin/nsenter", "-t", "\(container.holder.pid)", "-n", "/bin/busybox", "nslookup"]
        + words
    ).text
  }

  @Test func namesOfBothFamiliesAndBack() throws {
    let stage = try NameStage()
    let web = try stage.container(2, ["web", "www"])
    let db = try stage.container(3, ["DB"])
    try stage.ensure()
    #expect(try stage.ask("web", from: db).addresses == ["10.200.1.2"])
    #expect(try stage.ask("WwW.", from: db).addresses == ["10.200.1.2"])
    #expect(try stage.ask("web", 28, from: db).addresses == ["fd00:200:1::2"])
    #expect(try stage.ask("db.Shop", from: web).addresses == ["10.200.1.3"])
    let other = try stage.ask("web", 15, from: db)
    #expect(other.code == 0 && other.records == 0)
    // As programs ask, over both families.
    for server in ["10.200.1.1", "fd00:200:1::1"] {
      let found = try nslookup(stage, web, "-type=a", "db", server)
      #expect(found.contains("10.200.1.3"), "\(found)")
      let back = try nslookup(stage, web, "-type=ptr", "3.1.200.10.in-addr.arpa", server)
      #expect(back.contains("name = DB.shop") || back.contains("name = db.shop"), "\(back)")
    }
    let reverse6 = try nslookup(stage, web, "fd00:200:1::3", "10.200.1.1")
    #expect(reverse6.lowercased().contains("db.shop"), "\(reverse6)")
    try stage.finish()
  }

  @Test func anAliasOfSeveralTakesTurns() throws {
    let stage = try NameStage()
    let one = try stage.container(2, ["one", "all"])
    _ = try stage.container(3, ["two", "all"])
    try stage.ensure()
    let first = try stage.ask("all", from: one).addresses
    let second = try stage.ask("all", from: one).addresses
    #expect(Set(first) == ["10.200.1.2", "10.200.1.3"])
    #expect(second == first.reversed())
    #expect(try stage.ask("all", from: one).addresses == first)
    try stage.finish()
  }

  @Test func theRestIsAskedElsewhere() throws {
    let stage = try NameStage()
    let web = try stage.container(2, ["web"])
    let upstream = try stage.upstream(53)
    try stage.ensure()
    var ids = Set<[UInt8]>()
    var ports = Set<UInt16>()
    for _ in 0..<8 {
      let client = try stage.client(web)
      let question = DNSReply.question("example.org", edns: 4096)
      _ = try client.send(question)
      try DNSReply.readable(upstream.raw)
      let asked = try #require(try upstream.receiveDatagram())
      // All but the number is as the container wrote it, EDNS too.
      #expect(asked.bytes.dropFirst(2) == question.dropFirst(2))
      ids.insert(Array(asked.bytes.prefix(2)))
      ports.insert(asked.source.port)
      // An answer to something else first: it is not believed.
      var forged = DNSReply.answer(asked.bytes, [6, 6, 6, 6])
      forged[1] ^= 1
      #expect(try upstream.send(forged, to: asked.source))
      var answer = DNSReply.answer(asked.bytes, [192, 0, 2, 1])
      answer[2] |= 0x02
      #expect(try upstream.send(answer, to: asked.source))
      let reply = try DNSReply.next(client)
      #expect(Array(reply.bytes.prefix(2)) == [0x12, 0x34])
      #expect(reply.addresses == ["192.0.2.1"] && reply.isCut)
    }
    #expect(ids.count > 4 && ports.count > 4, "\(ids) \(ports)")
    try stage.finish()
  }

  @Test func aServerThatIsGoneIsNotTheLast() throws {
    let stage = try NameStage()
    // Nobody at 54; 55 is silent; 53 answers.
    let web = try stage.container(2, ["web"], upstreams: [54, 55, 53])
    let silent = try stage.upstream(55)
    let upstream = try stage.upstream(53)
    try stage.ensure()
    func look() throws -> [String] {
      let client = try stage.client(web)
      _ = try client.send(DNSReply.question("example.org"))
      try DNSReply.readable(upstream.raw)
      let asked = try #require(try upstream.receiveDatagram())
      #expect(
        try upstream.send(DNSReply.answer(asked.bytes, [192, 0, 2, 1]), to: asked.source))
      return try DNSReply.next(client).addresses
    }
    #expect(try look() == ["192.0.2.1"])
    #expect(try silent.receiveDatagram() != nil, "it was asked in its turn")
    // From now on those that were silent are asked last.
    #expect(try look() == ["192.0.2.1"])
    #expect(try silent.receiveDatagram() == nil)
    try stage.finish()
  }

  @Test func anotherServerMayKnow() throws {
    let stage = try NameStage()
    let web = try stage.container(2, ["web"], upstreams: [54, 53])
    let first = try stage.upstream(54)
    let second = try stage.upstream(53)
    try stage.ensure()
    for (code, last) in [(0, 0), (2, 2)] as [(UInt8, UInt8)] {
      let client = try stage.client(web)
      _ = try client.send(DNSReply.question("example.org"))
      for (server, says) in [(first.raw, 2), (second.raw, code)] as [(Int32, UInt8)] {
        try DNSReply.readable(server)
        let asked = try #require(
          try server == first.raw ? first.receiveDatagram() : second.receiveDatagram())
        let answer = DNSReply.answer(asked.bytes, [192, 0, 2, 1], code: says)
        #expect(
          try server == first.raw
            ? first.send(answer, to: asked.source) : second.send(answer, to: asked.source))
      }
      #expect(try DNSReply.next(client).code == last)
    }
    try stage.finish()
  }

  @Test func largeAnswersComeOverTCP() throws {
    let stage = try NameStage()
    let web = try stage.container(2, ["web"])
    for number in 10..<90 {
      var far = NameEntry()
      far.addresses = [NameStage.address(number)]
      far.names = ["far\(number)", "many"]
      try stage.write("f\(number)", far)
    }
    try stage.ensure()
    let cut = try stage.ask("many", from: web)
    #expect(cut.isCut && cut.bytes.count <= 512 && cut.records < 80)
    let longer = try stage.ask("many", from: web, edns: 1232)
    #expect(longer.isCut && longer.records > cut.records)
    let client = try stage.client(web, .tcp)
    try DNSReply.readable(client.raw, .writable)
    #expect(try client.connected())
    // Two on one connection, the first in pieces.
    let question = DNSReply.framed(DNSReply.question("many"))
    #expect(try client.send(Array(question.prefix(5))) == 5)
    #expect(try client.send(Array(question.dropFirst(5)) + question) == 2 * question.count - 5)
    for _ in 0..<2 {
      let whole = try DNSReply(try DNSReply.nextOverTCP(client))
      #expect(!whole.isCut && whole.records == 80 && Set(whole.addresses).count == 80)
    }
    try stage.finish()
  }

  @Test func overTCPTheRestIsAskedOverTCP() throws {
    let stage = try NameStage()
    let web = try stage.container(2, ["web"])
    let upstream = try stage.upstream(53, .tcp)
    try stage.ensure()
    let client = try stage.client(web, .tcp)
    try DNSReply.readable(client.raw, .writable)
    let question = DNSReply.question("example.org")
    _ = try client.send(DNSReply.framed(question))
    // Half of the connection is ended: the answer comes all the same.
    try client.shutDown(.sending)
    try DNSReply.readable(upstream.raw)
    guard let connection = try upstream.accept() else {
      Issue.record("nobody connected")
      return
    }
    let asked = try DNSReply.nextOverTCP(connection)
    #expect(asked.dropFirst(2) == question.dropFirst(2))
    let answer = DNSReply.framed(DNSReply.answer(asked, [192, 0, 2, 7]))
    #expect(try connection.send(answer) == answer.count)
    #expect(try DNSReply(try DNSReply.nextOverTCP(client)).addresses == ["192.0.2.7"])
    try DNSReply.readable(client.raw)
    #expect(try client.receive() == [], "the connection ends")
    try stage.finish()
  }

  @Test func aLinkIsItsOwnersAlone() throws {
    let stage = try NameStage()
    let upstream = try stage.upstream(53)
    var web = try stage.container(2, ["web"], isNamed: false)
    let db = try stage.container(3, ["db"])
    web.entry.links = [.init(alias: "store", container: db.id)]
    try stage.write(web.id, web.entry)
    try stage.ensure()
    #expect(try stage.ask("store", from: web).addresses == ["10.200.1.3"])
    let client = try stage.client(db)
    _ = try client.send(DNSReply.question("store"))
    try DNSReply.readable(upstream.raw)
    let asked = try #require(try upstream.receiveDatagram())
    #expect(try upstream.send(DNSReply.answer(asked.bytes, [], code: 3), to: asked.source))
    #expect(try DNSReply.next(client).code == 3)
    try stage.finish()
  }

  @Test func internalNetworksAndStrangers() throws {
    let stage = try NameStage(isInternal: true)
    let web = try stage.container(2, ["web"])
    let stranger = try stage.container(3, ["nobody"], isNamed: false)
    let upstream = try stage.upstream(53)
    try stage.ensure()
    #expect(try stage.ask("web", from: web).addresses == ["10.200.1.2"])
    #expect(try stage.ask("example.org", from: web).code == 3)
    #expect(try stage.ask("web", from: stranger).code == 5)
    #expect(try upstream.receiveDatagram() == nil)
    try stage.finish()
  }

  @Test func itNeverAsksItself() throws {
    let stage = try NameStage()
    var web = try stage.container(2, ["web"], isNamed: false)
    web.entry.upstreams = [NameStage.gateway]
    try stage.write(web.id, web.entry)
    try stage.ensure()
    #expect(try stage.ask("example.org", from: web).code == 2)
    // The host's own resolver might ask here: names are told, and it is not sent on.
    let host = try NameStage.visit(stage.host.pid) {
      try InternetSocket(.udp, connectingTo: SocketAddress(NameStage.gateway, 53))
    }
    _ = try host.send(DNSReply.question("web"))
    #expect(try DNSReply.next(host).addresses == ["10.200.1.2"])
    _ = try host.send(DNSReply.question("example.org"))
    #expect(try DNSReply.next(host).code == 5)
    try stage.finish()
  }

  @Test func whatCannotBeReadHarmsNobody() throws {
    let stage = try NameStage()
    let web = try stage.container(2, ["web"])
    try stage.ensure()
    let server = try stage.server()
    let client = try stage.client(web)
    var generator = SystemRandomNumberGenerator()
    for length in 0..<300 {
      let junk = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
      _ = try client.send(junk)
      var broken = DNSReply.question("web", edns: 1232)
      broken[Int.random(in: 0..<broken.count, using: &generator)] = 0xff
      _ = try client.send(Array(broken.prefix(length)))
    }
    let connection = try stage.client(web, .tcp)
    try DNSReply.readable(connection.raw, .writable)
    _ = try connection.send([0xff, 0xff] + [UInt8](repeating: 7, count: 5000))
    try DNSReply.readable(connection.raw)
    // Its end or a reset, as it comes.
    #expect((try? connection.receive()?.isEmpty) != false)
    try File.replace(
      NamePlaces.container(stage.runRoot, NameStage.network, "bad"), with: "nonsense\n".utf8)
    try stage.ensure()
    #expect(try stage.ask("web", from: web).addresses == ["10.200.1.2"])
    #expect(try stage.server() == server)
    let log = try File.text(NamePlaces.log(stage.runRoot))
    #expect(log.contains("/names/bad: line 1: nonsense"), "\(log)")
    try stage.finish()
  }

  @Test func oneContainerCannotTakeEverything() throws {
    let stage = try NameStage()
    let greedy = try stage.container(2, ["greedy"])
    let modest = try stage.container(3, ["modest"])
    let upstream = try stage.upstream(53)
    try stage.ensure()
    let client = try stage.client(greedy)
    var refused = 0
    // Nobody answers these.
    for id in 0..<200 as Range<UInt16> {
      _ = try client.send(DNSReply.question("x\(id).example.org", id: id))
      // In step with the server, so that no datagram is lost.
      let ready = try Events.poll(
        [upstream.raw, client.raw], [.readable, .readable], milliseconds: 20_000)
      if !ready[0].isEmpty { _ = try upstream.receiveDatagram() }
      if !ready[1].isEmpty, try DNSReply.next(client).code == 2 { refused += 1 }
    }
    #expect(refused > 0)
    while try upstream.receiveDatagram() != nil {}
    let other = try stage.client(modest)
    _ = try other.send(DNSReply.question("mine.example.org"))
    var answered = false
    while !answered {
      try DNSReply.readable(upstream.raw)
      let asked = try #require(try upstream.receiveDatagram())
      // The greedy one's are asked a second time meanwhile.
      guard asked.bytes.count > 17, asked.bytes[12] == 4, asked.bytes[13] == UInt8(ascii: "m")
      else { continue }
      #expect(
        try upstream.send(DNSReply.answer(asked.bytes, [192, 0, 2, 9]), to: asked.source))
      answered = true
    }
    #expect(try DNSReply.next(other).addresses == ["192.0.2.9"])
    try stage.finish()
  }

  @Test func connectionsHaveALimit() throws {
    let stage = try NameStage()
    let greedy = try stage.container(2, ["greedy"])
    let modest = try stage.container(3, ["modest"])
    try stage.ensure()
    var open = [Int32]()
    defer { for fd in open { Descriptors.close(fd) } }
    for _ in 0..<40 { open.append(try stage.client(greedy, .tcp).release()) }
    let last = try #require(open.last)
    try DNSReply.readable(last)
    let ended = InternetSocket(
      owning: Descriptor(owning: open.removeLast()), .tcp, named: SocketAddress(greedy.address, 0))
    #expect((try? ended.receive()?.isEmpty) != false, "one too many is closed")
    let other = try stage.client(modest, .tcp)
    try DNSReply.readable(other.raw, .writable)
    _ = try other.send(DNSReply.framed(DNSReply.question("greedy")))
    #expect(try DNSReply(try DNSReply.nextOverTCP(other)).addresses == ["10.200.1.2"])
    try stage.finish()
  }

  @Test func thousandsOfQuestionsLeaveNothing() throws {
    let stage = try NameStage()
    let web = try stage.container(2, ["web"])
    let upstream = try stage.upstream(53)
    try stage.ensure()
    let client = try stage.client(web)
    _ = try client.send(DNSReply.question("web"))
    _ = try DNSReply.next(client)
    let before = try stage.descriptors()
    for round in 0..<3000 {
      let isOurs = round % 3 != 0
      _ = try client.send(
        DNSReply.question(isOurs ? "web" : "x\(round).example", id: UInt16(round)))
      if !isOurs {
        try DNSReply.readable(upstream.raw)
        let asked = try #require(try upstream.receiveDatagram())
        #expect(
          try upstream.send(DNSReply.answer(asked.bytes, [192, 0, 2, 1]), to: asked.source))
      }
      let reply = try DNSReply.next(client)
      #expect(reply.addresses == [isOurs ? "10.200.1.2" : "192.0.2.1"])
    }
    #expect(try stage.descriptors() == before)
    try stage.finish()
  }

  @Test func theHostsServersAreTheLastResort() throws {
    let stage = try NameStage()
    let web = try stage.container(2, ["web"], upstreams: [])
    let upstream = try stage.upstream(55)
    let file = stage.runRoot + "/resolv.conf"
    try File.replace(file, with: "nameserver 10.200.9.55\n".utf8)
    // In a mount namespace of its own the server sees another file.
    let server = try Running([
      "/usr/bin/nsenter", "-t", "\(stage.host.pid)", "-n", "/usr/bin/unshare", "-m",
      "/bin/busybox", "sh", "-c",
      "mount -o bind \(file) /etc/resolv.conf && exec \(NameStage.program) \(stage.runRoot)",
    ])
    // It serves once its socket is there; then this only asks.
    #expect(eventually { File.exists(NamePlaces.socket(stage.runRoot)) })
    try stage.ensure()
    let client = try stage.client(web)
    _ = try client.send(DNSReply.question("example.org"))
    try DNSReply.readable(upstream.raw)
    let asked = try #require(try upstream.receiveDatagram())
    #expect(try upstream.send(DNSReply.answer(asked.bytes, [192, 0, 2, 5]), to: asked.source))
    #expect(try DNSReply.next(client).addresses == ["192.0.2.5"])
    try server.signal(Signal.kill)
    _ = try server.finish()
    try stage.finish()
  }
}
