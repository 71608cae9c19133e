import Linux
import Networks
import State
import Steps

/// The networks' records and addresses (NetworkTable.swift of the module State).
struct NetworkStore: Sendable {
  let state: StateHandle

  /// There from the beginning, and for ever.
  static let predefined = ["bridge", "host", "none"]

  // MARK: Looking

  /// Every network, by name.
  func all() throws(EngineError) -> [Network] {
    let rows = try read("listing networks") { try NetworkTable.all($0) }
    var networks = [Network]()
    for row in rows { networks.append(try Network(row)) }
    return networks
  }

  /// The one network with this name, id, or beginning of an id; nil when there is none.
  func search(_ reference: String) throws(EngineError) -> Network? {
    guard state.isThere else { return nil }
    let rows = try read("looking for a network") { db -> [NetworkRow] in
      if let row = try NetworkTable.with(name: reference, db) { return [row] }
      guard Names.isIDPrefix(reference) else { return [] }
      return try NetworkTable.with(prefix: reference, db)
    }
    guard rows.count < 2 else {
      throw EngineError(
        "network \(reference) is ambiguous (\(rows.count) matches found on ID prefix)",
        hint: "Type more of it: `drydock network ls --no-trunc`.", exitCode: 1)
    }
    guard let row = rows.first else { return nil }
    return try Network(row)
  }

  /// As `search`; none is an error.
  func find(_ reference: String) throws(EngineError) -> Network {
    if let network = try search(reference) { return network }
    throw EngineError(
      "network \(reference) not found", hint: "`drydock network ls` lists what there is.",
      exitCode: 1)
  }

  /// The networks of a container, the first one first.
  func connections(of container: String) throws(EngineError) -> [Connection] {
    guard state.isThere else { return [] }
    let found = try read("looking for networks") { db in
      try NetworkTable.endpoints(of: container, db).map {
        ($0, try NetworkTable.with(id: $0.network, db))
      }
    }
    var list = [Connection]()
    for (row, network) in found {
      guard let network else { continue }
      list.append(try NetworkStore.connection(row, Network(network)))
    }
    return list
  }

  /// The containers on a network, alive or not.
  func connections(on network: Network) throws(EngineError) -> [Connection] {
    let rows = try read("looking who is on \(network.name)") {
      try NetworkTable.endpoints(on: network.id, $0)
    }
    var list = [Connection]()
    for row in rows { list.append(try NetworkStore.connection(row, network)) }
    return list
  }

  private static func connection(
    _ row: EndpointRow, _ network: Network
  ) throws(EngineError) -> Connection {
    Connection(
      container: row.container, network: network, position: row.position,
      settings: try EndpointSettings(row),
      addresses: row.addresses.compactMap { IPAddress(bytes: $0) })
  }

  private func read<Result>(
    _ doing: String, _ body: (StateTransaction) throws -> Result
  ) throws(EngineError) -> Result {
    try stated { () throws(StateError) in try state.open().read(doing, body) }
  }

  // MARK: Making

  /// Writes a network down.
  ///
  /// - Throws: `EngineError` when its name is taken.
  func insert(_ network: Network) throws(EngineError) {
    do throws(StateError) {
      try state.open().write(.networkAdd, "making the network \(network.name)") { db in
        try NetworkTable.insert(
          network.row, reserved: network.settings.reserved.map { $0.bytes }, db)
      }
    } catch  where error.isConflict {
      throw EngineError(
        "network with name \(network.name) already exists",
        hint: "Remove it with `drydock network rm \(network.name)`, or choose another name.",
        exitCode: 1)
    } catch { throw EngineError(error) }
  }

  /// Replaces a network's settings.
  func update(_ network: Network) throws(EngineError) {
    try stated { () throws(StateError) in
      try state.open().write(.networkAdd, "changing the network \(network.name)") {
        try NetworkTable.update(network.row, $0)
      }
    }
  }

  /// Forgets a network, with the places of ended containers on it.
  func forget(_ network: Network) throws(EngineError) {
    try stated { () throws(StateError) in
      try state.open().write(.networkForget, "removing the network \(network.name)") {
        try NetworkTable.remove(id: network.id, $0)
      }
    }
  }

  // MARK: Connecting

  /// What a transaction says when an address cannot be had for now: who has ended may have it.
  static let isShort: Int32 = -1

  /// Connects a container within a transaction: takes its addresses and writes both down.
  ///
  /// - Throws: `StateError` when there is no address, or what SQLite says.
  static func connect(
    _ container: String, to network: Network, position: Int, _ settings: EndpointSettings,
    _ db: StateTransaction
  ) throws {
    var row = EndpointRow(
      container: container, network: network.id, position: position, document: settings.encode())
    for subnet in network.settings.subnets {
      let isV6 = subnet.prefix.base.isV6
      let asked = settings.addresses.first { $0.isV6 == isV6 }
      row.addresses.append(
        try (asked.map { try check($0, subnet, network, db) } ?? free(subnet, network, db)).bytes)
    }
    try NetworkTable.insert(row, db)
  }

  private static func check(
    _ address: IPAddress, _ subnet: Subnet, _ network: Network, _ db: StateTransaction
  ) throws -> IPAddress {
    if let holder = try NetworkTable.holder(of: address.bytes, network.id, db) {
      let whose =
        holder.isEmpty
        ? "the network's own"
        : try ContainerTable.with(id: holder, db).map { "of the container \($0.name)" } ?? "taken"
      throw StateError(
        "Address already in use: \(address) is \(whose)", code: holder.isEmpty ? 0 : isShort)
    }
    if let host = remote(network).host(of: address) {
      throw StateError("Address already in use: \(address) is on the host \(host)", code: 0)
    }
    return address
  }

  private static func free(
    _ subnet: Subnet, _ network: Network, _ db: StateTransaction
  ) throws -> IPAddress {
    var (first, last) = subnet.dynamic
    let elsewhere = remote(network)
    while first <= last,
      let found = try NetworkTable.lowest(
        of: network.id, from: first.bytes, to: last.bytes,
        next: { IPAddress(bytes: $0)?.advanced(by: 1).bytes ?? $0 }, db),
      let address = IPAddress(bytes: found)
    {
      // Another host may have one of ours by its --ip.
      guard elsewhere.host(of: address) != nil else { return address }
      first = address.advanced(by: 1)
    }
    throw StateError(
      "no available \(subnet.prefix.base.isV6 ? "IPv6" : "IPv4") addresses on this network's "
        + "address pools: \(network.name) (\(subnet.range ?? subnet.prefix))", code: isShort)
  }

  /// What other hosts of an overlay network have, as far as the kernel was told.
  private static func remote(_ network: Network) -> TunnelTable {
    guard let tunnel = network.tunnel, let index = Netlink.index(of: tunnel.name) else {
      return TunnelTable()
    }
    // Without an answer nothing is known, as before the first one of them has spoken.
    return (try? TunnelTable(of: index)) ?? TunnelTable()
  }

  /// Connects a container that is there already, whose record says so from then on.
  func connect(
    _ record: Record, to network: Network, position: Int, _ settings: EndpointSettings
  ) throws(StateError) {
    try state.open().write(.endpointAdd, "connecting to \(network.name)") { db in
      try NetworkStore.connect(record.id, to: network, position: position, settings, db)
      _ = try ContainerTable.update(record.row, db)
    }
  }

  /// Takes a container from a network, whose record says so from then on.
  func disconnect(_ record: Record, from network: Network) throws(EngineError) {
    try stated { () throws(StateError) in
      try state.open().write(.endpointRemove, "disconnecting from \(network.name)") { db in
        _ = try NetworkTable.disconnect(record.id, from: network.id, db)
        _ = try ContainerTable.update(record.row, db)
      }
    }
  }

  /// Takes their addresses from containers that have ended and asked for none in particular: they get
  /// others when they start again.
  ///
  /// - Returns: whether there were any.
  func reclaim(
    _ network: Network, isLiving: (String) throws(EngineError) -> Bool
  ) throws(EngineError) -> Bool {
    var ended = [String]()
    for connection in try connections(on: network)
    where connection.settings.addresses.isEmpty && !connection.addresses.isEmpty {
      if try !isLiving(connection.container) { ended.append(connection.container) }
    }
    guard !ended.isEmpty else { return false }
    try stated { () throws(StateError) in
      try state.open().write(.endpointRemove, "taking addresses back") { db in
        for id in ended { try NetworkTable.release(id, from: network.id, db) }
      }
    }
    return true
  }
}
