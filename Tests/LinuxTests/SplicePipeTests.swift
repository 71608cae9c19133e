import Linux
import Testing

@Suite struct SplicePipeTests {
  /// Two connected stream sockets, which do not wait.
  private func streams() throws -> (Int32, Int32) {
    let listener = try InternetSocket(.tcp, boundTo: SocketAddress(IPAddress(v4: 0x7f00_0001), 0))
    try listener.listen()
    let client = try InternetSocket(.tcp, connectingTo: listener.local())
    _ = try Events.wait([listener.raw])
    guard let server = try listener.accept() else {
      throw SystemError("accept4(2)", .again, "the client that has just connected")
    }
    return (client.release(), server.release())
  }

  @Test func movesBytesAndTheirEnd() throws {
    let (a, b) = try streams()
    let (c, d) = try streams()
    let ends = [b, c, d]
    defer { for fd in ends { Descriptors.close(fd) } }
    let source = InternetSocket(
      owning: Descriptor(owning: a), .tcp, named: SocketAddress(IPAddress(v4: 0), 0))
    var pipe = try SplicePipe()
    #expect(try pipe.fill(from: b) == nil)
    try File.write(a, [1, 2, 3], name: "a")
    _ = try Events.wait([b])
    #expect(try pipe.fill(from: b) == 3)
    #expect(pipe.count == 3)
    #expect(try pipe.drain(to: c) == 3)
    #expect(pipe.count == 0)
    _ = try Events.wait([d])
    #expect(try File.readSome(d, 10) == [1, 2, 3])
    try source.shutDown(.sending)
    _ = try Events.wait([b])
    #expect(try pipe.fill(from: b) == 0)
  }

  /// A receiver that does not read: what does not go stays, in order, and goes later.
  @Test func waitsForRoom() throws {
    let (a, b) = try streams()
    let (c, d) = try streams()
    let ends = [a, b, c, d]
    defer { for fd in ends { Descriptors.close(fd) } }
    var pipe = try SplicePipe(wanted: 65_536)
    let bytes = (0..<4096).map { UInt8(truncatingIfNeeded: $0 % 251) }
    var sent = 0
    var taken = 0
    var isFull = false
    while !isFull {
      if pipe.count == 0 {
        if try Events.poll([a], [.writable], milliseconds: 0)[0].contains(.writable) {
          sent += try File.writeSome(a, bytes, name: "a")
        }
        _ = try Events.wait([b])
        taken += try #require(try pipe.fill(from: b))
      }
      isFull = try pipe.drain(to: c) == 0
    }
    #expect(pipe.count > 0)
    var got = 0
    while got < taken {
      _ = try pipe.count > 0 ? pipe.drain(to: c) : 0
      _ = try Events.wait([d])
      got += try File.readSome(d, 1 << 20).count
    }
    #expect(got == taken && taken <= sent)
    #expect(pipe.count == 0)
  }

  @Test func aResetIsAnError() throws {
    let (a, b) = try streams()
    defer { Descriptors.close(b) }
    let socket = InternetSocket(
      owning: Descriptor(owning: a), .tcp, named: SocketAddress(IPAddress(v4: 0), 0))
    socket.resetOnClose()
    _ = consume socket
    _ = try Events.wait([b])
    var pipe = try SplicePipe()
    let error = #expect(throws: SystemError.self) { try pipe.fill(from: b) }
    #expect(error?.errno == Errno(104))
  }
}
