import Linux
import Networks
import OCI
import State

/// What was asked of a container's place on a network, as State keeps it (NetworkTable.swift).
///
///     {"schema":1,"hardware":"02:42:0a:c8:00:02","aliases":["db"],"links":["web:www"],
///      "addresses":["10.200.0.9"]}
struct EndpointSettings: Equatable, Sendable {
  /// `--mac-address`; nil makes one from the address.
  var hardware: MACAddress?
  /// `--network-alias`.
  var aliases: [String] = []
  /// `--link`, `CONTAINER:ALIAS`.
  var links: [String] = []
  /// `--ip` and `--ip6`; what is not here is given by the network.
  var addresses: [IPAddress] = []

  /// Nothing special.
  init() {}

  func encode() -> [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.member("schema", Int64(1))
    if let hardware { json.member("hardware", hardware.description) }
    json.member("aliases", aliases)
    json.member("links", links)
    json.member("addresses", addresses.map { $0.description })
    json.endObject()
    return json.bytes
  }

  /// Reads a document.
  init(_ row: EndpointRow) throws(EngineError) {
    self = try StateFile.parsed(row.document, name: "the record of \(row.container) on a network") {
      (json) throws(ConfigError) in
      var settings = EndpointSettings()
      try json.beginObject()
      while try json.nextKey() {
        if json.keyIs("hardware") {
          settings.hardware = try NetworkSettings.word(&json) { MACAddress($0) }
        } else if json.keyIs("aliases") {
          settings.aliases = try json.strings()
        } else if json.keyIs("links") {
          settings.links = try json.strings()
        } else if json.keyIs("addresses") {
          try json.beginArray()
          while try json.nextElement() {
            settings.addresses.append(try NetworkSettings.word(&json) { IPAddress($0) })
          }
        } else {
          try json.skip()
        }
      }
      return settings
    }
  }
}

/// A container on a network, as it is written down.
struct Connection: Sendable {
  /// The container's id.
  var container: String
  var network: Network
  /// 0 is the container's first network, which its default route leaves by.
  var position: Int
  var settings: EndpointSettings
  /// At most one of each family, IPv4 first.
  var addresses: [IPAddress]

  /// The link inside.
  var interface: String { "eth\(position)" }
  /// The link on the host: at most 15 bytes, and of this container only.
  var outside: String { "veth\(container.prefix(8))\(position)" }
  /// The link's hardware address.
  var hardware: MACAddress? {
    settings.hardware ?? addresses.first.map { MACAddress(for: $0) }
  }
  /// The address of a family.
  func address(isV6: Bool) -> IPAddress? { addresses.first { $0.isV6 == isV6 } }
}

extension Connection {
  /// 64 hexadecimal digits that stand for this place, the same as long as it lasts.
  var endpointID: String {
    let text = container + network.id
    return (0..<8).map { RootTag.hexadecimal(RootTag.hash("\($0)\(text)".utf8)) }.joined()
  }
}
