import Linux
import Networks
import Testing

/// Published ports: rules and proxy, between network namespaces.
@Suite(.enabled(if: NetworkStage.isReady, NetworkStage.reason))
final class PortTests {
  let stage: NetworkStage
  private let echo: EchoServer
  private let datagrams: DatagramEcho
  private let linksBefore: [String]

  init() throws {
    linksBefore = try File.list("/sys/class/net")
    stage = try NetworkStage()
    echo = try EchoServer(stage, stage.one, "one", port: 80)
    datagrams = try DatagramEcho(stage, stage.one, "one", port: 53)
    try stage.apply(stage.bridge().up(in: stage.table))
  }

  deinit {
    echo.stop()
    datagrams.stop()
    #expect(throws: Never.self) { try stage.end() }
    #expect((try? File.list("/sys/class/net")) == linksBefore)
  }

  /// Who reaches the ports by which address.
  private var ways: [(place: NetworkStage.Place, address: String)] {
    [
      (stage.outside, "192.168.5.1"), (stage.outside, "fd05::1"), (stage.host, "192.168.5.1"),
      (stage.host, "fd05::1"), (stage.host, "127.0.0.1"), (stage.host, "127.0.0.9"),
      (stage.host, "::1"), (stage.host, "10.200.0.1"), (stage.one, "192.168.5.1"),
      (stage.one, "10.200.0.1"), (stage.one, "fd05::1"), (stage.two, "192.168.5.1"),
      (stage.two, "10.200.0.1"), (stage.two, "fd05::1"),
    ]
  }

  @Test func everyWayIn() throws {
    let ports = try stage.publish("a", ["8080:80", "5353:53/udp"])
    #expect(
      ports.bindings.map(\.place) == ["0.0.0.0:8080", "[::]:8080", "0.0.0.0:5353", "[::]:5353"])
    for way in ways {
      let address = way.address
      let stream = try stage.inside(way.place) { try Echo.tcp(address, 8080) }
      #expect(stream?.name == "one" && stream?.isWhole == true, "TCP to \(address)")
      let datagram = try stage.inside(way.place) { try Echo.udp(address, 5353) }
      #expect(datagram?.name == "one" && datagram?.isWhole == true, "UDP to \(address)")
    }
    // By the kernel: the container sees who it is.
    let seen = try stage.inside(stage.outside) { try Echo.tcp("192.168.5.1", 8080) }
    #expect(seen?.peer == "192.168.5.2")
  }

  @Test func whenTheRulesAreFlushedTheProxyServes() throws {
    let ports = try stage.publish("a", ["8080:80", "5353:53/udp"])
    try stage.shell(stage.host, "nft flush ruleset")
    for way in ways {
      let address = way.address
      let stream = try stage.inside(way.place) { try Echo.tcp(address, 8080) }
      #expect(stream?.isWhole == true, "TCP to \(address)")
      #expect(stream?.peer == (address.contains(":") ? "fd77::1" : "10.200.0.1"))
      let datagram = try stage.inside(way.place) { try Echo.udp(address, 5353) }
      #expect(datagram?.isWhole == true, "UDP to \(address)")
    }
    // The rules can be made again, and the elements by SIGHUP.
    try stage.apply(stage.bridge().up(in: stage.table))
    try Processes.kill(ports.pid, 1)
    #expect(
      try eventually {
        try stage.inside(stage.outside) { try Echo.tcp("192.168.5.1", 8080) }?.peer
          == "192.168.5.2"
      })
  }

  @Test func aContainerWithoutIPv6() throws {
    let ports = try stage.publish("a", ["8080:80"], addresses: ["10.200.0.2"])
    #expect(ports.bindings.count == 2)
    for (place, address) in [(stage.outside, "fd05::1"), (stage.host, "::1")] {
      let stream = try stage.inside(place) { try Echo.tcp(address, 8080) }
      #expect(stream?.isWhole == true, "\(address)")
      #expect(stream?.peer == "10.200.0.1")
    }
  }

  @Test func onlyTheAddressThatWasGiven() throws {
    let ports = try stage.publish("a", ["127.0.0.1:8080:80", "[::1]:8081:80", "192.168.5.1::80"])
    let free = try #require(ports.bindings.last?.hostPort)
    #expect(PortMapping.free.contains(free))
    let host = stage.host
    let outside = stage.outside
    func reaches(_ place: NetworkStage.Place, _ address: String, _ port: UInt16) throws -> Bool {
      try stage.inside(place) { try Echo.tcp(address, port, within: 2000) } != nil
    }
    #expect(try reaches(host, "127.0.0.1", 8080))
    #expect(try !reaches(host, "192.168.5.1", 8080))
    #expect(try !reaches(outside, "192.168.5.1", 8080))
    #expect(try reaches(host, "::1", 8081))
    #expect(try !reaches(outside, "fd05::1", 8081))
    #expect(try reaches(outside, "192.168.5.1", free))
    #expect(try !reaches(host, "127.0.0.1", free))
    // A neighbour that sends to the host's loopback finds nothing either.
    try stage.shell(
      outside,
      """
      echo 1 > /proc/sys/net/ipv4/conf/eth0/route_localnet; ip address del 127.0.0.1/8 dev lo
      ip route add 127.0.0.1/32 via 192.168.5.1 src 192.168.5.2
      """)
    #expect(try !reaches(outside, "127.0.0.1", 8080))
    // Nor does a container, whose bridge lets such addresses pass.
    try stage.shell(
      stage.two,
      """
      echo 1 > /proc/sys/net/ipv4/conf/eth0/route_localnet; ip address del 127.0.0.1/8 dev lo
      ip route add 127.0.0.1/32 via 10.200.0.1 src 10.200.0.3
      """)
    #expect(try !reaches(stage.two, "127.0.0.1", 8080))
  }

  @Test func aTakenPortIsRefused() throws {
    let first = try stage.publish("a", ["8080:80"])
    try stage.shell(stage.host, "ip address add 192.168.5.9/24 dev eth0")
    let other = try stage.inside(stage.host) {
      let socket = try InternetSocket(.tcp, boundTo: SocketAddress(IPAddress(v4: 0), 9000))
      try socket.listen()
      return socket.release()
    }
    let socket = Descriptor(owning: other)
    // A container that lives holds its lock.
    let alive = try FileLock(first.directory + "/alive")
    let refusals = [
      ("8080:80", "Bind for 0.0.0.0:8080 failed: port is already allocated by container a"),
      ("[::1]:8080:80", "Bind for [::1]:8080 failed: port is already allocated by container a"),
      ("192.168.5.9:8080:80", "Bind for 192.168.5.9:8080 failed: port is already allocated"),
      ("9000:80", "Bind for 0.0.0.0:9000 failed: port is already allocated by "),
      ("192.168.5.77:80:80", "192.168.5.77 is not an address of this host"),
    ]
    for (port, expected) in refusals {
      let before = try stage.ruleset()
      let error = #expect(throws: PublishError.self) { try self.stage.publish("b", [port]) }
      #expect(error?.text.contains(expected) == true, "\(port): \(error?.text ?? "")")
      #expect(error?.text.contains("(process ") == (port == "192.168.5.77:80:80" ? false : true))
      #expect(error?.hint.isEmpty == false)
      #expect(try stage.ruleset() == before)
    }
    // One that is free in a range is taken, and all ports or none.
    let second = try stage.publish("c", ["8079-8081:80"])
    #expect(second.bindings.map(\.hostPort) == [8079, 8079])
    let third = try stage.publish("d", ["8079-8081:80"])
    #expect(third.bindings.map(\.hostPort) == [8081, 8081])
    #expect(throws: PublishError.self) { try self.stage.publish("e", ["8079-8081:80"]) }
    #expect(throws: PublishError.self) { try self.stage.publish("f", ["7000:80", "8080:80"]) }
    _ = try stage.publish("g", ["7000:80"])
    alive.release()
    _ = consume socket
  }

  @Test(.enabled(if: File.exists("/usr/bin/setpriv"), "needs Debian's util-linux"))
  func aPrivilegedPortWithoutTheRight() throws {
    let program = stage.scratch + "/drydock-publish"
    try File.replace(
      program,
      with: """
        #!/bin/sh
        exec setpriv --bounding-set=-net_bind_service \(Machine.binaries)/drydock-publish "$@"

        """.utf8, mode: 0o755)
    let directory = try stage.directory("a", ["80:80"])
    let text = try stage.inside(stage.host) { () throws -> String in
      let link = try PublishLink(program: program, directory: directory)
      do throws(PublishError) {
        _ = try link.bound()
        return "bound"
      } catch {
        return error.text + error.hint
      }
    }
    #expect(text.contains("Bind for 0.0.0.0:80 failed: permission denied"), "\(text)")
    #expect(text.contains("CAP_NET_BIND_SERVICE"))
  }

  // MARK: Bytes

  @Test func aHundredConnectionsAtOnceKeepTheirBytes() throws {
    _ = try stage.publish("a", ["8080:80"], addresses: ["10.200.0.2"])
    // Different lengths, none a multiple of a page; different bytes.
    let whole = try stage.inside(stage.host) {
      try Crowd.run(100) { index in
        let bytes = (0..<(200_003 + 7919 * index)).map {
          UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8 &+ index)
        }
        return try Echo.tcp("::1", 8080, bytes)?.isWhole ?? false
      }
    }
    #expect(whole == 100)
  }

  @Test func aResetIsPassedOn() throws {
    let ports = try stage.publish("a", ["8080:80"], addresses: ["10.200.0.9"])
    // Nobody has that address; then somebody has, but no such port.
    try stage.shell(stage.two, "ip address add 10.200.0.9/24 dev eth0")
    #expect(try stage.inside(stage.host) { try Echo.tcp("::1", 8080) } == nil)
    // And it goes on serving others.
    let other = try EchoServer(stage, stage.two, "two", port: 80)
    defer { other.stop() }
    #expect(try stage.inside(stage.host) { try Echo.tcp("::1", 8080) }?.name == "two")
    #expect(try !ports.hasEnded(within: 0))
  }
}
