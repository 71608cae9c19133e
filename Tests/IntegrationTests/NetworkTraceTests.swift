import Foundation
import Linux
import Testing

/// One way a network can be broken, and what must be said of it.
struct Broken: CustomTestStringConvertible, Sendable {
  let name: String
  let target: String
  /// Where from: a variable of the stage; nil is the host itself.
  let from: String?
  let script: String
  let reason: String

  init(_ name: String, _ target: String, _ from: String?, _ script: String, _ reason: String) {
    self.name = name
    self.target = target
    self.from = from
    self.script = script
    self.reason = reason
  }

  var testDescription: String { name }

  static let all = [
    Broken(
      "answers are translated back behind raw chains", "127.0.0.1:8080", nil,
      #"""
      nft 'add table ip m; add chain ip m p { type filter hook prerouting priority -300; }'
      nft 'add rule ip m p iifname drydock0 ip daddr 127.0.0.0/8 drop'
      """#, "reachable"),
    Broken("fine", "127.0.0.1:8080", nil, #""#, "reachable"),
    Broken("fine from outside", "192.168.9.1:8080", "CLIENT", #""#, "reachable"),
    Broken("container to container", "10.200.0.2:80", "C2", #""#, "reachable"),
    Broken(
      "nobody listens", "127.0.0.1:8080", nil,
      #"""
      kill $WEB; wait $WEB 2>/dev/null || :
      """#, "no-listener"),
    Broken(
      "nobody listens outside", "192.168.9.1:8080", "CLIENT",
      #"""
      kill $WEB; wait $WEB 2>/dev/null || :
      """#, "no-listener"),
    Broken(
      "loopback only", "127.0.0.1:8081", nil,
      #"""
      listen $C2 127.0.0.1:81 X
      """#, "loopback-only"),
    Broken(
      "somebody else drops forward", "192.168.9.1:8080", "CLIENT",
      #"""
      nft 'add table ip other; \#
      add chain ip other f { type filter hook forward priority 10; \#
      }; \#
      add rule ip other f tcp dport 80 counter drop'
      """#, "dropped"),
    Broken(
      "forward drop not in local output", "127.0.0.1:8080", nil,
      #"""
      nft 'add table ip other; \#
      add chain ip other f { type filter hook forward priority 10; \#
      policy drop; \#
      }'
      """#, "reachable"),
    Broken(
      "policy drop", "192.168.9.1:8080", "CLIENT",
      #"""
      nft 'add table ip other; \#
      add chain ip other f { type filter hook forward priority 10; \#
      policy drop; \#
      }'
      """#, "dropped"),
    Broken(
      "policy drop but dnat accepted", "192.168.9.1:8080", "CLIENT",
      #"""
      nft 'add table ip other; \#
      add chain ip other f { type filter hook forward priority 10; \#
      policy drop; \#
      }; \#
      add rule ip other f ct state established,related accept; \#
      add rule ip other f ct status dnat accept'
      """#, "reachable"),
    Broken(
      "new accepted answers dropped", "192.168.9.1:8080", "CLIENT",
      #"""
      nft 'add table ip other; \#
      add chain ip other f { type filter hook forward priority 10; \#
      policy drop; \#
      }; \#
      add rule ip other f ct state new accept'
      """#, "dropped"),
    Broken(
      "reject in the output", "127.0.0.1:8080", nil,
      #"""
      nft 'add table inet other; \#
      add chain inet other o { type filter hook output priority 0; \#
      }; \#
      add rule inet other o ip daddr 10.200.0.0/16 reject with tcp reset'
      """#, "rejected"),
    Broken(
      "no forwarding", "192.168.9.1:8080", "CLIENT",
      #"""
      echo 0 >/proc/sys/net/ipv4/ip_forward
      """#, "forwarding-off"),
    Broken(
      "no forwarding local", "127.0.0.1:8080", nil,
      #"""
      echo 0 >/proc/sys/net/ipv4/ip_forward
      """#, "reachable"),
    Broken(
      "no route_localnet", "127.0.0.1:8080", nil,
      #"""
      echo 0 >/proc/sys/net/ipv4/conf/drydock0/route_localnet
      """#, "localnet-off"),
    Broken(
      "no route_localnet outside", "192.168.9.1:8080", "CLIENT",
      #"""
      echo 0 >/proc/sys/net/ipv4/conf/drydock0/route_localnet
      """#, "reachable"),
    Broken("rules flushed", "192.168.9.1:8080", "CLIENT", #"nft flush ruleset"#, "no-listener"),
    Broken("rules flushed local", "127.0.0.1:8080", nil, #"nft flush ruleset"#, "no-listener"),
    Broken(
      "no masquerade local", "127.0.0.1:8080", nil,
      #"""
      nft flush chain inet drydock postrouting
      """#, "no-masquerade"),
    Broken("port down", "127.0.0.1:8080", nil, #"ip link set v1 down"#, "link-down"),
    Broken(
      "inner link down", "127.0.0.1:8080", nil,
      #"""
      into $C1 ip link set eth0 down
      """#, "link-down"),
    Broken(
      "bridge down", "192.168.9.1:8080", "CLIENT",
      #"""
      ip link set drydock0 down
      """#, "no-route"),
    Broken(
      "no way back", "192.168.9.1:8080", "CLIENT",
      #"""
      into $C1 ip route del default
      """#, "no-way-back"),
    Broken(
      "container gone", "192.168.9.1:8080", "CLIENT",
      #"""
      kill $C1 $WEB; \#
      wait $C1 $WEB 2>/dev/null || :; \#
      while ip link show v1 >/dev/null 2>&1; \#
      do :; \#
      done
      """#, "gone"),
    Broken("nobody's address", "10.200.0.99:80", nil, #""#, "gone"),
    Broken("not of this host", "192.168.9.77:8080", nil, #""#, "gone"),
    Broken("no route at all", "203.0.113.9:80", nil, #""#, "no-route"),
    Broken("no route from client", "203.0.113.9:80", "CLIENT", #""#, "no-route"),
    Broken(
      "firewall inside drops", "127.0.0.1:8080", nil,
      #"""
      into $C1 nft 'add table inet fw; \#
      add chain inet fw in { type filter hook input priority 0; \#
      policy drop; \#
      }; \#
      add rule inet fw in iifname lo accept'
      """#, "dropped"),
    Broken(
      "firewall inside lets in", "127.0.0.1:8080", nil,
      #"""
      into $C1 nft 'add table inet fw; \#
      add chain inet fw in { type filter hook input priority 0; \#
      policy drop; \#
      }; \#
      add rule inet fw in ct state vmap { new : accept, established : accept }'
      """#, "reachable"),
    Broken(
      "iptables-nft drops", "192.168.9.1:8080", "CLIENT",
      #"""
      iptables-nft -I FORWARD -p tcp --dport 80 -j DROP
      """#, "dropped"),
    Broken(
      "raw drops", "192.168.9.1:8080", "CLIENT",
      #"""
      nft 'add table ip raw2; \#
      add chain ip raw2 p { type filter hook prerouting priority -300; \#
      }; \#
      add rule ip raw2 p tcp dport 8080 ip saddr 192.168.9.0/24 drop'
      """#, "dropped"),
    Broken(
      "notrack", "192.168.9.1:8080", "CLIENT",
      #"""
      nft 'add table ip raw2; \#
      add chain ip raw2 p { type filter hook prerouting priority -300; \#
      }; \#
      add rule ip raw2 p tcp dport 8080 notrack'
      """#, "no-listener"),
    Broken(
      "isolated ports", "10.200.0.2:80", "C2",
      #"""
      ip link set v1 type bridge_slave isolated on; \#
      ip link set v2 type bridge_slave isolated on
      """#, "isolated"),
    Broken(
      "bridge table drops", "10.200.0.2:80", "C2",
      #"""
      nft 'add table bridge b; \#
      add chain bridge b f { type filter hook forward priority 0; \#
      }; \#
      add rule bridge b f ip daddr 10.200.0.2 drop'
      """#, "dropped"),
    Broken("container by host address", "10.200.0.1:8080", "C2", #""#, "reachable"),
    Broken("to itself by host address", "10.200.0.1:8080", "C1", #""#, "source-refused"),
    Broken(
      "to itself with hairpin", "10.200.0.1:8080", "C1",
      #"""
      ip link set v1 type bridge_slave hairpin on
      """#, "source-refused"),
    Broken("IPv6", "[fd00:200::2]:80", nil, #""#, "reachable"),
    Broken("IPv6 from a neighbour", "[fd00:200::2]:80", "C2", #""#, "reachable"),
    Broken(
      "IPv6 dropped", "[fd00:200::2]:80", nil,
      #"""
      nft 'add table ip6 o; \#
      add chain ip6 o o { type filter hook output priority 0; \#
      }; \#
      add rule ip6 o o ip6 daddr fd00:200::/64 tcp dport 80 drop'
      """#, "dropped"),
    Broken(
      "redirect to a listener", "192.168.9.1:8080", "CLIENT",
      #"""
      listen self 99 X; \#
      nft 'add table ip r; \#
      add chain ip r p { type nat hook prerouting priority -110; \#
      }; \#
      add rule ip r p tcp dport 8080 redirect to :99'
      """#, "reachable"),
    Broken(
      "redirect to nobody", "192.168.9.1:8080", "CLIENT",
      #"""
      nft 'add table ip r; \#
      add chain ip r p { type nat hook prerouting priority -110; \#
      }; \#
      add rule ip r p tcp dport 8080 redirect to :99'
      """#, "no-listener"),
    Broken(
      "earlier map wins", "192.168.9.1:8080", "CLIENT",
      #"""
      nft 'add table ip r; \#
      add chain ip r p { type nat hook prerouting priority -101; \#
      }; \#
      add rule ip r p tcp dport 8080 dnat to 10.200.0.3:80'
      """#, "no-listener"),
    Broken(
      "strict rp_filter", "192.168.9.1:8080", "CLIENT",
      #"""
      into $C1 sh -c 'echo 1 >/proc/sys/net/ipv4/conf/eth0/rp_filter; ip route del default'
      """#, "source-refused"),
    Broken(
      "source set", "192.168.9.1:8080", "CLIENT",
      #"""
      nft 'add table ip s; \#
      add set ip s bad { type ipv4_addr; \#
      flags interval; \#
      elements = { 192.168.9.0-192.168.9.7 }; \#
      }; \#
      add chain ip s f { type filter hook forward priority 0; \#
      }; \#
      add rule ip s f ip saddr @bad drop'
      """#, "dropped"),
    Broken(
      "local firewall input", "192.168.9.1:8080", "CLIENT",
      #"""
      nft 'add table ip s; \#
      add chain ip s i { type filter hook input priority 0; \#
      }; \#
      add rule ip s i tcp dport 8080 drop'
      """#, "reachable"),
    Broken(
      "ingress drops", "192.168.9.1:8080", "CLIENT",
      #"""
      nft 'add table netdev n; \#
      add chain netdev n i { type filter hook ingress device up0 priority 0; \#
      }; \#
      add rule netdev n i ip saddr 192.168.9.2 drop'
      """#, "dropped"),
  ]
}

/// What `drydock network trace` says, held against a connection that is really made.
@Suite(
  "drydock network trace", .serialized,
  .enabled(if: HandmadeNetwork.isReady, HandmadeNetwork.reason))
struct NetworkTraceTests {
  private let drydock: Drydock

  init() throws { drydock = try Drydock() }

  @Test("The verdict is what a connection shows", arguments: Broken.all)
  func verdict(_ broken: Broken) throws {
    let parts = try #require(broken.target.lastIndex(of: ":"))
    let host = broken.target[..<parts].filter { $0 != "[" && $0 != "]" }
    let port = broken.target[broken.target.index(after: parts)...]
    let address =
      broken.from.map { place in
        host.contains(":") ? "--from fd00:200::3" : "--from $(address $\(place))"
      } ?? ""
    let connect = broken.from.map { "nsenter -t $\($0) -n " } ?? ""
    let result = try HandmadeNetwork.run(
      drydock,
      """
      address() { into $1 ip -o -4 address show dev eth0 | sed 's/.* inet \\([0-9.]*\\).*/\\1/'; }
      \(broken.script)
      set +e
      drydock network trace '\(broken.target)' \(address) --json; echo "code $?"
      timeout 3 \(connect)/bin/busybox nc -w 1 \(host) \(port) </dev/null >/dev/null 2>&1
      echo "connect $?"
      """)
    let lines = result.output.split(separator: "\n").map { String($0) }
    let code = try #require(
      lines.first { $0.hasPrefix("code ") }.flatMap { Int($0.dropFirst(5)) }, "\(result.text)")
    let connected = lines.contains("connect 0")
    let said = try #require(lines.firstIndex { $0.hasPrefix("code ") })
    let json = try #require(
      JSONSerialization.jsonObject(with: Data(lines[..<said].joined(separator: "\n").utf8))
        as? [String: Any], "\(result.text)")
    #expect(json["reason"] as? String == broken.reason, "\(result.text)")
    #expect((code == 0) == connected && code < 2, "\(result.text)")
    #expect((json["verdict"] as? String == "reachable") == connected)
    #expect(try HandmadeNetwork.left(drydock) == [])
  }

  @Test("What cannot be decided is not said to be certain, and --try tells")
  func unknown() throws {
    let result = try HandmadeNetwork.run(
      drydock,
      """
      nft 'add table ip o; add chain ip o f { type filter hook output priority 5; }'
      nft 'add rule ip o f meta length 1-20 drop'
      set +e
      LC_ALL=C.UTF-8 drydock network trace 8080 --try; echo "code $?"
      LC_ALL=zh_CN.UTF-8 drydock network trace 8080; echo "code $?"
      """)
    #expect(result.output.contains("Unknown: It depends on rules"), "\(result.text)")
    #expect(result.output.contains("ip o f handle"))
    #expect(result.output.contains("Tried: connected."))
    #expect(result.output.contains("无法确定"))
    #expect(result.output.components(separatedBy: "code 2").count == 3)
  }

  @Test("From outside, from a container by its name, and words that are wrong")
  func beginnings() throws {
    let result = try HandmadeNetwork.run(
      drydock,
      """
      set +e
      drydock network trace 192.168.9.1:8080 --from 192.168.9.7 --json | grep '"verdict"'
      drydock network trace 8080 --from-container nobody; echo "code $?"
      for word in 0 65536 x 1.2.3.4 1.2.3:80 [::1 '' 1.2.3.4:80:80; do
        drydock network trace "$word"; echo "code $?"
      done
      """)
    // Nobody on this machine has that address, but the answer leaves where it came in.
    #expect(result.output.contains("\"verdict\": \"reachable\""), "\(result.text)")
    #expect(result.error.contains("No network namespace is known as nobody"))
    #expect(result.output.components(separatedBy: "code 125").count == 9, "\(result.text)")
  }
}
