internal import Linux

/// The host's own name servers, and which of all servers did not answer lately.
struct HostResolver {
  /// As resolv.conf(5) has it: more are not asked.
  static let mostServers = 3
  /// How long a server that did not answer is asked last, in nanoseconds.
  static let disgrace: UInt64 = 30_000_000_000
  /// How long what was read holds, in nanoseconds.
  static let freshness: UInt64 = 1_000_000_000

  private let path: String
  private var servers: [SocketAddress] = []
  private var readAt: UInt64?
  private var silent: [SocketAddress: UInt64] = [:]

  init(_ path: String = "/etc/resolv.conf") { self.path = path }

  /// Whom to ask, in order: those asked for or else the host's, the ones that were silent last;
  /// never this server itself.
  mutating func servers(
    _ wanted: [IPAddress], but own: [IPAddress], now: UInt64
  ) -> [SocketAddress] {
    var all = wanted.map { SocketAddress($0, 53) }
    if all.isEmpty {
      refresh(now)
      all = servers
    }
    all = Array(all.filter { !own.contains($0.address) }.prefix(HostResolver.mostServers))
    return all.filter { !isSilent($0, now) } + all.filter { isSilent($0, now) }
  }

  /// Remembers that a server did not answer.
  mutating func disgrace(_ server: SocketAddress, now: UInt64) {
    if silent.count > 256 { silent.removeAll() }
    silent[server] = now &+ HostResolver.disgrace
  }

  /// Remembers that it did.
  mutating func forgive(_ server: SocketAddress) { silent[server] = nil }

  private func isSilent(_ server: SocketAddress, _ now: UInt64) -> Bool {
    (silent[server] ?? 0) > now
  }

  private mutating func refresh(_ now: UInt64) {
    if let readAt, now &- readAt < HostResolver.freshness { return }
    readAt = now
    // A host without the file has no name servers.
    guard let text = try? File.text(path, limit: 1 << 20) else {
      servers = []
      return
    }
    servers = ResolverFile(text).servers
  }
}
