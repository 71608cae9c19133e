import Linux
import Names
import Networks
import OCI

extension Engine {
  /// What a container is told of names: /etc/hosts, /etc/resolv.conf, and what the name server is told
  /// of the container.
  func writeNames(_ record: Record, _ connections: [Connection]) throws(EngineError) {
    let linked = try linked(record, connections)
    try writeFiles(record, connections, linked)
    try openLinks(record, connections, to: linked)
    var isNamed = false
    for connection in connections where connection.network.hasNames {
      try note(record, connection)
      isNamed = true
    }
    guard isNamed else { return }
    do throws(NameServiceError) { try NameService.ensure(runRoot: runRoot) } catch {
      throw EngineError(error.text, hint: error.hint)
    }
  }

  /// Writes down who has which name on a network (NameEntry.swift of the module Names).
  private func note(_ record: Record, _ connection: Connection) throws(EngineError) {
    let network = connection.network
    var entry = NetworkEntry()
    entry.listen = network.settings.subnets.map { $0.gateway }
    entry.name = NameEntry.isName(network.name) ? network.name : ""
    entry.isInternal = network.settings.isInternal
    entry.overlay = network.overlayEntry
    var own = NameEntry()
    own.pidfile = "\(runtime.root)/\(record.id)/pid"
    own.keeper = store.alivePath(record.id)
    own.addresses = connection.addresses
    if network.tunnel != nil { own.hardware = connection.hardware }
    own.names = ([record.name] + connection.settings.aliases + [String(record.id.prefix(12))])
      .filter { NameEntry.isName($0) }
    let servers = record.asked["dns"].isEmpty ? try defaults().dns : record.asked["dns"]
    own.upstreams = servers.compactMap { IPAddress($0) }
    for text in connection.settings.links {
      let link = try named { () throws(NameTextError) in try LinkRequest(text) }
      own.links.append(
        NameEntry.Link(alias: link.alias, container: try store.find(link.container).id))
    }
    let place = NamePlaces.container(runRoot, network.id, record.id)
    let resolver = NamePlaces.network(runRoot, network.id)
    try asked("writing down the names of \(record.name)") { () throws(SystemError) in
      try File.makeDirectories(String(place.dropLast(record.id.utf8.count + 1)), mode: 0o700)
      let content = entry.encode()
      let known = File.exists(resolver) ? try File.read(resolver) : []
      if known != content {
        try File.replace(resolver, with: content, mode: 0o600)
      }
      try File.replace(place, with: own.encode(), mode: 0o600)
    }
  }

  /// Forgets a container's names on a network; none are fine.
  func forgetNames(_ id: String, on network: Network) throws(EngineError) {
    try asked("forgetting names") { () throws(SystemError) in
      try File.removeTree(NamePlaces.container(runRoot, network.id, id))
    }
  }

  private func writeFiles(
    _ record: Record, _ connections: [Connection], _ linked: [LinkedContainer]
  ) throws(EngineError) {
    var hosts = HostsFile(
      hostname: record.asked.word("hostname"),
      domainname: record.asked["domainname"].first)
    hosts.addresses = connections.flatMap { $0.addresses }
    hosts.hostGateway = connections.first?.network.settings.subnets.first?.gateway
    for text in record.asked["add-host"] {
      hosts.added.append(try named { () throws(NameTextError) in try AddedHost(text) })
    }
    hosts.links = linked
    let hostsText = try named { () throws(NameTextError) in try hosts.text() }
    let resolver = try resolver(record, connections).text
    let upper = store.directory(record.id) + "/upper"
    try asked("writing /etc/hosts and /etc/resolv.conf of \(record.name)") {
      () throws(SystemError) in
      let root = try File.open(upper, [.readOnly, .directory])
      try Engine.replace("etc/hosts", beneath: root.raw, with: hostsText)
      try Engine.replace("etc/resolv.conf", beneath: root.raw, with: resolver)
    }
  }

  private func resolver(
    _ record: Record, _ connections: [Connection]
  ) throws(EngineError) -> ResolverFile {
    let asked = record.asked["dns"]
    let wishes = ResolverFile.Wishes(
      servers: asked.isEmpty ? try defaults().dns : asked, search: record.asked["dns-search"],
      options: record.asked["dns-option"])
    let host = try Engine.hostResolver()
    for connection in connections where connection.network.hasNames {
      guard let subnet = connection.network.settings.subnets.first else { continue }
      return ResolverFile.userDefined(gateway: subnet.gateway, host: host, wishes)
    }
    return ResolverFile.defaultBridge(host: host, wishes)
  }

  /// The host's resolv.conf(5), or what is behind systemd-resolved(8)'s stub.
  static func hostResolver() throws(EngineError) -> ResolverFile {
    try asked("reading the host's name servers") { () throws(SystemError) in
      guard File.exists(ResolverFile.path) else { return ResolverFile() }
      let file = ResolverFile(try File.text(ResolverFile.path, limit: 1 << 20))
      guard file.isStub, File.exists(ResolverFile.stubbedPath) else { return file }
      return ResolverFile(try File.text(ResolverFile.stubbedPath, limit: 1 << 20))
    }
  }

  /// Writes one of the engine's files in a writable layer.
  ///
  /// The container may have put anything in its place: links are not followed, and what is no plain
  /// file any more, or was deleted, is left alone.
  private static func replace(
    _ path: String, beneath root: Int32, with text: String
  ) throws(SystemError) {
    let place: Descriptor
    do throws(SystemError) {
      place = try Mounts.place(path, beneath: root, directory: false, follow: false)
    } catch  where error.errno == .loop || error.errno == .notDirectory {
      return
    }
    guard try File.status(place.procPath).isRegular else { return }
    let file = try File.open(place.procPath, [.writeOnly, .truncate])
    try File.write(file.raw, text.utf8, name: path)
  }
}

extension Network {
  /// What the name server is told of the other hosts.
  fileprivate var overlayEntry: OverlayEntry? {
    guard let tunnel, let overlay = settings.overlay else { return nil }
    var entry = OverlayEntry()
    entry.tunnel = tunnel.name
    entry.vxlan = overlay.id
    entry.local = overlay.local
    entry.peers = overlay.peers
    entry.subnets = settings.subnets.map { $0.prefix }
    return entry
  }
}

/// Makes texts of names on behalf of the engine.
func named<Result>(_ body: () throws(NameTextError) -> Result) throws(EngineError) -> Result {
  do throws(NameTextError) { return try body() } catch {
    throw EngineError(error.text, hint: error.hint)
  }
}
