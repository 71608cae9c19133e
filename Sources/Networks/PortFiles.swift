// What is on disk of a container's ports, in its run directory:
//
//     DIRECTORY/ports.json    what was asked; the engine writes it before drydock-publish starts
//       {"schema":1,"container":"…","ports":[
//         {"protocol":"tcp","address":"127.0.0.1","first":8080,"last":8080,"container_port":80}]}
//
//     DIRECTORY/ports         what came of it, as long as it is so; drydock-publish writes it
//       {"schema":1,"container":"…","table":"drydock","bridge":"drydock0",
//        "addresses":["10.200.0.2"],"ports":[
//         {"protocol":"tcp","address":"127.0.0.1","host_port":8080,"container_port":80}]}
//
// From the second alone the rules can be made again (PublishedPorts.rules).

internal import Linux
public import OCI

/// What drydock-publish is asked for.
public struct PortRequest: Hashable, Sendable {
  /// The container's id, whose first twelve digits mark its rules.
  public var container: String
  /// Where it is to be reached.
  public var ports: [PortMapping]

  /// Describes what is asked.
  public init(container: String, ports: [PortMapping]) {
    self.container = container
    self.ports = ports
  }

  /// The file in a container's run directory.
  public static func path(_ directory: String) -> String { directory + "/ports.json" }

  /// The file's content.
  public func encode() -> [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.member("schema", Int64(1))
    json.member("container", container)
    json.key("ports")
    json.beginArray()
    for port in ports { port.write(&json) }
    json.endArray()
    json.endObject()
    return json.bytes
  }

  /// Reads the file's content.
  ///
  /// - Throws: `ConfigError` naming the place that cannot be read.
  public static func parse(_ bytes: [UInt8]) throws(ConfigError) -> PortRequest {
    var json = try JSONReader(bytes)
    var request = PortRequest(container: "", ports: [])
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("container") {
        request.container = try json.string()
      } else if json.keyIs("ports") {
        try json.beginArray()
        while try json.nextElement() { request.ports.append(try PortMapping.read(&json)) }
      } else {
        try json.skip()
      }
    }
    try json.finish()
    return request
  }
}

extension PortMapping {
  /// Writes it as an object.
  public func write(_ json: inout JSONWriter) {
    json.beginObject()
    json.member("protocol", transport.rawValue)
    if let address { json.member("address", address.description) }
    json.member("first", UInt64(hostPorts.lowerBound))
    json.member("last", UInt64(hostPorts.upperBound))
    json.member("container_port", UInt64(containerPort))
    json.endObject()
  }

  /// Reads the object.
  ///
  /// - Throws: `ConfigError` naming the place that cannot be read.
  public static func read(_ json: inout JSONReader) throws(ConfigError) -> PortMapping {
    var mapping = PortMapping(0)
    var first: UInt16 = 0
    var last: UInt16 = 0
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("protocol") {
        mapping.transport = try PortTransport.read(&json)
      } else if json.keyIs("address") {
        mapping.address = try IPAddress.read(&json)
      } else if json.keyIs("first") {
        first = try json.port()
      } else if json.keyIs("last") {
        last = try json.port()
      } else if json.keyIs("container_port") {
        mapping.containerPort = try json.port()
      } else {
        try json.skip()
      }
    }
    guard mapping.containerPort > 0 else { throw json.missing("container_port") }
    guard first > 0, first <= last else { throw json.error("no port of the host", in: "first") }
    mapping.hostPorts = first...last
    return mapping
  }
}

/// Where a container is reached.
public struct PublishedPorts: Hashable, Sendable {
  /// The container's id.
  public var container: String
  /// Where on the host.
  public var bindings: [PortBinding]
  /// What is behind that.
  public var target: PublishTarget

  /// Describes what was done.
  public init(container: String, bindings: [PortBinding], target: PublishTarget) {
    self.container = container
    self.bindings = bindings
    self.target = target
  }

  /// The file in a container's run directory.
  public static func path(_ directory: String) -> String { directory + "/ports" }

  /// What the kernel does of it; the rest is the proxy's.
  public var rules: [PortRule] {
    bindings.compactMap { binding in
      let address = target.addresses.first { $0.isV6 == binding.address.isV6 }
      return address.flatMap { PortRule(binding, to: $0) }
    }
  }

  /// The file's content.
  public func encode() -> [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.member("schema", Int64(1))
    json.member("container", container)
    target.write(&json)
    json.key("ports")
    json.beginArray()
    for binding in bindings {
      json.beginObject()
      json.member("protocol", binding.transport.rawValue)
      json.member("address", binding.address.description)
      json.member("host_port", UInt64(binding.hostPort))
      json.member("container_port", UInt64(binding.containerPort))
      json.endObject()
    }
    json.endArray()
    json.endObject()
    return json.bytes
  }

  /// Reads the file's content.
  ///
  /// - Throws: `ConfigError` naming the place that cannot be read.
  public static func parse(_ bytes: [UInt8]) throws(ConfigError) -> PublishedPorts {
    var json = try JSONReader(bytes)
    var ports = PublishedPorts(container: "", bindings: [], target: PublishTarget())
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("container") {
        ports.container = try json.string()
      } else if json.keyIs("ports") {
        try json.beginArray()
        while try json.nextElement() { ports.bindings.append(try PortBinding.read(&json)) }
      } else if try !ports.target.readMember(&json) {
        try json.skip()
      }
    }
    try json.finish()
    return ports
  }
}

extension PortBinding {
  fileprivate static func read(_ json: inout JSONReader) throws(ConfigError) -> PortBinding {
    var binding = PortBinding(.tcp, IPAddress(v4: 0), 0, containerPort: 0)
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("protocol") {
        binding.transport = try PortTransport.read(&json)
      } else if json.keyIs("address") {
        binding.address = try IPAddress.read(&json)
      } else if json.keyIs("host_port") {
        binding.hostPort = try json.port()
      } else if json.keyIs("container_port") {
        binding.containerPort = try json.port()
      } else {
        try json.skip()
      }
    }
    return binding
  }
}

extension PortTransport {
  static func read(_ json: inout JSONReader) throws(ConfigError) -> PortTransport {
    let name = try json.string()
    guard let known = PortTransport(rawValue: name) else {
      throw json.error("unknown protocol \(name)")
    }
    return known
  }
}

extension IPAddress {
  static func read(_ json: inout JSONReader) throws(ConfigError) -> IPAddress {
    let text = try json.string()
    guard let address = IPAddress(text) else { throw json.error("'\(text)' is no address") }
    return address
  }
}

extension JSONReader {
  fileprivate mutating func port() throws(ConfigError) -> UInt16 {
    UInt16(truncatingIfNeeded: try unsigned(upTo: 65535))
  }
}
