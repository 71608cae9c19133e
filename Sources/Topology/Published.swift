package import Linux
internal import Report

/// A port that rules of nf_tables send to another address.
package struct PublishedPort: Sendable, Equatable {
  /// Where packets for it come; nil is any address of the host.
  package var address: IPAddress?
  /// The addresses, where it is a whole subnet; nil is one or any.
  package var prefix: IPPrefix?
  /// Whether it is IPv6; nil where the rule is for both.
  package var isV6: Bool?
  /// `tcp`, `udp`; empty for both.
  package var transport: String
  /// The first port; nil is any.
  package var port: UInt16?
  /// The last port of a range.
  package var lastPort: UInt16?
  /// Where they go; nil is the host itself (redirect), or what a map has.
  package var target: IPAddress?
  /// The port there; nil leaves it.
  package var targetPort: UInt16?
  /// `inet drydock`.
  package var table: String

  /// `0.0.0.0:8080/tcp`.
  package var source: String {
    let host: String
    if let prefix {
      host = "\(prefix)"
    } else if let address {
      host = address.isV6 ? "[\(address)]" : "\(address)"
    } else {
      host = isV6 == true ? "[::]" : isV6 == false ? "0.0.0.0" : "*"
    }
    var text = host + ":" + (port.map { "\($0)" } ?? "*")
    if let lastPort { text += "-\(lastPort)" }
    return transport.isEmpty ? text : text + "/" + transport
  }

  /// `10.200.0.2:80`.
  package var destination: String {
    guard let target else { return ":" + (targetPort.map { "\($0)" } ?? "*") }
    let host = target.isV6 ? "[\(target)]" : "\(target)"
    return host + ((targetPort ?? port).map { ":\($0)" } ?? "")
  }
}

extension PublishedPort {
  /// Every port that a ruleset publishes, by a rule of its own or by an element of a map.
  package static func all(_ ruleset: Ruleset) -> [PublishedPort] {
    var list = [PublishedPort]()
    for chain in ruleset.chains {
      for rule in chain.rules {
        guard let body = rule.expressions.lazy.compactMap({ $0["dnat"] ?? $0["redirect"] }).first
        else { continue }
        for port in ports(of: rule, body, chain, ruleset) where !list.contains(port) {
          list.append(port)
        }
      }
    }
    return list
  }

  private static func ports(
    of rule: Ruleset.Rule, _ body: JSON, _ chain: Ruleset.Chain, _ ruleset: Ruleset
  ) -> [PublishedPort] {
    var base = PublishedPort(transport: "", table: "\(rule.family) \(rule.table)")
    base.isV6 =
      (body["family"]?.string ?? (rule.family == "inet" ? nil : rule.family)).map { $0 == "ip6" }
    var all = [base]
    for case .some(let match) in rule.expressions.map({ $0["match"] })
    where match["op"]?.string == "==" {
      guard let left = match["left"], let right = match["right"] else { continue }
      let choices = right["set"]?.list ?? [right]
      all = all.flatMap { port in choices.map { port.with(left, $0) } }
    }
    if let map = body["addr"]?["map"], let key = map["key"], let data = map["data"] {
      return all.prefix(1).flatMap { port in
        elements(data, chain, ruleset).map { pair in port.with(key, pair.0).going(to: pair.1) }
      }
    }
    return all.map { port in
      var port = port
      port.target = body["addr"]?.string.flatMap { IPAddress($0) }
      port.targetPort = body["port"]?.int.flatMap { UInt16(exactly: $0) }
      if port.target != nil { port.isV6 = port.target?.isV6 }
      return port
    }
  }

  private static func elements(
    _ data: JSON, _ chain: Ruleset.Chain, _ ruleset: Ruleset
  ) -> [(JSON, JSON)] {
    let list = data.string.flatMap { ruleset.elements($0, for: chain)?.list } ?? data["set"]?.list
    return (list ?? []).compactMap { pair in
      let pair = pair.list
      return pair.count == 2 ? (pair[0]["elem"]?["val"] ?? pair[0], pair[1]) : nil
    }
  }

  /// Narrowed by one comparison, or by one key of a map.
  private func with(_ left: JSON, _ right: JSON) -> PublishedPort {
    if let parts = left["concat"]?.list, let values = right["concat"]?.list {
      return zip(parts, values).reduce(self) { $0.with($1.0, $1.1) }
    }
    var port = self
    let payload = left["payload"]
    switch payload?["field"]?.string ?? left["meta"]?["key"]?.string {
    case "dport":
      if let layer = payload?["protocol"]?.string, layer != "th" { port.transport = layer }
      if let ends = right["range"]?.list, ends.count == 2 {
        port.port = ends[0].int.flatMap { UInt16(exactly: $0) }
        port.lastPort = ends[1].int.flatMap { UInt16(exactly: $0) }
      } else {
        port.port = right.int.flatMap { UInt16(exactly: $0) }
      }
    case "daddr":
      port.address = right.string.flatMap { IPAddress($0) }
      if let base = right["prefix"]?["addr"]?.string.flatMap({ IPAddress($0) }),
        let length = right["prefix"]?["len"]?.int, (0...base.bits).contains(length)
      {
        port.prefix = IPPrefix(base, length: length)
      }
    case "l4proto", "protocol": port.transport = right.string ?? port.transport
    default: break
    }
    return port
  }

  private func going(to value: JSON) -> PublishedPort {
    var port = self
    let parts = value["concat"]?.list ?? [value]
    port.target = parts.first?.string.flatMap { IPAddress($0) }
    port.targetPort = parts.dropFirst().first?.int.flatMap { UInt16(exactly: $0) }
    if let target = port.target { port.isV6 = target.isV6 }
    return port
  }
}
