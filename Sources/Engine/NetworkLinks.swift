import Linux
import Networks
import Steps

/// What networks have in the kernel of this host: a bridge each, and rules in the root's own table; and
/// a tunnel, when they span several hosts.
///
///     RUNROOT/networks/lock     held while bridges and rules are made or removed
///
/// A bridge is made when its network is, and again by the first start that misses it: after a reboot,
/// or when somebody has removed it.
struct NetworkLinks: Sendable {
  /// `--run-root`.
  let runRoot: String

  var table: RuleTable { RuleTable(runRoot: runRoot) }

  /// Runs a body that no other drydock on this run-root runs at the same time.
  func alone<Result>(
    _ body: () throws(EngineError) -> Result
  ) throws(EngineError) -> Result {
    let lock = try asked("locking \(runRoot)/networks") { () throws(SystemError) in
      try File.makeDirectories(runRoot + "/networks", mode: 0o711)
      return try FileLock(runRoot + "/networks/lock")
    }
    let result = try body()
    _ = consume lock
    return result
  }

  private func bridge(_ network: Network) -> Bridge {
    let settings = network.settings
    var bridge = Bridge(name: settings.bridge)
    bridge.mtu = settings.mtu
    bridge.addresses = settings.subnets.map {
      InterfaceAddress($0.gateway, length: $0.prefix.length)
    }
    return bridge
  }

  private func rules(_ network: Network) throws(EngineError) -> BridgeRules {
    let settings = network.settings
    return try ruled { () throws(RulesError) in
      try BridgeRules(
        bridge: settings.bridge, subnets: settings.subnets.map { $0.prefix },
        isInternal: settings.isInternal,
        masquerades: settings.masquerades && settings.gatewayMode != .routed, icc: settings.icc,
        isRouted: settings.gatewayMode != .nat)
    }
  }

  /// Whether a network has a bridge on this host.
  func isThere(_ network: Network) -> Bool { bridge(network).isThere }

  /// Whether a network works as far as one look tells: its bridge is up, which comes last.
  func isReady(_ network: Network) -> Bool {
    bridge(network).isReady && network.tunnel?.isReady != false
  }

  /// Makes what a network needs and what is missing of it.
  ///
  /// - Parameters:
  ///   - network: the network.
  ///   - isAlone: whether no other one of this run-root has a bridge now.
  ///   - glass: through which every step is seen.
  /// - Throws: `EngineError`; a bridge made here is gone then.
  func raise(
    _ network: Network, isAlone: () throws(EngineError) -> Bool, _ glass: Glass
  ) throws(EngineError) {
    try alone { () throws(EngineError) in
      try Self.allowForwarding(network, glass)
      // Where there is a bridge there are rules: who dies in between leaves no bridge.
      let bridge = bridge(network)
      let isNew = !bridge.isThere
      try apply(try rules(network).up(in: table), .netRulesAdd, network.settings.bridge, glass)
      do throws(StepFailure) {
        try bridge.make(glass)
        try network.tunnel?.make(glass)
      } catch {
        if isNew {
          try performed { () throws(StepFailure) in try bridge.remove(Glass()) }
          try remove(try rules(network), isLast: try isAlone(), Glass())
        }
        throw Self.told(error, network)
      }
    }
  }

  private static func told(_ failure: StepFailure, _ network: Network) -> EngineError {
    guard failure.id == .netVxlanCreate, failure.error.errno == .exists,
      let overlay = network.settings.overlay
    else { return EngineError(failure) }
    return EngineError(
      "VXLAN \(overlay.id) on UDP port \(overlay.port) is in use on this host",
      hint: "`ip -d link show type vxlan` shows by whom. Another number is chosen by -o vxlan-id=N,"
        + " on every host the same.", exitCode: 1)
  }

  /// Says it when somebody else's rules drop what this network's would let pass; the network is made,
  /// whatever comes of the look.
  func warnOfOthers(_ network: Network) {
    let families = Set(
      network.settings.subnets.map { $0.prefix.base.isV6 ? "ip6" : "ip" } + ["inet"])
    let chains: [ForeignChain]
    do throws(RulesError) {
      chains = try RulesCommand.find().droppers(but: table).filter { families.contains($0.family) }
    } catch { return File.report("drydock: warning: \(error.text)\n") }
    guard !chains.isEmpty else { return }
    let names = chains.map { "\($0.family) \($0.table) \($0.name)" }.joined(separator: ", ")
    let bridge = network.settings.bridge
    File.report(
      """
      drydock: warning: \(names) drops what is forwarded unless a rule there accepts it (Docker and \
      firewalls set that), and no rule of ours can help it: containers on \(network.name) may reach \
      nobody. Let them pass where Docker runs: `iptables -I DOCKER-USER -i \(bridge) -j ACCEPT; \
      iptables -I DOCKER-USER -o \(bridge) -j ACCEPT`. `drydock network trace PORT` says where a \
      packet ends.

      """)
  }

  /// Makes a container's link a port of a bridge; one that is gone is fine.
  func attach(_ link: String, to bridge: String) throws(EngineError) {
    guard Netlink.index(of: link) != nil, let index = Netlink.index(of: bridge) else { return }
    try asked("attaching \(link) to \(bridge)") { () throws(SystemError) in
      try Netlink().attach(link, to: index)
    }
  }

  /// Takes a network's bridge and rules away.
  ///
  /// - Parameters:
  ///   - network: the network.
  ///   - isAlone: whether no other one of this run-root has a bridge now: the table goes too.
  ///   - glass: through which every step is seen.
  /// - Throws: `EngineError` when its rules cannot be removed.
  func fell(
    _ network: Network, isAlone: () throws(EngineError) -> Bool, _ glass: Glass
  ) throws(EngineError) {
    try alone { () throws(EngineError) in
      try performed { () throws(StepFailure) in
        try network.tunnel?.remove(glass)
        try bridge(network).remove(glass)
      }
      try remove(try rules(network), isLast: try isAlone(), glass)
    }
  }

  private func remove(
    _ rules: BridgeRules, isLast: Bool, _ glass: Glass
  ) throws(EngineError) {
    let script = rules.down(in: table, isLast: isLast)
    try performed { () throws(StepFailure) in
      try glass.around(
        .netRulesRemove,
        .described(call: "nf_tables", object: rules.bridge, shell: NetworkLinks.shell(script))
      ) { () throws(SystemError) in
        try NetworkLinks.system { () throws(RulesError) in try RulesCommand.find().remove(script) }
      }
    }
  }

  private func apply(
    _ script: String, _ step: StepID, _ object: String, _ glass: Glass
  ) throws(EngineError) {
    var failure: RulesError?
    do throws(StepFailure) {
      try glass.around(
        step, .described(call: "nf_tables", object: object, shell: NetworkLinks.shell(script))
      ) { () throws(SystemError) in
        do throws(RulesError) { try RulesCommand.find().apply(script) } catch {
          failure = error
          throw SystemError("nf_tables", .invalid, object)
        }
      }
    } catch {
      if let failure {
        let way = "Without rules there is `--network none`, and `--network host`."
        throw EngineError(
          failure.text, hint: failure.hint.isEmpty ? way : failure.hint + "\n" + way)
      }
      throw EngineError(error)
    }
  }

  private static func system(
    _ body: () throws(RulesError) -> Void
  ) throws(SystemError) {
    do throws(RulesError) { try body() } catch {
      throw SystemError("nf_tables", .invalid, error.text)
    }
  }

  private static func shell(_ script: String) -> String {
    "nft -f - <<'END'\n\(script)END"
  }

  /// The host passes packets on between its links: the sysctl ip_forward (ip-sysctl.rst).
  private static func allowForwarding(
    _ network: Network, _ glass: Glass
  ) throws(EngineError) {
    guard !network.settings.isInternal else { return }
    var files = [String]()
    for subnet in network.settings.subnets {
      files.append(
        subnet.prefix.base.isV6
          ? "/proc/sys/net/ipv6/conf/all/forwarding" : "/proc/sys/net/ipv4/ip_forward")
    }
    for file in files {
      let isOn = try asked("looking at \(file)") { () throws(SystemError) in
        try File.text(file).trimmedLine != "0"
      }
      if isOn { continue }
      try performed { () throws(StepFailure) in
        try glass.perform(.netSysctl, .write(file, "1"))
      }
    }
  }
}

/// Runs what makes rules on behalf of the engine.
func ruled<Result>(_ body: () throws(RulesError) -> Result) throws(EngineError) -> Result {
  do throws(RulesError) { return try body() } catch {
    throw EngineError(error.text, hint: error.hint)
  }
}

/// Runs steps on behalf of the engine.
@discardableResult func performed<Result>(
  _ body: () throws(StepFailure) -> Result
) throws(EngineError) -> Result {
  do throws(StepFailure) { return try body() } catch { throw EngineError(error) }
}

extension EngineError {
  /// A step of the engine's own that failed.
  init(_ failure: StepFailure) {
    self.init(failure.id.rawValue, failure.error)
  }
}
