import Linux
import Testing

@testable import Names

/// Who is told what: two networks, and containers on one or both.
@Suite struct TableTests {
  private var table = NameTable()

  init() throws {
    table.lives = { $0.pidfile != "/dead" }
    try network("front", listen: "10.200.1.1", name: "front")
    try network("back", listen: "10.200.2.1", name: "back", isInternal: true)
    try container("web", on: "front", ["10.200.1.2", "fd00:1::2"], ["web", "www", "all"])
    try container("app", on: "front", ["10.200.1.3"], ["App", "all"])
    try container("app", on: "back", ["10.200.2.3"], ["App"])
    try container("db", on: "back", ["10.200.2.4"], ["db"], links: [("cache", "app")])
    try container("gone", on: "front", ["10.200.1.9"], ["gone", "all"], pidfile: "/dead")
  }

  private mutating func network(
    _ id: String, listen: String, name: String, isInternal: Bool = false
  ) throws {
    var network = NameTable.Network()
    network.entry.listen = [try #require(IPAddress(listen))]
    network.entry.name = name
    network.entry.isInternal = isInternal
    table.networks[id] = network
  }

  private mutating func container(
    _ id: String, on network: String, _ addresses: [String], _ names: [String],
    links: [(String, String)] = [], pidfile: String = "/lives"
  ) throws {
    var entry = NameEntry()
    entry.pidfile = pidfile
    entry.addresses = addresses.compactMap { IPAddress($0) }
    entry.names = names
    entry.links = links.map { .init(alias: $0.0, container: $0.1) }
    entry.upstreams = id == "app" ? [try #require(IPAddress("192.0.2.53"))] : []
    table.networks[network]?.set(id, entry)
  }

  /// What an address gets over TCP: a code, and addresses or names.
  private func ask(
    _ name: String, _ type: UInt16 = 1, from address: String, on network: String,
    _ answering: inout Answering
  ) throws -> String {
    let client = try #require(IPAddress(address))
    let outcome = answering.take(
      Wire.query(name, type), from: client, on: network, overTCP: true, table)
    switch outcome {
    case .nothing: return "nothing"
    case .forward(_, let servers, let asker): return "\(asker) forwards \(servers)"
    case .reply(let bytes):
      let answer = try #require(Answer(bytes))
      let texts = answer.records.map { record in
        record.type == 12
          ? DNSName.read(record.data, at: 0)?.name ?? "?"
          : IPAddress(bytes: record.data)?.description ?? "?"
      }
      return ([String(answer.code)] + texts).joined(separator: " ")
    }
  }

  private func ask(
    _ name: String, _ type: UInt16 = 1, from address: String = "10.200.1.2",
    on network: String = "front"
  ) throws -> String {
    var answering = Answering()
    return try ask(name, type, from: address, on: network, &answering)
  }

  @Test func namesAndAliases() throws {
    #expect(try ask("web") == "0 10.200.1.2")
    #expect(try ask("WWW") == "0 10.200.1.2")
    #expect(try ask("app") == "0 10.200.1.3")
    #expect(try ask("web", 28) == "0 fd00:1::2")
    #expect(try ask("web", 255) == "0 10.200.1.2 fd00:1::2")
    #expect(try ask("app", 28) == "0", "it exists, without such an address")
    #expect(try ask("app", 15) == "0", "it exists, without such records")
    #expect(try ask("app.front") == "0 10.200.1.3")
    #expect(try ask("app.back") == "web forwards []")
    #expect(try ask("nobody") == "web forwards []")
  }

  @Test func allNetworksOfTheAsker() throws {
    #expect(try ask("db") == "web forwards []")
    #expect(try ask("db", from: "10.200.1.3") == "0 10.200.2.4")
    #expect(try ask("db.back", from: "10.200.1.3") == "0 10.200.2.4")
    // On both networks, where it is asked first.
    #expect(try ask("app", from: "10.200.1.3") == "0 10.200.1.3 10.200.2.3")
    #expect(try ask("app", from: "10.200.2.3", on: "back") == "0 10.200.2.3 10.200.1.3")
  }

  @Test func sharedAliasesTakeTurns() throws {
    var answering = Answering()
    let first = try ask("all", from: "10.200.1.2", on: "front", &answering)
    // The other family's question, which comes each time, changes nothing.
    _ = try ask("all", 28, from: "10.200.1.2", on: "front", &answering)
    let second = try ask("all", from: "10.200.1.2", on: "front", &answering)
    let third = try ask("all", from: "10.200.1.2", on: "front", &answering)
    #expect(first == "0 10.200.1.3 10.200.1.2")
    #expect(second == "0 10.200.1.2 10.200.1.3")
    #expect(third == first)
  }

  @Test func theDeadHaveNoName() throws {
    #expect(try ask("gone") == "web forwards []")
    #expect(try ask("9.1.200.10.in-addr.arpa", 12) == "web forwards []")
  }

  @Test func reverse() throws {
    #expect(try ask("3.1.200.10.in-addr.arpa", 12) == "0 app.front")
    #expect(try ask("3.1.200.10.in-addr.arpa", 1) == "0")
    #expect(try ask("4.2.200.10.in-addr.arpa", 12) == "web forwards []", "not its network")
  }

  @Test func linksAreTheirOwners() throws {
    #expect(try ask("cache", from: "10.200.2.4", on: "back") == "0 10.200.2.3")
    #expect(try ask("cache", from: "10.200.2.3", on: "back").contains("forwards"))
  }

  @Test func internalNetworksAskNobody() throws {
    #expect(try ask("nobody", from: "10.200.2.4", on: "back") == "3")
    // Who is on another network too reaches what is outside.
    #expect(try ask("nobody", from: "10.200.2.3", on: "back") == "app forwards [192.0.2.53]")
  }

  @Test func strangersAreRefused() throws {
    #expect(try ask("web", from: "10.200.1.77") == "5")
    #expect(try ask("web", from: "10.200.2.4") == "5", "of another network")
    #expect(try ask("web", on: "nowhere") == "5")
  }

  @Test func theHostLooksUpAndIsNotSentOn() throws {
    #expect(try ask("web", from: "10.200.1.1") == "0 10.200.1.2")
    #expect(try ask("nobody", from: "10.200.1.1") == "5")
  }

  @Test func transfersAndOtherClassesAreRefused() throws {
    #expect(try ask("web", 252) == "5")
    let chaos = Wire.query("version.bind", 16, dnsClass: 3)
    var answering = Answering()
    let client = try #require(IPAddress("10.200.1.2"))
    guard
      case .reply(let reply) = answering.take(
        chaos, from: client, on: "front", overTCP: true, table)
    else {
      Issue.record("no reply")
      return
    }
    #expect(Answer(reply)?.code == 5)
  }

  @Test func anAddressOfTwoIsTheLivingOnes() throws {
    var copy = self
    try copy.container("new", on: "front", ["10.200.1.9"], ["new"])
    #expect(try copy.ask("9.1.200.10.in-addr.arpa", 12) == "0 new.front")
    #expect(try copy.ask("nobody", from: "10.200.1.9") == "new forwards []")
  }

  @Test func aChangedEntryLeavesNothingOfTheOld() throws {
    var copy = self
    try copy.container("web", on: "front", ["10.200.1.22"], ["fresh"])
    #expect(try copy.ask("fresh", from: "10.200.1.3") == "0 10.200.1.22")
    #expect(try copy.ask("web", from: "10.200.1.3") == "app forwards [192.0.2.53]")
    #expect(try copy.ask("fresh", from: "10.200.1.2") == "5")
    copy.table.networks["front"]?.set("web", nil)
    #expect(try copy.ask("fresh", from: "10.200.1.3") == "app forwards [192.0.2.53]")
  }

  @Test func livingIsWhatTheKernelSays() throws {
    var entry = NameEntry()
    #expect(NameTable.isLiving(entry), "on another host")
    let start = try #require(Processes.startTime(Processes.current))
    let file = try File.memory("pid")
    entry.pidfile = file.procPath
    #expect(!NameTable.isLiving(entry))
    try File.write(file.raw, "\(Processes.current) \(start)\n".utf8, name: "pid")
    #expect(NameTable.isLiving(entry))
    let other = try File.memory("pid")
    entry.pidfile = other.procPath
    try File.write(other.raw, "\(Processes.current) \(start + 1)\n".utf8, name: "pid")
    #expect(!NameTable.isLiving(entry))
    entry.pidfile = "/nowhere/at/all"
    #expect(!NameTable.isLiving(entry))
  }

  @Test func serversInOrder() throws {
    let one = try #require(IPAddress("192.0.2.1"))
    let other = try #require(IPAddress("192.0.2.2"))
    let own = try #require(IPAddress("10.200.1.1"))
    var resolver = HostResolver("/nowhere/at/all")
    #expect(resolver.servers([], but: [], now: 0) == [])
    let both = [SocketAddress(one, 53), SocketAddress(other, 53)]
    #expect(resolver.servers([own, one, other], but: [own], now: 0) == both)
    resolver.disgrace(both[0], now: 0)
    #expect(resolver.servers([one, other], but: [], now: 1) == both.reversed())
    #expect(resolver.servers([one, other], but: [], now: HostResolver.disgrace) == both)
    resolver.disgrace(both[0], now: 0)
    resolver.forgive(both[0])
    #expect(resolver.servers([one, other], but: [], now: 1) == both)
    let many = (0..<9).map { IPAddress(v4: $0 + 1) }
    #expect(resolver.servers(many, but: [], now: 1).count == HostResolver.mostServers)
  }
}
