import Linux
import Networks
import OCI

/// ROOT/daemon.json: what containers and networks get when nothing else is said.
///
/// The names are those of dockerd's file:
///
///     {"bip":"10.200.0.1/16","fixed-cidr":"10.200.1.0/24","bridge":"br0","icc":false,"mtu":1450,
///      "default-address-pools":[{"base":"10.201.0.0/16","size":24}],"default-network":"bridge",
///      "dns":["10.200.0.53"],"allow-direct-routing":true}
///
/// What concerns the default network counts when that is made: at its first use.
struct EngineDefaults: Equatable, Sendable {
  /// The default network's gateway and subnet.
  var bip: InterfaceAddress?
  /// Where its addresses are given from.
  var fixedRange: IPPrefix?
  /// Its bridge's name.
  var bridge: String?
  var icc = true
  /// Whether who has a route to the default network reaches its containers, as before Docker 28.
  var allowsDirectRouting = false
  /// Bytes.
  var mtu: UInt32 = 1500
  var pools = AddressPool.usual
  /// The network of containers that name none.
  var network = "bridge"
  /// Name servers of containers that name none.
  var dns: [String] = []

  /// Reads the file; none is fine.
  ///
  /// - Throws: `EngineError` naming the place that cannot be read.
  init(root: String) throws(EngineError) {
    let path = root + "/daemon.json"
    let given = try StateFile.read(path) { (json) throws(ConfigError) in
      var defaults = EngineDefaults()
      try json.beginObject()
      while try json.nextKey() { try defaults.read(&json) }
      return defaults
    }
    self = given ?? EngineDefaults()
    if let place = Places(environment: Processes.environment).value("DRYDOCK_NETWORK") {
      network = place
    }
    if let fixedRange, let bip, !IPPrefix(bip.address, length: bip.length).contains(fixedRange) {
      throw EngineError("\(path): fixed-cidr \(fixedRange) is not within bip \(bip)")
    }
  }

  private init() {}

  private mutating func read(_ json: inout JSONReader) throws(ConfigError) {
    if json.keyIs("bip") {
      bip = try NetworkSettings.word(&json) { InterfaceAddress($0) }
    } else if json.keyIs("fixed-cidr") {
      fixedRange = try NetworkSettings.word(&json) { IPPrefix($0) }
    } else if json.keyIs("bridge") {
      bridge = try NetworkSettings.word(&json) { $0.isLinkName ? $0 : nil }
    } else if json.keyIs("icc") {
      icc = try json.bool()
    } else if json.keyIs("allow-direct-routing") {
      allowsDirectRouting = try json.bool()
    } else if json.keyIs("mtu") {
      mtu = UInt32(try json.unsigned(upTo: 65_535))
    } else if json.keyIs("default-network") {
      network = try json.string()
    } else if json.keyIs("dns") {
      dns = try json.strings()
    } else if json.keyIs("default-address-pools") {
      pools = []
      try json.beginArray()
      while try json.nextElement() { pools.append(try EngineDefaults.pool(&json)) }
    } else {
      try json.skip()
    }
  }

  private static func pool(_ json: inout JSONReader) throws(ConfigError) -> AddressPool {
    var base: IPPrefix?
    var size = 0
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("base") {
        base = try NetworkSettings.word(&json) { IPPrefix($0) }
      } else if json.keyIs("size") {
        size = Int(try json.unsigned(upTo: 126))
      } else {
        try json.skip()
      }
    }
    guard let base, size >= base.length, size <= base.base.bits - 2 else {
      throw json.error("a pool has base, and a size not smaller than its length")
    }
    return AddressPool(base: base, size: size)
  }
}
