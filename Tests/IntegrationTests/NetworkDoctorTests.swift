import Linux
import Testing

/// What is changed underneath networks: `doctor` says so, and puts it right.
@Suite(.enabled(if: NetworkHost.isReady, NetworkHost.reason))
struct NetworkDoctorTests {
  private static let server =
    "busybox sh -c 'echo it works >/tmp/index.html; exec httpd -f -p 80 -h /tmp'"

  /// A network with two containers, one of which publishes a port.
  private func host() throws -> NetworkHost {
    let host = try NetworkHost()
    try host.type([
      ("drydock network create --subnet 10.200.16.0/24 lan", 0, ""),
      (
        "drydock run -d --name web --network lan -p 8080:80 \(NetworkDoctorTests.server)", 0, ""
      ),
      ("drydock run -d --name client --network lan busybox sleep 1000", 0, ""),
      ("drydock doctor", 0, "Nothing was left behind."),
    ])
    return host
  }

  private func expectWorking(_ host: NetworkHost) throws {
    #expect(
      try eventually {
        try host.type("drydock exec client wget -qO- http://web/").output == "it works\n"
      })
    let answer = try host.type("busybox wget -qO- http://127.0.0.1:8080/")
    #expect(answer.output == "it works\n", "\(answer.error)")
    try host.type([("drydock doctor", 0, "Nothing was left behind.")])
  }

  @Test("A bridge deleted underneath: made again, and the living are attached to it")
  func bridge() throws {
    let host = try host()
    try host.type([
      ("ip link delete $(drydock network inspect -f '{{.Bridge}}' lan)", 0, ""),
      ("drydock exec client ping -c 1 -W 1 10.200.16.1", 1, ""),
      ("drydock doctor --dry-run", 1, "network lan: its bridge"),
      ("drydock doctor", 0, "mending"), ("drydock doctor", 0, ""),
    ])
    try expectWorking(host)
    try host.expectClean()
  }

  @Test("The rules flushed underneath: made again, with those of published ports")
  func rules() throws {
    let host = try host()
    try host.type([
      ("nft flush ruleset", 0, ""),
      ("drydock doctor --dry-run", 1, "no rules lead 0.0.0.0:8080"),
      ("drydock doctor", 0, "network lan: its rules are gone: mending"),
      ("nft list ruleset | grep -c 'tcp . 8080'", 0, ""),
    ])
    try expectWorking(host)
    try host.expectClean()
  }

  @Test("Elements of a container that ended while its relay was killed are removed")
  func leftElements() throws {
    let host = try host()
    try host.type([
      host.killing("drydock-publish"),
      ("drydock rm -f web", 0, "web"), ("nft list ruleset | grep -c 'tcp . 8080'", 0, ""),
      ("drydock doctor", 0, "elements of what is gone: mending"),
      ("nft list ruleset | grep -c 'tcp . 8080'; true", 0, "0"),
      ("drydock doctor", 0, "Nothing was left behind."),
    ])
    try host.expectClean()
  }

  @Test("The relay of a living container killed underneath: one runs again, at the same ports")
  func relay() throws {
    let host = try host()
    try host.type([
      host.killing("drydock-publish"),
      ("drydock doctor --dry-run", 1, "nobody holds 0.0.0.0:8080"),
      ("drydock doctor", 0, "mending"),
      ("drydock run --rm -p 8080:80 busybox true", 125, "port is already allocated"),
    ])
    try expectWorking(host)
    try host.type([("busybox wget -qO- 'http://[::1]:8080/'", 0, "it works")])
    try host.expectClean()
  }

  @Test("The name server killed underneath: one runs again")
  func names() throws {
    let host = try host()
    try host.type([
      host.killing("drydock-dns"),
      ("drydock doctor", 0, "no name server runs: mending"),
    ])
    try expectWorking(host)
    try host.expectClean()
  }
}
