internal import Linux
internal import Networks

/// A port of the host that is ours.
final class Listener {
  let binding: PortBinding
  let socket: InternetSocket

  init(_ binding: PortBinding, _ socket: consuming InternetSocket) {
    self.binding = binding
    self.socket = socket
  }
}

/// What a container's mappings became.
struct Listeners {
  /// All, those too that need no socket.
  var bindings: [PortBinding] = []
  /// The sockets.
  var sockets: [Listener] = []

  /// How long a port may stay with a drydock-publish whose container has ended, in nanoseconds.
  static let patience: UInt64 = 5_000_000_000

  /// Binds all of them, or throws and binds none.
  ///
  /// - Parameters:
  ///   - mappings: in order; a range takes the first port that is free at all of its addresses.
  ///   - directory: our own: who held a port for it before is asked to end.
  /// - Returns: The ports, all of them ours.
  /// - Throws: `PublishError` in Docker's words where it has some.
  static func bind(
    _ mappings: [PortMapping], directory: String
  ) throws(PublishError) -> Listeners {
    var listeners = Listeners()
    for mapping in mappings { try listeners.add(mapping, directory) }
    return listeners
  }

  private mutating func add(
    _ mapping: PortMapping, _ directory: String
  ) throws(PublishError) {
    let isRange = mapping.hostPorts.count > 1
    for port in mapping.hostPorts {
      let deadline = Clock.now + Listeners.patience
      var unseen = 0
      while true {
        do throws(BindFailure) {
          try add(mapping, port)
          return
        } catch {
          guard error.cause.errno == Errno(98) else { throw error.told() }  // EADDRINUSE
          if isRange { break }
          let holder = PortHolder.find(error.binding)
          // Nobody: it has been closed since, or belongs to somebody who cannot be seen from here.
          if holder == nil { unseen += 1 }
          guard holder?.isEnding(directory) ?? (unseen < 10), Clock.now < deadline else {
            throw error.told(holder)
          }
          Clock.sleep(5_000_000)
        }
      }
    }
    let ports = mapping.hostPorts
    throw PublishError(
      "Bind for \(mapping.address ?? IPAddress(v4: 0)) failed: all ports from \(ports.lowerBound)"
        + " to \(ports.upperBound) are allocated")
  }

  /// One port at all addresses of a mapping.
  private mutating func add(_ mapping: PortMapping, _ port: UInt16) throws(BindFailure) {
    var made: [Listener] = []
    var bindings: [PortBinding] = []
    for address in mapping.address.map({ [$0] }) ?? [IPAddress(v4: 0), IPAddress(0, isV6: true)] {
      let binding = PortBinding(
        mapping.transport, address, port, containerPort: mapping.containerPort)
      do throws(SystemError) {
        if let socket = try Listeners.listen(binding) { made.append(socket) }
        bindings.append(binding)
      } catch {
        // EAFNOSUPPORT, EADDRNOTAVAIL: a host without IPv6 has only IPv4's ports.
        if mapping.address == nil, address.isV6, [97, 99].contains(error.errno.code) { continue }
        throw BindFailure(binding: binding, cause: error)
      }
    }
    sockets += made
    self.bindings += bindings
  }

  /// nil for SCTP, which the kernel alone translates: no proxy serves it.
  private static func listen(_ binding: PortBinding) throws(SystemError) -> Listener? {
    let place = SocketAddress(binding.address, binding.hostPort)
    switch binding.transport {
    case .tcp:
      let socket = try InternetSocket(
        .tcp, boundTo: place, [.reuseAddress, .v6Only, .noDelay])
      try socket.listen()
      return Listener(binding, socket)
    case .udp:
      return Listener(
        binding, try InternetSocket(.udp, boundTo: place, [.v6Only, .destination]))
    case .sctp: return nil
    }
  }
}

/// A port that could not be bound.
struct BindFailure: Error {
  let binding: PortBinding
  let cause: SystemError

  /// In Docker's words, with the likely cause.
  func told(_ holder: PortHolder? = nil) -> PublishError {
    let start = "Bind for \(binding.place) failed: "
    switch cause.errno.code {
    case 98:
      return PublishError(
        start + "port is already allocated" + (holder.map { " by \($0)" } ?? ""),
        hint: "Another host port does: -p HOSTPORT:\(binding.port); -p \(binding.port) takes any.")
    case 13:
      return PublishError(
        start + "permission denied: \(binding.hostPort) is a privileged port",
        hint: "Ports below net.ipv4.ip_unprivileged_port_start (1024) need CAP_NET_BIND_SERVICE.")
    case 99:
      return PublishError(
        start + "\(binding.address) is not an address of this host",
        hint: "`ip address` shows those that are.")
    case 23, 24:
      return PublishError(
        start + cause.text, hint: "Each port needs a descriptor: `ulimit -n` must be higher.")
    default: return PublishError(start + cause.text)
    }
  }
}
