package import Linux

/// A packet at one hook of a namespace: all base chains there, ours and others', in the order of
/// their priorities.
package struct HookRun: Sendable {
  /// The packet behind the hook.
  package var packet: Packet
  /// What became of it.
  package var fate = Fate.accept
  /// The rules that did something.
  package var hits: [RuleHit] = []
  /// How many chains looked at it.
  package var chains = 0

  /// Runs a packet through.
  ///
  /// - Parameters:
  ///   - packet: as it comes.
  ///   - hook: `prerouting`, `input`, `forward`, `output`, `postrouting`, `ingress`.
  ///   - ruleset: of the namespace.
  ///   - families: which tables look; nil for those of the packet's own family and inet.
  ///   - device: the link, for chains that belong to one.
  ///   - answer: translates an answer back, which chains before the priority of translation do not
  ///     see yet (-100 for destinations, 100 for sources: NF_IP_PRI_NAT_DST, NF_IP_PRI_NAT_SRC).
  ///   - addressType: RTN_ type of an address there.
  package init(
    _ packet: Packet, hook: String, _ ruleset: Ruleset, families: [String]? = nil,
    device: String? = nil, answer: ((inout Packet) -> Void)? = nil,
    addressType: @escaping (IPAddress) -> String
  ) {
    self.packet = packet
    // Only the tables of IP translate.
    let settles = families == nil
    let families = families ?? [packet.destination.isV6 ? "ip6" : "ip", "inet"]
    var pending = answer
    let priority = HookRun.isForDestination(hook) ? -100 : 100
    for chain in ruleset.chains(hook: hook, families: families, device: device) {
      if chain.priority >= priority, let answer = pending {
        answer(&self.packet)
        pending = nil
      }
      if chain.type == "nat" && isSettled(hook) { continue }
      chains += 1
      var run = ChainRun(chain, self.packet, ruleset, addressType: addressType)
      let fate = run.run()
      self.packet = run.packet
      hits += run.doubts
      let hit = RuleHit(rule: run.decider, chain: chain.title, fate: fate)
      switch fate {
      // An accept ends one chain, not the others (nft(8), "VERDICT STATEMENTS").
      case .accept: if run.decider != nil { hits.append(hit) }
      case .destination(let address, let port):
        hits.append(hit)
        self.packet.destination = address ?? self.packet.destination
        self.packet.destinationPort = port ?? self.packet.destinationPort
        self.packet.hasNewDestination = true
      case .source(let address):
        hits.append(hit)
        self.packet.source =
          address ?? HookRun.own(self.packet.output, isV6: packet.destination.isV6)
          ?? self.packet.source
        self.packet.hasNewSource = true
      case .drop, .reject, .unknown:
        hits.append(hit)
        self.fate = fate
        return
      }
    }
    pending?(&self.packet)
    guard settles else { return }
    switch hook {
    case "prerouting", "output": self.packet.isDestinationSettled = true
    case "postrouting", "input": self.packet.isSourceSettled = true
    default: break
    }
  }

  /// Whether translation has been decided: answers and what is not tracked are not asked, of several
  /// chains the first that translates counts, and no other hook is asked again (nf_nat_inet_fn()).
  private func isSettled(_ hook: String) -> Bool {
    if packet.isReply || !packet.isTracked { return true }
    return HookRun.isForDestination(hook)
      ? packet.isDestinationSettled || packet.hasNewDestination
      : packet.isSourceSettled || packet.hasNewSource
  }

  private static func isForDestination(_ hook: String) -> Bool {
    hook == "prerouting" || hook == "output"
  }

  /// The address that a masquerade takes: the link's first of global scope.
  private static func own(_ link: NetworkLink?, isV6: Bool) -> IPAddress? {
    let all = link?.assigned.filter { $0.address.isV6 == isV6 } ?? []
    return (all.first { $0.scope == 0 } ?? all.first)?.address
  }

  /// Rules of which it is unknown whether they change the packet's way.
  package var doubts: [RuleHit] { hits.filter { $0.isDoubtful } }
}
