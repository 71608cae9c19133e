public import Linux

/// What the rules say of one bridge network.
public struct BridgeRules: Hashable, Sendable {
  /// The bridge's name.
  public let bridge: String
  /// Its subnets, one or two.
  public let subnets: [IPPrefix]
  /// Nothing goes in or out, only between its containers.
  public var isInternal: Bool
  /// What goes out carries the host's address.
  public var masquerades: Bool
  /// Its containers reach each other (`com.docker.network.bridge.enable_icc`).
  public var icc: Bool
  /// Others reach its containers directly, when they have a route to them.
  public var isRouted: Bool

  /// Describes a network.
  ///
  /// - Throws: `RulesError` for a bridge name that no rule can carry.
  public init(
    bridge: String, subnets: [IPPrefix], isInternal: Bool = false, masquerades: Bool = true,
    icc: Bool = true, isRouted: Bool = false
  ) throws(RulesError) {
    guard BridgeRules.isUsable(bridge: bridge) else {
      throw RulesError(
        "bridge name '\(bridge)' cannot be used",
        hint: "A link's name has 1 to 15 letters, digits, '-', '_' or '.'.")
    }
    self.bridge = bridge
    self.subnets = subnets
    self.isInternal = isInternal
    self.masquerades = masquerades
    self.icc = icc
    self.isRouted = isRouted
  }

  /// Whether a link can have this name, and a rule can carry it: in a rule a quote would end it and an
  /// asterisk would stand for others (nft(8), "iifname").
  public static func isUsable(bridge name: String) -> Bool {
    guard (1...15).contains(name.utf8.count), name != ".", name != ".." else { return false }
    return name.utf8.allSatisfy {
      (65...90).contains($0 & ~32) || (48...57).contains($0) || "-_.".utf8.contains($0)
    }
  }

  /// Makes the table when missing and lets the network work.
  ///
  /// When it is there already with other switches these are put right; its subnets of before are not
  /// known here.
  public func up(in table: RuleTable) -> String {
    var text = table.base + table.add("bridges", [quoted])
    text += table.add("same", ["\(quoted) . \(quoted)"])
    text += isInternal ? table.add("internal", [quoted]) : table.drop("internal", [quoted])
    text += icc ? table.drop("separate", [quoted]) : table.add("separate", [quoted])
    text += isRouted ? table.add("routed", [quoted]) : table.drop("routed", [quoted])
    for subnet in subnets {
      text += table.add(home(subnet), ["\(subnet) . \(quoted) comment \(quoted)"])
      text +=
        masquerades && !isInternal
        ? table.add(masked(subnet), ["\(subnet) comment \(quoted)"])
        : table.drop(masked(subnet), ["\(subnet)"])
    }
    return text
  }

  /// Takes the network out of a table that is there, whether it is in it or not.
  ///
  /// - Parameters:
  ///   - table: where; a table that is not there is an error of `RulesCommand.apply`, and none of
  ///     `RulesCommand.remove`.
  ///   - isLast: no other network is left: the table goes too.
  /// - Returns: A script.
  public func down(in table: RuleTable, isLast: Bool) -> String {
    if isLast { return table.remove }
    var text = ""
    for set in ["bridges", "internal", "separate", "routed"] { text += table.drop(set, [quoted]) }
    text += table.drop("same", ["\(quoted) . \(quoted)"])
    for subnet in subnets {
      text += table.drop(home(subnet), ["\(subnet) . \(quoted)"])
      text += table.drop(masked(subnet), ["\(subnet)"])
    }
    return text
  }

  private var quoted: String { "\"\(bridge)\"" }
  private func home(_ subnet: IPPrefix) -> String { subnet.base.isV6 ? "home6" : "home4" }
  private func masked(_ subnet: IPPrefix) -> String { subnet.base.isV6 ? "masked6" : "masked4" }
}
