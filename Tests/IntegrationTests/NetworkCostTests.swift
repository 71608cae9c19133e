import Linux
import Testing

/// What networks cost that no other work on the machine changes: programs, calls, wake-ups.
///
/// Times are in `Benchmarks/run network`.
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
      host, "execve", "run", "-d", "--name", "web", "--network", "bridge", "-p", "8080:80",
      "busybox", "sleep", "1000")
    // drydock-publish, and drydock-rules once, for the elements.
    #expect(published.filter { $0.contains("/drydock-publish\"") }.count == 1, "\(published)")
    #expect(published.filter { $0.contains("/drydock-rules\"") }.count == 1, "\(published)")
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

/// What goes by which way through a published port.
@Suite(.enabled(if: NetworkStage.isReady, NetworkStage.reason))
struct RelayTests {
  /// How often a process has begun to wait (proc_pid_status(5)): each wake-up ends with it.
  private func waits(_ pid: Int32) throws -> Int {
    let line = try File.text("/proc/\(pid)/status").lines.first {
      $0.hasPrefix("voluntary_ctxt_switches:")
    }
    return try #require(line?.split(separator: "\t").last.flatMap { Int($0) })
  }

  private func on(_ body: (NetworkStage, NetworkStage.Publication) throws -> Void) throws {
    let stage = try NetworkStage()
    let echo = try EchoServer(stage, stage.one, "one", port: 80)
    try stage.apply(stage.bridge().up(in: stage.table))
    let ports = try stage.publish("a", ["8080:80"])
    do { try body(stage, ports) } catch { Issue.record(error) }
    echo.stop()
    try stage.end()
  }

  @Test func theProxySleepsWhileTheKernelTranslates() throws {
    try on { stage, ports in
      let bytes = [UInt8](repeating: 7, count: 1 << 20)
      let before = try waits(ports.pid)
      for (place, address) in [(stage.outside, "192.168.5.1"), (stage.host, "127.0.0.1")] {
        #expect(try stage.inside(place) { try Echo.tcp(address, 8080, bytes) }?.isWhole == true)
      }
      #expect(try waits(ports.pid) == before)
      // The same measure does see it at work.
      #expect(try stage.inside(stage.host) { try Echo.tcp("::1", 8080, bytes) }?.isWhole == true)
      #expect(try waits(ports.pid) > before)
    }
  }

  /// The end of a client's bytes comes in any turn of the proxy, also in the last one before it looks
  /// at others.
  @Test func everyLengthEnds() throws {
    try on { stage, _ in
      for turn in 1...60 {
        let bytes = [UInt8](repeating: UInt8(turn), count: turn * 51_001)
        let echo = try stage.inside(stage.host) { try Echo.tcp("::1", 8080, bytes) }
        #expect(echo?.isWhole == true, "\(bytes.count) bytes")
      }
    }
  }
}
