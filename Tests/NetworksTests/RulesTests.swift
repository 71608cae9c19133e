import Linux
import Networks
import Testing

@Suite struct RulesTests {
  let table = RuleTable("drydock-test")

  @Test func namesOfRoots() {
    #expect(RuleTable.name(runRoot: "/run/drydock") == "drydock")
    #expect(RuleTable.name(runRoot: "/run/drydock/") == "drydock")
    #expect(RootTag(runRoot: "/run/drydock").bridge == "drydock0")
    let other = RootTag(runRoot: "/tmp/a/run")
    #expect(other.text.utf8.count == 8)
    #expect(other.table == "drydock-" + other.text)
    #expect(other.bridge == "dd" + other.text)
    #expect(RootTag(runRoot: "/tmp/b/run") != other)
    #expect(RootTag(runRoot: "/tmp/a/run/") == other)
  }

  /// The values that draft-eastlake-fnv, section C, gives.
  @Test func fowlerNollVo() {
    #expect(RootTag.hash("".utf8) == 0x811c_9dc5)
    #expect(RootTag.hash("a".utf8) == 0xe40c_292c)
    #expect(RootTag.hash("foobar".utf8) == 0xbf9c_f968)
    #expect(RootTag.hexadecimal(0xab) == "000000ab")
  }

  @Test func everySetThatARuleAsksIsMade() throws {
    let names = table.base.split(separator: "\n").filter {
      $0.hasPrefix("add set") || $0.hasPrefix("add map")
    }
    .compactMap { $0.split(separator: " ").dropFirst(4).first }
    let asked = table.base.split { " \n".contains($0) }.filter { $0.hasPrefix("@") }
      .map { $0.dropFirst() }
    #expect(!names.isEmpty)
    #expect(Set(asked) == Set(names))
  }

  @Test func everyLineIsOfOurTable() throws {
    let rules = try BridgeRules(
      bridge: "dd0", subnets: subnets("10.200.0.0/16", "fd00::/64"), isInternal: true, icc: false)
    let text = rules.up(in: table) + rules.down(in: table, isLast: false)
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      let place = words.firstIndex(of: "inet")
      #expect(place != nil && words[place! + 1] == "drydock-test", "\(line)")
    }
  }

  @Test func whatASwitchChanges() throws {
    let plain = try BridgeRules(bridge: "dd0", subnets: subnets("10.200.0.0/16"))
    #expect(adds(plain, "masked4") && adds(plain, "home4") && !adds(plain, "separate"))
    for (name, change) in switches {
      var rules = plain
      change(&rules)
      #expect(adds(rules, name) != adds(plain, name), "\(name)")
      // What is off is taken out, in case it was on before.
      #expect(drops(rules, name) != drops(plain, name), "\(name)")
    }
  }

  private let switches: [(String, (inout BridgeRules) -> Void)] = [
    ("internal", { $0.isInternal = true }), ("separate", { $0.icc = false }),
    ("routed", { $0.isRouted = true }), ("masked4", { $0.masquerades = false }),
  ]

  @Test func theLastNetworkTakesTheTable() throws {
    let rules = try BridgeRules(bridge: "dd0", subnets: subnets("10.200.0.0/16"))
    #expect(rules.down(in: table, isLast: true) == table.remove)
    #expect(!rules.down(in: table, isLast: false).contains("table inet"))
  }

  @Test(arguments: [
    "", ".", "..", "a b", "a\"b", "br*", "a/b", "a\nb", "a;b", "ü", "sixteen-letters-",
  ])
  func bridgesThatNoRuleCanCarry(_ name: String) {
    #expect(throws: RulesError.self) { try BridgeRules(bridge: name, subnets: []) }
  }

  @Test func ports() throws {
    let any = try port("0.0.0.0", to: "10.200.0.2")
    #expect(
      any?.publish(in: table, container: "0123456789abcdef")
        == "add element inet drydock-test any4 "
        + "{ tcp . 8080 comment \"0123456789ab\" : 10.200.0.2 . 80 }\n"
        + "add element inet drydock-test own4 "
        + "{ 10.200.0.2 . tcp . 8080 comment \"0123456789ab\" }\n")
    #expect(
      any?.unpublish(in: table)
        == "add element inet drydock-test any4 { tcp . 8080 : 10.200.0.2 . 80 }\n"
        + "delete element inet drydock-test any4 { tcp . 8080 }\n"
        + "add element inet drydock-test own4 { 10.200.0.2 . tcp . 8080 }\n"
        + "delete element inet drydock-test own4 { 10.200.0.2 . tcp . 8080 }\n")
    let one = try port("fd01::1", to: "fd00::2")
    #expect(
      one?.publish(in: table, container: "0123456789abcdef")
        == "add element inet drydock-test one6 "
        + "{ fd01::1 . tcp . 8080 comment \"0123456789ab\" : fd00::2 . 80 }\n"
        + "add element inet drydock-test own6 { fd00::2 . tcp . 8080 comment \"0123456789ab\" }\n")
    #expect(try port("::", to: "10.200.0.2") == nil)
    #expect(try port("::1", to: "fd00::2") == nil)
    #expect(try port("127.0.0.1", to: "10.200.0.2") != nil)
  }

  @Test func links() throws {
    let rule = LinkRule(
      from: try address("10.200.0.2"), to: try address("10.200.0.3"), .udp, port: 53)
    #expect(
      rule?.link(in: table, container: "0123456789abcdef")
        == "add element inet drydock-test links4 "
        + "{ 10.200.0.2 . 10.200.0.3 . udp . 53 comment \"0123456789ab\" }\n")
    #expect(
      rule?.unlink(in: table).hasSuffix(
        "delete element inet drydock-test links4 { 10.200.0.2 . 10.200.0.3 . udp . 53 }\n") == true)
    #expect(
      LinkRule(from: try address("10.200.0.2"), to: try address("fd00::2"), .udp, port: 5) == nil)
  }

  // MARK: What is there

  static let list = """
    {"nftables": [{"metainfo": {"version": "1.0.6", "json_schema_version": 1}},
     {"table": {"family": "inet", "name": "drydock-test", "handle": 1}},
     {"set": {"family": "inet", "name": "bridges", "table": "drydock-test", "type": "ifname",
       "handle": 1, "elem": ["dd0", "dd1"]}},
     {"set": {"family": "inet", "name": "same", "table": "drydock-test", "type": ["ifname", "ifname"],
       "handle": 2, "elem": [{"concat": ["dd0", "dd0"]}, {"concat": ["dd1", "dd1"]}]}},
     {"set": {"family": "inet", "name": "home4", "table": "drydock-test", "flags": ["interval"],
       "elem": [{"elem": {"val": {"concat": [{"prefix": {"addr": "10.200.0.0", "len": 16}}, "dd1"]},
       "comment": "dd1"}}]}},
     {"set": {"family": "inet", "name": "masked4", "table": "drydock-test", "flags": ["interval"],
       "elem": [{"elem": {"val": {"prefix": {"addr": "10.200.0.0", "len": 16}}, "comment": "dd1"}}]}},
     {"set": {"family": "inet", "name": "bridges", "table": "other", "elem": ["dd2"]}},
     {"map": {"family": "inet", "name": "any4", "table": "drydock-test", "map": "ipv4_addr",
       "elem": [[{"elem": {"val": {"concat": ["tcp", 8080]}, "comment": "0123456789ab"}},
       {"concat": ["10.200.0.2", 80]}], [{"elem": {"val": {"concat": ["udp", 53]},
       "comment": "ba9876543210"}}, {"concat": ["10.200.0.3", 53]}]]}},
     {"chain": {"family": "inet", "table": "drydock-test", "name": "forward", "handle": 9}},
     {"rule": {"family": "inet", "table": "drydock-test", "chain": "forward", "handle": 10,
       "expr": [{"accept": null}]}}]}
    """

  @Test func listing() throws {
    let listing = try RuleListing(json: Array(RulesTests.list.utf8), of: table)
    #expect(listing.bridges == ["dd0", "dd1"])
    #expect(listing.rules == ["forward": 1])
    #expect(listing.elements.first { $0.set == "home4" }?.key == ["10.200.0.0/16", "dd1"])
    let port = try #require(listing.elements.first { $0.set == "any4" })
    #expect(port.key == ["tcp", "8080"])
    #expect(port.value == ["10.200.0.2", "80"])
    #expect(port.comment == "0123456789ab")
  }

  @Test func whatNobodyHasAnyMore() throws {
    let listing = try RuleListing(json: Array(RulesTests.list.utf8), of: table)
    #expect(
      listing.removal(ofContainersBut: ["0123456789abcdef"])
        == "delete element inet drydock-test any4 { udp . 53 }\n")
    #expect(listing.removal(ofContainersBut: ["0123456789ab", "ba9876543210"]).isEmpty)
    #expect(
      listing.removal(ofBridgesBut: ["dd0"]) == """
        delete element inet drydock-test bridges { "dd1" }
        delete element inet drydock-test same { "dd1" . "dd1" }
        delete element inet drydock-test home4 { 10.200.0.0/16 . "dd1" }
        delete element inet drydock-test masked4 { 10.200.0.0/16 }

        """)
    #expect(listing.removal(ofBridgesBut: ["dd0", "dd1"]).isEmpty)
  }

  @Test func aListThatIsNone() {
    #expect(throws: RulesError.self) { try RuleListing(json: Array("{".utf8), of: table) }
  }

  private func subnets(_ texts: String...) throws -> [IPPrefix] {
    try texts.map { try #require(IPPrefix($0)) }
  }

  private func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

  private func port(_ host: String, to target: String) throws -> PortRule? {
    PortRule(
      PortBinding(.tcp, try address(host), 8080, containerPort: 80), to: try address(target))
  }

  private func adds(_ rules: BridgeRules, _ set: String) -> Bool {
    rules.up(in: table).contains("add element inet drydock-test \(set) ")
      && !drops(rules, set)
  }

  private func drops(_ rules: BridgeRules, _ set: String) -> Bool {
    rules.up(in: table).contains("delete element inet drydock-test \(set) ")
  }
}
