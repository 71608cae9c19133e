internal import Linux
internal import Report

/// What the left side of a comparison has for a packet.
indirect enum RuleValue: Equatable {
  /// The packet has no such thing, so that the rule does not match: IPv4's address of IPv6.
  case absent
  /// Nobody here knows.
  case unknown
  case number(UInt64)
  case address(IPAddress)
  /// A protocol above IP by its number.
  case proto(UInt8)
  case text(String)
  /// A link: none has the empty name and number 0 (nft_meta(4), NFT_META_IIFNAME).
  case link(String, UInt32)
  /// Bits by their names: `ct state`, `ct status`, `tcp flags`.
  case bits(Set<String>)
  case concat([RuleValue])
}

/// The values of a packet, for the rules of one chain.
struct RuleValues {
  let packet: Packet
  let chain: Ruleset.Chain
  let ruleset: Ruleset
  /// RTN_ type of an address in this namespace, such as `local` or `unicast`.
  let addressType: (IPAddress) -> String

  /// What an expression has.
  func value(_ json: JSON) -> RuleValue {
    switch json {
    case .number(let digits): return UInt64(digits).map { .number($0) } ?? .unknown
    case .string(let text): return IPAddress(text).map { .address($0) } ?? .text(text)
    default: break
    }
    guard let (name, inner) = json.only else { return .unknown }
    switch name {
    case "meta": return meta(inner["key"]?.string ?? "")
    case "payload": return payload(inner["protocol"]?.string ?? "", inner["field"]?.string ?? "")
    case "ct": return connection(inner["key"]?.string ?? "", inner["dir"]?.string)
    case "fib": return routing(inner)
    case "concat": return concat(inner.list.map { value($0) })
    case "map":
      guard let key = inner["key"], let data = inner["data"] else { return .unknown }
      return looked(up: value(key), in: data)
    case "&": return masked(inner.list)
    default: return .unknown
    }
  }

  private func concat(_ parts: [RuleValue]) -> RuleValue {
    if parts.contains(.absent) { return .absent }
    return parts.contains(.unknown) ? .unknown : .concat(parts)
  }

  private func meta(_ key: String) -> RuleValue {
    let isV6 = packet.destination.isV6
    switch key {
    case "l4proto": return .proto(packet.transport.rawValue)
    case "nfproto": return .text(isV6 ? "ipv6" : "ipv4")
    case "protocol": return .text(isV6 ? "ip6" : "ip")
    case "iifname", "iif": return .link(packet.input?.name ?? "", packet.input?.index ?? 0)
    case "oifname", "oif": return .link(packet.output?.name ?? "", packet.output?.index ?? 0)
    case "iifkind": return .text(packet.input?.kind ?? "")
    case "oifkind": return .text(packet.output?.kind ?? "")
    case "mark": return packet.mark.map { .number(UInt64($0)) } ?? .unknown
    default: return .unknown
    }
  }

  private func payload(_ layer: String, _ field: String) -> RuleValue {
    switch layer {
    case "ip", "ip6":
      guard (layer == "ip6") == packet.destination.isV6 else { return .absent }
      switch field {
      case "daddr": return .address(packet.destination)
      case "saddr": return packet.source.map { .address($0) } ?? .unknown
      case "protocol", "nexthdr": return .proto(packet.transport.rawValue)
      case "version": return .number(layer == "ip6" ? 6 : 4)
      default: return .unknown
      }
    case "tcp", "udp", "th":
      guard layer == "th" || layer == packet.transport.name else { return .absent }
      switch field {
      case "dport": return packet.destinationPort.map { .number(UInt64($0)) } ?? .unknown
      case "sport": return packet.sourcePort.map { .number(UInt64($0)) } ?? .unknown
      case "flags" where layer == "tcp": return .bits(packet.isReply ? ["syn", "ack"] : ["syn"])
      default: return .unknown
      }
    case "icmp", "icmpv6", "igmp", "sctp", "dccp", "udplite", "esp", "ah", "comp": return .absent
    default: return .unknown
    }
  }

  private func connection(_ key: String, _ direction: String?) -> RuleValue {
    switch key {
    case "state":
      guard packet.isTracked else { return .bits(["untracked"]) }
      return .bits([packet.isReply ? "established" : "new"])
    case "status":
      var bits = Set<String>()
      if packet.hasNewDestination { bits.insert("dnat") }
      if packet.hasNewSource { bits.insert("snat") }
      if packet.isReply { bits.formUnion(["seen-reply", "confirmed"]) }
      return .bits(bits)
    case "direction": return .text(packet.isReply ? "reply" : "original")
    case "l3proto": return .text(packet.destination.isV6 ? "ipv6" : "ipv4")
    case "protocol": return .proto(packet.transport.rawValue)
    case "proto-dst" where direction == "original" && !packet.isReply:
      return packet.original.port.map { .number(UInt64($0)) } ?? .unknown
    case "ip daddr", "ip6 daddr", "daddr":
      guard direction == "original", !packet.isReply else { return .unknown }
      guard key == "daddr" || (key == "ip6 daddr") == packet.original.address.isV6 else {
        return .absent
      }
      return .address(packet.original.address)
    default: return .unknown
    }
  }

  /// `fib daddr type`: the kernel looks in the local table only.
  private func routing(_ fib: JSON) -> RuleValue {
    guard fib["result"]?.string == "type" else { return .unknown }
    let flags = (fib["flags"]?.list ?? []).compactMap { $0.string }
    // With a device the answer depends on where the address is.
    if flags == ["daddr"] { return .text(addressType(packet.destination)) }
    if flags == ["saddr"] { return packet.source.map { .text(addressType($0)) } ?? .unknown }
    return .unknown
  }

  private func masked(_ parts: [JSON]) -> RuleValue {
    guard parts.count == 2 else { return .unknown }
    switch (value(parts[0]), parts[1]) {
    case (.absent, _): return .absent
    case (.number(let number), .number(let mask)):
      return UInt64(mask).map { .number(number & $0) } ?? .unknown
    case (.bits(let bits), let mask):
      let names = mask["|"]?.list ?? mask.list
      return .bits(bits.intersection(names.compactMap { $0.string }))
    default: return .unknown
    }
  }
}
