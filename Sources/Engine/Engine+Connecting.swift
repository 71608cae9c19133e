import Linux
import Networks
import State
import Steps

/// A network that a new container will be on.
struct NetworkPlace: Sendable {
  var network: Network
  var settings: EndpointSettings
}

extension Engine {
  /// The networks that options ask for, which must be there.
  ///
  /// - Throws: `EngineError` in Docker's words for what such a network cannot give.
  func places(_ options: RunOptions) throws(EngineError) -> [NetworkPlace] {
    let mode = options.network
    let isOwn = mode != "host" && !mode.hasPrefix("container:")
    guard isOwn, mode != "none" else {
      guard options.moreNetworks.isEmpty else {
        throw EngineError(
          "conflicting options: cannot attach both user-defined and non-user-defined network-modes",
          hint: "Leave --network \(mode) out.")
      }
      guard options.address == nil, options.longAddress == nil else {
        throw EngineError(
          "user specified IP address is supported on user defined networks only",
          hint: "Name one with --network.")
      }
      guard mode == "none" || options.published.isEmpty || mode != "host" else { return [] }
      return []
    }
    try makePredefined()
    var places = [NetworkPlace]()
    for name in [mode] + options.moreNetworks {
      guard let network = try networkStore.search(name) else {
        throw EngineError(
          "network \(name) not found",
          hint: "Make it with `drydock network create \(name)`; `drydock network ls` lists what "
            + "there is.")
      }
      guard !network.settings.bridge.isEmpty else {
        throw EngineError(
          "conflicting options: cannot attach both user-defined and non-user-defined network-modes",
          hint: "\(name) does not go together with others.")
      }
      guard !places.contains(where: { $0.network.id == network.id }) else {
        throw EngineError("network \(name) is specified more than once")
      }
      // What is asked of a place is asked of the first one.
      let settings =
        try places.isEmpty ? EndpointSettings(options, on: network) : EndpointSettings()
      places.append(NetworkPlace(network: network, settings: settings))
    }
    return places
  }

  /// Writes a new container down, with its networks.
  func commit(
    _ record: Record, name: String?, _ plan: MountPlan, _ places: [NetworkPlace]
  ) throws(EngineError) -> Record {
    try store.commit(record, name: name, plan, places)
  }

  /// Sees to the networks of a container that is about to start: bridges, rules, and the file from
  /// which the runtime connects it.
  ///
  /// - Parameters:
  ///   - record: the container, whose bundle is there.
  ///   - publication: its ports, which are led to it now.
  ///   - words: flags of the glass.
  /// - Throws: `EngineError` when a network is gone, or cannot be made.
  func readyNetworks(
    _ record: Record, _ publication: Publication?, glass words: [String]
  ) throws(EngineError) {
    guard Engine.hasNetworks(record) else { return }
    let connections = try placed(record)
    let glass = try Engine.glass(words)
    for connection in connections where !networkLinks.isReady(connection.network) {
      try raise(connection.network, glass)
    }
    try writeEndpoints(record, connections)
    try writeNames(record, connections)
    guard let publication, let first = connections.first else { return }
    try publication.serve(
      PublishTarget(
        addresses: first.addresses, bridge: first.network.settings.bridge,
        table: networkLinks.table, pidFile: "\(runtime.root)/\(record.id)/pid"))
  }

  /// Whether a container has networks by their names.
  static func hasNetworks(_ record: Record) -> Bool {
    let mode = record.asked.word("network")
    return !mode.isEmpty && mode != "none" && mode != "host" && !mode.hasPrefix("container:")
  }

  /// The container's networks, with an address on each: those that were taken from it while it did not
  /// live are given anew.
  func placed(_ record: Record) throws(EngineError) -> [Connection] {
    var connections = try networkStore.connections(of: record.id)
    let isShort = connections.contains { $0.addresses.count < $0.network.settings.subnets.count }
    // A network that was removed meanwhile took its places along.
    guard connections.isEmpty || isShort else { return connections }
    if connections.isEmpty {
      let mode = record.asked.word("network")
      guard let network = try networkStore.search(mode) else {
        throw EngineError(
          "network \(mode) not found", hint: "Make it again: `drydock network create \(mode)`.",
          exitCode: 1)
      }
      try connect(record, to: network, position: 0, EndpointSettings())
    }
    for connection in connections
    where connection.addresses.count < connection.network.settings.subnets.count {
      try networkStore.disconnect(record, from: connection.network)
      try connect(
        record, to: connection.network, position: connection.position, connection.settings)
    }
    connections = try networkStore.connections(of: record.id)
    return connections
  }

  /// Gives a container that is there a place on a network.
  func connect(
    _ record: Record, to network: Network, position: Int, _ settings: EndpointSettings
  ) throws(EngineError) {
    var mayReclaim = true
    while true {
      do throws(StateError) {
        return try networkStore.connect(record, to: network, position: position, settings)
      } catch  where error.code == NetworkStore.isShort && mayReclaim {
        mayReclaim = false
        guard try networkStore.reclaim(network, isLiving: store.lives) else {
          throw EngineError(error)
        }
      } catch  where error.isConflict {
        throw EngineError(
          "endpoint with name \(record.name) already exists in network \(network.name)",
          exitCode: 1)
      } catch { throw EngineError(error) }
    }
  }

  /// Writes BUNDLE/network.json.
  func writeEndpoints(_ record: Record, _ connections: [Connection]) throws(EngineError) {
    let path = store.bundle(record.id) + "/network.json"
    let content = EndpointFile.encode(endpoints(connections))
    try asked("writing \(path)") { () throws(SystemError) in
      try Point.pass("network.file")
      try File.replace(path, with: content, mode: 0o600)
    }
  }

  /// The links that connections become; the first one that leads out has the default routes.
  func endpoints(_ connections: [Connection]) -> [Endpoint] {
    var hasRoute: Set<Bool> = []
    return connections.map { connection in
      let settings = connection.network.settings
      var endpoint = Endpoint()
      endpoint.network = connection.network.name
      endpoint.name = connection.interface
      endpoint.outside = connection.outside
      endpoint.bridge = settings.bridge
      endpoint.hardware = connection.hardware
      endpoint.mtu = settings.mtu
      for subnet in settings.subnets {
        let isV6 = subnet.prefix.base.isV6
        guard let address = connection.address(isV6: isV6) else { continue }
        endpoint.addresses.append(InterfaceAddress(address, length: subnet.prefix.length))
        if !settings.isInternal, hasRoute.insert(isV6).inserted {
          endpoint.gateways.append(subnet.gateway)
        }
      }
      endpoint.isIsolated = !settings.icc && !Engine.filtersBridges
      return endpoint
    }
  }

  /// Whether packets between ports of one bridge pass the rules of nf_tables' family inet
  /// (br_netfilter): else ports that must not see each other are isolated.
  private static var filtersBridges: Bool {
    guard let text = try? File.text("/proc/sys/net/bridge/bridge-nf-call-iptables") else {
      return false  // no such module
    }
    return text.trimmedLine == "1"
  }

  /// The runtime's flags for a bundle's networks.
  func networkWords(_ bundle: String) -> [String] {
    let path = bundle + "/network.json"
    return File.exists(path) ? ["--network", path] : []
  }

  /// What watches the engine's own steps, as flags of the runtime ask for it.
  static func glass(_ words: [String]) throws(EngineError) -> Glass {
    var options = Watcher.Options()
    var rest = words[...]
    while let word = rest.popFirst() {
      switch word {
      case "--explain": options.explain = true
      case "--step": options.step = true
      case "--lang": options.language = rest.popFirst() == "zh" ? .zh : .en
      case "--fault":
        if let text = rest.popFirst(), let fault = Fault(text) { options.faults.append(fault) }
      case "--trace": _ = rest.popFirst()
      default: break
      }
    }
    return Glass(observer: options.isNeeded ? Watcher(options) : nil)
  }
}

extension EndpointSettings {
  /// What `--ip`, `--mac-address` and their kin ask of a network.
  init(_ options: RunOptions, on network: Network) throws(EngineError) {
    self.init()
    try take(addresses: [options.address, options.longAddress].compactMap { $0 }, on: network)
    if let text = options.hardwareAddress {
      guard let address = MACAddress(text) else {
        throw EngineError(
          "\(text) is not a valid mac address", hint: "Six bytes, such as 02:42:0a:c8:00:02.")
      }
      hardware = address
    }
    aliases = options.networkAliases
    try checkAliases(on: network)
    links = options.links
  }

  /// `--ip` and `--ip6`.
  mutating func take(addresses texts: [String], on network: Network) throws(EngineError) {
    guard !texts.isEmpty else { return }
    guard network.hasNames else {
      throw EngineError(
        "user specified IP address is supported on user defined networks only",
        hint: "`drydock network create --subnet …` makes one.")
    }
    for text in texts {
      guard let address = IPAddress(text) else {
        throw EngineError("invalid IP address: \(text)", hint: "Such as 10.200.0.9.")
      }
      guard let subnet = network.settings.subnet(isV6: address.isV6),
        subnet.mayGive(address)
      else {
        throw EngineError(
          "Invalid address \(address): It does not belong to any of this network's subnets",
          hint: "\(network.name) has "
            + network.settings.subnets.map { "\($0.prefix)" }.joined(separator: ", ") + ".")
      }
      guard !addresses.contains(where: { $0.isV6 == address.isV6 }) else {
        throw EngineError("two addresses of one family: \(address)")
      }
      addresses.append(address)
    }
  }

  /// Aliases need a network that has names, and are names themselves.
  func checkAliases(on network: Network) throws(EngineError) {
    guard !aliases.isEmpty else { return }
    guard network.hasNames else {
      throw EngineError(
        "network-scoped alias is supported only for containers in user defined networks",
        hint: "Make a network with `drydock network create`, and name it with --network.")
    }
    for alias in aliases { try NameOptions.checkName(alias, "network alias") }
  }
}
