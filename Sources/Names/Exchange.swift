internal import Linux

/// Who waits for an answer.
enum Client {
  /// A datagram's sender.
  case udp(Listener, SocketAddress)
  /// A connection.
  case tcp(Connection)

  /// By which it asked.
  var listener: Listener {
    switch self {
    case .udp(let listener, _): listener
    case .tcp(let connection): connection.listener
    }
  }
}

/// A question that other servers were asked.
///
/// It has a socket of its own, and by that a port that nobody can guess, and is connected, so that
/// nobody but the server is heard (RFC 5452, 9.2).
final class Exchange {
  /// How long a server has, in nanoseconds: three of them, before clients ask again after 5 s.
  static let patience: UInt64 = 1_500_000_000

  let query: DNSQuery
  let message: [UInt8]
  /// The container that asked.
  let asker: String
  let client: Client
  /// Whom to ask yet.
  var servers: [SocketAddress]
  /// Who is asked now.
  var server: SocketAddress?
  var id: UInt16 = 0
  var deadline: UInt64 = 0
  /// What a server said that may not be the last word.
  var doubtful: [UInt8]?
  var socket: InternetSocket?
  /// What is to be sent over TCP, and what has come.
  var output: [UInt8] = []
  var input: [UInt8] = []

  init(
    _ query: DNSQuery, _ message: [UInt8], asker: String, client: Client, servers: [SocketAddress]
  ) {
    self.query = query
    self.message = message
    self.asker = asker
    self.client = client
    // One that is alone is asked twice: a datagram may be lost.
    self.servers = servers.count == 1 ? servers + servers : servers
  }

  var isTCP: Bool {
    switch client {
    case .udp: false
    case .tcp: true
    }
  }

  var raw: Int32 { socket?.raw ?? -1 }

  /// Asks the next server; false when there is none left.
  func next(now: UInt64) -> Bool {
    socket = nil
    while !servers.isEmpty {
      let server = servers.removeFirst()
      self.server = server
      id = UInt16.random(in: 0...UInt16.max)
      deadline = now &+ Exchange.patience
      input = []
      let question = DNSRelay.renumbered(message, id)
      do throws(SystemError) {
        let made = try InternetSocket(
          isTCP ? .tcp : .udp, connectingTo: server, isTCP ? .noDelay : [])
        if isTCP {
          output = DNSQuery.bytes(UInt16(question.count)) + question
        } else {
          _ = try made.send(question)
        }
        socket = consume made
        return true
      } catch {
        // No way there, or it was refused at once: the next one.
      }
    }
    return false
  }

  /// What a server's socket has now.
  enum Progress {
    case waiting
    case answer([UInt8])
    case failed
  }

  /// Sends and receives what goes.
  func progress(_ events: Events.Interest) -> Progress {
    do throws(SystemError) {
      return isTCP ? try progressTCP(events) : try progressUDP()
    } catch {
      // ECONNREFUSED above all: nobody serves there.
      return .failed
    }
  }

  private func progressUDP() throws(SystemError) -> Progress {
    while let message = try socket?.receive() {
      if DNSRelay.isAnswer(message, id: id, question: query.question) { return .answer(message) }
      // Something else from the server's port: not believed, and waited on.
    }
    return .waiting
  }

  private func progressTCP(_ events: Events.Interest) throws(SystemError) -> Progress {
    if !output.isEmpty {
      guard try socket?.connected() == true else { return .waiting }
      let sent = try socket?.send(output) ?? 0
      output.removeFirst(sent)
    }
    while let bytes = try socket?.receive() {
      guard !bytes.isEmpty else { return .failed }
      input += bytes
      guard input.count >= 2 else { continue }
      let length = Int(input[0]) << 8 | Int(input[1])
      guard input.count >= 2 + length else { continue }
      let message = Array(input[2..<(2 + length)])
      return DNSRelay.isAnswer(message, id: id, question: query.question)
        ? .answer(message) : .failed
    }
    return .waiting
  }
}

/// Sockets on one of a network's addresses.
final class Listener {
  let address: IPAddress
  let network: String
  let udp: InternetSocket
  let tcp: InternetSocket
  /// Whether no connection is taken for a moment, for want of descriptors.
  var isResting = false

  /// - Throws: `SystemError` naming address and port.
  init(_ address: IPAddress, network: String) throws(SystemError) {
    self.address = address
    self.network = network
    // An IPv6 address can be used a second or two after a bridge got it (RFC 4862, 5.4): bound
    // before, it serves from then on.
    udp = try InternetSocket(.udp, boundTo: SocketAddress(address, 53), .freeBind)
    tcp = try InternetSocket(
      .tcp, boundTo: SocketAddress(address, 53), [.freeBind, .reuseAddress, .noDelay])
    try tcp.listen(backlog: 64)
  }
}

/// A client's TCP connection: messages, each behind its length (RFC 1035, 4.2.2).
final class Connection {
  let socket: InternetSocket
  let listener: Listener
  var input: [UInt8] = []
  var output: [UInt8] = []
  /// Questions that are not answered yet.
  var pending = 0
  /// When it is closed if nothing happens, in nanoseconds.
  var deadline: UInt64
  var isClosed = false
  /// Whether the client sends nothing more; it may still wait for answers.
  var isEnding = false

  /// How long a connection may be idle, in nanoseconds (RFC 7766, 6.2.3: a few seconds).
  static let patience: UInt64 = 10_000_000_000
  /// Questions at once.
  static let mostPending = 16
  /// Bytes that the client has not taken; then it is not served further.
  static let mostOutput = 256 << 10

  init(_ socket: consuming InternetSocket, _ listener: Listener, now: UInt64) {
    self.socket = socket
    self.listener = listener
    deadline = now &+ Connection.patience
  }

  /// The next whole message.
  ///
  /// - Throws: `DNSQuery.Failure` when what comes is no question's length.
  func nextMessage() throws(DNSQuery.Failure) -> [UInt8]? {
    guard input.count >= 2 else { return nil }
    let length = Int(input[0]) << 8 | Int(input[1])
    guard length <= DNSQuery.limit else { throw .silence }
    guard input.count >= 2 + length else { return nil }
    let message = Array(input[2..<(2 + length)])
    input.removeFirst(2 + length)
    return message
  }
}
