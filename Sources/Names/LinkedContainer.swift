// `--link NAME:ALIAS`: what a container on the default network learns of another one, as Docker has it.
// With ALIAS db, at 172.17.0.3, exposing 80/tcp and 5000-5001/udp:
//
//     DB_NAME=/web/db                     who looks, and by what name
//     DB_PORT=tcp://172.17.0.3:80         the first port, TCP's before others
//     DB_PORT_80_TCP=tcp://172.17.0.3:80  every port: _ADDR, _PORT and _PROTO too
//     DB_PORT_5000_UDP_START=udp://172.17.0.3:5000   ports in a row: _PORT_START=5000 too
//     DB_PORT_5000_UDP_END=udp://172.17.0.3:5001     and _PORT_END=5001
//     DB_ENV_X=                           its own variables but HOME and PATH

public import Linux

/// A port that an image or `--expose` tells of.
public struct ExposedPort: Hashable, Comparable, Sendable {
  /// The number.
  public var number: UInt16
  /// `tcp`, `udp` or `sctp`.
  public var transport: String

  /// Names a port.
  public init(_ number: UInt16, _ transport: String = "tcp") {
    self.number = number
    self.transport = transport
  }

  /// TCP's first, then by transport and number.
  public static func < (one: ExposedPort, other: ExposedPort) -> Bool {
    if one.transport == other.transport { return one.number < other.number }
    if one.transport == "tcp" || other.transport == "tcp" { return one.transport == "tcp" }
    return one.transport < other.transport
  }
}

/// What `--link` says: `NAME:ALIAS`, or `NAME`, which is its own alias.
public struct LinkRequest: Equatable, Sendable {
  /// The other container, by name or id.
  public let container: String
  /// What it is called here.
  public let alias: String

  /// Reads it.
  ///
  /// - Throws: `NameTextError`.
  public init(_ text: String) throws(NameTextError) {
    let parts = text.parts(":")
    guard (1...2).contains(parts.count), !parts[0].isEmpty,
      let last = parts.last, NameEntry.isName(last), !last.utf8.contains(UInt8(ascii: "/"))
    else {
      throw NameTextError(text: "bad format for links: \(text)", hint: "NAME or NAME:ALIAS")
    }
    container = parts[0].hasPrefix("/") ? String(parts[0].dropFirst()) : parts[0]
    alias = last
  }
}

/// Another container as one that is linked to it sees it.
public struct LinkedContainer: Equatable, Sendable {
  /// What it is called here.
  public var alias: String
  /// Its own name.
  public var name: String
  /// Its hostname.
  public var hostname: String
  /// Its addresses on the network that both are on.
  public var addresses: [IPAddress]
  /// Ports that its image or `--expose` tells of.
  public var ports: [ExposedPort]
  /// Its variables, `NAME=value`.
  public var environment: [String]

  /// Describes one.
  public init(
    alias: String, name: String, hostname: String, addresses: [IPAddress],
    ports: [ExposedPort] = [], environment: [String] = []
  ) {
    self.alias = alias
    self.name = name
    self.hostname = hostname
    self.addresses = addresses
    self.ports = ports
    self.environment = environment
  }

  /// What it is called in hosts(5).
  var hostNames: [String] {
    [alias] + [hostname, name].filter { $0 != alias && !$0.isEmpty }
  }

  /// The variables that tell of it.
  ///
  /// - Parameter own: The name of the container that gets them.
  /// - Returns: `NAME=value`.
  public func variables(for own: String) -> [String] {
    let prefix = alias.uppercased().map { $0 == "-" ? "_" : String($0) }.list("")
    var result = ["\(prefix)_NAME=/\(own)/\(alias)"]
    if let address = addresses.first(where: { !$0.isV6 }) ?? addresses.first {
      result += portVariables(prefix, address.isV6 ? "[\(address)]" : "\(address)", "\(address)")
    }
    for variable in environment {
      let parts = variable.parts("=", limit: 2)
      guard parts.count == 2, parts[0] != "HOME", parts[0] != "PATH" else { continue }
      result.append("\(prefix)_ENV_\(parts[0])=\(parts[1])")
    }
    return result
  }

  private func portVariables(_ prefix: String, _ host: String, _ address: String) -> [String] {
    let sorted = Set(ports).sorted()
    guard let first = sorted.first else { return [] }
    func place(_ port: ExposedPort) -> String { "\(port.transport)://\(host):\(port.number)" }
    func name(_ port: ExposedPort) -> String {
      "\(prefix)_PORT_\(port.number)_\(port.transport.uppercased())"
    }
    var result = ["\(prefix)_PORT=\(place(first))"]
    for port in sorted {
      result += [
        "\(name(port))=\(place(port))", "\(name(port))_ADDR=\(address)",
        "\(name(port))_PORT=\(port.number)", "\(name(port))_PROTO=\(port.transport)",
      ]
    }
    for row in rows(sorted) where row.count > 1 {
      guard let start = row.first, let end = row.last else { continue }
      result += [
        "\(name(start))_START=\(place(start))", "\(name(start))_PORT_START=\(start.number)",
        "\(name(start))_END=\(place(end))", "\(name(start))_PORT_END=\(end.number)",
      ]
    }
    return result
  }

  /// Ports that follow each other.
  private func rows(_ sorted: [ExposedPort]) -> [[ExposedPort]] {
    var rows: [[ExposedPort]] = []
    for port in sorted {
      if let last = rows.last?.last, last.transport == port.transport,
        Int(last.number) + 1 == Int(port.number)
      {
        rows[rows.count - 1].append(port)
      } else {
        rows.append([port])
      }
    }
    return rows
  }
}
