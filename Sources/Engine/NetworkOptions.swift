import Linux
import OCI

/// What `drydock network create` was asked.
public struct NetworkOptions: Equatable, Sendable {
  /// Its name.
  public var name: String
  /// `-d`: bridge or overlay.
  public var driver = "bridge"
  /// `--subnet`, at most one of each family.
  public var subnets: [String] = []
  /// `--gateway`.
  public var gateways: [String] = []
  /// `--ip-range`.
  public var ranges: [String] = []
  /// `--aux-address`, `NAME=ADDRESS`.
  public var auxiliary: [String] = []
  /// `--internal`.
  public var isInternal = false
  /// `--ipv6`.
  public var hasIPv6 = false
  /// `--attachable`.
  public var isAttachable = false
  /// `--label`, `KEY[=VALUE]`.
  public var labels: [String] = []
  /// `-o`, `KEY=VALUE`.
  public var options: [String] = []

  /// A plain network.
  public init(name: String) { self.name = name }
}

extension NetworkOptions {
  /// Everything that can be said without looking at the host; the subnets that were not given are
  /// missing.
  func settings() throws(EngineError) -> NetworkSettings {
    try checkName()
    var settings = NetworkSettings()
    guard driver == "bridge" || driver == "overlay" else {
      throw NetworkOptions.refused(
        "could not find plugin \(driver) in v1 plugin registry: plugin not found",
        hint: "There are the drivers bridge and overlay.")
    }
    settings.isInternal = isInternal
    settings.isAttachable = isAttachable
    settings.labels = labels.map { $0.contains("=") ? $0 : $0 + "=" }
    settings.options = options
    let isOverlay = driver == "overlay"
    let most = try isOverlay ? span(&settings) : 65_535
    for option in options where !(isOverlay && NetworkOptions.isOverlay(option)) {
      try settings.take(option)
    }
    guard settings.mtu <= most else {
      throw NetworkOptions.refused(
        "invalid MTU value: \(settings.mtu)",
        hint:
          "The tunnel leaves \(most) bytes of what the hosts send each other; without the option"
          + " it is that.")
    }
    settings.subnets = try readSubnets()
    if let overlay = settings.overlay { try divide(&settings.subnets, overlay) }
    return settings
  }

  /// Makes a network one of several hosts.
  ///
  /// - Returns: the bytes that its packets may have.
  private func span(_ settings: inout NetworkSettings) throws(EngineError) -> UInt32 {
    guard !subnets.isEmpty else {
      throw NetworkOptions.refused(
        "an overlay network needs a --subnet", hint: "The same one on every host.")
    }
    let (overlay, underlay) = try overlay()
    settings.driver = .overlay
    settings.overlay = overlay
    settings.mtu = underlay - min(underlay, overlay.vxlan.overhead)
    return settings.mtu
  }

  /// Gives this host its part of each subnet, where no other was asked for.
  private func divide(
    _ subnets: inout [Subnet], _ overlay: OverlaySettings
  ) throws(EngineError) {
    for index in subnets.indices where subnets[index].range == nil {
      subnets[index].range = try overlay.part(of: subnets[index].prefix)
    }
  }

  private func checkName() throws(EngineError) {
    if NetworkStore.predefined.contains(name) {
      throw NetworkOptions.refused(
        "operation is not permitted on predefined \(name) network",
        hint: "Choose another name.")
    }
    let bytes = Array(name.utf8)
    let isPlain = bytes.allSatisfy {
      (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
        || "_.-".utf8.contains($0)
    }
    guard isPlain, (1...128).contains(bytes.count), !"_.-".utf8.contains(bytes[0]),
      name != "default"
    else {
      throw NetworkOptions.refused(
        "invalid network name '\(name)': only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed",
        hint: "At most 128 characters, and not `default`.")
    }
  }

  private func readSubnets() throws(EngineError) -> [Subnet] {
    var found = [Subnet]()
    for text in subnets {
      guard let prefix = IPPrefix(text) else {
        throw NetworkOptions.refused(
          "invalid subnet \(text): invalid CIDR address: \(text)",
          hint: "An address and its length, such as 10.200.0.0/16.")
      }
      guard let (address, _) = IPPrefix.parts(text), address == prefix.base else {
        throw NetworkOptions.refused(
          "invalid subnet \(text): bit set in the host part",
          hint: "The subnet is \(prefix).")
      }
      guard prefix.length <= prefix.base.bits - 2, prefix.length >= (prefix.base.isV6 ? 16 : 4)
      else {
        throw NetworkOptions.refused(
          "invalid subnet \(text): no room for a gateway and a container",
          hint: prefix.base.isV6 ? "From /16 to /126." : "From /4 to /30.")
      }
      if let other = found.first(where: { $0.prefix.base.isV6 == prefix.base.isV6 }) {
        throw NetworkOptions.refused(
          "bridge driver doesn't support multiple subnets: \(other.prefix) and \(prefix)",
          hint: "At most one of IPv4 and one of IPv6.")
      }
      found.append(Subnet(prefix: prefix, gateway: prefix.base.advanced(by: 1)))
    }
    for text in ranges {
      guard let range = IPPrefix(text) else {
        throw NetworkOptions.refused(
          "invalid ip-range \(text): invalid CIDR address: \(text)", hint: "Such as 10.200.5.0/24.")
      }
      guard let index = found.firstIndex(where: { $0.prefix.contains(range) }) else {
        throw NetworkOptions.refused(
          "no matching subnet for range \(range)", hint: "It lies in none of --subnet.")
      }
      found[index].range = range
    }
    for text in gateways {
      guard let gateway = IPAddress(text) else {
        throw NetworkOptions.refused("invalid gateway \(text): invalid IP address: \(text)")
      }
      guard let index = found.firstIndex(where: { $0.mayGive(gateway) }) else {
        throw NetworkOptions.refused(
          "no matching subnet for gateway \(gateway)", hint: "It lies in none of --subnet.")
      }
      found[index].gateway = gateway
    }
    for text in auxiliary {
      let pair = text.split(separator: "=", maxSplits: 1)
      guard pair.count == 2, let address = IPAddress(pair[1]) else {
        throw NetworkOptions.refused("invalid aux-address \(text)", hint: "NAME=ADDRESS")
      }
      guard let index = found.firstIndex(where: { $0.mayGive(address) }) else {
        throw NetworkOptions.refused(
          "no matching subnet for aux-address \(address)", hint: "It lies in none of --subnet.")
      }
      found[index].auxiliary[String(pair[0])] = address
    }
    return found
  }

  static func refused(_ message: String, hint: String = "") -> EngineError {
    EngineError(message, hint: hint, exitCode: 1)
  }
}

extension NetworkSettings {
  /// Docker's names of the bridge driver's options, and what stands behind `drydock.` here.
  mutating func take(_ option: String) throws(EngineError) {
    let pair = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let value = pair.count > 1 ? String(pair[1]) : ""
    func isTrue() throws(EngineError) -> Bool {
      switch value {
      case "true", "1": return true
      case "false", "0": return false
      default:
        throw NetworkOptions.refused(
          "failed to parse \(pair[0]) value: \(value)", hint: "true or false.")
      }
    }
    switch pair[0] {
    case "com.docker.network.bridge.name", "bridge.name", "parent":
      guard value.isLinkName else {
        throw NetworkOptions.refused(
          "invalid bridge name \"\(value)\"", hint: "At most 15 bytes, no slash, colon or space.")
      }
      bridge = value
    case "com.docker.network.bridge.enable_icc", "icc": icc = try isTrue()
    case "com.docker.network.bridge.enable_ip_masquerade", "masquerade":
      masquerades = try isTrue()
    case "com.docker.network.driver.mtu", "mtu":
      guard let mtu = UInt32(value), (576...65_535).contains(mtu) else {
        throw NetworkOptions.refused(
          "invalid MTU value: \(value)", hint: "From 576 (1280 with IPv6) to 65535 bytes.")
      }
      self.mtu = mtu
    case "com.docker.network.bridge.gateway_mode_ipv4",
      "com.docker.network.bridge.gateway_mode_ipv6", "gateway_mode":
      guard let mode = GatewayMode(rawValue: value) else {
        throw NetworkOptions.refused(
          "unknown gateway mode \(value)", hint: "nat, routed or nat-unprotected.")
      }
      gatewayMode = mode
    case "com.docker.network.bridge.host_binding_ipv4", "com.docker.network.container_iface_prefix":
      throw NetworkOptions.refused("\(pair[0]) is not supported here")
    default:
      throw NetworkOptions.refused(
        "unknown option \(pair[0])",
        hint: "com.docker.network.bridge.name, .enable_icc, .enable_ip_masquerade, "
          + ".gateway_mode_ipv4, com.docker.network.driver.mtu.")
    }
  }
}

extension NetworkOptions {
  /// Refuses a subnet whose own addresses are in each other's way.
  static func check(_ subnet: Subnet) throws(EngineError) {
    guard subnet.mayGive(subnet.gateway) else {
      throw refused(
        "no matching subnet for gateway \(subnet.gateway)",
        hint: "It lies outside \(subnet.prefix).")
    }
    for (name, address) in subnet.auxiliary where address == subnet.gateway {
      throw refused(
        "failed to allocate secondary ip address (\(name):\(address)): Address already in use",
        hint: "It is the gateway's.")
    }
  }
}
