import Linux
import Networks
import State
import Steps

/// What `drydock network connect` was asked beside container and network.
public struct ConnectOptions: Equatable, Sendable {
  /// `--ip` and `--ip6`.
  public var addresses: [String] = []
  /// `--alias`.
  public var aliases: [String] = []
  /// `--link`, `CONTAINER[:ALIAS]`.
  public var links: [String] = []

  /// Nothing special.
  public init() {}
}

extension Engine {
  /// Puts a container on one more network; one that lives gets its link at once.
  ///
  /// - Parameters:
  ///   - container: a name, an id, or the beginning of an id.
  ///   - reference: the network's name, its id, or the beginning of its id.
  ///   - options: what is asked of its place there.
  ///   - words: flags of the glass.
  /// - Throws: `EngineError` in Docker's words; nothing has changed then.
  public func connect(
    _ container: String, to reference: String, _ options: ConnectOptions = ConnectOptions(),
    glass words: [String] = []
  ) throws(EngineError) {
    var record = try store.find(container)
    try makePredefined()
    let network = try networkStore.find(reference)
    try checkMayMove(record, network)
    var settings = EndpointSettings()
    do throws(EngineError) {
      try settings.take(addresses: options.addresses, on: network)
      settings.aliases = options.aliases
      settings.links = options.links
      try settings.checkAliases(on: network)
    } catch {
      throw NetworkOptions.refused(error.message, hint: error.hint)
    }
    let position = try free(record)
    let before = record
    // From now on it has networks, whatever it began with.
    if !Engine.hasNetworks(record) { record.asked["network"] = [network.name] }
    do throws(EngineError) {
      try connect(record, to: network, position: position, settings)
    } catch {
      throw NetworkOptions.refused(error.message, hint: error.hint)
    }
    do throws(EngineError) {
      try link(record, network, Engine.glass(words))
    } catch {
      try networkStore.disconnect(before, from: network)
      throw error
    }
  }

  /// The lowest number of a link that the container does not use.
  private func free(_ record: Record) throws(EngineError) -> Int {
    let used = Set(try networkStore.connections(of: record.id).map { $0.position })
    return (0...used.count).first { !used.contains($0) } ?? used.count
  }

  private func checkMayMove(_ record: Record, _ network: Network) throws(EngineError) {
    let mode = record.asked.word("network")
    guard mode != "host", !mode.hasPrefix("container:") else {
      throw NetworkOptions.refused(
        "container sharing network namespace with another container or host cannot be connected to"
          + " any other network")
    }
    guard !network.settings.bridge.isEmpty else {
      throw NetworkOptions.refused(
        "container cannot be connected to \(network.name) network",
        hint: "Only `drydock run --network \(network.name)` can say so.")
    }
  }

  /// Makes the link of a living container, and writes down what its next start makes.
  private func link(
    _ record: Record, _ network: Network, _ glass: Glass
  ) throws(EngineError) {
    guard let pid = try store.status(record).pid else { return }
    if !networkLinks.isReady(network) { try raise(network, glass) }
    let connections = try networkStore.connections(of: record.id)
    guard let index = connections.firstIndex(where: { $0.network.id == network.id }) else { return }
    let endpoint = endpoints(connections)[index]
    let namespace = try namespace(of: pid)
    try performed { () throws(StepFailure) in
      try endpoint.connect(namespace.raw, pid: pid, glass)
    }
    try writeEndpoints(record, connections)
    try writeNames(record, connections)
  }

  private func namespace(of pid: Int32) throws(EngineError) -> Descriptor {
    try asked("opening the network namespace of \(pid)") { () throws(SystemError) in
      try File.open("/proc/\(pid)/ns/net", .readOnly)
    }
  }

  /// Takes a container from a network; one that lives loses its link at once.
  ///
  /// - Parameters:
  ///   - container: a name, an id, or the beginning of an id.
  ///   - reference: the network's name, its id, or the beginning of its id.
  ///   - force: one that is not on it is fine.
  ///   - words: flags of the glass.
  /// - Throws: `EngineError` in Docker's words.
  public func disconnect(
    _ container: String, from reference: String, force: Bool = false, glass words: [String] = []
  ) throws(EngineError) {
    var record = try store.find(container)
    let network = try networkStore.find(reference)
    if network.settings.driver == .host {
      throw NetworkOptions.refused(
        "container cannot be disconnected from host network or connected to host network")
    }
    let before = try networkStore.connections(of: record.id)
    guard let index = before.firstIndex(where: { $0.network.id == network.id }) else {
      if force { return }
      throw NetworkOptions.refused(
        "container \(record.id) is not connected to network \(network.name)",
        hint: "`drydock inspect \(record.name)` shows its networks.")
    }
    let gone = endpoints(before)[index]
    let left = before.filter { $0.network.id != network.id }
    record.asked["network"] = [left.first?.network.name ?? "none"]
    try networkStore.disconnect(record, from: network)
    guard let pid = try store.status(record).pid else { return }
    gone.disconnect(try Engine.glass(words))
    let after = try networkStore.connections(of: record.id)
    try writeEndpoints(record, after)
    try forgetNames(record.id, on: network)
    try writeNames(record, after)
    // The default route went with the link; the next network that leads out has one now.
    guard !gone.gateways.isEmpty else { return }
    for endpoint in endpoints(after) where !endpoint.gateways.isEmpty {
      let namespace = try namespace(of: pid)
      try performed { () throws(StepFailure) in
        try endpoint.restoreRoutes(namespace.raw, pid: pid, Glass())
      }
    }
  }
}
