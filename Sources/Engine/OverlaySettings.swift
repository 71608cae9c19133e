import Linux
import Networks
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
  init(id: UInt32, local: IPAddress, port: UInt16, peers: [IPAddress]) {
    self.id = id
    self.local = local
    self.port = port
    self.peers = peers
  }

  /// The link: its number, and whence.
  var vxlan: VXLAN {
    var vxlan = VXLAN(id: id, local: local)
    vxlan.port = port
    return vxlan
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

extension NetworkOptions {
  /// `-o` words of the driver overlay.
  private static let overlayWords: Set<String> = [
    "peers", "peer", "local", "port", "vxlan-id", "com.docker.network.driver.overlay.vxlanid_list",
  ]

  /// Whether a `-o` is the driver overlay's own.
  static func isOverlay(_ option: String) -> Bool {
    overlayWords.contains(String(option.prefix { $0 != "=" }))
  }

  /// Reads what the driver overlay is told, and looks which of the hosts this one is.
  ///
  /// The same command makes the network on every host: its number comes from its name, and the one of
  /// the peers that this host has the address of is itself.
  ///
  /// - Returns: the settings, and the bytes that a packet between the hosts may have.
  /// - Throws: `EngineError` when this host is none of them.
  func overlay() throws(EngineError) -> (OverlaySettings, underlay: UInt32) {
    var hosts = [IPAddress]()
    var local: IPAddress?
    // A number of 24 bits that is the same everywhere; 0 to 4095 are left to who counts by hand.
    var id = RootTag.hash(name.utf8) & 0xff_ffff | 0x1000
    var port: UInt16 = 4789
    for option in options where NetworkOptions.isOverlay(option) {
      let pair = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let value = pair.count > 1 ? String(pair[1]) : ""
      switch pair[0] {
      case "peer", "peers":
        for text in value.split(separator: ",") { hosts.append(try Self.address(text, option)) }
      case "local": local = try Self.address(value[...], option)
      case "port":
        guard let number = UInt16(value), number > 0 else {
          throw NetworkOptions.refused("invalid \(option)", hint: "A UDP port; 4789 is usual.")
        }
        port = number
      default:
        guard let number = UInt32(value), (1...0xff_ffff).contains(number) else {
          throw NetworkOptions.refused(
            "invalid \(option)", hint: "A number from 1 to 16777215, the same on every host.")
        }
        id = number
      }
    }
    let own = try Self.ownAddresses()
    let (here, underlay) = try Self.place(local, hosts, own)
    let others = Set(hosts).subtracting([here]).sorted()
    if let other = others.first(where: { $0.isV6 != here.isV6 }) {
      throw NetworkOptions.refused(
        "\(here) and \(other) are of two families",
        hint: "Packets between the hosts are either IPv4 or IPv6.")
    }
    return (OverlaySettings(id: id, local: here, port: port, peers: others), underlay)
  }

  private static func address(
    _ text: Substring, _ option: String
  ) throws(EngineError) -> IPAddress {
    guard let address = IPAddress(text), !address.isAny else {
      throw NetworkOptions.refused(
        "invalid \(option): \(text) is no address",
        hint: "-o peers=10.200.9.1,10.200.9.2 lists the hosts.")
    }
    return address
  }

  /// The addresses of this host with the MTU of the link that has each.
  private static func ownAddresses() throws(EngineError) -> [IPAddress: UInt32] {
    var own: [IPAddress: UInt32] = [:]
    let links = try asked("reading the host's addresses") { () throws(SystemError) in
      try NetworkLink.all(RouteSocket("links"))
    }
    for link in links where link.name != "lo" {
      for assigned in link.assigned { own[assigned.address] = link.mtu }
    }
    return own
  }

  /// Which of the hosts this one is.
  private static func place(
    _ asked: IPAddress?, _ hosts: [IPAddress], _ own: [IPAddress: UInt32]
  ) throws(EngineError) -> (IPAddress, UInt32) {
    var found = asked ?? hosts.first { own[$0] != nil }
    if found == nil, let first = hosts.first {
      // The one that packets to it leave from (ip(7)); no way there is told below.
      found = try? InternetSocket(.udp, connectingTo: SocketAddress(first, 9)).local().address
    }
    guard let found else {
      throw NetworkOptions.refused(
        hosts.isEmpty
          ? "an overlay network needs the addresses of its hosts"
          : "no way leads from this host to \(hosts[0])",
        hint: "-o peers=ADDRESS,ADDRESS lists them, this one too or not; -o local=ADDRESS says"
          + " which address of this host the others use.")
    }
    guard let mtu = own[found] else {
      throw NetworkOptions.refused(
        "\(found) is no address of this host",
        hint: "`ip address` lists them; -o local=ADDRESS says which one the others use.")
    }
    return (found, mtu)
  }
}

extension OverlaySettings {
  /// The part of a subnet that this host gives addresses from, so that no two hosts give one twice
  /// without asking each other: equal parts, in the order of the hosts' addresses.
  ///
  /// - Throws: `EngineError` when a part would be too small.
  func part(of subnet: IPPrefix) throws(EngineError) -> IPPrefix? {
    let hosts = ([local] + peers).sorted()
    guard hosts.count > 1, let index = hosts.firstIndex(of: local) else { return nil }
    let bits = Int.bitWidth - (hosts.count - 1).leadingZeroBitCount
    let length = subnet.length + bits
    guard length <= subnet.base.bits - 2 else {
      throw NetworkOptions.refused(
        "\(subnet) is too small for \(hosts.count) hosts",
        hint: "Each gives addresses from a part of its own: take a larger --subnet, or say the part"
          + " of this host by --ip-range.")
    }
    let offset = UInt128(index) << UInt128(subnet.base.bits - length)
    return IPPrefix(
      IPAddress(subnet.base.value + offset, isV6: subnet.base.isV6), length: length)
  }
}
