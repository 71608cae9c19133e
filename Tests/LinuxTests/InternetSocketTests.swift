import Linux
import Testing

/// UDP and TCP over the loopback addresses of this machine.
@Suite struct InternetSocketTests {
  static let loopbacks = ["127.0.0.1", "::1"]
  /// Long enough for any machine: nothing is measured.
  static let patience: Int32 = 10_000

  private func wait(_ fd: Int32, for interest: Events.Interest) throws {
    let ready = try Events.poll([fd], [interest], milliseconds: Self.patience)
    try #require(!ready[0].isEmpty, "nothing came")
  }

  private func any(_ text: String) throws -> SocketAddress {
    SocketAddress(try #require(IPAddress(text)), 0)
  }

  /// A connection: the client's end and the server's.
  private func connection(_ address: String) throws -> (Int32, Int32) {
    let listener = try InternetSocket(.tcp, boundTo: try any(address), .reuseAddress)
    try listener.listen()
    let server = try listener.local()
    let client = try InternetSocket(.tcp, connectingTo: server, .noDelay)
    try wait(client.raw, for: .writable)
    #expect(try client.connected())
    try wait(listener.raw, for: .readable)
    guard let accepted = try listener.accept() else {
      Issue.record("accept(2) gave nothing")
      throw Errno.again.lacking
    }
    #expect(accepted.named == (try client.local()))
    #expect(try accepted.local() == server)
    let isMore = try listener.accept() != nil
    #expect(!isMore)
    return (client.release(), accepted.release())
  }

  private func take(_ fd: Int32) throws -> InternetSocket {
    InternetSocket(owning: Descriptor(owning: fd), .tcp, named: try any("127.0.0.1"))
  }

  @Test(arguments: loopbacks) func aConnectionCarriesBytesBothWays(_ address: String) throws {
    let (one, other) = try connection(address)
    let client = try take(one)
    let server = try take(other)
    #expect(try server.receive() == nil)
    #expect(try client.send([1, 2, 3]) == 3)
    try wait(server.raw, for: .readable)
    #expect(try server.receive(limit: 2) == [1, 2])
    #expect(try server.receive(limit: 2) == [3])
    try client.shutDown(.sending)
    try wait(server.raw, for: .readable)
    #expect(try server.receive() == [])
    // The other direction still stands.
    #expect(try server.send([4]) == 1)
    try wait(client.raw, for: .readable)
    #expect(try client.receive() == [4])
  }

  @Test func anAbortedConnectionIsReset() throws {
    let (one, other) = try connection("127.0.0.1")
    let client = try take(one)
    try take(other).abort()
    try wait(client.raw, for: .readable)
    do {
      _ = try client.receive()
      Issue.record("an end, not a reset")
    } catch { #expect(error.errno.name == "ECONNRESET") }
  }

  @Test func whatDoesNotFitIsNotSent() throws {
    let (one, other) = try connection("127.0.0.1")
    let client = try take(one)
    let server = try take(other)
    let piece = [UInt8](repeating: 7, count: 1 << 20)
    var total = 0
    var sent = 0
    repeat {
      sent = try client.send(piece)
      total += sent
    } while sent > 0
    var received = 0
    while received < total {
      try wait(server.raw, for: .readable)
      received += try #require(try server.receive()).count
    }
    #expect(received == total)
    #expect(try server.receive() == nil)
  }

  @Test(arguments: loopbacks) func nobodyListens(_ address: String) throws {
    // A bound socket keeps the port from everybody else, and does not listen.
    let silent = try InternetSocket(.tcp, boundTo: try any(address))
    let target = try silent.local()
    do {
      let client = try InternetSocket(.tcp, connectingTo: target)
      try wait(client.raw, for: .writable)
      _ = try client.connected()
      Issue.record("connected to nobody")
    } catch let error as SystemError {
      #expect(error == SystemError("connect(2)", .refused, "tcp \(target)"))
    }
  }

  @Test(arguments: InternetSocket.Transport.both, loopbacks)
  func aTakenPortIsNamed(_ transport: InternetSocket.Transport, _ address: String) throws {
    let first = try InternetSocket(transport, boundTo: try any(address))
    if transport == .tcp { try first.listen() }
    let taken = try first.local()
    #expect(throws: SystemError("bind(2)", .inUse, "\(transport.rawValue) \(taken)")) {
      let second = try InternetSocket(transport, boundTo: taken)
      _ = second.raw
    }
  }

  @Test func anAddressOfNobodyNeedsFreeBind() throws {
    // TEST-NET-1 (RFC 5737): no machine has it.
    let nobody = try any("192.0.2.1")
    #expect(throws: SystemError("bind(2)", .noAddress, "udp 192.0.2.1:0")) {
      let socket = try InternetSocket(.udp, boundTo: nobody)
      _ = socket.raw
    }
    let early = try InternetSocket(.udp, boundTo: nobody, .freeBind)
    #expect(try early.local().address == nobody.address)
    let documentation = try any("2001:db8::1")
    let early6 = try InternetSocket(.tcp, boundTo: documentation, .freeBind)
    #expect(try early6.local().address == documentation.address)
  }

  @Test(arguments: loopbacks) func datagramsNameTheirSender(_ address: String) throws {
    let server = try InternetSocket(.udp, boundTo: try any(address))
    let client = try InternetSocket(.udp, boundTo: try any(address))
    #expect(try server.receiveDatagram() == nil)
    #expect(try client.send([1, 2, 3, 4], to: try server.local()))
    #expect(try client.send([], to: try server.local()))
    try wait(server.raw, for: .readable)
    let first = try #require(try server.receiveDatagram(limit: 3))
    #expect(first.bytes == [1, 2, 3] && first.isCut && first.destination == nil)
    #expect(first.source == (try client.local()))
    let second = try #require(try server.receiveDatagram())
    #expect(second.bytes == [] && !second.isCut)
    #expect(try server.send([9], to: first.source))
    try wait(client.raw, for: .readable)
    #expect(try #require(try client.receiveDatagram()).bytes == [9])
  }

  @Test(arguments: [("0.0.0.0", "127.0.0.9"), ("::", "127.0.0.9"), ("::", "::1")])
  func aDatagramTellsWhereItWasSentTo(_ bound: String, _ target: String) throws {
    let server = try InternetSocket(.udp, boundTo: try any(bound), .destination)
    let address = SocketAddress(try #require(IPAddress(target)), try server.local().port)
    let client = try InternetSocket(.udp, connectingTo: address)
    #expect(try client.send([5]) == 1)
    try wait(server.raw, for: .readable)
    let question = try #require(try server.receiveDatagram())
    #expect(question.destination == address.address)
    #expect(question.source == (try client.local()))
    // A connected client hears nobody but whom it asked.
    #expect(try server.send([6], to: question.source, from: question.destination))
    try wait(client.raw, for: .readable)
    #expect(try client.receive() == [6])
  }

  @Test func aRefusedDatagramIsToldOnAConnectedSocket() throws {
    // It keeps its port from everybody else, and hears only whom it is connected to.
    let friend = try InternetSocket(.udp, boundTo: try any("127.0.0.1"))
    let deaf = try InternetSocket(
      .udp, connectingTo: try friend.local(), from: try any("127.0.0.1"))
    let target = try deaf.local()
    let client = try InternetSocket(.udp, connectingTo: target)
    #expect(try client.send([1]) == 1)
    try wait(client.raw, for: .readable)
    #expect(throws: SystemError("recvmsg(2)", .refused, "udp \(target)")) {
      _ = try client.receive()
    }
  }

  @Test func v6OnlyLeavesIPv4ToOthers() throws {
    let v4 = try #require(IPAddress("0.0.0.0"))
    func bothListen(_ options: InternetSocket.Options) throws -> Bool {
      let all = try InternetSocket(.tcp, boundTo: try any("::"), options)
      try all.listen()
      do {
        let other = try InternetSocket(.tcp, boundTo: SocketAddress(v4, try all.local().port))
        try other.listen()
        return true
      } catch {
        #expect(error.errno == .inUse)
        return false
      }
    }
    #expect(try !bothListen([]))
    // The port may be somebody else's in IPv4 by chance, not each time.
    var attempts = 0
    while try !bothListen(.v6Only) {
      attempts += 1
      try #require(attempts < 20)
    }
  }

  @Test func aDeviceThatIsNotThere() throws {
    let address = try any("127.0.0.1")
    let bound = try InternetSocket(.udp, boundTo: address, device: "lo")
    #expect(try bound.local().port > 0)
    let expected = SystemError(
      "setsockopt(2) SO_BINDTODEVICE", .noDevice, "udp 127.0.0.1:0 on nosuchlink")
    #expect(throws: expected) {
      let socket = try InternetSocket(.udp, boundTo: address, device: "nosuchlink")
      _ = socket.raw
    }
  }

  @Test func asText() throws {
    let v6 = try #require(IPAddress("fe80::1"))
    #expect(SocketAddress(v6, 53).description == "[fe80::1]:53")
    #expect(SocketAddress(v6, 53, scope: 7).description == "[fe80::1%7]:53")
    #expect(SocketAddress(try #require(IPAddress("10.1.2.3")), 80).description == "10.1.2.3:80")
  }
}

extension InternetSocket.Transport {
  static let both: [InternetSocket.Transport] = [.tcp, .udp]
}

extension Errno {
  /// What a test throws when a call gave nothing.
  fileprivate var lacking: SystemError { SystemError("accept4(2)", self, "test") }
}
