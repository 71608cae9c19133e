import Linux
import Testing

/// The engine's own steps of networks fail once each, and the process dies there once: nothing may
/// stay that the next command does not put right.
@Suite(.enabled(if: NetworkHost.isReady, NetworkHost.reason))
struct NetworkFaultTests {
  /// Of `network create`, then of `network rm`.
  static let making = ["net.rules.add", "net.bridge.create", "net.address.add", "net.link.up"]
  static let removing = ["net.link.delete", "net.rules.remove"]
  static let steps = making + removing

  private static let create = "drydock network create --subnet 10.200.16.0/24"

  @Test(arguments: making) func failing(step: String) throws {
    let host = try NetworkHost()
    try host.type([
      ("\(NetworkFaultTests.create) --fault \(step):EIO lan1", 125, step),
      ("drydock network ls -q -f name=lan1 | wc -l", 0, "0"),
      ("ip -br link | grep -c br-; true", 0, "0"), ("nft list ruleset | wc -l", 0, "0"),
      ("\(NetworkFaultTests.create) lan1", 0, ""),
      ("drydock run --rm --network lan1 busybox ping -c 1 -W 2 10.200.16.1", 0, "1 packets"),
    ])
    try host.expectClean()
  }

  @Test(arguments: making) func dying(step: String) throws {
    let host = try NetworkHost()
    try host.type([
      ("\(NetworkFaultTests.create) --fault \(step):kill lan1", 137, ""),
      // It is written down; the first start makes what is missing.
      ("drydock run --rm --network lan1 busybox ping -c 1 -W 2 10.200.16.1", 0, "1 packets"),
      ("nft list ruleset | grep -c masquerade", 0, ""), ("drydock network rm lan1", 0, "lan1"),
    ])
    try host.expectClean()
  }

  @Test(arguments: removing) func failingToRemove(step: String) throws {
    let host = try NetworkHost()
    let flags = "--fault \(step)"
    try host.type([("\(NetworkFaultTests.create) lan1", 0, "")])
    let outcome = try host.type("drydock network rm \(flags):EIO lan1")
    #expect(outcome.code != 0 && outcome.error.contains(step), "\(outcome)")
    try host.type([("drydock network rm lan1", 0, "lan1")])
    try host.type([
      ("\(NetworkFaultTests.create) lan1", 0, ""),
      ("drydock network rm \(flags):kill lan1", 137, ""),
      ("drydock network rm lan1", 0, "lan1"),
    ])
    try host.expectClean()
  }
}
