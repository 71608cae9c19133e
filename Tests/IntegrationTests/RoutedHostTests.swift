import Linux
import Testing

/// Two hosts with a subnet each and routes between them, as the notes have it.
///
///     web ─ 172.17.0.1 ─ host 10.200.9.1 ─ cable ─ 10.200.9.2 host ─ 172.18.0.1 ─ cli
@Suite("The notes' routed hosts", .enabled(if: NetworkHost.isReady, NetworkHost.reason))
struct RoutedHostTests {
  private static let serve =
    "busybox sh -c 'echo it works >/tmp/index.html; exec httpd -f -vv -p 80 -h /tmp'"

  private func route(_ hosts: TwoHosts, near: String, far: String) throws {
    try hosts.near.type([
      ("echo 1 >/proc/sys/net/ipv4/ip_forward; ip route add \(far) via 10.200.9.2", 0, "")
    ])
    try hosts.far.type([
      ("echo 1 >/proc/sys/net/ipv4/ip_forward; ip route add \(near) via 10.200.9.1", 0, "")
    ])
  }

  @Test("--bip 172.17 and 172.18, ip_forward and route add: closed but for published ports")
  func closed() throws {
    let hosts = try TwoHosts(near: #"{"bip":"172.17.0.1/16"}"#, far: #"{"bip":"172.18.0.1/16"}"#)
    try route(hosts, near: "172.17.0.0/16", far: "172.18.0.0/16")
    try hosts.near.type([("drydock run -d --name web -p 8080:80 \(RoutedHostTests.serve)", 0, "")])
    try hosts.far.type([
      ("drydock run -d --name cli busybox sleep 1000", 0, ""),
      ("drydock exec cli timeout 5 wget -qO- http://10.200.9.1:8080/", 0, "it works"),
      ("drydock exec cli ping -c 1 -W 1 172.17.0.2", 1, "0 packets received"),
    ])
    try hosts.expectClean()
  }

  @Test("The same with allow-direct-routing: TTL 62, and a payload of the cable's MTU less 28")
  func open() throws {
    let hosts = try TwoHosts(
      near: #"{"bip":"172.17.0.1/16","allow-direct-routing":true}"#,
      far: #"{"bip":"172.18.0.1/16","allow-direct-routing":true}"#)
    try route(hosts, near: "172.17.0.0/16", far: "172.18.0.0/16")
    try hosts.near.type([("drydock run -d --name web \(RoutedHostTests.serve)", 0, "")])
    try hosts.far.type([
      ("drydock run -d --name cli busybox sleep 1000", 0, ""),
      // Two routers are on the way: both hosts.
      ("drydock exec cli ping -c 1 -W 2 172.17.0.2", 0, "ttl=62"),
      ("drydock exec cli timeout 5 wget -qO- http://172.17.0.2/", 0, "it works"),
    ])
    let mtu = try hosts.mtu("ip -o link show cable", on: hosts.far)
    try hosts.expectWhole(mtu - 28, to: "172.17.0.2", from: "cli", on: hosts.far)
    // What leaves the host carries its address all the same, as under Docker.
    try hosts.near.type([("drydock logs web 2>&1", 0, "10.200.9.2")])
    try hosts.expectClean()
  }

  @Test("gateway_mode=routed: the same, and addresses are unchanged")
  func routed() throws {
    let hosts = try TwoHosts(near: "{}", far: "{}")
    let create = "drydock network create -o gateway_mode=routed"
    try route(hosts, near: "10.200.21.0/24", far: "10.200.22.0/24")
    try hosts.near.type([
      ("\(create) --subnet 10.200.21.0/24 lan", 0, ""),
      ("drydock run -d --name web --network lan \(RoutedHostTests.serve)", 0, ""),
    ])
    try hosts.far.type([
      ("\(create) --subnet 10.200.22.0/24 lan", 0, ""),
      ("drydock run -d --name cli --network lan busybox sleep 1000", 0, ""),
      ("drydock exec cli ping -c 1 -W 2 10.200.21.2", 0, "ttl=62"),
      ("drydock exec cli timeout 5 wget -qO- http://10.200.21.2/", 0, "it works"),
    ])
    try hosts.near.type([("drydock logs web 2>&1", 0, "10.200.22.2")])
    try hosts.expectClean()
  }
}
