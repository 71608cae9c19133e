extension InternetSocket {
  /// Connects and closes, to see whether it can be done.
  ///
  /// A datagram is one byte, and only an answer to it counts.
  ///
  /// - Parameters:
  ///   - transport: TCP or UDP.
  ///   - address: where to.
  ///   - source: an own address; nil lets the kernel choose.
  ///   - milliseconds: how long to wait.
  /// - Throws: `SystemError`: ECONNREFUSED, ETIMEDOUT when nothing was heard, and others.
  package static func attempt(
    _ transport: Transport, _ address: SocketAddress, from source: IPAddress?, milliseconds: Int32
  ) throws(SystemError) {
    let socket = try InternetSocket(
      transport, connectingTo: address, from: source.map { SocketAddress($0, 0) })
    if transport == .udp { _ = try socket.send([0]) }
    let wanted: Events.Interest = transport == .udp ? .readable : .writable
    let ready = try Events.poll([socket.raw], [wanted], milliseconds: milliseconds)
    guard ready.first.map({ $0.rawValue != 0 }) == true else {
      throw SystemError("connect(2)", Errno(110), "\(transport) \(address)")  // ETIMEDOUT
    }
    if transport == .udp {
      _ = try socket.receive()
    } else {
      _ = try socket.connected()
    }
  }
}
