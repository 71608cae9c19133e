import Linux
import Networks
import Testing

/// What the rules of bridges let pass, between network namespaces.
@Suite(.enabled(if: NetworkStage.isReady, NetworkStage.reason))
final class BridgeRulesTests {
  private let stage: NetworkStage
  private let servers: [EchoServer]

  /// Without br_netfilter, what goes between ports of one bridge does not pass the rules of `inet`.
  private static let seesBridged = File.exists("/proc/sys/net/bridge/bridge-nf-call-iptables")

  init() throws {
    stage = try NetworkStage()
    servers = try [
      EchoServer(stage, stage.one, "one", port: 80), EchoServer(stage, stage.two, "two", port: 80),
      EchoServer(stage, stage.two, "two", port: 81),
      EchoServer(stage, stage.outside, "outside", port: 80),
    ]
  }

  deinit {
    for server in servers { server.stop() }
    #expect(throws: Never.self) { try stage.end() }
  }

  private func peer(
    _ place: NetworkStage.Place, _ address: String, _ port: UInt16 = 80
  ) throws -> String? {
    try stage.inside(place) { try Echo.tcp(address, port) }?.peer
  }

  /// Whether nothing comes of a connection: two of the kernel's tries (tcp(7), tcp_syn_retries).
  private func isCut(
    _ place: NetworkStage.Place, _ address: String, _ port: UInt16 = 80
  ) throws -> Bool {
    try stage.inside(place) { try Echo.tcp(address, port, within: 1500) } == nil
  }

  @Test func appliedTwiceIsTheSameAndOthersAreUntouched() throws {
    try stage.shell(
      stage.host,
      """
      nft 'add table inet others; add chain inet others forward { type filter hook forward priority 0; }
        add rule inet others forward accept; add table ip nat; add set ip nat s { type ipv4_addr; }
        add element ip nat s { 10.200.0.2 }'
      """)
    let others = try stage.ruleset()
    let table = stage.table
    let rules = try stage.bridge()
    var second = try BridgeRules(bridge: "dd1", subnets: [#require(IPPrefix("10.200.1.0/24"))])
    try stage.apply(rules.up(in: table))
    let once = try stage.ruleset()
    try stage.apply(rules.up(in: table))
    #expect(try stage.ruleset() == once)
    // A second network, with every switch and back; both ways down, twice.
    try stage.apply(second.up(in: table))
    let two = try stage.ruleset()
    second.icc = false
    second.isInternal = true
    second.isRouted = true
    second.masquerades = false
    try stage.apply(second.up(in: table))
    #expect(try stage.ruleset() != two)
    try stage.apply(BridgeRules(bridge: "dd1", subnets: second.subnets).up(in: table))
    #expect(try stage.ruleset() == two)
    try stage.apply(second.down(in: table, isLast: false))
    #expect(try stage.ruleset() == once)
    try stage.apply(second.down(in: table, isLast: false))
    #expect(try stage.ruleset() == once)
    try stage.apply(rules.down(in: table, isLast: true))
    #expect(try stage.ruleset() == others)
    try stage.apply(rules.down(in: table, isLast: true))
    let command = stage.rules
    try stage.inside(stage.host) { try command.remove(rules.down(in: table, isLast: false)) }
    #expect(try stage.ruleset() == others)
    #expect(throws: RulesError.self) { try stage.apply(rules.down(in: table, isLast: false)) }
  }

  @Test func aScriptIsDoneWholeOrNotAtAll() throws {
    let error = #expect(throws: RulesError.self) {
      try stage.apply("add table inet drydock-test\nadd rule inet drydock-test nowhere accept\n")
    }
    #expect(error?.isMissing == true)
    #expect(try stage.ruleset().isEmpty)
    #expect(throws: RulesError.self) { try stage.apply("make me a table\n") }
    let (command, table) = (stage.rules, stage.table)
    #expect(try stage.inside(stage.host) { try command.list(table) } == nil)
  }

  @Test func manyAtOnce() throws {
    let (command, table) = (stage.rules, stage.table)
    try stage.apply(stage.bridge().up(in: table))
    let before = try stage.ruleset()
    let address = try #require(IPAddress("10.200.0.2"))
    let rules = (0..<30).map { index in
      PortRule(
        PortBinding(.tcp, IPAddress(v4: 0), 9000 + UInt16(index), containerPort: 80), to: address)
    }
    let done = try stage.inside(stage.host) {
      try Crowd.run(30) { index in
        guard let rule = rules[index] else { return false }
        try command.apply(rule.claim(in: table, container: "c\(index)"))
        return true
      }
    }
    #expect(done == 30)
    let listing = try stage.inside(stage.host) { try command.list(table) }
    #expect(listing?.elements.filter { $0.set == "any4" }.count == 30)
    try stage.apply(rules.compactMap { $0?.unpublish(in: table) }.joined())
    #expect(try stage.ruleset() == before)
  }

  @Test func masquerade() throws {
    try stage.apply(stage.bridge().up(in: stage.table))
    #expect(try peer(stage.one, "192.168.5.2") == "192.168.5.1")
    #expect(try peer(stage.one, "fd05::2") == "fd05::1")
    #expect(try peer(stage.one, "10.200.0.3") == "10.200.0.2")
    #expect(try peer(stage.host, "10.200.0.2") == "10.200.0.1")
    // Nobody from outside comes to a container but by a published port.
    #expect(try isCut(stage.outside, "10.200.0.2"))
    #expect(try isCut(stage.outside, "fd77::2"))
    try stage.apply(stage.bridge { $0.masquerades = false }.up(in: stage.table))
    #expect(try peer(stage.one, "192.168.5.2") == "10.200.0.2")
  }

  @Test func routed() throws {
    try stage.apply(
      stage.bridge {
        $0.isRouted = true
        $0.masquerades = false
      }.up(in: stage.table))
    #expect(try peer(stage.outside, "10.200.0.2") == "192.168.5.2")
    #expect(try peer(stage.outside, "fd77::2") == "fd05::2")
    #expect(try peer(stage.one, "192.168.5.2") == "10.200.0.2")
  }

  @Test func inside() throws {
    try stage.apply(stage.bridge { $0.isInternal = true }.up(in: stage.table))
    #expect(try peer(stage.one, "10.200.0.3") == "10.200.0.2")
    #expect(try peer(stage.host, "10.200.0.2") == "10.200.0.1")
    #expect(try isCut(stage.one, "192.168.5.2"))
    #expect(try isCut(stage.outside, "10.200.0.2"))
  }

  @Test func networksAreApart() throws {
    try stage.shell(
      stage.host,
      "ip link add dd1 type bridge; ip link set dd1 up; ip address add 10.200.1.1/24 dev dd1;"
        + "ip link set v3 master dd1")
    try stage.shell(
      stage.two,
      "ip address flush dev eth0 scope global; ip address add 10.200.1.3/24 dev eth0;"
        + "ip route add default via 10.200.1.1")
    #expect(try peer(stage.one, "10.200.1.3") == "10.200.0.2")
    let second = try BridgeRules(bridge: "dd1", subnets: [#require(IPPrefix("10.200.1.0/24"))])
    try stage.apply(stage.bridge().up(in: stage.table) + second.up(in: stage.table))
    #expect(try isCut(stage.one, "10.200.1.3"))
    #expect(try isCut(stage.two, "10.200.0.2"))
    // A published port is for everybody.
    _ = try stage.publish("a", ["8080:80"], addresses: ["10.200.0.2"])
    #expect(try peer(stage.two, "192.168.5.1", 8080) != nil)
    #expect(try peer(stage.two, "10.200.1.1", 8080) != nil)
  }

  @Test(.enabled(if: seesBridged, "needs br_netfilter"))
  func linkedContainersOnly() throws {
    let table = stage.table
    try stage.apply(stage.bridge { $0.icc = false }.up(in: table))
    for address in ["10.200.0.3", "fd77::3"] {
      #expect(try isCut(stage.one, address))
      let own = try #require(IPAddress(address.contains(":") ? "fd77::2" : "10.200.0.2"))
      let other = try #require(IPAddress(address))
      let rule = try #require(LinkRule(from: own, to: other, .tcp, port: 80))
      try stage.apply(rule.link(in: table, container: "a"))
      try stage.apply(rule.link(in: table, container: "a"))
      #expect(try peer(stage.one, address) != nil)
      // Only that port, only that direction.
      #expect(try isCut(stage.one, address, 81))
      #expect(try isCut(stage.two, own.description))
      try stage.apply(rule.unlink(in: table))
      try stage.apply(rule.unlink(in: table))
      #expect(try isCut(stage.one, address))
    }
    // Out they go all the same.
    #expect(try peer(stage.one, "192.168.5.2") == "192.168.5.1")
  }
}
