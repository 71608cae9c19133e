internal import Linux
internal import Report

// Comparing a packet's value with the right side of an expression.

extension RuleValues {
  /// `{"match": {"op": …, "left": …, "right": …}}`.
  func matches(_ match: JSON) -> Ternary {
    guard let left = match["left"], let right = match["right"], let op = match["op"]?.string else {
      return .unknown
    }
    let value = value(left)
    // An expression that the packet does not have ends the rule, whatever is asked of it.
    if value == .absent { return .no }
    switch op {
    case "==": return equals(value, right)
    case "in":
      guard case .bits(let bits) = value else { return equals(value, right) }
      return Ternary(right.list.contains { $0.string.map { bits.contains($0) } == true })
    case "!=":
      guard case .bits(let bits) = value, case .string = right else {
        return !equals(value, right)
      }
      return Ternary(bits != Set(right.list.compactMap { $0.string }))
    case "<", ">", "<=", ">=":
      guard case .number(let number) = value, let other = right.int.map({ UInt64($0) }) else {
        return .unknown
      }
      switch op {
      case "<": return Ternary(number < other)
      case ">": return Ternary(number > other)
      case "<=": return Ternary(number <= other)
      default: return Ternary(number >= other)
      }
    default: return .unknown
    }
  }

  /// Whether a value is the right side, or in it.
  func equals(_ value: RuleValue, _ right: JSON) -> Ternary {
    if value == .absent { return .no }
    if value == .unknown { return .unknown }
    switch right {
    case .string(let text):
      if text.hasPrefix("@") {
        guard let set = ruleset.elements(text, for: chain) else { return .unknown }
        return any(set.list) { equals(value, set.isMap ? $0.list.first ?? .null : $0) }
      }
      return equals(value, text: text)
    case .number(let digits):
      guard let number = UInt64(digits) else { return .unknown }
      switch value {
      case .number(let own): return Ternary(own == number)
      case .proto(let own): return Ternary(UInt64(own) == number)
      case .link(_, let index): return Ternary(UInt64(index) == number)
      default: return .unknown
      }
    case .array(let list):
      guard case .bits(let bits) = value else { return any(list) { equals(value, $0) } }
      return Ternary(bits == Set(list.compactMap { $0.string }))
    case .null, .bool: return .unknown
    case .object: break
    }
    guard let (name, inner) = right.only else { return .unknown }
    switch name {
    case "set": return any(inner.list) { equals(value, $0) }
    case "elem": return inner["val"].map { equals(value, $0) } ?? .unknown
    case "concat":
      guard case .concat(let parts) = value, parts.count == inner.list.count else {
        return .unknown
      }
      return zip(parts, inner.list).reduce(.yes) { $0.and(equals($1.0, $1.1)) }
    case "prefix":
      guard case .address(let address) = value, let text = inner["addr"]?.string,
        let base = IPAddress(text), let length = inner["len"]?.int, (0...base.bits).contains(length)
      else { return .unknown }
      return Ternary(IPPrefix(base, length: length).contains(address))
    case "range":
      let ends = inner.list
      guard ends.count == 2 else { return .unknown }
      switch value {
      case .number(let number):
        guard let low = ends[0].int, let high = ends[1].int, low >= 0, high >= low else {
          return .unknown
        }
        return Ternary((UInt64(low)...UInt64(high)).contains(number))
      case .address(let address):
        guard let low = ends[0].string.flatMap({ IPAddress($0) }),
          let high = ends[1].string.flatMap({ IPAddress($0) })
        else { return .unknown }
        return Ternary(address.isV6 == low.isV6 && low <= address && address <= high)
      default: return .unknown
      }
    case "|":
      guard case .bits(let bits) = value else { return .unknown }
      return Ternary(bits == Set(inner.list.compactMap { $0.string }))
    default: return .unknown
    }
  }

  private func equals(_ value: RuleValue, text: String) -> Ternary {
    // The element that fits all others (nft(8), "catchall").
    if text == "*" { return .yes }
    switch value {
    case .text(let own): return Ternary(own == text)
    case .link(let name, _):
      return Ternary(text.hasSuffix("*") ? name.hasPrefix(text.dropLast()) : name == text)
    case .address(let own):
      guard let address = IPAddress(text) else { return .unknown }
      return Ternary(own == address)
    case .proto(let number):
      // Any other name is another protocol.
      return Ternary(number == (text == "tcp" ? 6 : text == "udp" ? 17 : 0))
    case .bits(let bits): return Ternary(bits == [text])
    // A service by its name, which nft(8) prints only when asked to.
    case .number, .concat, .absent, .unknown: return .unknown
    }
  }

  private func any(_ list: [JSON], _ fits: (JSON) -> Ternary) -> Ternary {
    var result = Ternary.no
    for one in list {
      result = result.or(fits(one))
      if result == .yes { return .yes }
    }
    return result
  }

  /// The value beside a key, in a map with a name or in braces; absent when the key is not there.
  func looked(up key: RuleValue, in data: JSON) -> RuleValue {
    switch entry(key, in: data) {
    case .none: return .absent
    case .unknown: return .unknown
    case .found(let json):
      if let parts = json["concat"]?.list { return concatenated(parts) }
      return value(json)
    }
  }

  private func concatenated(_ parts: [JSON]) -> RuleValue {
    let values = parts.map { value($0) }
    return values.contains(.unknown) ? .unknown : .concat(values)
  }

  /// What a map has for a key.
  enum Entry {
    case none
    case unknown
    case found(JSON)
  }

  /// Looks a key up.
  func entry(_ key: RuleValue, in data: JSON) -> Entry {
    if key == .absent { return .none }
    let pairs: [JSON]
    if let name = data.string, name.hasPrefix("@") {
      guard let map = ruleset.elements(name, for: chain) else { return .unknown }
      pairs = map.list
    } else {
      pairs = data["set"]?.list ?? []
    }
    var doubt = false
    var last: JSON?
    for pair in pairs {
      let pair = pair.list
      guard pair.count == 2 else { return .unknown }
      if (pair[0]["elem"]?["val"] ?? pair[0]).string == "*" {
        last = pair[1]
        continue
      }
      let fits: Ternary
      // `ct state vmap` has one bit a key.
      if case .bits(let bits) = key, let text = pair[0].string {
        fits = Ternary(bits.contains(text))
      } else {
        fits = equals(key, pair[0])
      }
      if fits == .yes { return .found(pair[1]) }
      if fits == .unknown { doubt = true }
    }
    if doubt { return .unknown }
    return last.map { .found($0) } ?? .none
  }
}
