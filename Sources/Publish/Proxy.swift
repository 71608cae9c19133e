internal import Linux
internal import Networks

/// Serves what the kernel's address translation did not catch: [::1], IPv6 clients of a container
/// that has IPv4 only, a container's own published port, everything when the rules were flushed.
///
/// One thread; nothing in here waits but `turn`.
final class Proxy {
  private var queue: EventQueue
  private let listeners: [Int32: Listener]
  private let addresses: [IPAddress]
  /// Both sockets of each connection.
  private var relays: [Int32: StreamRelay] = [:]
  private var flows = DatagramFlows()
  private let pool = PipePool()
  /// Descriptors of others that are waited for too.
  private var others: Set<Int32> = []
  /// No descriptor was left for a connection: listening begins again then, by CLOCK_MONOTONIC.
  private var pauseEnds: UInt64?

  /// Serves nothing before `turn` is called.
  ///
  /// - Parameters:
  ///   - listeners: whose connections to take.
  ///   - addresses: the container's.
  /// - Throws: `SystemError`.
  init(_ listeners: [Listener], addresses: [IPAddress]) throws(SystemError) {
    queue = try EventQueue()
    var byDescriptor: [Int32: Listener] = [:]
    for listener in listeners { byDescriptor[listener.socket.raw] = listener }
    self.listeners = byDescriptor
    self.addresses = addresses
    try listen(true)
  }

  /// Waits for a descriptor of somebody else's too.
  func watch(_ fd: Int32) throws(SystemError) {
    others.insert(fd)
    try queue.watch(fd, for: .readable)
  }

  /// Stops waiting for it; it is still open.
  func forget(_ fd: Int32) {
    others.remove(fd)
    queue.forget(fd)
  }

  /// Waits until something happens, and serves it.
  ///
  /// - Parameter milliseconds: how long at most; -1 for ever.
  /// - Returns: which of the others' descriptors are readable.
  /// - Throws: `SystemError` when waiting itself fails.
  func turn(milliseconds: Int32 = -1) throws(SystemError) -> Set<Int32> {
    var ready: Set<Int32> = []
    // A connection that ended in this turn may have left its number to one that began in it.
    var ended: Set<Int32> = []
    for (fd, events) in try queue.wait(milliseconds: patience(milliseconds)) {
      if others.contains(fd) {
        ready.insert(fd)
      } else if let listener = listeners[fd] {
        if listener.binding.transport == .udp { receive(listener) } else { accept(listener) }
      } else if let flow = flows[fd] {
        flow.answer()
      } else if let relay = relays[fd], !ended.contains(fd) {
        if try !advance(relay, fd, events) {
          ended.formUnion([relay.client.raw, relay.server.raw])
        }
      }
    }
    if pauseEnds == nil, flows.isEmpty { return ready }
    let now = Clock.now
    if let end = pauseEnds, now >= end { try listen(true) }
    for flow in flows.leaving(now: now) where now &- flow.lastUsed > DatagramFlows.idle {
      drop(flow)
    }
    return ready
  }

  private func patience(_ asked: Int32) -> Int32 {
    if pauseEnds == nil, flows.isEmpty { return asked }
    guard let due = [pauseEnds, flows.due].compactMap({ $0 }).min() else { return asked }
    let now = Clock.now
    let rest = due > now ? Int32(clamping: (due - now) / 1_000_000 + 1) : 0
    return asked < 0 ? rest : min(asked, rest)
  }

  // MARK: Connections

  private func listen(_ on: Bool) throws(SystemError) {
    for fd in listeners.keys {
      if on { try queue.watch(fd, for: .readable) } else { queue.forget(fd) }
    }
    pauseEnds = on ? nil : Clock.now + 100_000_000
  }

  private func accept(_ listener: Listener) {
    do throws(SystemError) {
      for _ in 0..<64 {
        guard let client = try listener.socket.accept() else { return }
        try begin(client, target(listener))
      }
    } catch {
      // No descriptor, or no memory, is left: who waits goes on waiting, and is not asked for at once.
      do throws(SystemError) { try listen(false) } catch {}  // it never fails to stop
    }
  }

  /// Connects a client to the container, or resets it.
  ///
  /// - Throws: `SystemError` when it is this process that cannot.
  private func begin(
    _ client: consuming InternetSocket, _ target: SocketAddress?
  ) throws(SystemError) {
    let isConnecting: InternetSocket
    do throws(SystemError) {
      guard let target else { throw SystemError("connect(2)", Errno(97), "no address") }
      try client.keepAlive()
      isConnecting = try InternetSocket(.tcp, connectingTo: target, [.noDelay])
    } catch {
      client.resetOnClose()
      // EMFILE, ENFILE, ENOBUFS, ENOMEM; else, such as ENETUNREACH, it is the container.
      if [23, 24, 105, 12].contains(error.errno.code) { throw error }
      return
    }
    let relay = StreamRelay(client: client, server: isConnecting, pool: pool)
    relays[relay.client.raw] = relay
    relays[relay.server.raw] = relay
    try watch(relay)
  }

  /// The container as a listener's clients reach it: by their own family when it has that.
  private func target(_ listener: Listener) -> SocketAddress? {
    let isV6 = listener.binding.address.isV6
    let address = addresses.first { $0.isV6 == isV6 } ?? addresses.first
    return address.map { SocketAddress($0, listener.binding.containerPort) }
  }

  /// Moves bytes; false when the connection is over.
  private func advance(
    _ relay: StreamRelay, _ fd: Int32, _ events: Events.Interest
  ) throws(SystemError) -> Bool {
    do throws(SystemError) {
      try relay.move(fd, events)
    } catch {
      // Which side is gone is for the other to see as a reset, as if there were no proxy.
      relay.abort()
      drop(relay)
      return false
    }
    if relay.isDone {
      drop(relay)
      return false
    }
    try watch(relay)
    return true
  }

  private func watch(_ relay: StreamRelay) throws(SystemError) {
    try watch(relay.client.raw, relay.clientInterest)
    try watch(relay.server.raw, relay.serverInterest)
  }

  private func watch(_ fd: Int32, _ interest: Events.Interest) throws(SystemError) {
    if interest.isEmpty { queue.forget(fd) } else { try queue.watch(fd, for: interest) }
  }

  private func drop(_ relay: StreamRelay) {
    for fd in [relay.client.raw, relay.server.raw] {
      queue.forget(fd)
      relays[fd] = nil
    }
  }

  // MARK: Datagrams

  private func receive(_ listener: Listener) {
    for _ in 0..<64 {
      do throws(SystemError) {
        guard let datagram = try listener.socket.receiveDatagram() else { return }
        let key = DatagramFlow.Key(
          listener: listener.socket.raw, client: datagram.source,
          destination: datagram.destination)
        try flow(key, listener)?.forward(datagram.bytes)
      } catch {
        // A datagram that cannot be relayed now is lost, which UDP allows.
      }
    }
  }

  private func flow(
    _ key: DatagramFlow.Key, _ listener: Listener
  ) throws(SystemError) -> DatagramFlow? {
    if let known = flows[key] { return known }
    guard let target = target(listener) else { return nil }
    for flow in flows.leaving(now: Clock.now) { drop(flow) }
    let flow = try DatagramFlow(key, listener, to: target)
    try queue.watch(flow.server.raw, for: .readable)
    flows.add(flow)
    return flow
  }

  private func drop(_ flow: DatagramFlow) {
    queue.forget(flow.server.raw)
    flows.remove(flow)
  }
}
