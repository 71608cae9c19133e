internal import Linux
internal import OCI

/// What is in a table: its elements, and which chains have rules.
public struct RuleListing: Equatable, Sendable {
  /// One element of a set or map.
  public struct Element: Equatable, Sendable {
    /// The set or map.
    public var set = ""
    /// Its parts, a subnet as `10.200.0.0/16`.
    public var key: [String] = []
    /// What a map says of it.
    public var value: [String] = []
    /// Whose it is: a container's twelve digits or a bridge's name.
    public var comment = ""
  }

  /// All elements, in the kernel's order.
  public private(set) var elements: [Element] = []
  /// How many rules each chain has.
  public private(set) var rules: [String: Int] = [:]
  private let table: RuleTable

  /// Reads the answer of `drydock-rules list` (libnftables-json(5)); what is not of the table is
  /// passed over.
  ///
  /// - Throws: `RulesError` naming the place that cannot be read.
  public init(json bytes: [UInt8], of table: RuleTable) throws(RulesError) {
    self.table = table
    do throws(ConfigError) {
      var json = try JSONReader(bytes)
      try json.beginObject()
      while try json.nextKey() {
        guard json.keyIs("nftables") else {
          try json.skip()
          continue
        }
        try json.beginArray()
        while try json.nextElement() { try readObject(&json) }
      }
      try json.finish()
    } catch {
      throw RulesError("the list of rules of \(table.name): \(error.text)")
    }
  }

  /// Removes what containers have left that live no more: the proxy of one was killed.
  ///
  /// - Parameter living: ids, whole or the first twelve digits.
  /// - Returns: A script; empty when there is nothing to remove.
  public func removal(ofContainersBut living: some Sequence<String>) -> String {
    let kept = Set(living.map { RuleTable.comment($0) })
    return removal(stale(but: kept))
  }

  /// Removes some elements.
  ///
  /// - Parameter isToGo: which.
  /// - Returns: A script; empty when there is nothing to remove.
  public func removal(of isToGo: (Element) -> Bool) -> String { removal(elements.filter(isToGo)) }

  /// The elements of containers that live no more.
  public func stale(ofContainersBut living: some Sequence<String>) -> [Element] {
    stale(but: Set(living.map { RuleTable.comment($0) }))
  }

  /// The bridges that the table knows.
  public var bridges: [String] {
    elements.filter { $0.set == "bridges" }.compactMap(\.key.first).sorted()
  }

  /// Removes what networks have left that are no more.
  ///
  /// - Parameter living: names of bridges.
  /// - Returns: A script; empty when there is nothing to remove.
  public func removal(ofBridgesBut living: some Sequence<String>) -> String {
    let kept = Set(living)
    return removal(
      elements.filter { element in
        switch element.set {
        case "bridges", "internal", "separate", "routed", "same":
          element.key.first.map { !kept.contains($0) } ?? false
        case "home4", "home6", "masked4", "masked6": !kept.contains(element.comment)
        default: false
        }
      })
  }

  private func stale(but kept: Set<String>) -> [Element] {
    let sets = ["any4", "any6", "one4", "one6", "own4", "own6", "links4", "links6"]
    return elements.filter { sets.contains($0.set) && !kept.contains($0.comment) }
  }

  private func removal(_ elements: [Element]) -> String {
    var text = ""
    for element in elements {
      // Names of links stand in quotes, everything else bare.
      let isNamed = !["any", "one", "own", "lin", "mas"].contains(element.set.prefix(3))
      let parts = element.key.enumerated().map { index, part in
        isNamed && (element.key.count == 1 || index == 1 || element.set == "same")
          ? "\"\(part)\"" : part
      }
      text += "delete element inet \(table.name) \(element.set) { \(parts.list(" . ")) }\n"
    }
    return text
  }

  // MARK: Reading

  /// `{"set": {"family": "inet", "name": "any4", "table": "drydock", "elem": […]}}`, and rules.
  private mutating func readObject(_ json: inout JSONReader) throws(ConfigError) {
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("set") || json.keyIs("map") {
        try readSet(&json)
      } else if json.keyIs("rule") {
        try readRule(&json)
      } else {
        try json.skip()
      }
    }
  }

  private mutating func readRule(_ json: inout JSONReader) throws(ConfigError) {
    var chain = ""
    var table = ""
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("chain") {
        chain = try json.string()
      } else if json.keyIs("table") {
        table = try json.string()
      } else {
        try json.skip()
      }
    }
    if table == self.table.name { rules[chain, default: 0] += 1 }
  }

  private mutating func readSet(_ json: inout JSONReader) throws(ConfigError) {
    var name = ""
    var table = ""
    var found: [Element] = []
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("name") {
        name = try json.string()
      } else if json.keyIs("table") {
        table = try json.string()
      } else if json.keyIs("elem") {
        try json.beginArray()
        while try json.nextElement() { found.append(try RuleListing.element(&json)) }
      } else {
        try json.skip()
      }
    }
    guard table == self.table.name else { return }
    for index in found.indices { found[index].set = name }
    elements += found
  }

  /// A set's element is its key, a map's an array of key and value.
  private static func element(_ json: inout JSONReader) throws(ConfigError) -> Element {
    var element = Element()
    guard json.peek() == UInt8(ascii: "[") else {
      try parts(&json, &element.key, &element.comment)
      return element
    }
    try json.beginArray()
    var isKey = true
    while try json.nextElement() {
      if isKey {
        try parts(&json, &element.key, &element.comment)
      } else {
        try parts(&json, &element.value, &element.comment)
      }
      isKey = false
    }
    return element
  }

  /// `"br0"`, `80`, `{"concat": […]}`, `{"prefix": {"addr": …, "len": …}}`,
  /// `{"elem": {"val": …, "comment": …}}`, one in another.
  private static func parts(
    _ json: inout JSONReader, _ found: inout [String], _ comment: inout String
  ) throws(ConfigError) {
    switch json.peek() {
    case UInt8(ascii: "\""): found.append(try json.string())
    case UInt8(ascii: "["):
      try json.beginArray()
      while try json.nextElement() { try parts(&json, &found, &comment) }
    case UInt8(ascii: "{"):
      try json.beginObject()
      while try json.nextKey() {
        if json.keyIs("comment") {
          comment = try json.string()
        } else if json.keyIs("len") {
          let length = try json.unsigned(upTo: 128)
          if let address = found.popLast() { found.append("\(address)/\(length)") }
        } else {
          try parts(&json, &found, &comment)
        }
      }
    default: found.append(String(try json.unsigned()))
    }
  }
}
