import Linux
import Testing

@testable import LabKit

@Suite struct NetworkStateTests {
  private func state(_ link: String, _ others: [(command: String, text: String)] = [])
    -> NetworkState
  {
    NetworkState([(command: "ip -o -d link", text: link)] + others)
  }

  private let one = #"""
    1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN\    link/loopback 00:00:00:00:00:00
    7: veth0@if2: <BROADCAST,UP> mtu 1500 master br0\    link/ether aa:01:02:03:04:05 link-netnsid 0 \    veth \    bridge_slave state forwarding hold_timer    0.00 isolated off
    """#

  @Test func whatIsGivenByTurnOrLotIsLeftOut() {
    let other = #"""
      1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN\    link/loopback 00:00:00:00:00:00
      9: veth0@if4: <BROADCAST,UP> mtu 1500 master br0\    link/ether ee:0a:0b:0c:0d:0e link-netnsid 3 \    veth \    bridge_slave state forwarding hold_timer    0.71 isolated off
      """#
    let table = (
      "bridge fdb show", "aa:01:02:03:04:05 dev veth0 permanent\n02:42:0a:c8:00:02 dev veth0"
    )
    let again = (
      "bridge fdb show", "02:42:0a:c8:00:02 dev veth0\nee:0a:0b:0c:0d:0e dev veth0 permanent"
    )
    let near = ("ip neigh show", "10.200.0.2 dev br0 lladdr 02:42:0a:c8:00:02 REACHABLE")
    let old = ("ip neigh show", "10.200.0.2 dev br0 lladdr 02:42:0a:c8:00:02 STALE")
    #expect(state(one, [table, near]) == state(other, [again, old]))
    #expect(state(one, [table, near]).differences(from: state(other, [again, old])).isEmpty)
  }

  @Test(arguments: [
    ("mtu 1500", "mtu 1400"), ("<BROADCAST,UP>", "<BROADCAST>"), ("isolated off", "isolated on"),
    ("master br0", "master br1"), ("7: veth0", "7: veth1"), ("forwarding", "disabled"),
  ])
  func everythingElseCounts(_ from: String, _ to: String) {
    let changed = one.replacing(from, with: to)
    let differences = state(one).differences(from: state(changed))
    #expect(differences.count == 2, "\(differences)")
    #expect(differences.first?.hasPrefix("- ") == true && differences.last?.hasPrefix("+ ") == true)
  }

  @Test func anotherNeighbourOrRuleCounts() {
    let rule = ("nft list ruleset", "accept\ndrop")
    #expect(state(one, [rule]) != state(one, [("nft list ruleset", "drop\naccept")]))
    #expect(state(one, [rule]) != state(one, [("nft list ruleset", "accept")]))
    let learned = ("bridge fdb show", "02:42:0a:c8:00:02 dev veth0")
    #expect(
      state(one, [learned]) != state(one, [("bridge fdb show", "02:42:0a:c8:00:03 dev veth0")]))
  }

  @Test func linksAreRead() {
    let links = one.split(separator: "\n").compactMap { ListedLink($0) }
    #expect(links.map(\.text) == ["lo UP", "veth0 UP"])
    #expect(links.map(\.index) == [1, 7] && links.map(\.peer) == [nil, 2])
    #expect(links.map(\.master) == [nil, "br0"])
    #expect(links.map(\.hardware) == [nil, "aa:01:02:03:04:05"])
    #expect(ListedLink("2: eth0: <BROADCAST,LOWER_UP> mtu 1500")?.isUp == false)
    #expect(ListedLink("no link") == nil)
  }
}

/// A lab about networks on a machine whose switches are off: they stay so.
@Suite(.enabled(if: Command.isPossible)) struct OwnHostTests {
  /// The engine passes packets on, and so writes ip_forward where it makes a network: not here.
  @Test func theMachineStaysAsItIs() throws {
    let directory = "/tmp/labkit-host-\(Processes.current)-\(Clock.now)"
    try File.makeDirectories(directory)
    defer { do { try File.removeTree(directory) } catch { Issue.record("\(error)") } }
    let script = """
      set -e
      echo 0 > /proc/sys/net/ipv4/ip_forward
      look() { cat /proc/sys/net/ipv4/ip_forward; ip -o link; ip route show table all; \
      nft list ruleset; }
      look > \(directory)/before
      \(Command.path) --root \(Command.root) --run-root \(directory)/run lab start bridge --yes \
        --workdir \(directory)/work --lang en > \(directory)/text 2>&1
      look > \(directory)/after
      """
    let result = try Child.run("/usr/bin/unshare", ["unshare", "--net", "sh", "-c", script])
    let text = try File.text("\(directory)/text")
    #expect(result.status.code == 0, "\(text)")
    let before = try File.text("\(directory)/before")
    #expect(before.hasPrefix("0\n1: lo: "))
    #expect(try File.text("\(directory)/after") == before)
  }
}
