internal import Linux

/// One exchange with another host: two announcements, one each way.
final class PeerConnection {
  /// How long one may take, in nanoseconds.
  static let patience: UInt64 = 3_000_000_000

  let socket: InternetSocket
  /// The other host.
  let host: IPAddress
  /// The network's id; empty until the other host has said which one it is about.
  var network: String
  /// Whether this host began it.
  let isOurs: Bool
  var input: [UInt8] = []
  var output: [UInt8]
  /// What was sent, when it is all gone.
  let said: [UInt8]
  let deadline: UInt64
  var isClosed = false

  /// A connection that this host makes, to tell what it has.
  ///
  /// - Throws: `SystemError` naming the other host.
  init(
    to host: IPAddress, from local: IPAddress, port: UInt16, network: String, _ bytes: [UInt8],
    now: UInt64
  ) throws(SystemError) {
    socket = try InternetSocket(
      .tcp, connectingTo: SocketAddress(host, port), from: SocketAddress(local, 0), .noDelay)
    self.host = host
    self.network = network
    isOurs = true
    output = bytes
    said = bytes
    deadline = now &+ PeerConnection.patience
  }

  /// A connection that another host made.
  init(_ socket: consuming InternetSocket, now: UInt64) {
    host = socket.named.address
    self.socket = socket
    network = ""
    isOurs = false
    output = []
    said = []
    deadline = now &+ PeerConnection.patience
  }

  /// Whether the whole announcement has come.
  var isWhole: Bool { input.suffix(Announcement.last.count).elementsEqual(Announcement.last) }

  /// Sends and receives what goes; false when it has ended.
  ///
  /// - Throws: `SystemError`, such as ECONNREFUSED: no container of that host is on the network.
  func progress() throws(SystemError) -> Bool {
    if !output.isEmpty {
      if isOurs, try !socket.connected() { return true }
      let sent = try socket.send(output)
      output.removeFirst(sent)
    }
    while !isWhole, let bytes = try socket.receive() {
      input += bytes
      guard !bytes.isEmpty, input.count <= Announcement.limit else { return false }
    }
    return true
  }
}

/// Where other hosts are heard.
final class PeerListener {
  let socket: InternetSocket

  /// - Throws: `SystemError` naming address and port.
  init(_ local: IPAddress, port: UInt16) throws(SystemError) {
    socket = try InternetSocket(
      .tcp, boundTo: SocketAddress(local, port), [.reuseAddress, .noDelay])
    try socket.listen(backlog: 64)
  }
}
