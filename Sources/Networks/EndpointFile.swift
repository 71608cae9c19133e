// BUNDLE/network.json: the endpoints of one container, which the engine writes and the runtime
// connects (`drydock-runtime run --network FILE`):
//
//     {"schema":1,"endpoints":[
//       {"network":"bridge","name":"eth0","outside":"veth0123456a0","bridge":"drydock0",
//        "hardware":"02:42:0a:c8:00:02","mtu":1500,"addresses":["10.200.0.2/16"],
//        "gateways":["10.200.0.1"],"isolated":false}]}

internal import Linux
public import OCI

/// The endpoints of one container, as a file has them.
public enum EndpointFile {
  /// The file's content.
  public static func encode(_ endpoints: [Endpoint]) -> [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.member("schema", Int64(1))
    json.key("endpoints")
    json.beginArray()
    for endpoint in endpoints {
      json.beginObject()
      json.member("network", endpoint.network)
      json.member("name", endpoint.name)
      json.member("outside", endpoint.outside)
      json.member("bridge", endpoint.bridge)
      if let hardware = endpoint.hardware { json.member("hardware", hardware.description) }
      json.member("mtu", UInt64(endpoint.mtu))
      json.member("addresses", endpoint.addresses.map { $0.description })
      json.member("gateways", endpoint.gateways.map { $0.description })
      json.member("isolated", endpoint.isIsolated)
      json.endObject()
    }
    json.endArray()
    json.endObject()
    return json.bytes
  }

  /// Reads the file's content.
  ///
  /// - Throws: `ConfigError` naming the place that cannot be read.
  public static func parse(_ bytes: [UInt8]) throws(ConfigError) -> [Endpoint] {
    var json = try JSONReader(bytes)
    var endpoints: [Endpoint] = []
    try json.beginObject()
    while try json.nextKey() {
      guard json.keyIs("endpoints") else {
        try json.skip()
        continue
      }
      try json.beginArray()
      while try json.nextElement() { endpoints.append(try read(&json)) }
    }
    try json.finish()
    return endpoints
  }

  private static func read(_ json: inout JSONReader) throws(ConfigError) -> Endpoint {
    var endpoint = Endpoint()
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("network") {
        endpoint.network = try json.string()
      } else if json.keyIs("name") {
        endpoint.name = try link(&json)
      } else if json.keyIs("outside") {
        endpoint.outside = try link(&json)
      } else if json.keyIs("bridge") {
        endpoint.bridge = try link(&json)
      } else if json.keyIs("hardware") {
        endpoint.hardware = try value(&json, "a hardware address") { MACAddress($0) }
      } else if json.keyIs("mtu") {
        endpoint.mtu = UInt32(try json.unsigned(upTo: 65_535))
      } else if json.keyIs("addresses") {
        try json.beginArray()
        while try json.nextElement() {
          endpoint.addresses.append(
            try value(&json, "an address with its length") { InterfaceAddress($0) })
        }
      } else if json.keyIs("gateways") {
        try json.beginArray()
        while try json.nextElement() {
          endpoint.gateways.append(try value(&json, "an address") { IPAddress($0) })
        }
      } else if json.keyIs("isolated") {
        endpoint.isIsolated = try json.bool()
      } else {
        try json.skip()
      }
    }
    guard !endpoint.outside.isEmpty, !endpoint.bridge.isEmpty else {
      throw json.error("an endpoint has outside and bridge")
    }
    return endpoint
  }

  private static func link(_ json: inout JSONReader) throws(ConfigError) -> String {
    try value(&json, "the name of a link (15 bytes, no slash)") { $0.isLinkName ? $0 : nil }
  }

  private static func value<Value>(
    _ json: inout JSONReader, _ what: String, _ read: (String) -> Value?
  ) throws(ConfigError) -> Value {
    let text = try json.string()
    guard let value = read(text) else { throw json.error("\"\(text)\" is not \(what)") }
    return value
  }
}
