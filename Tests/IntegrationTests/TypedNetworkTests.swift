import Linux
import Testing

/// What notes about Docker type of networks, with `drydock` for `docker`, on a host that nobody has
/// set up: the addresses are Docker's own.
@Suite("The notes' command lines, networks", .enabled(if: NetworkHost.isReady, NetworkHost.reason))
struct TypedNetworkTests {
  let host: NetworkHost

  init() throws { host = try NetworkHost("{}") }

  @Test("The default bridge: 172.17.0.1, 02:42, one address after the other")
  func bridge() throws {
    try host.type([
      ("drydock network ls", 0, "bridge   bridge   local"),
      ("drydock network inspect bridge", 0, "\"Gateway\": \"172.17.0.1\""),
      ("drydock run --rm busybox ifconfig eth0", 0, "HWaddr 02:42:AC:11:00:02"),
      ("drydock run --rm busybox route -n", 0, "172.17.0.1"),
      ("drydock run -itd --name one busybox", 0, ""),
      ("drydock run -itd --name two busybox", 0, ""),
      ("drydock inspect -f '{{.NetworkSettings.IPAddress}}' two", 0, "172.17.0.3"),
      ("drydock exec one ping -c 1 -W 2 172.17.0.3", 0, "1 packets received"),
      ("drydock exec one ping -c 1 -W 2 two", 1, "bad address"),
      ("ip addr show drydock0 2>/dev/null || ip -br addr", 0, "172.17.0.1/16"),
    ])
    try host.expectClean()
  }

  @Test("A network with a subnet; --ip stays over a restart; removal is refused while in use")
  func staticAddress() throws {
    try host.type([
      ("drydock network create --subnet=192.168.0.0/16 staticnet", 0, ""),
      ("drydock run -itd --name ub --net staticnet --ip 192.168.0.2 busybox", 0, ""),
      ("drydock exec ub ip addr", 0, "192.168.0.2/16"), ("drydock restart -t 0 ub", 0, "ub"),
      ("drydock exec ub ip addr", 0, "192.168.0.2/16"),
      ("drydock network rm staticnet", 1, "has active endpoints"),
      ("drydock network create -d bridge mynet", 0, ""),
      ("drydock network connect mynet ub", 0, ""), ("drydock network disconnect mynet ub", 0, ""),
      ("drydock network inspect mynet", 0, "\"Driver\": \"bridge\""),
      ("drydock stop -t 0 ub", 0, ""), ("drydock network rm staticnet mynet", 0, "staticnet"),
      ("drydock network prune -f", 0, ""),
    ])
    try host.expectClean()
  }

  @Test("host, none, container:ID")
  func modes() throws {
    try host.type([
      ("drydock run --rm --net=host busybox ip -br link 2>&1 | wc -l", 0, ""),
      ("drydock run --rm --net=none busybox ls /sys/class/net", 0, "lo"),
      ("drydock run -itd --name base busybox", 0, ""),
      ("drydock run --rm --net=container:base busybox ip addr", 0, "172.17.0.2/16"),
    ])
    try host.expectClean()
  }

  @Test("Ports: 8080:80, 3307:3306, ip::c, ip:h:c, /udp, several, -P, port")
  func ports() throws {
    try host.type([
      (
        "drydock run -itd --name web -p 8080:80 -p 3307:3306 -p 127.0.0.1::22"
          + " -p 127.0.0.1:8989:80 -p 5300:53/udp busybox", 0, ""
      ),
      ("drydock port web", 0, "3306/tcp -> 0.0.0.0:3307"),
      ("drydock port web 80", 0, "0.0.0.0:8080"),
      ("drydock port web 80", 0, "127.0.0.1:8989"), ("drydock port web 53/udp", 0, "0.0.0.0:5300"),
      ("drydock port web 22", 0, "127.0.0.1:327"),
      ("drydock run -itd --name all -P --expose 80 busybox", 0, ""),
      ("drydock port all 80", 0, "0.0.0.0:327"), ("drydock ps", 0, "0.0.0.0:8080->80/tcp"),
    ])
    try host.expectClean()
  }

  @Test("--link: environment, hosts file; --add-host, --dns, --hostname")
  func link() throws {
    try host.type([
      ("drydock run -itd --name db --expose 3306 busybox", 0, ""),
      (
        "drydock run --rm --link db:mysql busybox env", 0,
        "MYSQL_PORT_3306_TCP=tcp://172.17.0.2:3306"
      ),
      ("drydock run --rm --link db:mysql busybox cat /etc/hosts", 0, "172.17.0.2\tmysql"),
      ("drydock run --rm --link db busybox ping -c 1 -W 2 db", 0, "1 packets received"),
      ("drydock run --rm --add-host h:10.9.9.9 busybox cat /etc/hosts", 0, "10.9.9.9\th"),
      ("drydock run --rm --dns 10.9.9.9 busybox cat /etc/resolv.conf", 0, "nameserver 10.9.9.9"),
      ("drydock run --rm -h web busybox cat /etc/hosts", 0, "172.17.0.3\tweb"),
    ])
    try host.expectClean()
  }

  @Test("By hand: namespaces, a veth pair, addresses, a ping, as `ip netns` does it")
  func hand() throws {
    try host.type([
      ("ip link add test2 type veth peer name test3", 0, ""),
      ("ip addr add 192.168.1.1/24 dev test2 && ip link set test2 up", 0, ""),
      (
        "unshare -n sleep 1000 & echo $! >pid; sleep 0.3; ip link set test3 netns $(cat pid)", 0, ""
      ),
      (
        "nsenter -t $(cat pid) -n sh -c 'ip addr add 192.168.1.2/24 dev test3;"
          + " ip link set test3 up'", 0, ""
      ),
      ("busybox ping -c 1 -W 2 192.168.1.2", 0, "1 packets received"),
      ("kill $(cat pid)", 0, ""),
    ])
    // One end went with its namespace, and the other with it.
    #expect(try eventually { !(try host.type("ip -br link").output.contains("test2")) })
    try host.expectClean()
  }
}

/// The daemon's settings of the notes: `--bip`, `-b`, `--icc=false`.
@Suite(.enabled(if: NetworkHost.isReady, NetworkHost.reason))
struct NetworkSettingsTests {
  @Test("bip, bridge, fixed-cidr, mtu")
  func bip() throws {
    let host = try NetworkHost(
      #"{"bip":"172.18.0.1/16","bridge":"br0","fixed-cidr":"172.18.7.0/24","mtu":1400}"#)
    try host.type([
      ("drydock run --rm busybox ip addr", 0, "inet 172.18.7.0/16"),
      ("drydock run --rm busybox ip link", 0, "mtu 1400"), ("ip -br addr", 0, "br0"),
    ])
    try host.expectClean()
  }

  @Test("icc=false, default-address-pools, default-network")
  func others() throws {
    let host = try NetworkHost(
      #"{"bip":"10.200.0.1/24","icc":false,"#
        + #""default-address-pools":[{"base":"10.200.64.0/18","size":24}]}"#)
    try host.type([
      ("drydock run -d --name one busybox sleep 1000", 0, ""),
      ("drydock run --rm busybox ping -c 1 -W 1 10.200.0.2", 1, "0 packets received"),
      ("drydock network create a1", 0, ""), ("drydock network create a2", 0, ""),
      ("drydock network inspect a1 a2", 0, "10.200.65.0/24"),
    ])
    try host.expectClean()
  }

  @Test(
    "icc=false with --link: the exposed port alone, that way alone, as long as both are who they were"
  )
  func links() throws {
    let host = try NetworkHost(#"{"bip":"10.200.0.1/24","icc":false}"#)
    let serve = "sh -c 'httpd -p 81; exec httpd -f -p 80'"
    try host.type([
      ("drydock run -d --name web --expose 80 busybox \(serve)", 0, ""),
      ("drydock run -d --name app --link web:www busybox sleep 1000", 0, ""),
      ("drydock exec app timeout 5 wget -qO- http://www/ 2>&1", 1, "404"),
      ("drydock exec app timeout 2 wget -qO- http://www:81/ 2>&1", 143, ""),
      ("drydock exec web ping -c 1 -W 1 10.200.0.3", 1, "0 packets received"),
      // The other one starts again: the way to it stays.
      ("drydock restart -t 0 web", 0, "web"),
      ("drydock exec app timeout 5 wget -qO- http://www/ 2>&1", 1, "404"),
      // Somebody else gets its address: no way leads to him.
      ("drydock rm -f web", 0, "web"), ("drydock run -d --name new busybox \(serve)", 0, ""),
      ("drydock inspect -f '{{.NetworkSettings.IPAddress}}' new", 0, "10.200.0.2"),
      ("drydock exec app timeout 2 wget -qO- http://10.200.0.2/ 2>&1", 143, ""),
    ])
    try host.expectClean()
  }

  @Test(arguments: [
    (#"{"bip":"10.200.0/24"}"#, "bip"), (#"{"icc":1}"#, "icc"), (#"{"#, "daemon.json"),
    (#"{"default-address-pools":[{"base":"10.200.0.0/16","size":8}]}"#, "pool"),
  ])
  func damaged(text: String, words: String) throws {
    let host = try NetworkHost(text)
    let outcome = try host.type("drydock run --rm busybox true")
    #expect(outcome.code == 125 && outcome.error.contains(words), "\(outcome)")
    try File.replace(host.scratch + "/root/daemon.json", with: "{}".utf8)
    try host.expectClean()
  }
}
