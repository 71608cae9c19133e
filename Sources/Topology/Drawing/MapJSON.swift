internal import Linux
internal import Report

extension Plan {
  /// The map for programs: namespaces with all that is in them, and the pairs.
  package var json: String {
    let published = Dictionary(
      hosts.map { ($0.namespace, $0.published) }, uniquingKeysWith: { first, _ in first })
    let spaces = map.namespaces.enumerated().map { at, space -> JSON in
      .object([
        "inode": .number("\(space.inode)"), "name": .string(space.name),
        "names": .array(space.names.map { .string($0) }),
        "pids": .array(space.pids.map { .number("\($0)") }), "own": .bool(space.isOwn),
        "container": .bool(space.isContainer), "links": .array(space.links.map { json($0, at) }),
        "routes": .array(space.routes.filter { $0.table != 255 }.map { Plan.json($0, space) }),
        "forwarding": .array(
          space.forwarding.map { entry in
            .object([
              "link": .string(space.link(entry.link)?.name ?? "\(entry.link)"),
              "hardware": .string(entry.hardware), "remote": Plan.text(entry.remote),
            ])
          }),
        "published": .array((published[at] ?? []).map { Plan.json($0) }),
        "switches": .object(space.switches.mapValues { .number("\($0)") }),
        "problems": .array(space.problems.map { .string($0) }),
      ])
    }
    let document = JSON.object(["namespaces": .array(spaces)])
    return document.text
  }

  private static func text(_ value: (some CustomStringConvertible)?) -> JSON {
    value.map { .string($0.description) } ?? .null
  }

  private func json(_ link: NetworkLink, _ at: Int) -> JSON {
    let space = map.namespaces[at]
    var peer = JSON.null
    if let end = map.otherEnd(of: LinkEnd(at, link.index)) {
      let other = map.namespaces[end.namespace]
      peer = .object([
        "namespace": .number("\(other.inode)"), "name": .string(other.name),
        "link": .string(other.link(end.link)?.name ?? ""), "index": .number("\(end.link)"),
      ])
    }
    var tunnel = JSON.null
    if case .tunnel(let found, let peers) = tunnelEnd(link, at) {
      tunnel = .object([
        "id": .number("\(found.id)"), "port": .number("\(found.port)"),
        "local": Plan.text(found.local), "peers": .array(peers.map { .string("\($0)") }),
      ])
    }
    return .object([
      "index": .number("\(link.index)"), "name": .string(link.name), "kind": .string(link.kind),
      "up": .bool(link.isUp), "carrier": .bool(link.hasCarrier), "mtu": .number("\(link.mtu)"),
      "hardware": .string(link.hardware),
      "addresses": .array(link.addresses.map { .string($0) }),
      "master": link.master.flatMap { space.link($0) }.map { .string($0.name) } ?? .null,
      "peer": peer, "tunnel": tunnel,
      "port": link.port.map { port in
        .object([
          "state": .number("\(port.state)"), "hairpin": .bool(port.isHairpin),
          "isolated": .bool(port.isIsolated),
        ])
      } ?? .null,
    ])
  }

  private func tunnelEnd(_ link: NetworkLink, _ at: Int) -> End {
    for host in hosts where host.namespace == at {
      for port in host.links + host.switches.flatMap({ $0.ports }) where port.link == link {
        return port.end
      }
    }
    return .none
  }

  private static func json(_ route: Route, _ space: NetworkNamespace) -> JSON {
    .object([
      "destination": .string(
        route.destination.length == 0 ? "default" : "\(route.destination)"),
      "gateway": text(route.gateway), "source": text(route.source),
      "link": route.link.flatMap { space.link($0) }.map { .string($0.name) } ?? .null,
      "metric": .number("\(route.metric)"),
    ])
  }

  private static func json(_ port: PublishedPort) -> JSON {
    .object([
      "source": .string(port.source), "destination": .string(port.destination),
      "address": text(port.address), "port": port.port.map { .number("\($0)") } ?? .null,
      "transport": .string(port.transport), "target": text(port.target),
      "target_port": port.targetPort.map { .number("\($0)") } ?? .null,
      "table": .string(port.table),
    ])
  }
}
