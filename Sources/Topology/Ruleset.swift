// The rules of nf_tables, as `nft -j list ruleset` prints them (libnftables-json(5)):
//
//   {"nftables": [{"table": …}, {"chain": …}, {"rule": …}, {"set": …}, {"map": …}]}
//
//   table ── chain ── rule ── expressions, from left to right, until one does not match
//              │
//              └─ a base chain has a hook and a priority: there packets come in

internal import Measure
package import Report

/// All tables of a network namespace.
package struct Ruleset: Sendable {
  /// A chain; a base chain has a hook.
  package struct Chain: Sendable {
    /// `ip`, `ip6`, `inet`, `bridge`, `netdev`, `arp`.
    package var family: String
    /// The table it is in.
    package var table: String
    /// Its name.
    package var name: String
    /// `filter`, `nat` or `route`; empty for one that is only jumped to.
    package var type = ""
    /// `prerouting` and so on; empty for one that is only jumped to.
    package var hook = ""
    /// The lower, the earlier.
    package var priority = 0
    /// Whether what no rule decides is dropped.
    package var dropsByDefault = false
    /// The device of an ingress or egress chain.
    package var devices: [String] = []
    /// In their order.
    package var rules: [Rule] = []
  }

  /// A rule.
  package struct Rule: Sendable, Equatable {
    /// Where it stands.
    package var family: String
    /// Where it stands.
    package var table: String
    /// Where it stands.
    package var chain: String
    /// Its number in the table, which `nft delete rule` takes.
    package var handle: Int
    /// Its expressions.
    package var expressions: [JSON]
    /// What its author wrote beside it.
    package var comment: String?
  }

  /// A set, or a map when its elements are pairs.
  package struct Elements: Sendable {
    /// The elements; pairs are arrays of two.
    package var list: [JSON]
    /// Whether elements are pairs of key and value.
    package var isMap: Bool
  }

  /// In the order of the ruleset.
  package var chains: [Chain] = []
  /// By `family table name`.
  package var elements: [String: Elements] = [:]
  /// Tables, as `family name`.
  package var tables: [String] = []

  /// No rules at all.
  package init() {}

  /// Reads the JSON of `nft -j list ruleset`.
  ///
  /// - Throws: `DocumentError` when it is something else.
  package init(parsing bytes: [UInt8]) throws(DocumentError) {
    guard let list = try JSON(parsing: bytes)["nftables"]?.array else {
      throw DocumentError("no ruleset: there is no array \"nftables\"")
    }
    var places = [String: Int]()
    for object in list {
      if let table = object["table"] {
        tables.append("\(table["family"]?.string ?? "") \(table["name"]?.string ?? "")")
      } else if let chain = object["chain"], let made = Chain(chain) {
        places["\(made.family) \(made.table) \(made.name)"] = chains.count
        chains.append(made)
      } else if let rule = object["rule"], let made = Rule(rule),
        let at = places["\(made.family) \(made.table) \(made.chain)"]
      {
        chains[at].rules.append(made)
      } else if let set = object["set"] ?? object["map"] {
        let key =
          "\(set["family"]?.string ?? "") \(set["table"]?.string ?? "") \(set["name"]?.string ?? "")"
        elements[key] = Elements(list: set["elem"]?.list ?? [], isMap: object["map"] != nil)
      }
    }
  }

  /// The chain that a jump in another one means.
  package func chain(_ name: String, beside other: Chain) -> Chain? {
    chains.first { $0.family == other.family && $0.table == other.table && $0.name == name }
  }

  /// A named set or map (`@name`) of a chain's table.
  package func elements(_ name: String, for chain: Chain) -> Elements? {
    elements["\(chain.family) \(chain.table) \(name.dropFirst())"]
  }

  /// The base chains that see a packet at a hook, the earliest first.
  package func chains(hook: String, families: [String], device: String? = nil) -> [Chain] {
    chains.filter { chain in
      chain.hook == hook && families.contains(chain.family)
        && (chain.devices.isEmpty || device.map { chain.devices.contains($0) } == true)
    }.enumerated().sorted { ($0.element.priority, $0.offset) < ($1.element.priority, $1.offset) }
      .map { $0.element }
  }
}

extension Ruleset.Chain {
  init?(_ json: JSON) {
    guard let family = json["family"]?.string, let table = json["table"]?.string,
      let name = json["name"]?.string
    else { return nil }
    self.init(family: family, table: table, name: name)
    type = json["type"]?.string ?? ""
    hook = json["hook"]?.string ?? ""
    priority = json["prio"]?.int ?? 0
    dropsByDefault = json["policy"]?.string == "drop"
    devices = (json["dev"]?.list ?? []).compactMap { $0.string }
  }

  /// `inet drydock forward`.
  package var title: String { "\(family) \(table) \(name)" }
}

extension Ruleset.Rule {
  init?(_ json: JSON) {
    guard let family = json["family"]?.string, let table = json["table"]?.string,
      let chain = json["chain"]?.string, let expressions = json["expr"]?.array
    else { return nil }
    self.init(
      family: family, table: table, chain: chain, handle: json["handle"]?.int ?? 0,
      expressions: expressions, comment: json["comment"]?.string)
  }

  /// As nft(8) would print it, as far as it goes in one line.
  package var text: String { expressions.map { RuleText.expression($0) }.joined(separator: " ") }

  /// `inet drydock forward handle 12`.
  package var place: String { "\(family) \(table) \(chain) handle \(handle)" }
}

extension JSON {
  /// A member of an object.
  package subscript(_ key: String) -> JSON? {
    guard case .object(let members) = self else { return nil }
    return members[key]
  }
  /// The elements of an array.
  package var array: [JSON]? {
    guard case .array(let list) = self else { return nil }
    return list
  }
  /// The elements of an array; something else alone.
  var list: [JSON] { array ?? [self] }
  /// A string.
  package var string: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }
  /// A whole number.
  package var int: Int? {
    guard case .number(let digits) = self else { return nil }
    return Int(digits)
  }
  /// The only member of an object: an expression's name and what belongs to it.
  var only: (name: String, value: JSON)? {
    guard case .object(let members) = self, members.count == 1, let one = members.first else {
      return nil
    }
    return (one.key, one.value)
  }
}
