import Linux
import Testing

/// Networks of two hosts.
///
/// A host is a network namespace with an engine's roots; a veth pair is the
/// cable between the two.
@Suite("Networks of several hosts", .enabled(if: NetworkHost.isReady, NetworkHost.reason))
struct OverlayTests {
  let hosts: TwoHosts
  var near: NetworkHost { hosts.near }
  var far: NetworkHost { hosts.far }

  init() throws {
    hosts = try TwoHosts(near: #"{"bip":"10.200.17.1/24"}"#, far: #"{"bip":"10.200.18.1/24"}"#)
  }

  /// Steps that only a network of several hosts has.
  static let steps = ["net.vxlan.create", "net.vxlan.attach"]
  private static let create =
    "drydock network create -d overlay --subnet 10.200.5.0/24 -o peers=10.200.9.1,10.200.9.2 shop"
  private static let link = "$(ip -o link show type vxlan | sed 's/.*: \\(vx-[^:]*\\):.*/\\1/')"
  private static let sleep = "busybox sleep 1000"

  /// One container on each host, `web` here and `cli` there.
  private func shop() throws {
    for host in [near, far] { try host.type([(OverlayTests.create, 0, "")]) }
    try near.type([("drydock run -d --name web --network shop \(OverlayTests.sleep)", 0, "")])
    try far.type([("drydock run -d --name cli --network shop \(OverlayTests.sleep)", 0, "")])
  }

  private func expectReached() throws {
    #expect(
      try eventually {
        try far.type("drydock exec cli ping -c 1 -W 1 web").code == 0
      })
    #expect(
      try eventually {
        try near.type("drydock exec web ping -c 1 -W 1 cli").code == 0
      })
  }

  @Test("One command on every host: names, TTL 64, MTU and payload by the cable's MTU less 50")
  func oneNetwork() throws {
    try shop()
    // The first packet finds its way: who starts has asked the other host before.
    try far.type([
      ("drydock exec cli ping -c 1 -W 2 web", 0, "ttl=64"),
      ("drydock exec cli nslookup web.shop", 0, "10.200.5.2"),
      ("drydock inspect -f '{{.NetworkSettings.Networks.shop.IPAddress}}' cli", 0, "10.200.5.128"),
      // A known address of the other host is refused at once.
      ("drydock run --rm --network shop --ip 10.200.5.2 busybox true", 125, "is on the host"),
      ("drydock network inspect shop", 0, "\"IP\": \"10.200.9.1\""),
      ("drydock network ls", 0, "overlay   global"),
    ])
    let cable = try hosts.mtu("ip -o link show cable", on: far)
    #expect(try hosts.mtu("drydock exec cli ip -o link show eth0", on: far) == cable - 50)
    try hosts.expectWhole(cable - 50 - 28, to: "web", from: "cli", on: far)
    try near.type([
      ("drydock exec web ping -c 1 -W 2 cli", 0, "ttl=64"),
      ("bridge fdb show dev \(OverlayTests.link)", 0, "dst 10.200.9.2 self permanent"),
      ("ip neigh show dev \(OverlayTests.link)", 0, "10.200.5.128 lladdr"),
    ])
    // Whoever goes takes what the other host knows of him along.
    try far.type([("drydock rm -f cli", 0, "cli")])
    #expect(
      try eventually {
        try near.type("ip neigh show dev \(OverlayTests.link)").output.isEmpty
          && near.type("bridge fdb show dev \(OverlayTests.link)").output.contains(" dst ") == false
          && near.type("drydock exec web nslookup cli").code != 0
      })
    try hosts.expectClean()
  }

  @Test("IPv6 inside and between the hosts: 70 bytes are the tunnel's")
  func six() throws {
    let create =
      "drydock network create -d overlay --subnet 10.200.5.0/24 --subnet fd00:200:5::/64"
      + " -o peers=fd00:200:9::1,fd00:200:9::2 shop"
    for host in [near, far] { try host.type([(create, 0, "")]) }
    try near.type([("drydock run -d --name web --network shop \(OverlayTests.sleep)", 0, "")])
    try far.type([
      ("drydock run -d --name cli --network shop \(OverlayTests.sleep)", 0, ""),
      ("drydock exec cli ping -6 -c 1 -W 2 web", 0, "ttl=64"),
      ("drydock exec cli ping -4 -c 1 -W 2 web", 0, "ttl=64"),
      ("drydock exec cli ip link show eth0", 0, "mtu 1430"),
    ])
    try hosts.expectClean()
  }

  @Test("A published port of an overlay network, and the way out")
  func ports() throws {
    for host in [near, far] { try host.type([(OverlayTests.create, 0, "")]) }
    try near.type([
      (
        "drydock run -d --name web --network shop -p 8080:80 busybox sh -c"
          + " 'echo it works >/tmp/index.html; exec httpd -f -p 80 -h /tmp'", 0, ""
      )
    ])
    try far.type([
      ("busybox wget -qO- http://10.200.9.1:8080/", 0, "it works"),
      ("drydock run --rm --network shop busybox wget -qO- http://web/", 0, "it works"),
    ])
    try near.type([("drydock exec web ping -c 1 -W 2 10.200.9.2", 0, "1 packets received")])
    // What is said of the way there holds: the connection is tried.
    try far.type([
      ("drydock run -d --name cli --network shop \(OverlayTests.sleep)", 0, ""),
      ("drydock network trace --from-container cli --try 10.200.5.2:80", 0, "to 10.200.9.1 port"),
    ])
    try hosts.expectClean()
  }

  @Test("The name server, the tunnel and the bridge are taken underneath: doctor mends")
  func doctor() throws {
    try shop()
    try near.type([near.killing("drydock-dns")])
    // Who is known stays known.
    try far.type([("drydock exec cli ping -c 1 -W 2 10.200.5.2", 0, "1 packets received")])
    try near.type([
      ("drydock exec web ping -c 1 -W 2 10.200.5.128", 0, "1 packets received"),
      ("drydock doctor", 0, "no name server runs: mending"),
    ])
    try expectReached()
    try near.type([
      ("ip link delete \(OverlayTests.link)", 0, ""),
      ("drydock doctor --dry-run", 1, "tunnel vx-"), ("drydock doctor", 0, "mending"),
    ])
    try expectReached()
    try near.type([
      ("ip link delete $(drydock network inspect -f '{{.Bridge}}' shop)", 0, ""),
      ("drydock doctor", 0, "mending"), ("drydock doctor", 0, ""),
    ])
    try expectReached()
    try near.type([
      ("ip link set \(OverlayTests.link) nomaster", 0, ""),
      ("drydock doctor", 0, "is no port of br-"), ("drydock doctor", 0, "Nothing was left"),
    ])
    try expectReached()
    try hosts.expectClean()
  }

  @Test("Somebody else listens where hosts tell each other: the start says so")
  func taken() throws {
    try near.type([
      (OverlayTests.create, 0, ""),
      (
        "busybox httpd -f -p 10.200.9.1:7946 & echo $! >server; sleep 0.3;"
          + " drydock run --rm --network shop busybox true", 125, "10.200.9.1:7946"
      ), ("kill $(cat server)", 0, ""), ("drydock run --rm --network shop busybox true", 0, ""),
    ])
    try hosts.expectClean()
  }

  @Test("A host that is lost is forgotten, and known again when it is back")
  func lost() throws {
    let run = "DRYDOCK_PEER_PATIENCE=1500 drydock run -d --network shop --name"
    for host in hosts.both { try host.type([(OverlayTests.create, 0, "")]) }
    try near.type([("\(run) web \(OverlayTests.sleep)", 0, "")])
    try far.type([("\(run) cli \(OverlayTests.sleep)", 0, "")])
    try expectReached()
    try near.type([("ip link set cable down", 0, "")])
    #expect(
      try eventually { try near.type("drydock exec web nslookup cli").code != 0 })
    try near.type([
      ("ip neigh show dev \(OverlayTests.link) | wc -l", 0, "0"),
      ("cat ../run/networks/dns.log", 0, "has said nothing"),
      ("ip link set cable up", 0, ""),
    ])
    try expectReached()
    try hosts.expectClean()
  }

  @Test("Steps of an overlay network that fail, and die: nothing is left, and the next one works")
  func faults() throws {
    for step in OverlayTests.steps {
      try near.type([
        (
          OverlayTests.create.replacing("create", with: "create --fault \(step):EIO"), 125, step
        ),
        ("drydock network ls -q -f name=shop | wc -l", 0, "0"),
        ("ip -o link | grep -c -E 'br-|vx-'; true", 0, "0"),
        (
          OverlayTests.create.replacing("create", with: "create --fault \(step):kill"), 137, ""
        ),
        ("drydock run --rm --network shop busybox ping -c 1 -W 2 10.200.5.1", 0, "1 packets"),
        ("ip -o link show type vxlan", 0, "master br-"), ("drydock network rm shop", 0, "shop"),
      ])
    }
    try hosts.expectClean()
  }

  @Test("Bad input is refused in words, and nothing is made")
  func refused() throws {
    let create = "drydock network create -d overlay"
    let subnet = "--subnet 10.200.5.0/24"
    try near.type([
      ("\(create) \(subnet) bad", 1, "needs the addresses of its hosts"),
      ("\(create) -o peers=10.200.9.2 bad", 1, "needs a --subnet"),
      ("\(create) \(subnet) -o peers=10.200.9.2 -o local=10.200.9.7 bad", 1, "no address of this"),
      ("\(create) \(subnet) -o peers=10.200.9.2,x bad", 1, "x is no address"),
      ("\(create) \(subnet) -o peers=10.200.9.1,fd00:200:9::2 bad", 1, "two families"),
      ("\(create) \(subnet) -o peers=10.250.0.1 bad", 1, "no way leads"),
      ("\(create) \(subnet) -o peers=10.200.9.2 -o vxlan-id=0 bad", 1, "from 1 to 16777215"),
      ("\(create) \(subnet) -o peers=10.200.9.2 -o port=70000 bad", 1, "UDP port"),
      ("\(create) \(subnet) -o peers=10.200.9.2 -o mtu=1500 bad", 1, "leaves 1450 bytes"),
      ("\(create) --subnet 10.200.5.0/30 -o peers=10.200.9.2 bad", 1, "too small for 2 hosts"),
      ("drydock network create \(subnet) -o peers=10.200.9.2 bad", 1, "unknown option peers"),
      ("\(create) \(subnet) -o peers=10.200.9.2 -o vxlan-id=7 good", 0, ""),
      (
        "\(create) --subnet 10.200.6.0/24 -o peers=10.200.9.2 -o vxlan-id=7 bad", 1,
        "VXLAN 7 on UDP port 4789 is in use"
      ), ("drydock network ls -q -f name=bad | wc -l", 0, "0"),
      ("ip -o link show type vxlan | wc -l", 0, "1"),
    ])
    try hosts.expectClean()
  }
}
