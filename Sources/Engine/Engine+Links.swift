import Linux
import Names
import Networks
import OCI

/// `--link` on the default network: names and environment of another container, and a way to it where
/// neighbours are kept apart.
extension Engine {
  /// The containers that a container is linked to on its first network.
  func linked(
    _ record: Record, _ connections: [Connection]
  ) throws(EngineError) -> [LinkedContainer] {
    guard let first = connections.first, !first.network.hasNames else { return [] }
    return try linked(record.asked["link"], on: first.network)
  }

  /// The containers that links name, as one on the default network sees them.
  func linked(
    _ texts: [String], on network: Network
  ) throws(EngineError) -> [LinkedContainer] {
    var list = [LinkedContainer]()
    for text in texts {
      let request = try named { () throws(NameTextError) in try LinkRequest(text) }
      guard let other = try store.search(request.container) else {
        throw EngineError(
          "could not get container for \(request.container): No such container: "
            + request.container)
      }
      guard try store.status(other).pid != nil else {
        throw EngineError(
          "Cannot link to a non running container: /\(other.name) AS \(request.alias)",
          hint: "Start it first: `drydock start \(other.name)`.")
      }
      let theirs = try networkStore.connections(of: other.id)
        .first { $0.network.id == network.id }
      guard let theirs else {
        throw EngineError(
          "Cannot link to /\(other.name), as it does not belong to the network \(network.name)")
      }
      var linked = LinkedContainer(
        alias: request.alias, name: other.name,
        hostname: other.asked.word("hostname"), addresses: theirs.addresses)
      for port in try Engine.ports(published: [], exposed: other.asked["expose"]) {
        linked.ports.append(ExposedPort(port.containerPort, port.transport.rawValue))
      }
      linked.environment = try configuration(other).process?.env ?? []
      list.append(linked)
    }
    return list
  }

  // MARK: Rules

  /// Lets a container reach the ports that those it is linked to expose, on a network with `icc=false`.
  ///
  /// An address may have been another's before: what the rules say of that one goes.
  func openLinks(
    _ record: Record, _ connections: [Connection], to linked: [LinkedContainer]
  ) throws(EngineError) {
    guard let first = connections.first, !first.network.settings.icc, !first.network.hasNames else {
      return
    }
    let table = networkLinks.table
    let listing = try ruled { () throws(RulesError) in try RulesCommand.find().list(table) }
    var stale = [RuleListing.Element]()
    for element in listing?.elements ?? [] where element.set.hasPrefix("links") {
      if try isStale(element, record, first) { stale.append(element) }
    }
    var script = listing?.removal { stale.contains($0) } ?? ""
    for other in linked {
      for source in first.addresses {
        for target in other.addresses {
          for port in other.ports {
            guard let transport = PortTransport(rawValue: port.transport),
              let rule = LinkRule(from: source, to: target, transport, port: port.number)
            else { continue }
            script += rule.link(in: table, container: record.id)
          }
        }
      }
    }
    guard !script.isEmpty else { return }
    try ruled { () throws(RulesError) in try RulesCommand.find().apply(script) }
  }

  /// Whether an element speaks of who had an address before.
  private func isStale(
    _ element: RuleListing.Element, _ record: Record, _ own: Connection
  ) throws(EngineError) -> Bool {
    if element.comment == RuleTable.comment(record.id) { return true }
    let addresses = own.addresses.map { $0.description }
    guard let source = element.key.first, element.key.count > 1 else { return false }
    if addresses.contains(source) { return true }
    guard addresses.contains(element.key[1]) else { return false }
    // Somebody else's way here: he lives, and it is this container that he is linked to.
    guard let other = try store.search(element.comment), try store.lives(other.id) else {
      return true
    }
    for text in other.asked["link"] {
      let request = try named { () throws(NameTextError) in try LinkRequest(text) }
      if try store.search(request.container)?.id == record.id { return false }
    }
    return true
  }
}
