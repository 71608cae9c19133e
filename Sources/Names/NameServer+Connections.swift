internal import Linux

/// Clients over TCP (RFC 7766): several questions on a connection, answered as they are known.
extension NameServer {
  func takeConnections(_ listener: Listener) {
    do throws(SystemError) {
      while let socket = try listener.tcp.accept() {
        let address = socket.named.address
        let same = connections.values.count { $0.socket.named.address == address }
        // Who is one too many is closed at once.
        guard connections.count < NameServer.mostConnections, same < NameServer.mostOfAddress
        else { continue }
        let connection = Connection(socket, listener, now: Clock.now)
        try watch(connection.socket.raw, .client(connection))
        connections[connection.socket.raw] = connection
      }
    } catch {
      Journal.note(error.text)
      listener.isResting = true
      forget(listener.tcp.raw)
    }
  }

  func serve(_ connection: Connection, _ events: Events.Interest) {
    // Nobody reads answers any more.
    guard events.isDisjoint(with: .gone) else { return close(connection) }
    connection.deadline = Clock.now &+ Connection.patience
    do throws(SystemError) {
      if !connection.output.isEmpty { try flush(connection) }
      while isHeard(connection), let bytes = try connection.socket.receive(limit: 4096) {
        connection.isEnding = bytes.isEmpty
        connection.input += bytes
        takeMessages(connection)
      }
      takeMessages(connection)
      try rearm(connection)
    } catch { close(connection) }
  }

  /// Whether more of what it sends is read: not while it has much to wait for.
  private func isHeard(_ connection: Connection) -> Bool {
    !connection.isClosed && !connection.isEnding && connection.pending < Connection.mostPending
      && connection.input.count <= DNSQuery.limit + 2
  }

  private func takeMessages(_ connection: Connection) {
    do throws(DNSQuery.Failure) {
      while !connection.isClosed, connection.pending < Connection.mostPending,
        let message = try connection.nextMessage()
      {
        take(
          message, from: connection.socket.named.address, connection.listener, .tcp(connection))
      }
    } catch { close(connection) }
  }

  private func rearm(_ connection: Connection) throws(SystemError) {
    guard !connection.isClosed else { return }
    if connection.isEnding, connection.pending == 0, connection.output.isEmpty {
      return close(connection)
    }
    var interest: Events.Interest = isHeard(connection) ? .readable : []
    if !connection.output.isEmpty { interest.insert(.writable) }
    try watch(connection.socket.raw, .client(connection), for: interest)
  }

  func send(_ reply: [UInt8], over connection: Connection) {
    guard !connection.isClosed else { return }
    connection.output += DNSQuery.bytes(UInt16(truncatingIfNeeded: reply.count)) + reply
    connection.deadline = Clock.now &+ Connection.patience
    guard connection.output.count <= Connection.mostOutput else { return close(connection) }
    do throws(SystemError) {
      try flush(connection)
      try rearm(connection)
    } catch { close(connection) }
  }

  private func flush(_ connection: Connection) throws(SystemError) {
    let sent = try connection.socket.send(connection.output)
    connection.output.removeFirst(sent)
  }

  func close(_ connection: Connection) {
    guard !connection.isClosed else { return }
    connection.isClosed = true
    connections[connection.socket.raw] = nil
    forget(connection.socket.raw)
    // An answer under way finds it closed; the descriptor goes with the last who knows it.
  }
}
