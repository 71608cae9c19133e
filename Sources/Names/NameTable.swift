// All networks of a run-root with their containers, in memory, and who may know what of it.

internal import Linux

/// What the files say.
struct NameTable {
  /// One network.
  struct Network {
    var entry = NetworkEntry()
    private(set) var containers: [String: NameEntry] = [:]
    /// Ids by the names they answer to, in order.
    private var byName: [String: [String]] = [:]
    private var byAddress: [IPAddress: [String]] = [:]

    mutating func set(_ id: String, _ entry: NameEntry?) {
      if let old = containers.removeValue(forKey: id) {
        for name in Network.keys(old) { byName[name] = without(byName[name], id) }
        for address in old.addresses { byAddress[address] = without(byAddress[address], id) }
      }
      guard let entry else { return }
      containers[id] = entry
      for name in Network.keys(entry) { byName[name] = with(byName[name], id) }
      for address in entry.addresses { byAddress[address] = with(byAddress[address], id) }
    }

    func ids(named key: String) -> [String] { byName[key] ?? [] }
    func ids(at address: IPAddress) -> [String] { byAddress[address] ?? [] }

    private static func keys(_ entry: NameEntry) -> Set<String> {
      Set(entry.names.map { DNSName.key($0) })
    }

    private func without(_ ids: [String]?, _ id: String) -> [String]? {
      let rest = (ids ?? []).filter { $0 != id }
      return rest.isEmpty ? nil : rest
    }

    /// Sorted, so that the answers' order is the rotation's alone.
    private func with(_ ids: [String]?, _ id: String) -> [String] {
      var all = ids ?? []
      all.insert(id, at: all.firstIndex { $0 > id } ?? all.endIndex)
      return all
    }
  }

  /// By the network's id.
  var networks: [String: Network] = [:]

  /// Whether a container lives, as the files that its entry names say.
  var lives: (NameEntry) -> Bool = NameTable.isLiving

  /// The process that its pidfile names; who is on another host lives.
  static func isLiving(_ entry: NameEntry) -> Bool {
    if entry.isRemote { return true }
    // A container that is gone has no such file.
    guard let text = try? File.text(entry.pidfile, limit: 256) else { return false }
    let numbers = text.trimmedLine.parts(" ")
    guard numbers.count == 2, let pid = Int32(numbers[0]), pid > 0, let start = UInt64(numbers[1])
    else { return false }
    return Processes.startTime(pid) == start
  }

  /// Who asks, and what he may know.
  struct Asker: Equatable {
    /// The container; empty for the host itself.
    var id: String
    /// The networks that it is on, the one that the question came by first.
    var networks: [String]
    /// Servers for what is not known here; empty for the host's.
    var upstreams: [IPAddress]
    /// Whether others are asked at all.
    var mayForward: Bool
  }

  /// Who asks from an address on a network; nil for a stranger.
  ///
  /// The gateway's address is the host itself: it may look up the network's names, and is never sent
  /// on, so that no server of the host's that asks here makes a circle.
  func asker(_ address: IPAddress, on network: String) -> Asker? {
    guard let here = networks[network] else { return nil }
    if here.entry.listen.contains(address) {
      return Asker(id: "", networks: [network], upstreams: [], mayForward: false)
    }
    // A dead one's file may still be there when its address is another's already.
    let ids = here.ids(at: address)
    guard let id = ids.first(where: { isAlive($0, here) }) ?? ids.first,
      let entry = here.containers[id]
    else { return nil }
    let others = networks.keys.filter { $0 != network && networks[$0]?.containers[id] != nil }
    let all = [network] + others.sorted()
    return Asker(
      id: id, networks: all, upstreams: entry.upstreams,
      mayForward: all.contains { networks[$0]?.entry.isInternal == false })
  }

  private func isAlive(_ id: String, _ network: Network) -> Bool {
    network.containers[id].map(lives) ?? false
  }

  /// The addresses of a name that an asker may know; nil when there is no such name.
  func addresses(of key: String, for asker: Asker) -> [IPAddress]? {
    var found: [IPAddress]?
    for name in asker.networks {
      guard let network = networks[name] else { continue }
      var ids = network.ids(named: key)
      // `web.shop`, where shop is the network.
      if ids.isEmpty, !network.entry.name.isEmpty {
        let tail = "." + DNSName.key(network.entry.name)
        if key.hasSuffix(tail) { ids = network.ids(named: String(key.dropLast(tail.count))) }
      }
      for link in network.containers[asker.id]?.links ?? []
      where DNSName.key(link.alias) == key && !ids.contains(link.container) {
        ids.append(link.container)
      }
      for id in ids where isAlive(id, network) {
        found = (found ?? []) + (network.containers[id]?.addresses ?? [])
      }
    }
    return found
  }

  /// The name of the container at an address that an asker may know.
  func name(of address: IPAddress, for asker: Asker) -> String? {
    for name in asker.networks {
      guard let network = networks[name] else { continue }
      for id in network.ids(at: address) where isAlive(id, network) {
        guard let first = network.containers[id]?.names.first else { continue }
        return network.entry.name.isEmpty ? first : "\(first).\(network.entry.name)"
      }
    }
    return nil
  }
}
