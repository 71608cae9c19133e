internal import Report

/// Expressions as nft(8) writes them, near enough to be recognised in `nft list ruleset`.
enum RuleText {
  /// One expression or statement.
  static func expression(_ json: JSON) -> String {
    guard let (name, value) = json.only else { return self.value(json) }
    switch name {
    case "match":
      let op = value["op"]?.string ?? "=="
      let right = value["right"].map { self.value($0) } ?? "?"
      let left = value["left"].map { self.value($0) } ?? "?"
      return op == "==" || op == "in" ? "\(left) \(right)" : "\(left) \(op) \(right)"
    case "jump", "goto": return "\(name) \(value["target"]?.string ?? "?")"
    case "vmap": return "\(self.value(value["key"] ?? .null)) vmap \(data(value["data"]))"
    case "dnat", "snat", "redirect", "masquerade": return translation(name, value)
    case "reject":
      guard let kind = value["type"]?.string else { return "reject" }
      return "reject with \(kind)" + (value["expr"].map { " \(self.value($0))" } ?? "")
    case "counter":
      guard let packets = value["packets"]?.int else { return "counter" }
      return "counter packets \(packets)"
    case "limit":
      return "limit rate \(value["rate"]?.int ?? 0)/\(value["per"]?.string ?? "second")"
    case "log": return "log" + (value["prefix"]?.string.map { " prefix \"\($0)\"" } ?? "")
    case "mangle":
      return "\(self.value(value["key"] ?? .null)) set \(self.value(value["value"] ?? .null))"
    case "xt": return "xt \(value["type"]?.string ?? "") \(value["name"]?.string ?? "?")"
    default: return value == .null ? name : self.value(json)
    }
  }

  private static func translation(_ name: String, _ value: JSON) -> String {
    guard case .object = value else { return name }
    let family = value["family"]?.string.map { " \($0)" } ?? ""
    var target = ""
    if let address = value["addr"] {
      let text = self.value(address)
      target = text.contains(":") && value["port"] != nil ? "[\(text)]" : text
    }
    if let port = value["port"] { target += ":" + self.value(port) }
    return target.isEmpty ? name : "\(name)\(family) to \(target)"
  }

  private static func data(_ json: JSON?) -> String {
    guard let json else { return "?" }
    guard let pairs = json["set"]?.list else { return value(json) }
    let shown = pairs.prefix(6).map { pair in
      let pair = pair.list
      return pair.count == 2 ? "\(value(pair[0])) : \(expression(pair[1]))" : "?"
    }
    return "{ " + shown.joined(separator: ", ") + (pairs.count > 6 ? ", …" : "") + " }"
  }

  /// A value on either side of a comparison.
  static func value(_ json: JSON) -> String {
    switch json {
    case .string(let text): return text
    case .number(let digits): return digits
    case .bool(let value): return value ? "exists" : "missing"
    case .null: return ""
    case .array(let list): return list.map { value($0) }.joined(separator: ",")
    case .object: break
    }
    guard let (name, inner) = json.only else { return "?" }
    switch name {
    case "meta":
      return inner["key"]?.string.map { short.contains($0) ? $0 : "meta \($0)" } ?? "meta"
    case "payload": return "\(inner["protocol"]?.string ?? "raw") \(inner["field"]?.string ?? "?")"
    case "ct":
      let way = inner["dir"]?.string.map { "\($0) " } ?? ""
      return "ct \(way)\(inner["key"]?.string ?? "?")"
    case "fib":
      let flags = (inner["flags"]?.list ?? []).compactMap { $0.string }.joined(separator: " . ")
      return "fib \(flags) \(inner["result"]?.string ?? "?")"
    case "concat": return inner.list.map { value($0) }.joined(separator: " . ")
    case "set":
      let all = inner.list
      return "{ " + all.prefix(6).map { value($0) }.joined(separator: ", ")
        + (all.count > 6 ? ", …" : "") + " }"
    case "range": return inner.list.map { value($0) }.joined(separator: "-")
    case "prefix": return "\(inner["addr"].map { value($0) } ?? "?")/\(inner["len"]?.int ?? 0)"
    case "elem": return inner["val"].map { value($0) } ?? "?"
    case "map": return "\(value(inner["key"] ?? .null)) map \(data(inner["data"]))"
    case "&", "|", "^", "<<", ">>":
      return inner.list.map { value($0) }.joined(separator: " \(name) ")
    default: return name
    }
  }

  private static let short: Set<String> = ["iifname", "oifname", "iif", "oif"]
}
