// One connection through the proxy: two sockets, two pipes, no byte in this process's memory.
//
//     client ──splice──▶ pipe ──splice──▶ container        each direction by itself:
//     client ◀──splice── pipe ◀──splice── container        reading → pipe → writing
//
// A pipe is filled when it is empty, and emptied before it is filled again. The end of one direction
// (FIN) is passed on when its pipe is empty; the other goes on (half-close, tcp(7)). A reset is
// passed on as a reset.

internal import Linux

/// Pipes that nobody uses now, since making one costs as much as a short connection.
final class PipePool {
  private var pipes: [PipeBox] = []

  final class PipeBox {
    var pipe: SplicePipe
    init() throws(SystemError) { pipe = try SplicePipe() }
  }

  func take() throws(SystemError) -> PipeBox {
    if let pipe = pipes.popLast() { return pipe }
    return try PipeBox()
  }

  func put(_ pipe: PipeBox) {
    if pipe.pipe.count == 0, pipes.count < 64 { pipes.append(pipe) }
  }
}

/// Two sockets whose bytes go from one to the other.
final class StreamRelay {
  /// Who connected.
  let client: InternetSocket
  /// The container.
  let server: InternetSocket
  private var isConnected = false
  private var toServer = Direction()
  private var toClient = Direction()
  private let pool: PipePool

  /// So many times one connection may move bytes before others have their turn.
  private static let turns = 16
  /// Who gave less had no more: to ask again at once would be a call for nothing, and poll(2) tells
  /// when there is more.
  private static let enough = 65_536

  private struct Direction {
    var pipe: PipePool.PipeBox?
    /// The source has said that there is no more, and the other side has been told.
    var isDone = false
    var pending: Int { pipe?.pipe.count ?? 0 }
  }

  init(
    client: consuming InternetSocket, server: consuming InternetSocket, pool: PipePool
  ) {
    self.client = client
    self.server = server
    self.pool = pool
  }

  deinit {
    for direction in [toServer, toClient] { if let pipe = direction.pipe { pool.put(pipe) } }
  }

  /// Both ends are through.
  var isDone: Bool { toServer.isDone && toClient.isDone }

  /// What the client's socket is waited for; empty for nothing, when it must not be watched: its
  /// end would be told again and again.
  var clientInterest: Events.Interest {
    isConnected ? interest(reading: toServer, writing: toClient) : []
  }

  /// What the container's socket is waited for.
  var serverInterest: Events.Interest {
    isConnected ? interest(reading: toClient, writing: toServer) : .writable
  }

  private func interest(reading: Direction, writing: Direction) -> Events.Interest {
    var interest: Events.Interest = []
    if !reading.isDone, reading.pending == 0 { interest.insert(.readable) }
    if writing.pending > 0 { interest.insert(.writable) }
    return interest
  }

  /// Moves what can be moved now.
  ///
  /// - Parameters:
  ///   - fd: which of the two sockets has news.
  ///   - events: what they are: they are of one direction, unless there are several.
  /// - Throws: `SystemError` when one side is gone: both are to be reset.
  func move(_ fd: Int32, _ events: Events.Interest) throws(SystemError) {
    let isFirst = !isConnected
    if isFirst {
      guard try server.connected() else { return }
      isConnected = true
    }
    let isOfClient = fd == client.raw
    let all = isFirst || (events != .readable && events != .writable)
    if all || isOfClient == (events == .readable) {
      try StreamRelay.move(&toServer, from: client, to: server, pool)
    }
    if all || isOfClient == (events == .writable) {
      try StreamRelay.move(&toClient, from: server, to: client, pool)
    }
  }

  /// Both sides see a reset when this value ends.
  func abort() {
    client.resetOnClose()
    server.resetOnClose()
  }

  private static func move(
    _ direction: inout Direction, from source: borrowing InternetSocket,
    to sink: borrowing InternetSocket, _ pool: PipePool
  ) throws(SystemError) {
    for _ in 0..<turns where !direction.isDone {
      let box: PipePool.PipeBox
      if let pipe = direction.pipe { box = pipe } else { box = try pool.take() }
      direction.pipe = box
      if box.pipe.count == 0 {
        guard let got = try box.pipe.fill(from: source.raw) else { return }
        if got == 0 {
          // At once: for an end that is still to be passed on nobody would be waited for.
          try sink.shutDown(.sending)
          direction.isDone = true
          direction.pipe = nil
          return pool.put(box)
        }
      }
      let isAll = box.pipe.count < enough
      _ = try box.pipe.drain(to: sink.raw)
      if isAll || box.pipe.count > 0 { return }
    }
  }
}
