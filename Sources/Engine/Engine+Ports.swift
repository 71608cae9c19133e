import Linux
import Networks
import OCI

extension Engine {
  /// The ports that a container publishes, as they were asked for.
  ///
  /// - Throws: `EngineError` in Docker's words for what is no port.
  static func ports(_ record: Record) throws(EngineError) -> [PortMapping] {
    guard hasNetworks(record) else { return [] }
    return try ports(
      published: record.asked["publish"],
      exposed: record.asked["publish-all"].isEmpty ? [] : record.asked["expose"])
  }

  /// Mappings of `-p`, and of what `-P` adds to them.
  static func ports(
    published texts: [String], exposed: [String]
  ) throws(EngineError) -> [PortMapping] {
    do throws(PortError) {
      var list = [PortMapping]()
      for text in texts { list += try PortMapping.parse(text) }
      for text in exposed {
        for port in try PortMapping.exposed(text)
        where !list.contains(where: {
          $0.containerPort == port.containerPort && $0.transport == port.transport
        }) { list.append(port) }
      }
      return list
    } catch { throw EngineError(error.text, hint: error.hint) }
  }

  /// Binds what a container publishes; nil when that is nothing.
  func publish(_ record: Record) throws(EngineError) -> Publication? {
    let ports = try Engine.ports(record)
    if ports.isEmpty { return nil }
    return try Publication(ports, container: record.id, bundle: store.bundle(record.id))
  }

  /// Where a living container's ports are published.
  func bindings(_ id: String) throws(EngineError) -> [PortBinding] {
    try publishedPorts(id)?.bindings ?? []
  }

  /// What drydock-publish has written down of a container; nil when it publishes nothing.
  func publishedPorts(_ id: String) throws(EngineError) -> PublishedPorts? {
    let path = PublishedPorts.path(store.bundle(id))
    let bytes: [UInt8]
    do throws(SystemError) { bytes = try File.read(path, limit: 1 << 20) } catch {
      if error.errno == .noEntry || error.errno == .notDirectory { return nil }
      throw EngineError("reading \(path)", error)
    }
    do throws(ConfigError) { return try PublishedPorts.parse(bytes) } catch {
      throw EngineError("\(path): \(error.text)", hint: "The file is damaged.")
    }
  }

  /// The column PORTS: what is published, then what is only exposed.
  func portsText(_ record: Record) throws(EngineError) -> String {
    let exposed = record.asked["expose"]
    guard !exposed.isEmpty, Engine.hasNetworks(record) else { return "" }
    let bindings = try bindings(record.id)
    let published = bindings.map { "\($0.place)->\($0.port)" }
    let rest = exposed.filter { port in !bindings.contains { $0.port == port } }
    return (published + rest).joined(separator: ", ")
  }

  /// Where a container's ports are published: `80/tcp` and `0.0.0.0:8080`.
  ///
  /// - Parameters:
  ///   - container: a name, an id, or the beginning of an id.
  ///   - port: only that one, `80` or `80/udp`; nil for all.
  /// - Returns: pairs in the order of the ports.
  /// - Throws: `EngineError` when there is no such container, or that port is not published.
  public func ports(
    of container: String, _ port: String? = nil
  ) throws(EngineError) -> [(port: String, place: String)] {
    let record = try store.find(container)
    let all = try bindings(record.id).map { (port: $0.port, place: $0.place) }
    guard let port else { return all }
    let wanted = port.contains("/") ? port.lowercased() : port + "/tcp"
    let number = wanted.split(separator: "/").first.flatMap { UInt16($0) }
    guard let number, number > 0 else {
      throw EngineError(
        "Invalid port: \(port)", hint: "A number from 1 to 65535, then /udp.", exitCode: 1)
    }
    let found = all.filter { $0.port == wanted }
    guard !found.isEmpty else {
      throw EngineError(
        "No public port '\(wanted)' published for \(container)",
        hint: "`drydock port \(container)` lists what is; -p publishes, at `drydock run`.",
        exitCode: 1)
    }
    return found
  }
}
