public import Linux

/// What is known of a network that several hosts have: the part of RUNROOT/networks/NETID/resolver that
/// is about them (NameEntry.swift).
public struct OverlayEntry: Equatable, Sendable {
  /// The VXLAN link.
  public var tunnel = ""
  /// The network's number, the same on every host.
  public var vxlan: UInt32 = 0
  /// This host, as the others know it.
  public var local = IPAddress(0, isV6: false)
  /// The other hosts.
  public var peers: [IPAddress] = []
  /// The network's subnets.
  public var subnets: [IPPrefix] = []

  /// Nothing yet.
  public init() {}

  var isWhole: Bool { !tunnel.isEmpty && vxlan != 0 && !local.isAny && !subnets.isEmpty }

  var text: String {
    var text = "tunnel \(tunnel)\nvxlan \(vxlan)\nlocal \(local)\n"
    for peer in peers { text += "peer \(peer)\n" }
    for subnet in subnets { text += "subnet \(subnet)\n" }
    return text
  }

  /// Takes one line; false when it is none of these.
  mutating func read(_ word: String, _ value: String) -> Bool {
    switch word {
    case "tunnel" where (1...15).contains(value.utf8.count): tunnel = value
    case "vxlan":
      guard let number = UInt32(value), (1...0xff_ffff).contains(number) else { return false }
      vxlan = number
    case "local", "peer":
      guard let address = IPAddress(value), !address.isAny else { return false }
      if word == "local" { local = address } else { peers.append(address) }
    case "subnet":
      guard let subnet = IPPrefix(value) else { return false }
      subnets.append(subnet)
    default: return false
    }
    return true
  }
}
