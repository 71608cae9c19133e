import Linux
import Networks
import Testing

/// What goes by which way through a published port.
@Suite(.enabled(if: NetworkStage.isReady, NetworkStage.reason))
struct RelayTests {
  /// A line of proc_pid_status(5), without its name.
  private func status(_ pid: Int32, _ key: String) throws -> Substring {
    let line = try File.text("/proc/\(pid)/status").lines.first { $0.hasPrefix(key + ":\t") }
    return try #require(line).dropFirst(key.count + 2)
  }

  /// How often a process has begun to wait: each wake-up ends with it.
  private func waits(_ pid: Int32) throws -> Int {
    try #require(Int(status(pid, "voluntary_ctxt_switches")))
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
      // What it was told last has woken it already: when it sleeps it has heard all.
      #expect(try eventually { try status(ports.pid, "State").hasPrefix("S") })
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
