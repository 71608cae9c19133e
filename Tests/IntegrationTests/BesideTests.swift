import Linux
import Testing

/// Others who make networks on the same host: what they made stays as it is and works on.
@Suite(
  "Networks beside others'",
  .enabled(if: NetworkHost.isReady && Docker.isInstalled, "needs what NetworkHost and Docker need"))
struct BesideTests {
  private static let serve = ["sh", "-c", "echo theirs >/tmp/index.html; httpd -f -p 80 -h /tmp"]

  /// Everybody's rules but ours, without their counters.
  private func others(on host: NetworkHost) throws -> String {
    try host.said(
      "for t in $(nft list tables | grep -v ' drydock' | sed 's/table //; s/ /:/'); do"
        + " nft -s list table ${t%:*} ${t#*:}; done | sed 's/counter packets .* bytes [0-9]*/counter/'"
    )
  }

  @Test(
    "dockerd, whose FORWARD drops: its port works on, its rules are as before, and we say what to do"
  )
  func docker() throws {
    let hosts = try TwoHosts(near: #"{"bip":"10.200.17.1/24"}"#, far: "{}")
    let (near, far) = (hosts.near, hosts.far)
    // dockerd closes FORWARD where it is the one who turns forwarding on.
    try near.type([("echo 0 >/proc/sys/net/ipv4/ip_forward", 0, "")])
    try Docker.use(on: near) { docker in
      let theirs = try docker.run(
        "-d", "--name=theirs", "-p", "8081:80", command: BesideTests.serve)
      #expect(theirs.code == 0, "\(theirs.error)")
      func expectTheirs() throws {
        #expect(
          try eventually {
            try far.type("timeout 5 busybox wget -qO- http://10.200.9.1:8081/").output == "theirs\n"
          })
      }
      try expectTheirs()
      let before = try others(on: near)
      #expect(before.contains("hook forward priority filter; policy drop;"))
      let ours = "busybox sh -c 'echo ours >/tmp/index.html; exec httpd -f -p 80 -h /tmp'"
      try near.type([
        ("drydock network create --subnet 10.200.5.0/24 lan 2>&1", 0, "ip filter FORWARD drops"),
        ("drydock run -d --name web --network lan -p 8080:80 \(ours)", 0, ""),
        // The host itself is not forwarded.
        ("timeout 5 busybox wget -qO- http://127.0.0.1:8080/", 0, "ours"),
        ("drydock network trace --from 10.200.9.2 10.200.9.1:8080", 1, "FORWARD"),
      ])
      try far.type([("timeout 2 busybox wget -qO- http://10.200.9.1:8080/", 124, "")])
      try expectTheirs()
      #expect(try others(on: near) == before)
      // What was said, done.
      let bridge = try near.said("drydock network inspect -f '{{.Bridge}}' lan")
      try near.type([
        ("iptables -I DOCKER-USER -i \(bridge) -j ACCEPT", 0, ""),
        ("iptables -I DOCKER-USER -o \(bridge) -j ACCEPT", 0, ""),
        ("drydock network trace --from 10.200.9.2 10.200.9.1:8080", 0, ""),
      ])
      try far.type([("timeout 5 busybox wget -qO- http://10.200.9.1:8080/", 0, "ours")])
      try near.type([
        ("iptables -D DOCKER-USER -i \(bridge) -j ACCEPT", 0, ""),
        ("iptables -D DOCKER-USER -o \(bridge) -j ACCEPT", 0, ""),
        ("drydock rm -f web", 0, ""), ("drydock network rm lan", 0, "lan"),
      ])
      #expect(try others(on: near) == before)
      try expectTheirs()
    }
    try near.type([("ip link delete docker0; nft flush ruleset", 0, "")])
    try hosts.expectClean()
  }
}
