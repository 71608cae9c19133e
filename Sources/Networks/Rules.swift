// The rules of one run-root: a table of its own (family inet), as nft(8) reads it. Other people's tables
// are never named here.
//
//   a packet comes in                     raw      martians     127.0.0.0/8 from a bridge: dropped
//     │                                   dstnat   prerouting ─┐
//     │         from the host itself      dstnat   output ─────┴▶ published: which container?
//     ▼
//   between links                         filter   forward ────▶ inside: between ports of one bridge
//     ▼
//   it goes out                           srcnat   postrouting  whose address does it carry?
//
// No network has chains of its own. The rules ask sets and maps, which are hash tables (intervals:
// trees), so a packet costs the same with one network or a hundred:
//
//   bridges     ours                          same        iif . oif: between ports of one bridge
//   internal    nothing in or out             separate    ports see each other only when linked
//   routed      outside sees the containers
//   home4/6     subnet . its bridge           masked4/6   subnets that hide behind the host's address
//   own4/6      container . proto . port: its own port of the host
//   links4/6    who . whom . proto . port: containers that were linked
//   any4/6      proto . port ▶ container      one4/6      address . proto . port ▶ container
//
// Elements carry a comment: the bridge they are of, or the container (RuleListing.swift finds by it
// what is nobody's any more). All texts can be applied again and again: what is there stays, what is to
// go may be gone.

internal import Linux

/// A run-root's table of nf_tables.
public struct RuleTable: Hashable, Sendable {
  /// Its name; the family is inet.
  public let name: String

  /// A table by its name.
  public init(_ name: String) { self.name = name }

  /// The name of a run-root's table.
  public static func name(runRoot: String) -> String { RootTag(runRoot: runRoot).table }

  /// A run-root's table.
  public init(runRoot: String) { self.init(RuleTable.name(runRoot: runRoot)) }

  /// Removes the table and all that is in it; none is no error.
  ///
  /// There is no `destroy` before nft 1.0.7: what is added in the same transaction can be deleted.
  public var remove: String { "add table inet \(name)\ndelete table inet \(name)\n" }

  /// Makes everything but elements: what is missing is made, what somebody changed is put right.
  public var base: String {
    var text = "add table inet \(name)\n"
    for (name, type) in RuleTable.sets { text += "add set inet \(self.name) \(name) { \(type) }\n" }
    for (name, type) in RuleTable.maps { text += "add map inet \(self.name) \(name) { \(type) }\n" }
    for chain in RuleTable.chains {
      text += "add chain inet \(name) \(chain.name)"
      text += chain.hook.isEmpty ? "\n" : " { type \(chain.hook); policy accept; }\n"
      text += "flush chain inet \(name) \(chain.name)\n"
    }
    for chain in RuleTable.chains {
      for rule in chain.rules { text += "add rule inet \(name) \(chain.name) \(rule)\n" }
    }
    return text
  }

  /// Elements that must be there.
  func add(_ set: String, _ elements: [String]) -> String {
    elements.isEmpty ? "" : "add element inet \(name) \(set) { \(elements.list(", ")) }\n"
  }

  /// Elements that must not be there, whether they are or not.
  func drop(_ set: String, _ elements: [String]) -> String {
    elements.isEmpty
      ? ""
      : add(set, elements) + "delete element inet \(name) \(set) { \(elements.list(", ")) }\n"
  }

  private static let sets: [(String, String)] = [
    ("bridges", "type ifname;"), ("same", "type ifname . ifname;"), ("internal", "type ifname;"),
    ("separate", "type ifname;"), ("routed", "type ifname;"),
    ("home4", "type ipv4_addr . ifname; flags interval;"),
    ("home6", "type ipv6_addr . ifname; flags interval;"),
    ("masked4", "type ipv4_addr; flags interval;"), ("masked6", "type ipv6_addr; flags interval;"),
    ("own4", "type ipv4_addr . inet_proto . inet_service;"),
    ("own6", "type ipv6_addr . inet_proto . inet_service;"),
    ("links4", "type ipv4_addr . ipv4_addr . inet_proto . inet_service;"),
    ("links6", "type ipv6_addr . ipv6_addr . inet_proto . inet_service;"),
  ]

  private static let maps: [(String, String)] = [
    ("any4", "type inet_proto . inet_service : ipv4_addr . inet_service;"),
    ("any6", "type inet_proto . inet_service : ipv6_addr . inet_service;"),
    ("one4", "type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service;"),
    ("one6", "type ipv6_addr . inet_proto . inet_service : ipv6_addr . inet_service;"),
  ]

  private static let chains: [(name: String, hook: String, rules: [String])] = [
    (
      "martians", "filter hook prerouting priority raw",
      // Our bridges have route_localnet for the answers to 127.0.0.1, which opens what listens there
      // to containers (CVE-2020-8558).
      // Every packet of the host comes by: the address first, which nearly none has.
      ["ip daddr 127.0.0.0/8 iifname @bridges drop"]
    ),
    (
      "prerouting", "nat hook prerouting priority dstnat",
      // Loopback's ports are for this host: from a link such an address is forged (RFC 1122, 3.2.1.3).
      ["ip daddr 127.0.0.0/8 return", "fib daddr type local jump published"]
    ),
    (
      "output", "nat hook output priority -100",
      // What a container behind the host's own ::1 would answer to cannot be routed back; the proxy
      // serves it.
      ["ip6 daddr ::1 return", "fib daddr type local jump published"]
    ),
    (
      "postrouting", "nat hook postrouting priority srcnat",
      [
        "oifname @bridges ip saddr 127.0.0.0/8 masquerade",
        // Through a published port and back to the same bridge: the answer must come back this way.
        "ip saddr . oifname @home4 ct status dnat masquerade",
        "ip saddr . oifname @home4 return", "ip saddr @masked4 masquerade",
        "ip6 saddr . oifname @home6 ct status dnat masquerade",
        "ip6 saddr . oifname @home6 return", "ip6 saddr @masked6 masquerade",
      ]
    ),
    (
      "forward", "filter hook forward priority filter",
      [
        "ct state established,related accept", "iifname . oifname @same jump inside",
        "iifname @internal drop", "oifname @internal drop", "ct status dnat accept",
        "iifname @bridges oifname @bridges drop", "oifname @routed accept",
        "oifname @bridges drop",
      ]
    ),
    (
      "published", "",
      // A container that calls itself by its own published port is served by the proxy: a bridge does
      // not send a packet back by the port it came from (bridge(8), hairpin), and with br_netfilter a
      // translated packet never leaves the bridge. For the rest: no element, no match, next rule.
      [
        "ip saddr . meta l4proto . th dport @own4 return",
        "ip6 saddr . meta l4proto . th dport @own6 return",
        "dnat ip to ip daddr . meta l4proto . th dport map @one4",
        "dnat ip to meta l4proto . th dport map @any4",
        "dnat ip6 to ip6 daddr . meta l4proto . th dport map @one6",
        "dnat ip6 to meta l4proto . th dport map @any6",
      ]
    ),
    (
      "inside", "",
      [
        "iifname != @separate accept", "ct status dnat accept",
        // Neighbours must find each other, as with ARP, which never comes here (RFC 4861).
        "icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept",
        "ip saddr . ip daddr . meta l4proto . th dport @links4 accept",
        "ip6 saddr . ip6 daddr . meta l4proto . th dport @links6 accept", "drop",
      ]
    ),
  ]
}
