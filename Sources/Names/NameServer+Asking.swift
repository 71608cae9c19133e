internal import Linux

/// Questions, and the servers that are asked in turn.
extension NameServer {
  func takeDatagrams(_ listener: Listener) {
    // Others have their turn after so many.
    for _ in 0..<64 {
      do throws(SystemError) {
        guard let datagram = try listener.udp.receiveDatagram(limit: DNSQuery.limit + 1) else {
          return
        }
        if datagram.isCut { continue }
        take(
          datagram.bytes, from: datagram.source.address, listener,
          .udp(listener, datagram.source))
      } catch {
        Journal.note(error.text)
        return
      }
    }
  }

  func take(
    _ message: [UInt8], from address: IPAddress, _ listener: Listener, _ client: Client
  ) {
    var overTCP = false
    if case .tcp = client { overTCP = true }
    let outcome = answering.take(
      message, from: address, on: listener.network, overTCP: overTCP, table)
    switch outcome {
    case .nothing: break
    case .reply(let reply): deliver(reply, to: client)
    case .forward(let query, let wanted, let asker):
      if isAsked(query, client) { return }
      guard exchanges.count < NameServer.mostExchanges,
        exchangesOf[asker, default: 0] < NameServer.mostOfAsker
      else {
        return deliver(query.answer(.serverFailure, overTCP: overTCP), to: client)
      }
      let now = Clock.now
      let servers = resolver.servers(wanted, but: Array(listeners.keys), now: now)
      if case .tcp(let connection) = client { connection.pending += 1 }
      exchangesOf[asker, default: 0] += 1
      next(
        Exchange(query, message, asker: asker, client: client, servers: servers), now: now)
    }
  }

  /// Whether a client asks again what is being found out for it.
  private func isAsked(_ query: DNSQuery, _ client: Client) -> Bool {
    guard case .udp(_, let address) = client else { return false }
    return exchanges.values.contains { old in
      guard case .udp(_, address) = old.client else { return false }
      return old.query.id == query.id && old.query.question == query.question
    }
  }

  private func refusal(_ exchange: Exchange) -> [UInt8] {
    exchange.query.answer(.serverFailure, overTCP: exchange.isTCP)
  }

  /// Asks the next server, or gives up.
  private func next(_ exchange: Exchange, now: UInt64) {
    while exchange.next(now: now) {
      do throws(SystemError) {
        try watch(
          exchange.raw, .upstream(exchange), for: exchange.isTCP ? .writable : .readable)
        exchanges[exchange.raw] = exchange
        return
      } catch { Journal.note(error.text) }
    }
    finish(exchange, exchange.doubtful ?? refusal(exchange))
  }

  /// Its socket is closed and forgotten.
  private func close(_ exchange: Exchange) {
    guard exchange.raw >= 0 else { return }
    exchanges[exchange.raw] = nil
    forget(exchange.raw)
    exchange.socket = nil
  }

  func advance(_ exchange: Exchange, _ events: Events.Interest) {
    switch exchange.progress(events) {
    case .waiting:
      guard exchange.isTCP, exchange.output.isEmpty else { return }
      do throws(SystemError) { try watch(exchange.raw, .upstream(exchange)) } catch {
        fail(exchange, Clock.now)
      }
    case .failed: fail(exchange, Clock.now)
    case .answer(let message):
      if let server = exchange.server { resolver.forgive(server) }
      close(exchange)
      // SERVFAIL, NOTIMP, REFUSED: another one may know it.
      if [2, 4, 5].contains(DNSRelay.code(message)), !exchange.servers.isEmpty {
        exchange.doubtful = message
        // Nothing is gained by asking the same one again.
        exchange.servers.removeAll { $0 == exchange.server }
        return next(exchange, now: Clock.now)
      }
      finish(exchange, message)
    }
  }

  private func fail(_ exchange: Exchange, _ now: UInt64) {
    if let server = exchange.server { resolver.disgrace(server, now: now) }
    close(exchange)
    next(exchange, now: now)
  }

  /// Nobody waits for it any more.
  func abandon(_ exchange: Exchange) {
    close(exchange)
    uncount(exchange)
  }

  private func uncount(_ exchange: Exchange) {
    exchangesOf[exchange.asker, default: 1] -= 1
    if exchangesOf[exchange.asker] == 0 { exchangesOf[exchange.asker] = nil }
    if case .tcp(let connection) = exchange.client { connection.pending -= 1 }
  }

  private func finish(_ exchange: Exchange, _ message: [UInt8]) {
    uncount(exchange)
    var reply = DNSRelay.renumbered(message, exchange.query.id)
    if !exchange.isTCP { reply = DNSRelay.cut(reply, to: exchange.query) }
    deliver(reply, to: exchange.client)
  }

  func deliver(_ reply: [UInt8], to client: Client) {
    switch client {
    case .udp(let listener, let address):
      do throws(SystemError) { _ = try listener.udp.send(reply, to: address) } catch {
        // Who asked is gone, or its network: nobody waits for it.
      }
    case .tcp(let connection): send(reply, over: connection)
    }
  }

  /// Servers that took too long, and connections that are idle.
  func sweep(_ now: UInt64) {
    for exchange in exchanges.values.filter({ $0.deadline <= now }) { fail(exchange, now) }
    for connection in connections.values.filter({ $0.deadline <= now }) {
      // Its answers are under way still.
      if connection.pending == 0 { close(connection) }
    }
    for listener in listeners.values where listener.isResting {
      listener.isResting = false
      do throws(SystemError) { try watch(listener.tcp.raw, .connections(listener)) } catch {
        Journal.note(error.text)
      }
    }
  }
}
