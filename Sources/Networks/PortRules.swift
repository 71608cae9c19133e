public import Linux

/// One port of the host that leads to a container, by the kernel's address translation.
public struct PortRule: Hashable, Sendable {
  /// The host's side.
  public let binding: PortBinding
  /// The container's address, of the same family.
  public let target: IPAddress

  /// A port of the host and the container behind it; nil when their families differ, which only the
  /// proxy can bridge, and for ::1, which the kernel does not route.
  public init?(_ binding: PortBinding, to target: IPAddress) {
    guard binding.address.isV6 == target.isV6, !(target.isV6 && binding.address.isLoopback) else {
      return nil
    }
    self.binding = binding
    self.target = target
  }

  private var map: String {
    (binding.address.isAny ? "any" : "one") + (target.isV6 ? "6" : "4")
  }

  private var key: String {
    (binding.address.isAny ? "" : "\(binding.address) . ")
      + "\(binding.transport.rawValue) . \(binding.hostPort)"
  }

  private var own: String { target.isV6 ? "own6" : "own4" }
  private var ownKey: String { "\(target) . \(binding.transport.rawValue) . \(binding.hostPort)" }
  private var value: String { "\(target) . \(binding.containerPort)" }

  /// Adds the elements.
  ///
  /// - Parameters:
  ///   - table: where.
  ///   - container: its id, of which twelve digits become the elements' comment.
  /// - Returns: A script.
  public func publish(in table: RuleTable, container: String) -> String {
    let comment = "comment \"\(RuleTable.comment(container))\""
    // The port may be published at several addresses: then the second is there already.
    return table.add(map, ["\(key) \(comment) : \(value)"])
      + table.add(own, ["\(ownKey) \(comment)"])
  }

  /// Adds the elements when there is none with the same key; else the whole script fails
  /// (`RulesError.isTaken`).
  public func claim(in table: RuleTable, container: String) -> String {
    "create" + publish(in: table, container: container).dropFirst(3)
  }

  /// The map and the parts of the key, as a listing tells them, and the set.
  public var places: [[String]] {
    [[map] + key.parts(" ").filter { $0 != "." }, [own] + ownKey.parts(" ").filter { $0 != "." }]
  }

  /// Removes the elements, there or not.
  public func unpublish(in table: RuleTable) -> String {
    table.add(map, ["\(key) : \(value)"])
      + "delete element inet \(table.name) \(map) { \(key) }\n" + table.drop(own, [ownKey])
  }
}

/// What `--link` opens on a network whose containers do not see each other: one direction to one port.
public struct LinkRule: Hashable, Sendable {
  /// Who may begin.
  public let source: IPAddress
  /// With whom, of the same family.
  public let target: IPAddress
  /// By what.
  public let transport: PortTransport
  /// The port that the other exposes.
  public let port: UInt16

  /// A pair; nil when their families differ.
  public init?(
    from source: IPAddress, to target: IPAddress, _ transport: PortTransport, port: UInt16
  ) {
    guard source.isV6 == target.isV6 else { return nil }
    self.source = source
    self.target = target
    self.transport = transport
    self.port = port
  }

  private var set: String { source.isV6 ? "links6" : "links4" }
  private var key: String { "\(source) . \(target) . \(transport.rawValue) . \(port)" }

  /// Adds the element, with twelve digits of the id of the container that begins as its comment.
  public func link(in table: RuleTable, container: String) -> String {
    table.add(set, ["\(key) comment \"\(RuleTable.comment(container))\""])
  }

  /// Removes the element, there or not.
  public func unlink(in table: RuleTable) -> String { table.drop(set, [key]) }
}

extension RuleTable {
  /// What elements of a container carry as their comment.
  public static func comment(_ container: String) -> String {
    String(container.prefix(12))
  }
}
