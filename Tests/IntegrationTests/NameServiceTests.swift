import Foundation
import Linux
import Names
import Synchronization
import Testing

/// The life of drydock-dns: started when it is needed, one a run-root, gone when nobody needs it.
@Suite("Names: the server's life", .enabled(if: NameStage.isReady, NameStage.reason))
struct NameServiceTests {
  @Test func theDeadVanishAndTheNewAppear() throws {
    let stage = try NameStage()
    let web = try stage.container(2, ["web"])
    let db = try stage.container(3, ["db"], upstreams: [])
    try stage.ensure()
    #expect(try stage.ask("db", from: web).addresses == ["10.200.1.3"])
    try db.holder.kill()
    // Nobody serves at 10.200.9.53: what is not known is a failure.
    #expect(try stage.ask("db", from: web).code == 2)
    let server = try stage.server()
    _ = try stage.container(4, ["db"])
    try stage.ensure()
    #expect(try stage.ask("db", from: web).addresses == ["10.200.1.4"])
    try File.remove(NamePlaces.container(stage.runRoot, NameStage.network, "c4"))
    try stage.ensure()
    #expect(try stage.ask("db", from: web).code == 2)
    #expect(try stage.server() == server)
    try stage.finish()
  }

  @Test func networksComeAndGo() throws {
    let stage = try NameStage()
    let web = try stage.container(2, ["web"])
    try stage.ensure()
    #expect(try stage.ask("web", from: web).code == 0)
    let before = try stage.descriptors()
    let folder = NamePlaces.networks(stage.runRoot) + "/ffff"
    for round in 0..<5 {
      try File.makeDirectories(folder + "/names")
      var network = NetworkEntry()
      network.listen = [try #require(IPAddress("10.200.9.5\(round % 3 + 3)"))]
      try File.replace(folder + "/resolver", with: network.encode())
      var far = NameEntry()
      far.addresses = [try #require(IPAddress("10.200.77.7"))]
      far.names = ["far"]
      try File.replace(folder + "/names/\(web.id)", with: web.entry.encode())
      try File.replace(folder + "/names/far", with: far.encode())
      try stage.ensure()
      // The caller's own connection may be open a moment longer.
      #expect(try eventually { try stage.descriptors() == before + 2 })
      #expect(try stage.ask("far", from: web).addresses == ["10.200.77.7"])
      try File.removeTree(folder)
      try stage.ensure()
      #expect(try eventually { try stage.descriptors() == before })
      #expect(try stage.ask("far", from: web).code == 2)
    }
    try stage.finish()
  }

  /// A question under way and an idle connection do not keep the address of a network that is gone.
  @Test func aNetworkThatIsGoneLeavesNothingOpen() throws {
    let stage = try NameStage()
    let web = try stage.container(2, ["web"])
    let upstream = try stage.upstream(53)
    try stage.ensure()
    let folder = NamePlaces.networks(stage.runRoot) + "/ffff"
    #expect(try stage.ask("web", from: web).code == 0)
    let before = try stage.descriptors()
    var network = NetworkEntry()
    network.listen = [try #require(IPAddress("10.200.9.54"))]
    var own = web.entry
    own.upstreams = [try #require(IPAddress("10.200.9.53"))]
    let address = SocketAddress(network.listen[0], 53)
    for _ in 0..<3 {
      try File.makeDirectories(folder + "/names")
      try File.replace(folder + "/resolver", with: network.encode())
      try File.replace(folder + "/names/\(web.id)", with: own.encode())
      try stage.ensure()
      let (datagrams, connection) = try NameStage.visit(web.holder.pid) {
        (
          try InternetSocket(.udp, connectingTo: address).release(),
          try InternetSocket(.tcp, connectingTo: address).release()
        )
      }
      let idle = InternetSocket(owning: Descriptor(owning: connection), .tcp, named: address)
      let asking = InternetSocket(owning: Descriptor(owning: datagrams), .udp, named: address)
      try DNSReply.readable(idle.raw, .writable)
      _ = try idle.send(DNSReply.framed(DNSReply.question("web")))
      #expect(try DNSReply(try DNSReply.nextOverTCP(idle)).code == 0)
      _ = try asking.send(DNSReply.question("example.org"))
      try DNSReply.readable(upstream.raw)
      while try upstream.receiveDatagram() != nil {}
      try File.removeTree(folder)
      try stage.ensure()
      try DNSReply.readable(idle.raw)
      #expect(try idle.receive() == [], "the connection ends with its network")
      #expect(try eventually { try stage.descriptors() == before })
    }
    try stage.finish()
  }

  @Test func afterAKillItIsStartedAnew() throws {
    let stage = try NameStage()
    let web = try stage.container(2, ["web"])
    for _ in 0..<3 {
      try stage.ensure()
      let server = try stage.server()
      #expect(try stage.ask("web", from: web).addresses == ["10.200.1.2"])
      try Processes.kill(server, Signal.kill)
      #expect(try eventually { try stage.servers().isEmpty })
    }
    try stage.ensure()
    #expect(try stage.ask("web", from: web).addresses == ["10.200.1.2"])
    try stage.finish()
  }

  @Test func manyAtOnceStartOne() throws {
    let stage = try NameStage()
    let web = try stage.container(2, ["web"])
    for _ in 0..<5 {
      let failures = Mutex<[String]>([])
      let (runRoot, host) = (stage.runRoot, stage.host.pid)
      DispatchQueue.concurrentPerform(iterations: 8) { _ in
        do throws(NameServiceError) { try NameStage.ensure(runRoot, host: host) } catch {
          failures.withLock { $0.append(error.text) }
        }
      }
      #expect(failures.withLock { $0 } == [])
      // Those that came second have ended, or are about to.
      #expect(try eventually { try stage.servers().count == 1 })
      #expect(try stage.ask("web", from: web).addresses == ["10.200.1.2"])
      try Processes.kill(try stage.server(), Signal.kill)
      #expect(try eventually { try stage.servers().isEmpty })
    }
    try stage.finish()
  }

  @Test func itEndsWhenNobodyLives() throws {
    let stage = try NameStage(look: 50)
    let web = try stage.container(2, ["web"])
    var far = NameEntry()
    far.addresses = [NameStage.address(9)]
    far.names = ["far"]
    try stage.write("far", far)
    try stage.ensure()
    try web.holder.kill()
    // Who is on another host does not keep it.
    #expect(try eventually { try stage.servers().isEmpty })
    #expect(!File.exists(NamePlaces.socket(stage.runRoot)))
    let db = try stage.container(3, ["db"])
    try stage.ensure()
    #expect(try stage.ask("far", from: db).addresses == ["10.200.1.9"])
    try stage.finish()
  }

  @Test func whoIsKeptKeepsIt() throws {
    let stage = try NameStage(look: 20)
    var web = try stage.container(2, ["web"], isNamed: false)
    web.entry.keeper = stage.runRoot + "/alive"
    let lock = try FileLock(web.entry.keeper)
    try stage.write(web.id, web.entry)
    try stage.ensure()
    let server = try stage.server()
    // Between two lives: its monitor waits to start it again.
    try web.holder.kill()
    // Many looks.
    Clock.sleep(500_000_000)
    #expect(try stage.servers() == [server])
    lock.release()
    #expect(try eventually { try stage.servers().isEmpty })
    try stage.finish()
  }

  /// Whoever has written a name has a server, however often one is ending just then.
  @Test func nobodyIsForgottenWhileItEnds() throws {
    let stage = try NameStage(look: 3)
    let web = try stage.container(2, ["web"], isNamed: false)
    let client = try stage.client(web)
    let path = NamePlaces.container(stage.runRoot, NameStage.network, web.id)
    var servers = Set<Int32>()
    // In most of a round nobody needs it, and its looks fall anywhere into it.
    for _ in 0..<300 {
      try stage.write(web.id, web.entry)
      try stage.ensure()
      _ = try client.send(DNSReply.question("web"))
      #expect(try DNSReply.next(client).addresses == ["10.200.1.2"])
      for pid in try stage.servers() { servers.insert(pid) }
      try File.remove(path)
      Clock.sleep(UInt64.random(in: 0...8_000_000))
    }
    #expect(servers.count > 10, "it hardly ever ended: nothing was tested")
    try stage.finish()
  }

  @Test func aTakenPortIsToldAndTriedAgain() throws {
    let stage = try NameStage()
    let web = try stage.container(2, ["web"])
    let any = SocketAddress(IPAddress(v4: 0), 53)
    var other: Descriptor? = try NameStage.visit(stage.host.pid) {
      Descriptor(owning: try InternetSocket(.udp, boundTo: any).release())
    }
    do {
      try stage.ensure()
      Issue.record("the port was not taken")
    } catch {
      #expect(error.text.contains("udp 10.200.1.1:53: address already in use"), "\(error.text)")
      #expect(error.hint.contains("ss -lnp"))
    }
    _ = other.take()
    try stage.ensure()
    #expect(try stage.ask("web", from: web).addresses == ["10.200.1.2"])
    try stage.finish()
  }

  @Test func aProgramThatIsNotThereIsTold() throws {
    let stage = try NameStage()
    do {
      try NameService.ensure(runRoot: stage.runRoot, program: "/nowhere/drydock-dns")
      Issue.record("it was started")
    } catch {
      #expect(error.text.contains("/nowhere/drydock-dns"))
      #expect(error.hint.contains("DRYDOCK_DNS"))
    }
    // One that ends at once, and one that says nothing.
    do {
      try NameService.ensure(runRoot: stage.runRoot, program: "/bin/false")
      Issue.record("it was started")
    } catch { #expect(error.text.contains("ended at once")) }
    try stage.finish()
  }
}
