// UDP has no connections: each client of a port gets a socket of its own to the container, so that the
// answers find back, as long as there is something to relay.
//
//     client A ─┐             ┌─ socket A ─▶ container
//     client B ─┴─▶ port ─────┴─ socket B ─▶
//
// The answer leaves from the address that the client has sent to (IP_PKTINFO, ip(7)): a host has
// many, and the client hears only that one.

internal import Linux

/// One client of one UDP port.
final class DatagramFlow {
  /// Who sends from where to where.
  struct Key: Hashable {
    let listener: Int32
    let client: SocketAddress
    let destination: IPAddress?
  }

  let key: Key
  let listener: Listener
  /// Connected to the container.
  let server: InternetSocket
  /// CLOCK_MONOTONIC of the last datagram, in nanoseconds.
  var lastUsed = Clock.now

  init(_ key: Key, _ listener: Listener, to target: SocketAddress) throws(SystemError) {
    self.key = key
    self.listener = listener
    server = try InternetSocket(.udp, connectingTo: target)
  }

  /// Sends to the container; like every datagram it may get lost.
  func forward(_ bytes: [UInt8]) {
    lastUsed = Clock.now
    for _ in 0..<2 {
      do throws(SystemError) {
        _ = try server.send(bytes)
        return
      } catch {
        // What ICMP told of the one before (udp(7)): this one has not been sent yet.
      }
    }
  }

  /// Sends what has come from the container back.
  func answer() {
    for _ in 0..<64 {
      do throws(SystemError) {
        guard let bytes = try server.receive() else { return }
        lastUsed = Clock.now
        _ = try listener.socket.send(bytes, to: key.client, from: key.destination)
      } catch {
        // The container has no such port now, or the client is gone: nobody to tell.
      }
    }
  }
}

/// All clients of all UDP ports.
struct DatagramFlows {
  /// Docker's proxy forgets a client after this, in nanoseconds.
  static let idle: UInt64 = 90_000_000_000
  /// The most at a time; then the one that has been idle longest goes.
  static let most = 1024

  private var byKey: [DatagramFlow.Key: DatagramFlow] = [:]
  private var byDescriptor: [Int32: DatagramFlow] = [:]

  var isEmpty: Bool { byKey.isEmpty }

  subscript(key: DatagramFlow.Key) -> DatagramFlow? { byKey[key] }
  subscript(fd: Int32) -> DatagramFlow? { byDescriptor[fd] }

  mutating func add(_ flow: DatagramFlow) {
    byKey[flow.key] = flow
    byDescriptor[flow.server.raw] = flow
  }

  mutating func remove(_ flow: DatagramFlow) {
    byKey[flow.key] = nil
    byDescriptor[flow.server.raw] = nil
  }

  /// Those to go: idle too long, or the oldest when there are too many.
  func leaving(now: UInt64) -> [DatagramFlow] {
    let idle = byKey.values.filter { now &- $0.lastUsed > DatagramFlows.idle }
    if !idle.isEmpty || byKey.count < DatagramFlows.most { return idle }
    return byKey.values.min { $0.lastUsed < $1.lastUsed }.map { [$0] } ?? []
  }

  /// When the next one has been idle too long.
  var due: UInt64? { byKey.values.map(\.lastUsed).min().map { $0 + DatagramFlows.idle } }
}
