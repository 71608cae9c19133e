public import Format
import Linux
import Names
import Networks
import State
public import Steps

/// A network as `drydock network ls` and `inspect` show it.
public struct NetworkInfo: Sendable {
  /// 64 hexadecimal digits.
  public var id: String
  /// Unique among the networks of a root.
  public var name: String
  /// bridge, overlay, host or null.
  public var driver: String
  /// Nanoseconds since 1970 (CLOCK_REALTIME).
  public var createdNs: UInt64
  /// `KEY=VALUE`.
  public var labels: [String]
  /// Whether it is one of the three that are always there.
  public var isPredefined: Bool
  /// The containers on it, alive or not.
  public var users: [String]
  /// Its bridge on the host; empty when it has none, as host and none.
  public var bridge: String
  /// As Docker's API has it.
  public var value: Value
}

extension Engine {
  var networkStore: NetworkStore { NetworkStore(state: store.state) }
  var networkLinks: NetworkLinks { NetworkLinks(runRoot: runRoot) }

  /// Makes a network, with its bridge and its rules.
  ///
  /// - Parameters:
  ///   - options: what it shall be like.
  ///   - words: flags of the glass, `--explain` and so on.
  ///   - observer: who watches the steps instead of what the flags ask for; nil is nobody.
  /// - Returns: its id.
  /// - Throws: `EngineError` in Docker's words; nothing is left then.
  public func createNetwork(
    _ options: NetworkOptions, glass words: [String] = [],
    watching observer: (any StepObserver)? = nil
  ) throws(EngineError) -> String {
    let glass = try Engine.glass(words)
    if let observer { glass.observer = observer }
    var settings = try options.settings()
    try makePredefined()
    guard try networkStore.search(options.name)?.name != options.name else {
      throw NetworkOptions.refused(
        "network with name \(options.name) already exists",
        hint: "Remove it with `drydock network rm \(options.name)`, or choose another name.")
    }
    let id = Names.newID()
    if settings.bridge.isEmpty { settings.bridge = "br-\(id.prefix(12))" }
    let network = try place(settings, id: id, name: options.name, options)
    do throws(EngineError) {
      try raise(network, glass)
      return id
    } catch {
      try networkStore.forget(network)
      throw error
    }
  }

  /// Finds subnets for what was given none, and writes the network down.
  ///
  /// Nobody else looks for a subnet meanwhile.
  private func place(
    _ settings: NetworkSettings, id: String, name: String, _ options: NetworkOptions
  ) throws(EngineError) -> Network {
    var settings = settings
    return try networkLinks.alone { () throws(EngineError) in
      let others = try networkStore.all()
      if let other = others.first(where: { $0.settings.bridge == settings.bridge }) {
        throw NetworkOptions.refused(
          "networks have same bridge name: \(other.name) has \(settings.bridge) already",
          hint: "Choose another com.docker.network.bridge.name.")
      }
      let plan = SubnetPlan(others: others, routes: try hostSubnets(but: settings.bridge))
      for subnet in settings.subnets { try plan.check(subnet.prefix) }
      let pools = try defaults().pools
      if settings.subnet(isV6: false) == nil {
        settings.subnets.insert(try plan.free(in: pools, isV6: false), at: 0)
      }
      if options.hasIPv6, settings.subnet(isV6: true) == nil {
        settings.subnets.append(try plan.free(in: pools, isV6: true))
      }
      if settings.subnet(isV6: true) != nil, settings.mtu < 1280 {
        throw NetworkOptions.refused(
          "invalid MTU value: \(settings.mtu)", hint: "IPv6 needs 1280 bytes (RFC 8200).")
      }
      for subnet in settings.subnets { try NetworkOptions.check(subnet) }
      let network = Network(id: id, name: name, settings: settings)
      try networkStore.insert(network)
      return network
    }
  }

  /// What the host's routes lead to, but by a bridge that will be ours.
  private func hostSubnets(but bridge: String) throws(EngineError) -> [IPPrefix] {
    let own = Netlink.index(of: bridge)
    return try asked("reading the host's routes") { () throws(SystemError) in
      try HostRoutes.subnets().filter { $0.link != own }.map { $0.prefix }
    }
  }

  /// Sees to the three networks that are always there.
  func makePredefined() throws(EngineError) {
    if store.state.isThere, try networkStore.search("bridge") != nil { return }
    let defaults = try defaults()
    var settings = NetworkSettings()
    settings.bridge = defaults.bridge ?? RootTag(runRoot: runRoot).bridge
    settings.icc = defaults.icc
    settings.gatewayMode = defaults.allowsDirectRouting ? .unprotected : .nat
    settings.mtu = defaults.mtu
    try networkLinks.alone { () throws(EngineError) in
      if try networkStore.search("bridge") != nil { return }
      let plan = SubnetPlan(
        others: try networkStore.all(), routes: try hostSubnets(but: settings.bridge))
      if let bip = defaults.bip {
        let prefix = IPPrefix(bip.address, length: bip.length)
        try plan.check(prefix)
        settings.subnets = [
          Subnet(prefix: prefix, gateway: bip.address, range: defaults.fixedRange)
        ]
      } else {
        settings.subnets = [try plan.free(in: defaults.pools, isV6: false)]
      }
      var host = NetworkSettings()
      host.driver = .host
      var none = NetworkSettings()
      none.driver = .null
      for (name, settings) in [("bridge", settings), ("host", host), ("none", none)] {
        try networkStore.insert(Network(id: Names.newID(), name: name, settings: settings))
      }
    }
  }

  /// The settings of this root.
  func defaults() throws(EngineError) -> EngineDefaults { try EngineDefaults(root: root) }

  // MARK: Looking

  /// The networks, by name.
  ///
  /// - Returns: one entry a network.
  /// - Throws: `EngineError` when the state cannot be read.
  public func networks() throws(EngineError) -> [NetworkInfo] {
    try store.tidy()
    try makePredefined()
    var list = [NetworkInfo]()
    for network in try networkStore.all() { list.append(try info(network)) }
    return list
  }

  /// One network.
  ///
  /// - Parameter reference: its name, its id, or the beginning of its id.
  /// - Returns: what is known of it.
  /// - Throws: `EngineError` when there is none.
  public func network(_ reference: String) throws(EngineError) -> NetworkInfo {
    try makePredefined()
    return try info(try networkStore.find(reference))
  }

  private func info(_ network: Network) throws(EngineError) -> NetworkInfo {
    let connections = try networkStore.connections(on: network)
    var users = [String]()
    var containers = [Value.Member]()
    for connection in connections {
      guard let record = try store.record(connection.container) else { continue }
      users.append(record.name)
      guard try store.status(record).pid != nil else { continue }
      func text(isV6: Bool) -> String {
        guard let address = connection.address(isV6: isV6),
          let subnet = network.settings.subnet(isV6: isV6)
        else { return "" }
        return "\(address)/\(subnet.prefix.length)"
      }
      containers.append(
        .init(
          connection.container,
          [
            "Name": .string(record.name), "EndpointID": .string(connection.endpointID),
            "MacAddress": .string(connection.hardware?.description ?? ""),
            "IPv4Address": .string(text(isV6: false)), "IPv6Address": .string(text(isV6: true)),
          ]))
    }
    return NetworkInfo(
      id: network.id, name: network.name, driver: network.settings.driver.rawValue,
      createdNs: network.createdNs, labels: network.settings.labels,
      isPredefined: network.isPredefined, users: users,
      bridge: network.settings.bridge, value: network.value(containers))
  }

  // MARK: Removing

  /// Removes a network that no living container is on.
  ///
  /// - Parameters:
  ///   - reference: its name, its id, or the beginning of its id.
  ///   - force: one that is not there is fine.
  ///   - words: flags of the glass.
  /// - Throws: `EngineError` when it is in use, not there, or one of the three.
  public func removeNetwork(
    _ reference: String, force: Bool = false, glass words: [String] = []
  ) throws(EngineError) {
    let glass = try Engine.glass(words)
    try store.tidy()
    guard let network = try networkStore.search(reference) else {
      if force { return }
      if NetworkStore.predefined.contains(reference) { throw predefined(reference) }
      _ = try networkStore.find(reference)
      return
    }
    guard !network.isPredefined else { throw predefined(network.name) }
    for connection in try networkStore.connections(on: network) {
      guard let record = try store.record(connection.container), try isInUse(record) else {
        continue
      }
      throw NetworkOptions.refused(
        "error while removing network: network \(network.name) id \(network.id) has active endpoints",
        hint:
          "\(record.name) is on it: `drydock network disconnect \(network.name) \(record.name)`, "
          + "or stop it.")
    }
    try takeDown(network, glass)
    try networkStore.forget(network)
    try asked("forgetting the names on \(network.name)") { () throws(SystemError) in
      try File.removeTree("\(NamePlaces.networks(runRoot))/\(network.id)")
    }
  }

  private func predefined(_ name: String) -> EngineError {
    NetworkOptions.refused("\(name) is a pre-defined network and cannot be removed")
  }

  /// Whether a container has, or is about to have, links on its networks.
  func isInUse(_ record: Record) throws(EngineError) -> Bool {
    if try store.status(record).pid != nil { return true }
    return try store.isHeld(record.id)
  }

  /// Makes what a network needs on this host, and what is missing of it.
  func raise(_ network: Network, _ glass: Glass) throws(EngineError) {
    try networkLinks.raise(
      network, isAlone: { () throws(EngineError) in try neighbours(of: network).isEmpty }, glass)
    networkLinks.warnOfOthers(network)
    // A bridge that somebody had deleted: who lives there is attached to the new one, which leads
    // from loopback as the old one did (drydock-publish sets that for its bridge).
    let bridge = network.settings.bridge
    for connection in try networkStore.connections(on: network) {
      guard try runtime.living(connection.container) != nil else { continue }
      try networkLinks.attach(connection.outside, to: bridge)
      guard connection.position == 0, try publishedPorts(connection.container) != nil else {
        continue
      }
      let file = "/proc/sys/net/ipv4/conf/\(bridge)/route_localnet"
      try performed { () throws(StepFailure) in
        try glass.perform(.netSysctl, .write(file, "1"))
      }
    }
  }

  /// Takes a network's bridge and rules away.
  func takeDown(_ network: Network, _ glass: Glass) throws(EngineError) {
    try networkLinks.fell(
      network, isAlone: { () throws(EngineError) in try neighbours(of: network).isEmpty }, glass)
  }

  /// The other networks that have a bridge now.
  private func neighbours(of network: Network) throws(EngineError) -> [Network] {
    try networkStore.all().filter {
      $0.id != network.id && !$0.settings.bridge.isEmpty && networkLinks.isThere($0)
    }
  }

  /// Removes the networks that no container is on, and takes the default one's bridge away when nobody
  /// lives on it: the next start makes it again.
  ///
  /// - Parameter filter: only these.
  /// - Returns: their names.
  /// - Throws: `EngineError` when one cannot be removed.
  public func pruneNetworks(
    _ filter: PruneFilter = PruneFilter()
  ) throws(EngineError) -> [String] {
    var names = [String]()
    for info in try networks() where info.users.isEmpty && !info.isPredefined {
      guard filter.matches(createdNs: info.createdNs, labels: info.labels) else { continue }
      try removeNetwork(info.id, force: true)
      names.append(info.name)
    }
    if let network = try networkStore.search("bridge"), networkLinks.isThere(network) {
      var isUsed = false
      for connection in try networkStore.connections(on: network) {
        if let record = try store.record(connection.container), try isInUse(record) {
          isUsed = true
        }
      }
      if !isUsed { try takeDown(network, Glass()) }
    }
    return names
  }
}

extension Network {
  /// As Docker's API has it.
  func value(_ containers: [Value.Member]) -> Value {
    func pairs(_ list: [String]) -> Value {
      .object(
        list.sorted().map { text in
          let pair = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
          return .init(String(pair[0]), .string(pair.count > 1 ? String(pair[1]) : ""))
        })
    }
    let pools = settings.subnets.map { subnet -> Value in
      var members: [Value.Member] = [
        .init("Subnet", .string(subnet.prefix.description))
      ]
      if let range = subnet.range { members.append(.init("IPRange", .string(range.description))) }
      members.append(.init("Gateway", .string(subnet.gateway.description)))
      if !subnet.auxiliary.isEmpty {
        members.append(
          .init(
            "AuxiliaryAddresses",
            .object(
              subnet.auxiliary.sorted { $0.key < $1.key }.map {
                .init($0.key, .string($0.value.description))
              })))
      }
      return .object(members)
    }
    var options = settings.options
    if let overlay = settings.overlay {
      options = options.filter { !NetworkOptions.isOverlay($0) }
      options += [
        "com.docker.network.driver.overlay.vxlanid_list=\(overlay.id)", "local=\(overlay.local)",
        "port=\(overlay.port)", "com.docker.network.driver.mtu=\(settings.mtu)",
      ]
    }
    if name == "bridge" {
      options += [
        "com.docker.network.bridge.default_bridge=true",
        "com.docker.network.bridge.enable_icc=\(settings.icc)",
        "com.docker.network.bridge.enable_ip_masquerade=\(settings.masquerades)",
        "com.docker.network.bridge.name=\(settings.bridge)",
        "com.docker.network.driver.mtu=\(settings.mtu)",
      ]
    }
    return [
      "Name": .string(name), "Id": .string(id), "Created": .string(Clock.rfc3339(createdNs)),
      "Scope": settings.overlay == nil ? "local" : "global",
      "Driver": .string(settings.driver.rawValue),
      "EnableIPv6": .bool(settings.subnet(isV6: true) != nil),
      "IPAM": ["Driver": "default", "Options": [:], "Config": .list(pools)],
      "Internal": .bool(settings.isInternal), "Attachable": .bool(settings.isAttachable),
      "Ingress": .bool(false), "Containers": .object(containers), "Options": pairs(options),
      "Labels": pairs(settings.labels), "Bridge": .string(settings.bridge),
      "Peers": .list(
        (settings.overlay?.peers ?? []).map { ["Name": "", "IP": .string($0.description)] }),
    ]
  }
}
