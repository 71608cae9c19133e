package import Linux
internal import Report

/// What became of a packet at a hook.
package enum Fate: Equatable, Sendable {
  /// It goes on.
  case accept
  /// Nobody hears of it again.
  case drop
  /// Its sender is told: `tcp reset`, `icmp port-unreachable`.
  case reject(String)
  /// Its destination is another one now; nil leaves that part as it is.
  case destination(IPAddress?, UInt16?)
  /// Its source is another one now; nil is the link's own address.
  case source(IPAddress?)
  /// Something that cannot be foreseen from here: a queue, a module of xtables.
  case unknown
}

/// A rule that did something.
package struct RuleHit: Sendable, Equatable {
  /// The rule; nil for a chain's policy.
  package var rule: Ruleset.Rule?
  /// The base chain that the packet came in by.
  package var chain: String
  /// What it did.
  package var fate: Fate
  /// Whether it is unknown if the rule matches: it may do this.
  package var isDoubtful = false
}

/// One packet in one base chain.
struct ChainRun {
  private enum Flow: Equatable {
    /// Behind the last rule, or `return`.
    case next
    case ended(Fate)
  }

  private(set) var packet: Packet
  /// What may happen too, where it is unknown whether a rule matches.
  private(set) var doubts: [RuleHit] = []
  /// The rule that decided; nil for the policy.
  private(set) var decider: Ruleset.Rule?
  private let ruleset: Ruleset
  private let base: Ruleset.Chain
  private let addressType: (IPAddress) -> String
  /// nf_tables refuses deeper nests (NFT_JUMP_STACK_SIZE).
  private static let deepest = 16

  init(
    _ base: Ruleset.Chain, _ packet: Packet, _ ruleset: Ruleset,
    addressType: @escaping (IPAddress) -> String
  ) {
    self.base = base
    self.packet = packet
    self.ruleset = ruleset
    self.addressType = addressType
  }

  /// Runs the packet through; `doubts` has what may happen instead of the answer.
  mutating func run() -> Fate {
    let fate: Fate
    switch follow(base, depth: 0) {
    case .ended(let ended): fate = ended
    case .next:
      decider = nil
      fate = base.dropsByDefault ? .drop : .accept
    }
    // A rule that may do what happens anyway is no doubt.
    doubts.removeAll { $0.fate == fate }
    return fate
  }

  private mutating func follow(_ chain: Ruleset.Chain, depth: Int) -> Flow {
    guard depth < ChainRun.deepest else { return .ended(.unknown) }
    for rule in chain.rules {
      switch apply(rule, in: chain, depth: depth) {
      case .goOn: continue
      case .leave: return .next
      case .end(let fate): return .ended(fate)
      }
    }
    return .next
  }

  private enum Effect: Equatable {
    case goOn
    /// The chain is left for the one that jumped to it.
    case leave
    case end(Fate)
  }

  /// One rule: expressions from left to right until one does not match or decides.
  private mutating func apply(
    _ rule: Ruleset.Rule, in chain: Ruleset.Chain, depth: Int
  ) -> Effect {
    var certain = true
    for expression in rule.expressions {
      guard let (name, body) = expression.only else { continue }
      let values = RuleValues(
        packet: packet, chain: chain, ruleset: ruleset, addressType: addressType)
      var verdict: JSON?
      switch name {
      case "match":
        switch values.matches(body) {
        case .yes: continue
        case .no: return .goOn
        case .unknown: certain = false
        }
        continue
      case "limit", "quota", "ct count", "connlimit", "last", "socket", "exthdr":
        certain = false
        continue
      case "xt":
        // Modules of xtables say nothing of themselves here but whether they match or decide.
        if body["type"]?.string == "match" {
          certain = false
          continue
        }
        if ChainRun.harmlessTargets.contains(body["name"]?.string ?? "") { continue }
        doubt(rule, .unknown)
        return .goOn
      case "vmap":
        guard let key = body["key"], let data = body["data"] else { return .goOn }
        switch values.entry(values.value(key), in: data) {
        case .none: return .goOn
        case .unknown:
          doubt(rule, .unknown)
          return .goOn
        case .found(let json): verdict = json
        }
      case "mangle": change(body, values, certain)
      case "notrack": packet.isTracked = certain ? false : packet.isTracked
      case "queue", "tproxy", "synproxy", "fwd":
        doubt(rule, .unknown)
        return .goOn
      default: verdict = expression
      }
      guard let verdict else { continue }
      let effect = decide(verdict, rule, values, depth: depth, certain: certain)
      if effect != .goOn || ["jump", "goto", "continue", "return"].contains(name) { return effect }
    }
    return .goOn
  }

  private static let harmlessTargets: Set<String> = [
    "LOG", "NFLOG", "CHECKSUM", "TCPMSS", "TRACE", "AUDIT", "DSCP", "CLASSIFY",
  ]

  /// A verdict, or a translation.
  private mutating func decide(
    _ verdict: JSON, _ rule: Ruleset.Rule, _ values: RuleValues, depth: Int, certain: Bool
  ) -> Effect {
    // A verdict without anything is the name alone or with null.
    let name = verdict.only?.name ?? verdict.string ?? ""
    let body = verdict.only?.value ?? .null
    switch name {
    case "accept": return end(.accept, rule, certain)
    case "drop": return end(.drop, rule, certain)
    case "reject":
      let kind = body["type"]?.string ?? "icmp"
      let code = body["expr"]?.string ?? "port-unreachable"
      return end(.reject(kind == "tcp reset" ? kind : "\(kind) \(code)"), rule, certain)
    case "return":
      if certain { return .leave }
      doubt(rule, .unknown)
      return .goOn
    case "jump", "goto":
      guard let target = body["target"]?.string,
        let chain = ruleset.chain(target, beside: values.chain)
      else { return end(.unknown, rule, certain) }
      return jump(to: chain, rule, isGoto: name == "goto", depth: depth, certain: certain)
    case "dnat", "redirect":
      return end(destination(body, values, isRedirect: name == "redirect"), rule, certain)
    case "snat", "masquerade": return end(source(body, values), rule, certain)
    default: return .goOn  // counter, log, set, meter, dup, flow: nothing that decides
    }
  }

  private mutating func jump(
    to chain: Ruleset.Chain, _ rule: Ruleset.Rule, isGoto: Bool, depth: Int, certain: Bool
  ) -> Effect {
    if certain {
      switch follow(chain, depth: depth + 1) {
      case .ended(let fate): return .end(fate)
      case .next: return isGoto ? .leave : .goOn
      }
    }
    // What would happen there may happen.
    var other = self
    other.decider = nil
    if case .ended(let fate) = other.follow(chain, depth: depth + 1) {
      doubt(other.decider ?? rule, fate)
    } else if isGoto {
      doubt(rule, .unknown)
    }
    doubts += other.doubts.dropFirst(doubts.count).filter { !doubts.contains($0) }
    return .goOn
  }

  private mutating func end(_ fate: Fate, _ rule: Ruleset.Rule, _ certain: Bool) -> Effect {
    // A translation without a target: the key is not in the map, and the rule does not match.
    if fate == .destination(nil, nil) { return .goOn }
    guard certain, fate != .unknown else {
      doubt(rule, fate)
      return .goOn
    }
    decider = rule
    return .end(fate)
  }

  private mutating func doubt(_ rule: Ruleset.Rule, _ fate: Fate) {
    doubts.append(RuleHit(rule: rule, chain: base.title, fate: fate, isDoubtful: true))
  }

  private mutating func change(_ body: JSON, _ values: RuleValues, _ certain: Bool) {
    guard body["key"]?["meta"]?["key"]?.string == "mark" else { return }
    packet.mark = certain ? body["value"]?.int.flatMap { UInt32(exactly: $0) } : nil
  }

  private func destination(_ body: JSON, _ values: RuleValues, isRedirect: Bool) -> Fate {
    // In the table inet a rule may be for one family only.
    if let family = body["family"]?.string, (family == "ip6") != packet.destination.isV6 {
      return .destination(nil, nil)
    }
    var address: IPAddress?
    var port: UInt16?
    if let text = body["addr"] {
      switch values.value(text) {
      case .absent: return .destination(nil, nil)
      case .address(let found): address = found
      case .concat(let parts):
        guard parts.count == 2, case .address(let found) = parts[0],
          case .number(let number) = parts[1]
        else { return .unknown }
        address = found
        port = UInt16(truncatingIfNeeded: number)
      default: return .unknown
      }
    }
    if let text = body["port"] {
      switch values.value(text) {
      case .absent: return .destination(nil, nil)
      case .number(let number): port = UInt16(truncatingIfNeeded: number)
      default: return .unknown
      }
    }
    if isRedirect {
      // nf_nat_redirect(): the link's first address, and loopback for what is made here.
      address =
        packet.input.map { link in
          link.assigned.first { $0.address.isV6 == packet.destination.isV6 }?.address
        } ?? IPAddress(packet.destination.isV6 ? 1 : 0x7f00_0001, isV6: packet.destination.isV6)
      if address == nil { return .unknown }
      port = port ?? packet.destinationPort
    }
    return .destination(address, port)
  }

  private func source(_ body: JSON, _ values: RuleValues) -> Fate {
    if let family = body["family"]?.string, (family == "ip6") != packet.destination.isV6 {
      return .destination(nil, nil)
    }
    guard let text = body["addr"] else { return .source(nil) }
    switch values.value(text) {
    case .address(let address): return .source(address)
    case .absent: return .destination(nil, nil)
    case .concat(let parts):
      if case .address(let address)? = parts.first { return .source(address) }
      return .unknown
    default: return .unknown
    }
  }
}
