// hosts(5) of a container:
//
//     127.0.0.1   localhost                  and IPv6's usual names
//     10.0.0.5    registry.local             --add-host NAME:ADDRESS
//     10.200.0.1  host.internal              --add-host NAME:host-gateway
//     10.200.0.3  db 0123456789ab database   --link database:db: alias, hostname, name
//     10.200.0.2  web.example.com web        its own, one a network and family

public import Linux

/// What a name is for people cannot become.
public struct NameTextError: Error, Equatable, Sendable {
  /// What is wrong.
  public let text: String
  /// What to write instead.
  public let hint: String
}

/// `--add-host NAME:ADDRESS`.
public struct AddedHost: Equatable, Sendable {
  /// The name.
  public let name: String
  /// The address; nil for `host-gateway`: the host as the container sees it.
  public let address: IPAddress?

  /// Reads `NAME:ADDRESS`, `NAME:[ADDRESS]`, `NAME=ADDRESS` or `NAME:host-gateway`.
  ///
  /// - Throws: `NameTextError`.
  public init(_ text: String) throws(NameTextError) {
    let mark = text.firstIndex { $0 == ":" || $0 == "=" }
    guard let mark, mark > text.startIndex,
      text[..<mark].utf8.allSatisfy({ $0 > 32 && $0 != 127 && $0 != UInt8(ascii: "#") })
    else {
      throw NameTextError(text: "bad format for add-host: \"\(text)\"", hint: "NAME:IP")
    }
    name = String(text[..<mark])
    var value = text[text.index(after: mark)...]
    if value == "host-gateway" {
      address = nil
      return
    }
    if value.hasPrefix("["), value.hasSuffix("]") { value = value.dropFirst().dropLast() }
    guard let address = IPAddress(value) else {
      throw NameTextError(
        text: "invalid IP address in add-host: \"\(value)\"",
        hint: "An address, or host-gateway for the host's.")
    }
    self.address = address
  }
}

/// The text of a container's hosts(5).
public struct HostsFile: Equatable, Sendable {
  /// `--hostname`, else the short id.
  public var hostname: String
  /// `--domainname`.
  public var domainname: String?
  /// Its own, on all networks; none without a network.
  public var addresses: [IPAddress] = []
  /// `--add-host`.
  public var added: [AddedHost] = []
  /// What `host-gateway` means: the gateway of its first network.
  public var hostGateway: IPAddress?
  /// `--link`.
  public var links: [LinkedContainer] = []

  /// A container without a network.
  public init(hostname: String, domainname: String? = nil) {
    self.hostname = hostname
    self.domainname = domainname
  }

  /// The text.
  ///
  /// - Throws: `NameTextError` for `host-gateway` without a gateway.
  public func text() throws(NameTextError) -> String {
    var text = """
      127.0.0.1\tlocalhost
      ::1\tlocalhost ip6-localhost ip6-loopback
      fe00::0\tip6-localnet
      ff00::0\tip6-mcastprefix
      ff02::1\tip6-allnodes
      ff02::2\tip6-allrouters

      """
    for host in added {
      guard let address = host.address ?? hostGateway else {
        throw NameTextError(
          text: "there is no host-gateway for \(host.name)",
          hint: "The container's network has no gateway: give an address.")
      }
      text += "\(address)\t\(host.name)\n"
    }
    for link in links {
      for address in link.addresses { text += "\(address)\t\(link.hostNames.list(" "))\n" }
    }
    let own = domainname.map { "\(hostname).\($0) \(hostname)" } ?? hostname
    // Debian's address for a host without one: a name that means nothing makes programs wait.
    if addresses.isEmpty { text += "127.0.1.1\t\(own)\n" }
    for address in addresses { text += "\(address)\t\(own)\n" }
    return text
  }
}
