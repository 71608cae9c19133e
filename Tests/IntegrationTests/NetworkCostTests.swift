import Linux
import Testing

/// What networks cost that no other work on the machine changes: programs, calls, wake-ups.
///
/// Times are in `Benchmarks/run run network`.
@Suite(
  .enabled(if: NetworkHost.isReady, NetworkHost.reason),
  .enabled(if: File.exists("/usr/bin/strace"), "needs Debian's strace"))
struct NetworkCostTests {
  /// The calls of one kind of a `drydock` command that succeeds, a line each.
  private func calls(
    _ host: NetworkHost, _ kinds: String, _ words: String...
  ) throws -> [String] {
    let trace = host.scratch + "/trace"
    let outcome = try host.enter(
      ["/usr/bin/strace", "-f", "-qq", "-e", "signal=none", "-e", "trace=" + kinds, "-o", trace]
        + [Machine.binaries + "/drydock"] + host.roots + words)
    try #require(outcome.code == 0, "\(words): \(outcome.error)")
    return try File.text(trace).lines.filter { !$0.contains("resumed>") }
  }

  /// The bridge, its rules and the name server are there: nobody else is started for a container.
  @Test func aStartOnANetworkThatIsReadyStartsNothingElse() throws {
    let host = try NetworkHost()
    try host.type([
      ("drydock network create --subnet 10.200.16.0/24 one", 0, ""),
      ("drydock run -d --name keeps --network one busybox sleep 1000", 0, ""),
      ("drydock run --rm --network bridge busybox true", 0, ""),
    ])
    for network in ["bridge", "one"] {
      let programs = try calls(
        host, "execve", "run", "--rm", "--network", network, "busybox", "true")
      // The command, the runtime, the program.
      #expect(programs.count == 3, "\(network): \(programs)")
    }
    let published = try calls(
      host, "execve", "run", "--rm", "--network", "bridge", "-p", "8080:80", "busybox", "true")
    // drydock-publish, and drydock-rules for its elements: once to make, once to remove them.
    #expect(published.filter { $0.contains("/drydock-publish\"") }.count == 1, "\(published)")
    #expect(published.filter { $0.contains("/drydock-rules\"") }.count == 2, "\(published)")
    try host.expectClean()
  }

  /// The kernel cleans a network namespace up by itself (cleanup_net in net/core/net_namespace.c), some
  /// time after its last process: who asks for links or rules meanwhile would wait for it.
  @Test func removingAsksTheKernelNothingAboutNetworks() throws {
    let host = try NetworkHost()
    try host.type([
      ("drydock network create --subnet 10.200.16.0/24 one", 0, ""),
      ("drydock run -d --name bare --network none busybox sleep 1000", 0, ""),
      ("drydock run -d --name web --network one -p 8080:80 busybox sleep 1000", 0, ""),
    ])
    for name in ["bare", "web"] {
      let made = try calls(host, "execve,socket", "rm", "-f", name)
      let programs = made.filter { $0.contains(" execve(") }
      #expect(programs.count == 2, "\(name): \(programs)")  // the command, the runtime
      #expect(!made.contains { $0.contains("AF_NETLINK") }, "\(name): \(made)")
    }
    try host.expectClean()
  }

  /// A port is free when its container has ended, also for who asks at once.
  @Test func thePortOfAContainerThatHasEndedIsFree() throws {
    let host = try NetworkHost()
    for turn in 0..<8 {
      let outcome = try host.drydock(
        "run", "--rm", "--network", "bridge", "-p", "8080:80", "busybox", "true")
      #expect(outcome.code == 0, "\(turn): \(outcome.error)")
    }
    try host.expectClean()
  }
}
