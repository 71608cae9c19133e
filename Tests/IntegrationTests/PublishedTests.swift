import Linux
import Testing

/// Published ports and names, as people use them: each test on a host of its own.
@Suite("Ports and names", .enabled(if: NetworkHost.isReady, NetworkHost.reason))
struct PublishedTests {
  private static let server =
    "busybox sh -c 'echo it works >/tmp/index.html; exec httpd -f -p 80 -h /tmp'"

  /// Asks until the server inside listens; then every other way works at once.
  private func asks(_ host: NetworkHost, _ address: String) throws -> Bool {
    try eventually {
      try host.type("busybox wget -qO- http://\(address)/").output == "it works\n"
    }
  }

  @Test("From the host's addresses, from loopback in both families, from another container")
  func everyWay() throws {
    let host = try NetworkHost()
    try host.type([
      ("drydock network create --subnet 10.200.16.0/24 one", 0, ""),
      ("drydock run -d --name web --network one -p 8080:80 \(PublishedTests.server)", 0, ""),
    ])
    for place in ["10.200.16.2", "127.0.0.1:8080", "10.200.16.1:8080", "[::1]:8080"] {
      #expect(try asks(host, place), "\(place)")
    }
    // Hairpin: by the host's port to a neighbour, and to itself.
    let ask = "busybox wget -qO- http://10.200.16.1:8080/"
    try host.type([
      ("drydock run --rm --network one \(ask)", 0, "it works"),
      ("drydock exec web wget -qO- http://10.200.16.1:8080/", 0, "it works"),
      // Another network comes by the host too.
      ("drydock run --rm \(ask)", 0, "it works"),
      ("drydock port web", 0, "80/tcp -> 0.0.0.0:8080\n80/tcp -> [::]:8080"),
      ("drydock port web 80", 0, "0.0.0.0:8080"), ("drydock port web 80/tcp", 0, "0.0.0.0:8080"),
      ("drydock port web 81", 1, "No public port '81/tcp' published for web"),
      ("drydock port web x", 1, "Invalid port: x"),
      ("drydock ps --format '{{.Ports}}'", 0, "0.0.0.0:8080->80/tcp, [::]:8080->80/tcp"),
      (
        "drydock inspect -f '{{(index (index .NetworkSettings.Ports \"80/tcp\") 0).HostPort}}' web",
        0,
        "8080"
      ),
    ])
    try host.expectClean()
  }

  @Test("A taken port is refused before there is a container; it is free when its container ends")
  func taken() throws {
    let host = try NetworkHost()
    try host.type([
      ("drydock run -d --name web -p 8080:80 busybox sleep 1000", 0, ""),
      (
        "drydock run --name other -p 8080:80 busybox true", 125,
        "Bind for 0.0.0.0:8080 failed: port is already allocated"
      ),
      ("drydock run -d --name own -p 8081:80 busybox sleep 1000", 0, ""),
      ("drydock ps -aq | wc -l", 0, "2"),
      ("drydock create --name later -p 8080:80 busybox sleep 1000", 0, ""),
      ("drydock start later", 1, "port is already allocated"),
      ("drydock stop -t 0 web", 0, "web"),
    ])
    #expect(try eventually { try host.type("drydock start later").code == 0 })
    try host.expectClean()
  }

  @Test(arguments: [
    ("-p 8000-8002:80-81", "Invalid ranges specified for container and host Ports"),
    ("-p 70000:80", "port"), ("-p 0", "port"), ("-p x:80", "port"), ("-p 80:80/icmp", "proto"),
    ("-p 300.1.1.1:80:80", "300.1.1.1"), ("-p 10.99.99.99:8080:80", "10.99.99.99"),
    ("--link nobody:x", "nobody"), ("--link :x", "bad format"),
    ("--add-host x", "bad format for add-host"), ("--dns x", "x"),
  ])
  func refused(flags: String, words: String) throws {
    let host = try NetworkHost()
    let outcome = try host.type("drydock run --rm \(flags) busybox true")
    #expect(outcome.code == 125, "\(outcome)")
    #expect(outcome.error.contains(words), "\(outcome.error)")
    #expect(try host.said("drydock ps -aq") == "")
    try host.expectClean()
  }

  @Test("-P publishes what is exposed from port 32768 on; ranges pair up; UDP is UDP")
  func forms() throws {
    let host = try NetworkHost()
    try host.type([
      ("drydock run -d --name all -P --expose 80 --expose 53/udp busybox sleep 1000", 0, ""),
      ("drydock port all 80", 0, "0.0.0.0:32768"), ("drydock port all 53/udp", 0, "0.0.0.0:32768"),
      ("drydock run -d --name more -P --expose 80 busybox sleep 1000", 0, ""),
      ("drydock port more 80", 0, "0.0.0.0:32769"),
      ("drydock run -d --name range -p 8000-8001:80-81 -p 127.0.0.1::90 busybox sleep 1000", 0, ""),
      ("drydock port range 81", 0, "0.0.0.0:8001"), ("drydock port range 90", 0, "127.0.0.1:32"),
    ])
    try host.expectClean()
  }

  @Test("Rules flushed by somebody: the proxy goes on; SIGKILL of the proxy: the kernel goes on")
  func flushed() throws {
    let host = try NetworkHost()
    try host.type([("drydock run -d --name web -p 8080:80 \(PublishedTests.server)", 0, "")])
    #expect(try asks(host, "127.0.0.1:8080"))
    try host.type([("nft flush ruleset", 0, "")])
    #expect(try asks(host, "127.0.0.1:8080"))
    try host.type([("drydock rm -f web", 0, "")])
    try host.expectClean()
  }

  @Test("Names on user-defined networks, by name and alias; none on the default one but by --link")
  func names() throws {
    let host = try NetworkHost()
    try host.type([
      ("drydock network create --subnet 10.200.16.0/24 one", 0, ""),
      (
        "drydock run -d --name web --network one --network-alias www"
          + " --add-host out:10.9.9.9 busybox sleep 1000", 0, ""
      ),
      ("drydock run --rm --network one busybox ping -c 1 -W 2 web", 0, "1 packets received"),
      ("drydock run --rm --network one busybox ping -c 1 -W 2 www", 0, "1 packets received"),
      ("drydock exec web cat /etc/resolv.conf", 0, "nameserver 10.200.16.1"),
      ("drydock exec web cat /etc/hosts", 0, "10.9.9.9\tout"),
      (
        "drydock run --rm --network one --link web:short busybox ping -c 1 -W 2 short", 0,
        "received"
      ),
      ("drydock run -d --name db -e X=1 --expose 5432 busybox sleep 1000", 0, ""),
      ("drydock run --rm busybox ping -c 1 -W 2 db", 1, "bad address"),
      ("drydock run --rm --link db:data busybox ping -c 1 -W 2 data", 0, "1 packets received"),
      ("drydock run --rm --link db:data busybox env", 0, "DATA_PORT_5432_TCP_ADDR=10.200.0.2"),
      ("drydock run --rm --link db:data busybox env", 0, "DATA_ENV_X=1"),
      // A name comes with a network, and goes with it.
      ("drydock network connect one db", 0, ""),
      ("drydock exec web ping -c 1 -W 2 db", 0, "1 packets received"),
      ("drydock exec db ping -c 1 -W 2 web", 0, "1 packets received"),
      ("drydock network disconnect one db", 0, ""),
      ("drydock exec web ping -c 1 -W 2 db", 1, "bad address"),
      ("drydock stop -t 0 web", 0, ""),
      ("drydock run --rm --network one busybox ping -c 1 -W 2 web", 1, "bad address"),
    ])
    try host.expectClean()
  }

  @Test("SIGKILL of the name server: the next start has one again")
  func killedServer() throws {
    let host = try NetworkHost()
    try host.type([
      ("drydock network create --subnet 10.200.16.0/24 one", 0, ""),
      ("drydock run -d --name web --network one busybox sleep 1000", 0, ""),
      host.killing("drydock-dns"),
      ("drydock run --rm --network one busybox ping -c 1 -W 2 web", 0, "1 packets received"),
    ])
    try host.expectClean()
  }
}
