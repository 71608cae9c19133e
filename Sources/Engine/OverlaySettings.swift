import Linux
import OCI

/// What makes a network span several hosts: a VXLAN link (RFC 7348) on its bridge.
///
///     "overlay":{"id":4097,"local":"10.200.9.1","port":4789,"peers":["10.200.9.2"]}
struct OverlaySettings: Equatable, Sendable {
  /// The network's number, 24 bits; the same on every host.
  var id: UInt32 = 0
  /// This host's address, by which the others reach it.
  var local: IPAddress
  /// UDP.
  var port: UInt16 = 4789
  /// The other hosts.
  var peers: [IPAddress] = []

  /// Describes one.
  init(id: UInt32, local: IPAddress) {
    self.id = id
    self.local = local
  }

  /// Reads it.
  init(_ json: inout JSONReader) throws(ConfigError) {
    var local: IPAddress?
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("id") {
        id = UInt32(try json.unsigned(upTo: 0xff_ffff))
      } else if json.keyIs("local") {
        local = try NetworkSettings.word(&json) { IPAddress($0) }
      } else if json.keyIs("port") {
        port = UInt16(try json.unsigned(upTo: 65_535))
      } else if json.keyIs("peers") {
        for text in try json.strings() {
          guard let peer = IPAddress(text) else { throw json.error("\(text) is no address") }
          peers.append(peer)
        }
      } else {
        try json.skip()
      }
    }
    guard let local else { throw json.missing("local") }
    self.local = local
  }

  func write(_ json: inout JSONWriter) {
    json.beginObject()
    json.member("id", UInt64(id))
    json.member("local", local.description)
    json.member("port", UInt64(port))
    json.member("peers", peers.map { $0.description })
    json.endObject()
  }
}
