// What somebody has changed underneath networks, or a killed command left, found by looking:
//
//     a bridge is gone or down          while containers are on it: made again, their links attached
//     a link is no port of its bridge   the bridge was deleted and made again
//     the rules of a network are gone   somebody flushed the ruleset: made again
//     a published port has no element   the same: made again (its relay goes on meanwhile)
//     elements of nobody                of containers that have ended, of networks that are no more
//     no name server                    while a container has a name

import Linux
import Names
import Networks
import State
import Steps

/// Something about networks that is not as it should be, and can be put right.
public struct NetworkFault: Equatable, Sendable {
  /// What is wrong, for people: `network lan: its bridge br-0123456789ab is gone`.
  public let text: String
  let cure: Cure

  enum Cure: Equatable, Sendable {
    case raise(Network)
    case attach(link: String, bridge: String)
    case script(String)
    case removal(String)
    case names
  }
}

extension Engine {
  /// Looks for what is wrong with networks, without changing anything.
  ///
  /// - Returns: one entry a thing, in the order in which they are put right.
  /// - Throws: `EngineError` when something cannot be read.
  public func networkFaults() throws(EngineError) -> [NetworkFault] {
    guard store.state.isThere,
      try networkStore.all().contains(where: { !$0.settings.bridge.isEmpty })
    else { return [] }
    let first = try lookAtNetworks()
    guard !first.isEmpty else { return [] }
    // What is being made at this moment looks half-done, and does not a moment later.
    Clock.sleep(Doctor.pause)
    let second = try lookAtNetworks()
    return first.filter { second.contains($0) }
  }

  private func lookAtNetworks() throws(EngineError) -> [NetworkFault] {
    // The rules first: whose they are is written down before they are made.
    let listing = try ruled { () throws(RulesError) in
      try RulesCommand.find().list(networkLinks.table)
    }
    let networks = try networkStore.all().filter { !$0.settings.bridge.isEmpty }
    guard !networks.isEmpty else { return [] }
    var living = [Connection]()
    var held = [String]()
    for record in try store.records() {
      if try store.status(record).pid != nil {
        living += try networkStore.connections(of: record.id)
      }
      if try store.lives(record.id) { held.append(record.id) }
    }
    var faults = [NetworkFault]()
    for network in networks {
      let own = living.filter { $0.network.id == network.id }
      faults += try linkFaults(network, own, listing)
    }
    for id in Set(living.map { $0.container }).sorted() {
      if let fault = try portFault(id, listing) { faults.append(fault) }
    }
    if let listing {
      let script =
        listing.removal(ofContainersBut: held)
        + listing.removal(ofBridgesBut: networks.map { $0.settings.bridge })
      if !script.isEmpty {
        faults.append(
          NetworkFault(
            text: "table \(networkLinks.table.name): elements of what is gone",
            cure: .removal(script)))
      }
    }
    if living.contains(where: { $0.network.hasNames }), try !hasNameServer() {
      faults.append(NetworkFault(text: "no name server runs", cure: .names))
    }
    return faults
  }

  private func linkFaults(
    _ network: Network, _ living: [Connection], _ listing: RuleListing?
  ) throws(EngineError) -> [NetworkFault] {
    let bridge = network.settings.bridge
    let mend = NetworkFault.Cure.raise(network)
    var faults = [NetworkFault]()
    if !networkLinks.isReady(network) {
      // Where nobody lives the next start makes it.
      guard !living.isEmpty else { return [] }
      faults.append(
        NetworkFault(
          text: "network \(network.name): its bridge \(bridge)"
            + (network.tunnel.map { ", or its tunnel \($0.name)," } ?? "") + " is gone or down",
          cure: mend))
    } else if !(listing?.bridges.contains(bridge) ?? false)
      || (listing?.rules["forward"] ?? 0) == 0
    {
      faults.append(
        NetworkFault(text: "network \(network.name): its rules are gone", cure: mend))
    }
    let links = try asked("reading links") { () throws(SystemError) in
      try NetworkLink.all(RouteSocket("links"))
    }
    let index = Netlink.index(of: bridge).map { UInt32(bitPattern: $0) }
    let ports = living.map { $0.outside } + (network.tunnel.map { [$0.name] } ?? [])
    for port in living.isEmpty ? [] : ports {
      guard let link = links.first(where: { $0.name == port }) else { continue }
      if link.master == nil || link.master != index {
        faults.append(
          NetworkFault(
            text: "network \(network.name): \(link.name) is no port of \(bridge)",
            cure: .attach(link: link.name, bridge: bridge)))
      }
    }
    return faults
  }

  private func portFault(
    _ id: String, _ listing: RuleListing?
  ) throws(EngineError) -> NetworkFault? {
    guard let ports = try publishedPorts(id) else { return nil }
    let there = Set((listing?.elements ?? []).map { [$0.set] + $0.key })
    let missing = ports.rules.filter { rule in !rule.places.allSatisfy { there.contains($0) } }
    guard !missing.isEmpty else { return nil }
    let places = missing.map { $0.binding.place }.joined(separator: ", ")
    return NetworkFault(
      text: "container \(id.prefix(12)): no rules lead \(places) to it",
      cure: .script(
        missing.map { $0.publish(in: networkLinks.table, container: id) }.joined()))
  }

  private func hasNameServer() throws(EngineError) -> Bool {
    try asked("looking for the name server") { () throws(SystemError) in
      try FileLock.isHeld(NamePlaces.lock(runRoot))
    }
  }

  /// Puts right what was found.
  ///
  /// - Throws: `EngineError` when that cannot be done.
  public func mend(_ fault: NetworkFault) throws(EngineError) {
    switch fault.cure {
    case .raise(let network): try raise(network, Glass())
    case .attach(let link, let bridge):
      try networkLinks.attach(link, to: bridge)
    case .script(let script):
      try ruled { () throws(RulesError) in try RulesCommand.find().apply(script) }
    case .removal(let script):
      try ruled { () throws(RulesError) in try RulesCommand.find().remove(script) }
    case .names:
      do throws(NameServiceError) { try NameService.ensure(runRoot: runRoot) } catch {
        throw EngineError(error.text, hint: error.hint)
      }
    }
  }
}
