import Foundation
import Linux
import Testing

/// Two hosts with a cable between them: a veth pair, at whose ends are 10.200.9.1 and 10.200.9.2.
final class TwoHosts {
  let near: NetworkHost
  let far: NetworkHost
  var both: [NetworkHost] { [near, far] }

  /// Each is given its daemon.json; the cable's ends have their addresses, or are left bare.
  init(near: String, far: String, addressed: Bool = true) throws {
    self.near = try NetworkHost(near)
    self.far = try NetworkHost(far)
    let cable = "ip link add cable type veth peer name cable netns \(self.far.holder)"
    try self.near.type([(cable, 0, "")])
    for (number, host) in both.enumerated() {
      try host.type([("ip link set cable up", 0, "")])
      if addressed {
        try host.type([
          (
            "ip addr add 10.200.9.\(number + 1)/24 dev cable"
              + " && ip addr add fd00:200:9::\(number + 1)/64 dev cable nodad", 0, ""
          )
        ])
      }
    }
  }

  /// How many pieces of packets a host and a container on it have made (proc_net_snmp(5), Ip,
  /// FragCreates).
  func pieces(on host: NetworkHost, in container: String) throws -> Int {
    let count =
      "awk '/^Ip:/ { if (n++) print $i; else for (k = 1; k <= NF; k++) if ($k == \"FragCreates\") i = k }'"
    let all = try host.said(
      "\(count) /proc/net/snmp; drydock exec \(container) cat /proc/net/snmp | \(count)")
    return all.split(separator: "\n").compactMap { Int($0) }.reduce(0, +)
  }

  /// Expects that this many bytes of payload, and not one more, go in one packet.
  func expectWhole(_ most: Int, to name: String, from container: String, on host: NetworkHost)
    throws
  {
    let ping = "drydock exec \(container) ping -c 1 -W 2"
    let before = try pieces(on: host, in: container)
    try host.type([("\(ping) -s \(most) \(name)", 0, "\(most + 8) bytes from")])
    #expect(try pieces(on: host, in: container) == before)
    try host.type([("\(ping) -s \(most + 1) \(name)", 0, "1 packets received")])
    #expect(try pieces(on: host, in: container) > before)
  }

  /// The MTU of a link of a host, as `ip -o link` has it after some words.
  func mtu(_ line: String, on host: NetworkHost) throws -> Int {
    let text = try host.said(line)
    return try #require(
      text.split(separator: "mtu ").last?.split(separator: " ").first.flatMap { Int($0) })
  }

  /// Removes all there is, by the engine's own commands, and finds both hosts as they were.
  func expectClean() throws {
    for host in both {
      try host.type([
        ("drydock ps -aq | xargs -r drydock rm -f", 0, ""), ("drydock network prune -f", 0, ""),
      ])
    }
    _ = try near.type("ip link delete cable")
    for host in both { try host.expectClean() }
  }
}
