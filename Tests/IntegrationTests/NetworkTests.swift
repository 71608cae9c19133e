import Linux
import Testing

/// Networks as people use them: each test on a host of its own.
@Suite("Networks", .enabled(if: NetworkHost.isReady, NetworkHost.reason))
struct NetworkTests {
  @Test("The default network: an address, a gateway, a route, and nothing left")
  func defaultNetwork() throws {
    let host = try NetworkHost()
    let text = try host.said("drydock run --rm busybox sh -c 'ip addr show eth0; ip route'")
    #expect(text.contains("inet 10.200.0.2/24 brd 10.200.0.255"), "\(text)")
    #expect(text.contains("link/ether 02:42:0a:c8:00:02"), "\(text)")
    #expect(text.contains("default via 10.200.0.1 dev eth0"), "\(text)")
    try host.type([
      ("drydock run -d --name web busybox sleep 1000", 0, ""),
      ("drydock run --rm busybox ping -c 1 -W 2 10.200.0.2", 0, "1 packets received"),
      ("ping -V >/dev/null 2>&1; busybox ping -c 1 -W 2 10.200.0.2", 0, "1 packets received"),
      // From inside, the bridge is the host.
      ("drydock exec web ping -c 1 -W 2 10.200.0.1", 0, "1 packets received"),
    ])
    try host.expectClean()
  }

  @Test("network create, ls, inspect, connect, disconnect, rm, as the notes type them")
  func typed() throws {
    let host = try NetworkHost()
    try host.type([
      ("drydock network ls", 0, "bridge   bridge   local"),
      ("drydock network create --subnet=10.200.16.0/20 staticnet", 0, ""),
      ("drydock network ls -q -f name=staticnet", 0, ""),
      ("drydock run -d --name fixed --net staticnet --ip 10.200.16.22 busybox sleep 1000", 0, ""),
      ("drydock network inspect staticnet", 0, "10.200.16.22/20"),
      (
        "drydock network inspect -f '{{(index .IPAM.Config 0).Subnet}}' staticnet", 0,
        "10.200.16.0/20"
      ),
      ("drydock network rm staticnet", 1, "has active endpoints"),
      ("drydock restart -t 0 fixed", 0, "fixed"),
      (
        "drydock inspect -f '{{.NetworkSettings.Networks.staticnet.IPAddress}}' fixed", 0,
        "10.200.16.22"
      ),
      ("drydock exec fixed ip addr show eth0", 0, "inet 10.200.16.22/20"),
      ("drydock network create other", 0, ""),
      ("drydock network connect other fixed", 0, ""),
      ("drydock exec fixed ip addr show eth1", 0, "eth1"),
      ("drydock network connect other fixed", 1, "already exists in network other"),
      ("drydock ps --format '{{.Networks}}'", 0, "staticnet,other"),
      ("drydock network disconnect staticnet fixed", 0, ""),
      // The route leaves by the network that is left.
      ("drydock exec fixed ip route", 0, "default via"),
      ("drydock network disconnect staticnet fixed", 1, "is not connected to network staticnet"),
      ("drydock network rm staticnet", 0, "staticnet"),
      ("drydock rm -f fixed", 0, "fixed"),
      ("drydock network prune -f", 0, "other"),
    ])
    try host.expectClean()
  }

  @Test("Networks do not reach each other; an internal one reaches nobody outside")
  func isolation() throws {
    let host = try NetworkHost()
    try host.type([
      ("drydock network create --subnet 10.200.16.0/24 one", 0, ""),
      ("drydock network create --subnet 10.200.17.0/24 --internal two", 0, ""),
      ("drydock run -d --name first --network one busybox sleep 1000", 0, ""),
      ("drydock run -d --name second --network two busybox sleep 1000", 0, ""),
      ("drydock exec first ping -c 1 -W 1 10.200.17.2", 1, "0 packets received"),
      ("drydock exec second ip route", 0, "10.200.17.0/24 dev eth0"),
      ("drydock exec second ping -c 1 -W 1 10.200.16.2", 1, ""),
      ("drydock network connect one second", 0, ""),
      ("drydock exec second ping -c 1 -W 2 10.200.16.2", 0, "1 packets received"),
      // Now a way out leads by the other network.
      ("drydock exec second ip route", 0, "default via 10.200.16.1"),
    ])
    try host.expectClean()
  }

  @Test("icc=false: containers reach the host and not each other")
  func separate() throws {
    let host = try NetworkHost()
    try host.type([
      (
        "drydock network create --subnet 10.200.16.0/24"
          + " -o com.docker.network.bridge.enable_icc=false quiet", 0, ""
      ),
      ("drydock run -d --name first --network quiet busybox sleep 1000", 0, ""),
      (
        "drydock run --rm --network quiet busybox ping -c 1 -W 1 10.200.16.2", 1,
        "0 packets received"
      ),
      (
        "drydock run --rm --network quiet busybox ping -c 1 -W 2 10.200.16.1", 0,
        "1 packets received"
      ),
    ])
    try host.expectClean()
  }

  @Test("IPv6 beside IPv4: addresses, routes, both families reach each other")
  func long() throws {
    let host = try NetworkHost()
    try host.type([
      (
        "drydock network create --ipv6 --subnet 10.200.16.0/24 --subnet fd00:200:16::/64"
          + " --gateway fd00:200:16::9 both", 0, ""
      ),
      (
        "drydock run -d --name first --network both --ip6 fd00:200:16::77 busybox sleep 1000", 0, ""
      ),
      ("drydock exec first ip -6 route", 0, "default via fd00:200:16::9"),
      (
        "drydock run --rm --network both busybox ping -c 1 -W 2 fd00:200:16::77", 0,
        "1 packets received"
      ),
      ("drydock exec first ping -c 1 -W 2 fd00:200:16::9", 0, "1 packets received"),
    ])
    // Without IPv6 there is none, not even of the link itself.
    let plain = try host.said("drydock run --rm busybox ip -6 addr show eth0")
    #expect(plain == "")
    try host.expectClean()
  }

  @Test("An address is never given twice, also to forty callers at once, and comes back")
  func addresses() throws {
    let host = try NetworkHost()
    try host.type([("drydock network create --subnet 10.200.16.0/24 many", 0, "")])
    let made = try host.said(
      "for i in $(seq 40); do drydock create --network many busybox sleep 1000 & done; wait")
    #expect(made.split(separator: "\n").count == 40)
    let taken = try host.said(
      "drydock start $(drydock ps -aq) >/dev/null; drydock network inspect"
        + " -f '{{range .Containers}}{{println .IPv4Address}}{{end}}' many | sort -u")
    #expect(taken.split(separator: "\n").filter { !$0.isEmpty }.count == 40, "\(taken)")
    try host.type([
      ("drydock rm -f $(drydock ps -aq)", 0, ""),
      ("drydock run --rm --network many busybox ip addr show eth0", 0, "inet 10.200.16.2/24"),
    ])
    try host.expectClean()
  }

  @Test("A pool that is exhausted says so; who has ended gives way, who lives does not")
  func exhausted() throws {
    let host = try NetworkHost()
    try host.type([
      ("drydock network create --subnet 10.200.16.0/24 --ip-range 10.200.16.16/31 few", 0, ""),
      ("drydock run -d --name first --network few busybox sleep 1000", 0, ""),
      ("drydock run -d --name second --network few busybox true", 0, ""),
      ("drydock wait second", 0, "0"),
      ("drydock run -d --name third --network few busybox sleep 1000", 0, ""),
      (
        "drydock run --rm --network few busybox true", 125,
        "no available IPv4 addresses on this network's address pools: few"
      ),
      ("drydock start second", 1, "no available IPv4 addresses"),
      ("drydock rm -f third", 0, ""), ("drydock start second", 0, "second"),
    ])
    try host.expectClean()
  }

  @Test("What cannot be is refused in Docker's words, and nothing is left of it")
  func refused() throws {
    let host = try NetworkHost()
    try host.type([
      ("ip link add eth9 type bridge && ip addr add 10.200.99.1/24 dev eth9", 0, ""),
      ("ip link set eth9 up", 0, ""),
      ("drydock network create --subnet 10.200.16.0/24 one", 0, ""),
      ("drydock network create --subnet 10.200.16.128/25 two", 1, "Pool overlaps with other one"),
      ("drydock network create --subnet 10.200.99.0/25 two", 1, "in use by the host"),
      ("drydock network create --subnet 10.200.0.0/28 two", 1, "Pool overlaps"),
      ("drydock network create --subnet 10.200.300.0/24 two", 1, "invalid CIDR address"),
      ("drydock network create --subnet 10.200.17.1/24 two", 1, "bit set in the host part"),
      ("drydock network create --subnet 10.200.17.0/31 two", 1, "no room for a gateway"),
      (
        "drydock network create --subnet 10.200.17.0/24 --gateway 10.200.18.1 two", 1,
        "no matching subnet for gateway"
      ),
      (
        "drydock network create --subnet 10.200.17.0/24 --ip-range 10.200.18.0/28 two", 1,
        "no matching subnet for range"
      ),
      (
        "drydock network create --subnet 10.200.17.0/24 --aux-address x=10.200.18.9 two", 1,
        "no matching subnet for aux-address"
      ),
      ("drydock network create -o mtu=9 two", 1, "invalid MTU value: 9"),
      ("drydock network create -o nonsense=9 two", 1, "unknown option nonsense"),
      ("drydock network create -d nonsense two", 1, "plugin not found"),
      ("drydock network create one", 1, "network with name one already exists"),
      ("drydock network create bridge", 1, "predefined bridge network"),
      ("drydock network create a/b", 1, "invalid network name"),
      ("drydock network rm bridge", 1, "pre-defined network and cannot be removed"),
      ("drydock network rm nonsense", 1, "network nonsense not found"),
      ("drydock network rm -f nonsense", 0, ""),
      ("drydock network inspect nonsense", 1, "network nonsense not found"),
      ("drydock run --rm --network nonsense busybox true", 125, "network nonsense not found"),
      (
        "drydock run --rm --network one --ip 10.200.17.1 busybox true", 125,
        "does not belong to any"
      ),
      ("drydock run --rm --network one --ip 10.200.16.1 busybox true", 125, "already in use"),
      ("drydock run --rm --network one --ip 10.200.16 busybox true", 125, "invalid IP address"),
      ("drydock run --rm --ip 10.200.0.9 busybox true", 125, "user defined networks only"),
      ("drydock run --rm --network-alias x busybox true", 125, "user defined networks"),
      (
        "drydock run --rm --network one --mac-address 02:42:zz busybox true", 125,
        "not a valid mac address"
      ),
      ("drydock run --rm --network one --network host busybox true", 125, "cannot attach both"),
      ("drydock run --rm --network one --network one busybox true", 125, "more than once"),
      ("drydock run -d --name h --network host busybox true; true", 0, ""),
      ("drydock run -d --name hosted --network host busybox sleep 1000", 0, ""),
      ("drydock network connect one hosted", 1, "sharing network namespace"),
      ("drydock network connect host hosted", 1, ""),
      ("ip link delete eth9", 0, ""),
    ])
    #expect(try host.said("drydock ps -q | wc -l") == "1")
    try host.expectClean()
  }

  @Test("A bridge that somebody deletes comes back with the next start")
  func deletedBridge() throws {
    let host = try NetworkHost()
    try host.type([
      ("drydock network create --subnet 10.200.16.0/24 one", 0, ""),
      ("drydock run -d --name first --network one busybox sleep 1000", 0, ""),
      ("ip link delete $(drydock network inspect -f '{{.Bridge}}' one)", 0, ""),
      ("drydock run -d --name second --network one busybox sleep 1000", 0, ""),
      ("drydock exec second ping -c 1 -W 2 10.200.16.1", 0, "1 packets received"),
    ])
    try host.expectClean()
  }

  @Test("A container that its monitor starts again is connected again, with the same address")
  func restarted() throws {
    let host = try NetworkHost()
    try host.type([
      (
        "drydock run -d --name again --restart always busybox sh -c 'ip addr show eth0; sleep 0.3'",
        0, ""
      )
    ])
    #expect(
      try eventually {
        try host.said("drydock logs again").components(of: "inet 10.200.0.2/24") >= 3
      })
    try host.expectClean()
  }

  @Test("SIGKILL of the command or the monitor leaves no link once the container has ended")
  func killed() throws {
    let host = try NetworkHost()
    try host.type([("drydock run -d --name one busybox sleep 1000", 0, "")])
    let pid = try host.said("drydock inspect -f '{{.State.Pid}}' one")
    let monitor = try host.said("grep PPid /proc/\(pid)/status | cut -f2")
    try host.type([
      ("kill -9 \(monitor)", 0, ""), ("drydock exec one ping -c 1 -W 2 10.200.0.1", 0, "1 packets"),
      ("drydock kill one", 0, ""),
    ])
    #expect(try eventually { !(try host.said("ip -br link")).contains("veth") })
    try host.expectClean()
  }
}

extension String {
  /// How often a text is in it.
  fileprivate func components(of text: String) -> Int {
    ranges(of: text).count
  }
}
