import Linux
import Networks
import OCI
import State

/// One subnet of a network.
struct Subnet: Equatable, Sendable {
  /// The subnet.
  var prefix: IPPrefix
  /// The bridge's own address, by which containers leave.
  var gateway: IPAddress
  /// Where addresses are given from; nil is all of the subnet.
  var range: IPPrefix?
  /// Addresses that are never given, by name.
  var auxiliary: [String: IPAddress] = [:]

  /// The addresses that are given to containers who name none, the first and the last.
  ///
  /// Neither the subnet's own nor IPv4's broadcast address (RFC 919) is one.
  var dynamic: (first: IPAddress, last: IPAddress) {
    let range = range ?? prefix
    let first = range.base == prefix.base ? prefix.base.advanced(by: 1) : range.base
    let isBroadcast = !prefix.base.isV6 && prefix.length < 31 && range.last == prefix.last
    return (first, isBroadcast ? range.last.advanced(by: -1) : range.last)
  }

  /// Whether a container may have it.
  func mayGive(_ address: IPAddress) -> Bool {
    guard prefix.contains(address) else { return false }
    if prefix.length >= address.bits - 1 { return true }
    return address != prefix.base && (address.isV6 || address != prefix.last)
  }
}

/// What a network is like, as State keeps it (NetworkTable.swift).
///
///     {"schema":1,"driver":"bridge","bridge":"br-0123456789ab","mtu":1500,"icc":true,
///      "masquerade":true,"internal":false,"gateway_mode":"nat","attachable":false,
///      "subnets":[{"subnet":"10.200.0.0/16","gateway":"10.200.0.1","range":"10.200.5.0/24",
///                  "auxiliary":["printer=10.200.5.1"]}],
///      "overlay":{…},
///      "labels":["key=value"],"options":["key=value"]}
struct NetworkSettings: Equatable, Sendable {
  /// How containers are connected.
  enum Driver: String, Sendable { case bridge, overlay, host, null }
  /// Who may reach containers from outside, but by published ports.
  enum GatewayMode: String, Sendable {
    /// Nobody.
    case nat
    /// Everybody who has a route; and the containers keep their addresses outside.
    case routed
    /// Everybody who has a route; the containers hide behind the host's address outside.
    case unprotected = "nat-unprotected"
  }

  var driver = Driver.bridge
  /// The other hosts, of the driver overlay.
  var overlay: OverlaySettings?
  /// The link's name.
  var bridge = ""
  /// Bytes.
  var mtu: UInt32 = 1500
  /// Whether its containers reach each other.
  var icc = true
  /// Whether what leaves the host takes the host's address.
  var masquerades = true
  /// Whether nothing leaves.
  var isInternal = false
  var gatewayMode = GatewayMode.nat
  var isAttachable = false
  /// At most one of each family.
  var subnets: [Subnet] = []
  /// `KEY=VALUE`.
  var labels: [String] = []
  /// `-o`, as they were typed.
  var options: [String] = []

  /// The subnet of a family.
  func subnet(isV6: Bool) -> Subnet? { subnets.first { $0.prefix.base.isV6 == isV6 } }

  /// Addresses that no container gets.
  var reserved: [IPAddress] {
    // A name for the gateway is no second address.
    Array(Set(subnets.flatMap { [$0.gateway] + Array($0.auxiliary.values) }))
  }

  func encode() -> [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.member("schema", Int64(1))
    json.member("driver", driver.rawValue)
    json.member("bridge", bridge)
    json.member("mtu", UInt64(mtu))
    json.member("icc", icc)
    json.member("masquerade", masquerades)
    json.member("internal", isInternal)
    json.member("gateway_mode", gatewayMode.rawValue)
    json.member("attachable", isAttachable)
    if let overlay {
      json.key("overlay")
      overlay.write(&json)
    }
    json.key("subnets")
    json.beginArray()
    for subnet in subnets {
      json.beginObject()
      json.member("subnet", subnet.prefix.description)
      json.member("gateway", subnet.gateway.description)
      if let range = subnet.range { json.member("range", range.description) }
      json.member(
        "auxiliary", subnet.auxiliary.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })
      json.endObject()
    }
    json.endArray()
    json.member("labels", labels)
    json.member("options", options)
    json.endObject()
    return json.bytes
  }

  /// Nothing yet.
  init() {}

  /// Reads a network's document.
  ///
  /// - Throws: `EngineError` naming the network.
  init(_ row: NetworkRow) throws(EngineError) {
    self = try StateFile.parsed(row.document, name: "the record of the network \(row.name)") {
      (json) throws(ConfigError) in
      var settings = NetworkSettings()
      try json.beginObject()
      while try json.nextKey() { try settings.read(&json) }
      return settings
    }
  }

  private mutating func read(_ json: inout JSONReader) throws(ConfigError) {
    if json.keyIs("driver") {
      driver = try NetworkSettings.word(&json) { Driver(rawValue: $0) }
    } else if json.keyIs("overlay") {
      overlay = try OverlaySettings(&json)
    } else if json.keyIs("bridge") {
      bridge = try json.string()
    } else if json.keyIs("mtu") {
      mtu = UInt32(try json.unsigned(upTo: 65_535))
    } else if json.keyIs("icc") {
      icc = try json.bool()
    } else if json.keyIs("masquerade") {
      masquerades = try json.bool()
    } else if json.keyIs("internal") {
      isInternal = try json.bool()
    } else if json.keyIs("gateway_mode") {
      gatewayMode = try NetworkSettings.word(&json) { GatewayMode(rawValue: $0) }
    } else if json.keyIs("attachable") {
      isAttachable = try json.bool()
    } else if json.keyIs("subnets") {
      try json.beginArray()
      while try json.nextElement() { subnets.append(try NetworkSettings.subnet(&json)) }
    } else if json.keyIs("labels") {
      labels = try json.strings()
    } else if json.keyIs("options") {
      options = try json.strings()
    } else {
      try json.skip()
    }
  }

  private static func subnet(_ json: inout JSONReader) throws(ConfigError) -> Subnet {
    var prefix: IPPrefix?
    var gateway: IPAddress?
    var range: IPPrefix?
    var auxiliary: [String: IPAddress] = [:]
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("subnet") {
        prefix = try word(&json) { IPPrefix($0) }
      } else if json.keyIs("gateway") {
        gateway = try word(&json) { IPAddress($0) }
      } else if json.keyIs("range") {
        range = try word(&json) { IPPrefix($0) }
      } else if json.keyIs("auxiliary") {
        for text in try json.strings() {
          let pair = text.split(separator: "=", maxSplits: 1)
          guard pair.count == 2, let address = IPAddress(pair[1]) else {
            throw json.error("\(text) is not NAME=ADDRESS")
          }
          auxiliary[String(pair[0])] = address
        }
      } else {
        try json.skip()
      }
    }
    guard let prefix, let gateway else { throw json.error("a subnet has subnet and gateway") }
    return Subnet(prefix: prefix, gateway: gateway, range: range, auxiliary: auxiliary)
  }

  /// A word that stands for something.
  static func word<Value>(
    _ json: inout JSONReader, _ read: (String) -> Value?
  ) throws(ConfigError) -> Value {
    let text = try json.string()
    guard let value = read(text) else { throw json.error("unknown: \(text)") }
    return value
  }
}

/// A network of this root.
struct Network: Equatable, Sendable {
  /// 64 hexadecimal digits.
  var id: String
  /// Unique among the networks of a root.
  var name: String
  /// CLOCK_REALTIME.
  var createdNs: UInt64
  var settings: NetworkSettings

  /// Whether it is one of the three that are always there.
  var isPredefined: Bool { NetworkStore.predefined.contains(name) }
  /// Whether its containers know each other's names.
  var hasNames: Bool {
    !settings.bridge.isEmpty && !isPredefined
  }

  /// The tunnel to the other hosts, of the driver overlay.
  var tunnel: OverlayLink? {
    settings.overlay.map {
      OverlayLink(
        name: "vx-\(id.prefix(12))", bridge: settings.bridge, vxlan: $0.vxlan, mtu: settings.mtu)
    }
  }

  /// Puts a new one together.
  init(id: String, name: String, settings: NetworkSettings) {
    self.id = id
    self.name = name
    createdNs = Clock.wall
    self.settings = settings
  }

  /// Reads a row.
  init(_ row: NetworkRow) throws(EngineError) {
    id = row.id
    name = row.name
    createdNs = row.createdNs
    settings = try NetworkSettings(row)
  }

  /// As the table has it.
  var row: NetworkRow {
    NetworkRow(id: id, name: name, createdNs: createdNs, document: settings.encode())
  }
}
