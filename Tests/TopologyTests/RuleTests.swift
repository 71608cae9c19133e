import Linux
import Report
import Testing

@testable import Topology

/// The evaluator, on a ruleset as nft(8) 1.0.6 printed it.
@Suite struct RuleTests {
  private static let path =
    #filePath.split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/Recorded/ruleset.json"
  private let rules: Ruleset

  init() throws { rules = try Ruleset(parsing: try File.read(RuleTests.path)) }

  private func packet(
    _ to: String, _ port: UInt16, from: String = "192.168.9.2",
    _ transport: Packet.Transport = .tcp, input: String? = "up0", output: String? = nil
  ) throws -> Packet {
    let (source, destination): (IPAddress?, IPAddress?) = (IPAddress(from), IPAddress(to))
    var packet = Packet(transport, from: source, to: try #require(destination), port: port)
    packet.input = input.map { NetworkLink(named: $0) }
    packet.output = output.map { NetworkLink(named: $0) }
    return packet
  }

  private func run(_ packet: Packet, _ hook: String, local: Set<String> = ["10.0.0.5"]) -> HookRun {
    HookRun(packet, hook: hook, rules) { local.contains("\($0)") ? "local" : "unicast" }
  }

  @Test func mapsOfConcatenationsTranslate() throws {
    // 10.0.0.0/8 . tcp . 8080, an interval of a concatenation.
    let first = run(try packet("10.0.0.5", 8080), "prerouting")
    #expect("\(first.packet.destination)" == "10.200.0.2" && first.packet.destinationPort == 80)
    #expect(first.packet.hasNewDestination && first.hits.last?.rule?.handle == 15)
    // udp . 53 is in the second map only.
    let second = run(try packet("10.0.0.5", 53, .udp), "prerouting")
    #expect("\(second.packet.destination)" == "10.200.0.3" && second.hits.last?.rule?.handle == 17)
    // IPv6 has a map of its own.
    let third = run(try packet("fd00::5", 8080, from: "fd00::9"), "prerouting", local: ["fd00::5"])
    #expect("\(third.packet.destination)" == "fd00::2" && third.hits.last?.rule?.handle == 19)
  }

  @Test func onlyLocalAddressesAreTranslated() throws {
    let other = run(try packet("10.0.0.6", 8080), "prerouting", local: [])
    #expect(!other.packet.hasNewDestination && other.fate == .accept)
  }

  @Test func rangesAndRedirects() throws {
    var packet = try packet("10.0.0.5", 1005)
    packet.input?.assigned = [LinkAddress(try #require(IPAddress("10.0.0.5")), length: 8)]
    let inRange = run(packet, "prerouting")
    #expect(inRange.packet.destinationPort == 99 && inRange.hits.last?.rule?.handle == 22)
    packet.destinationPort = 1011
    #expect(run(packet, "prerouting").packet.destinationPort == 1011)
  }

  @Test func verdictMaps() throws {
    let dropped = run(try packet("10.0.0.5", 23, input: "eth7"), "prerouting")
    #expect(dropped.fate == .drop && dropped.hits.last?.rule?.handle == 24)
    #expect(run(try packet("10.0.0.5", 22, input: "eth7"), "prerouting").fate == .accept)
    // eth* is not up0, and 1.2.3.4 is left out.
    #expect(run(try packet("10.0.0.5", 23), "prerouting").fate == .accept)
    #expect(
      run(try packet("1.2.3.4", 23, input: "eth7"), "prerouting", local: ["1.2.3.4"]).fate
        == .accept)
    let pair = run(try packet("9.9.9.9", 80, input: "a", output: "b"), "forward")
    #expect(pair.fate == .drop && pair.hits.last?.rule?.handle == 32)
  }

  @Test func setsOfNamesAndThePolicy() throws {
    let out = run(try packet("9.9.9.9", 80, input: "drydock0", output: "up0"), "forward")
    #expect(out.fate == .accept && out.hits.last?.rule?.handle == 33)
    var translated = try packet("9.9.9.9", 80, output: "dd0")
    translated.hasNewDestination = true
    #expect(run(translated, "forward").hits.last?.rule?.handle == 31)
    var answer = try packet("9.9.9.9", 81, output: "dd0")
    answer.isReply = true
    #expect(run(answer, "forward").fate == .accept)
  }

  @Test func aLimitLeavesItOpen() throws {
    // mark, reject and icmp do not match; the limit may drop, and the policy drops anyway.
    let run = run(try packet("9.9.9.9", 80, .udp, output: "up0"), "forward")
    #expect(run.fate == .drop && run.doubts.isEmpty && run.hits.last?.rule == nil)
  }

  @Test func sourcesAreTranslatedOnce() throws {
    var packet = try packet("9.9.9.9", 80, from: "10.200.0.2", output: "up0")
    packet.output?.assigned = [LinkAddress(try #require(IPAddress("10.0.0.5")), length: 8)]
    let out = run(packet, "postrouting")
    #expect(out.packet.source == IPAddress("10.0.0.5") && out.hits.count == 1)
    // 10.3.0.0 is in no interval, 10.3.0.9 is the last of one.
    packet.source = IPAddress("10.3.0.9")
    #expect(run(packet, "postrouting").packet.source == IPAddress("1.1.1.1"))
    packet.source = IPAddress("10.3.0.10")
    #expect(run(packet, "postrouting").packet.source == IPAddress("10.3.0.10"))
    packet.isSourceSettled = true
    packet.source = IPAddress("10.3.0.9")
    #expect(run(packet, "postrouting").packet.source == IPAddress("10.3.0.9"))
  }

  @Test func modulesOfXtablesAreUnknown() throws {
    // Port 7000 meets addrtype and DNAT, of which nft(8) tells nothing.
    let run = run(try packet("10.0.0.5", 7000), "prerouting", local: [])
    #expect(run.fate == .accept && run.doubts.map(\.fate) == [.unknown])
    #expect(run.doubts.first?.rule?.place == "ip nat PREROUTING handle 2")
  }

  @Test func aDropOfSomebodyElseIsPrinted() throws {
    let run = run(try packet("10.0.0.5", 80), "input")
    #expect(run.fate == .drop && run.hits.last?.rule?.comment == "no web")
    #expect(run.hits.last?.rule?.text == "tcp dport 80 drop")
    #expect(self.run(try packet("10.0.0.5", 80, input: "lo"), "input").fate == .accept)
  }

  @Test func publishedPorts() {
    let ports = PublishedPort.all(rules)
    func target(_ source: String) -> String? {
      ports.first { $0.source == source }?.destination
    }
    #expect(target("127.0.0.1:8081/tcp") == "10.200.0.2:80")
    #expect(target("10.0.0.0/8:8080/tcp") == "10.200.0.2:80")
    #expect(target("0.0.0.0:53/udp") == "10.200.0.3:53")
    #expect(target("[::]:8080/tcp") == "[fd00::2]:80")
    #expect(target("0.0.0.0:9000/tcp") == "10.200.0.9:90")
    #expect(target("*:1000-1010/tcp") == ":99")
    #expect(ports.allSatisfy { $0.table == "inet drydock" })
  }

  @Test func unknownExpressionsAreNeverCertain() throws {
    let values = RuleValues(
      packet: try packet("10.0.0.5", 80), chain: try #require(rules.chains.first), ruleset: rules
    ) { _ in "unicast" }
    func matches(_ text: String) throws -> Ternary {
      values.matches(try JSON(parsing: Array(text.utf8)))
    }
    for left in [
      #"{"meta": {"key": "length"}}"#, #"{"numgen": {"mode": "inc", "mod": 2}}"#,
      #"{"payload": {"protocol": "ip", "field": "ttl"}}"#, #"{"new": {}}"#,
      #"{"fib": {"result": "oif", "flags": ["saddr", "iif"]}}"#,
    ] {
      for op in ["==", "!=", "<"] {
        let text = #"{"op": "\#(op)", "left": \#(left), "right": 5}"#
        #expect(try matches(text) == .unknown, "\(text)")
      }
    }
    #expect(
      try matches(
        #"{"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": {"x": 1}}"#
      )
        == .unknown)
    // What the packet does not have is certain: no match, either way.
    for op in ["==", "!="] {
      let text =
        #"{"op": "\#(op)", "left": {"payload": {"protocol": "ip6", "field": "daddr"}}, "right": "::1"}"#
      #expect(try matches(text) == .no)
    }
  }

  @Test func damagedRulesetsAreBorne() throws {
    let bytes = try File.read(RuleTests.path)
    for at in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 200)) {
      var turned = bytes
      turned[at] = turned[at] ^ 0x15
      guard let rules = try? Ruleset(parsing: turned) else { continue }
      for hook in ["prerouting", "forward", "postrouting", "input", "output"] {
        _ = HookRun(try packet("10.0.0.5", 80), hook: hook, rules) { _ in "local" }
      }
      _ = PublishedPort.all(rules)
    }
    #expect(throws: DocumentError.self) { try Ruleset(parsing: Array("{}".utf8)) }
  }
}
