// What `-p` says (docker-run(1)), and what comes of it:
//
//     [[ADDRESS:][HOSTPORT[-LAST]]:]PORT[-LAST][/tcp|udp|sctp]
//
//     80                   container's 80 at any free port of the host
//     8080:80              at 8080, IPv4 and IPv6
//     127.0.0.1:8080:80    only there; [::1]:8080:80
//     127.0.0.1::80        any free port there
//     8000-8002:80-82      one to one
//     8000-8010:80         the first that is free
//
// A mapping is what was asked; a binding is one place where it was done.

public import Linux

/// How ports of a container are reached.
public enum PortTransport: String, Sendable, CaseIterable {
  /// tcp(7).
  case tcp
  /// udp(7).
  case udp
  /// sctp(7).
  case sctp
}

/// A port that is to be published: one port of a container, and where on the host.
public struct PortMapping: Hashable, Sendable {
  /// The protocol.
  public var transport: PortTransport
  /// The host's address; nil for all, IPv4's and IPv6's.
  public var address: IPAddress?
  /// The host's port; the first free one when it is a range.
  public var hostPorts: ClosedRange<UInt16>
  /// The container's port.
  public var containerPort: UInt16

  /// Where a port is looked for when none was named, as Docker does (ip(7), ip_local_port_range).
  public static let free: ClosedRange<UInt16> = 32768...60999

  /// A port to be published.
  public init(
    _ containerPort: UInt16, _ transport: PortTransport = .tcp, at address: IPAddress? = nil,
    hostPorts: ClosedRange<UInt16> = PortMapping.free
  ) {
    self.containerPort = containerPort
    self.transport = transport
    self.address = address
    self.hostPorts = hostPorts
  }

  /// Reads what stands behind `-p`.
  ///
  /// - Throws: `PortError` in Docker's words where it has some.
  public static func parse(_ text: String) throws(PortError) -> [PortMapping] {
    let (ports, transport) = try PortMapping.transport(of: text)
    guard let parts = PortMapping.split(ports) else {
      throw PortError(
        "Invalid address in published port: \(text)",
        hint: "An IPv6 address stands in brackets: [::1]:8080:80.")
    }
    guard !parts.container.isEmpty else { throw PortError("No port specified: \(text)<empty>") }
    guard let container = range(parts.container, from: 1) else {
      throw PortError("Invalid containerPort: \(parts.container)", hint: PortError.range)
    }
    var address: IPAddress?
    if !parts.address.isEmpty {
      guard let known = IPAddress(parts.address) else {
        throw PortError(
          "Invalid ip address: \(parts.address)",
          hint: "An address of this host in numbers, such as 127.0.0.1 or [::1].")
      }
      address = known
    }
    // Port 0 means, as for bind(2), any that is free.
    guard !parts.host.isEmpty, parts.host != "0" else {
      return container.map { PortMapping($0, transport, at: address) }
    }
    guard let host = range(parts.host, from: 1) else {
      throw PortError("Invalid hostPort: \(parts.host)", hint: PortError.range)
    }
    if container.count == 1 {
      return [PortMapping(container.lowerBound, transport, at: address, hostPorts: host)]
    }
    guard host.count == container.count else {
      throw PortError(
        "Invalid ranges specified for container and host Ports: \(parts.container) and \(parts.host)",
        hint: "Both ranges have the same length, or the container's is one port.")
    }
    return zip(host, container).map { PortMapping($1, transport, at: address, hostPorts: $0...$0) }
  }

  /// Reads what `EXPOSE` or `--expose` says, such as `80`, `53/udp` or `8000-8010`: what `-P` publishes.
  ///
  /// - Throws: `PortError`.
  public static func exposed(_ text: String) throws(PortError) -> [PortMapping] {
    let (ports, transport) = try PortMapping.transport(of: text)
    guard let container = range(ports, from: 1) else {
      throw PortError("Invalid port to expose: \(text)", hint: PortError.range)
    }
    return container.map { PortMapping($0, transport) }
  }

  private static func transport(of text: String) throws(PortError) -> (String, PortTransport) {
    let parts = text.parts("/", limit: 2)
    guard parts.count == 2, !parts[1].isEmpty else { return (parts[0], .tcp) }
    guard let known = PortTransport(rawValue: parts[1].lowercased()) else {
      throw PortError("Invalid proto: \(parts[1])", hint: "One of tcp, udp and sctp.")
    }
    return (parts[0], known)
  }

  /// From the right, since an address may have colons; nil when its brackets do not match.
  private static func split(
    _ text: String
  ) -> (address: String, host: String, container: String)? {
    var parts = text.parts(":")
    let container = parts.removeLast()
    let host = parts.popLast() ?? ""
    var address = parts.list(":")
    if address.hasPrefix("[") || address.hasSuffix("]") {
      guard address.hasPrefix("["), address.hasSuffix("]"), address.contains(":") else {
        return nil
      }
      address = String(address.dropFirst().dropLast())
    }
    return (address, host, container)
  }

  private static func range(_ text: String, from least: UInt16) -> ClosedRange<UInt16>? {
    let ends = text.parts("-", limit: 3).map { port($0) }
    guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1],
      first >= least, first <= last
    else { return nil }
    return first...last
  }

  private static func port(_ text: String) -> UInt16? {
    guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) })
    else { return nil }
    return UInt16(text)
  }
}

/// A published port that cannot be understood.
public struct PortError: Error, Equatable, Sendable {
  /// What is wrong.
  public let text: String
  /// What would be right; empty when there is nothing useful to say.
  public let hint: String

  /// Makes an error.
  public init(_ text: String, hint: String = "") {
    self.text = text
    self.hint = hint
  }

  static let range = "A port is a number from 1 to 65535, a range two of them: 8000-8010."
}

/// One place on the host where a container's port is published.
public struct PortBinding: Hashable, Sendable {
  /// The protocol.
  public var transport: PortTransport
  /// The host's address, 0.0.0.0 or :: for all.
  public var address: IPAddress
  /// The host's port.
  public var hostPort: UInt16
  /// The container's port.
  public var containerPort: UInt16

  /// Describes a place.
  public init(
    _ transport: PortTransport, _ address: IPAddress, _ hostPort: UInt16, containerPort: UInt16
  ) {
    self.transport = transport
    self.address = address
    self.hostPort = hostPort
    self.containerPort = containerPort
  }

  /// `0.0.0.0:8080` or `[::]:8080`.
  public var place: String {
    address.isV6 ? "[\(address)]:\(hostPort)" : "\(address):\(hostPort)"
  }

  /// `80/tcp`.
  public var port: String { "\(containerPort)/\(transport.rawValue)" }
}
