import Linux
import Networks
import Testing

/// Who ends a publication, and what is left of it.
extension PortTests {
  private func elements() throws -> [RuleListing.Element] {
    let (rules, table) = (stage.rules, stage.table)
    let listing = try stage.inside(stage.host) { try rules.list(table) }
    return try #require(listing).stale(ofContainersBut: [])
  }

  @Test func itEndsWithItsKeeper() throws {
    let before = try stage.ruleset()
    let ports = try stage.publish("a", ["8080:80"])
    let file = try PublishedPorts.parse(File.read(PublishedPorts.path(ports.directory)))
    #expect(file.bindings == ports.bindings)
    #expect(file.rules.count == 2)
    #expect(try !elements().isEmpty)
    #expect(try !ports.hasEnded(within: 0))
    try ports.keeper.signal(Signal.kill)
    #expect(try ports.hasEnded())
    #expect(try stage.ruleset() == before)
    #expect(try File.list(ports.directory) == ["ports.json"])
    // The port is free at once.
    _ = try stage.publish("b", ["8080:80"])
  }

  @Test func whenTheKeeperIsKilledTheContainerKeeps() throws {
    let container = try Running(["/bin/busybox", "sleep", "1000"])
    let file = stage.scratch + "/pid"
    let start = try #require(Processes.startTime(container.pid))
    try File.replace(file, with: "\(container.pid) \(start)\n".utf8)
    let ports = try stage.publish("a", ["8080:80"], pidFile: file)
    try ports.keeper.signal(Signal.kill)
    // It looks at the file when the keeper has ended; then it waits for the other.
    #expect(try !ports.hasEnded(within: 300))
    #expect(try stage.inside(stage.outside) { try Echo.tcp("192.168.5.1", 8080) } != nil)
    try container.signal(Signal.kill)
    #expect(try ports.hasEnded())
    #expect(try elements().isEmpty)
  }

  @Test func aSignalEndsItCleanly() throws {
    let before = try stage.ruleset()
    let ports = try stage.publish("a", ["8080:80"])
    try Processes.kill(ports.pid, Signal.term)
    #expect(try ports.hasEnded())
    #expect(try stage.ruleset() == before)
  }

  @Test func whatAKilledOneLeavesCanBeFoundAndReplaced() throws {
    let before = try stage.ruleset()
    let ports = try stage.publish("a", ["8080:80", "192.168.5.1:8081:80"])
    try Processes.kill(ports.pid, Signal.kill)
    #expect(try ports.hasEnded())
    #expect(try Set(elements().map(\.comment)) == ["a"])
    // Whoever gets the port gets its element.
    let other = try stage.publish("b", ["8080:80"], addresses: ["10.200.0.3"])
    let echo = try EchoServer(stage, stage.two, "two", port: 80)
    defer { echo.stop() }
    #expect(try stage.inside(stage.outside) { try Echo.tcp("192.168.5.1", 8080) }?.name == "two")
    let (rules, table) = (stage.rules, stage.table)
    let script = try stage.inside(stage.host) {
      try #require(try rules.list(table)).removal(ofContainersBut: ["b"])
    }
    #expect(!script.isEmpty)
    try stage.apply(script)
    #expect(try Set(elements().map(\.comment)) == ["b"])
    try other.keeper.signal(Signal.kill)
    #expect(try other.hasEnded())
    #expect(try stage.ruleset() == before)
  }

  /// A client that goes on sending from one port: the kernel remembers where that went.
  @Test func datagramsFollowTheContainer() throws {
    let other = try DatagramEcho(stage, stage.two, "two", port: 53)
    defer { other.stop() }
    let client = try stage.inside(stage.outside) {
      let place = SocketAddress(try #require(IPAddress("192.168.5.1")), 5353)
      return try InternetSocket(.udp, connectingTo: place).release()
    }
    let socket = InternetSocket(
      owning: Descriptor(owning: client), .udp, named: SocketAddress(IPAddress(v4: 0), 0))
    func answers(_ name: String) -> Bool {
      eventually {
        // Nobody may be there now.
        _ = try? socket.send([104, 105])
        _ = try? Events.wait([socket.raw], milliseconds: 50)
        guard let got = try? socket.receive() else { return false }
        return String(decoding: got, as: UTF8.self).hasPrefix(name + " ")
      }
    }
    let first = try stage.publish("a", ["5353:53/udp"])
    #expect(answers("one"))
    try first.keeper.signal(Signal.kill)
    #expect(try first.hasEnded())
    let second = try stage.publish("b", ["5353:53/udp"], addresses: ["10.200.0.3"])
    #expect(answers("two"))
    // The same when it had no time to clean up.
    try Processes.kill(second.pid, Signal.kill)
    #expect(try second.hasEnded())
    _ = try stage.publish("c", ["5353:53/udp"])
    #expect(answers("one"))
  }

  @Test func whenTheEngineIsGone() throws {
    let before = try stage.ruleset()
    let directory = try stage.directory("a", ["8080:80"])
    let program = Machine.binaries + "/drydock-publish"
    // Before `serve`: nothing is left.
    let early = try stage.inside(stage.host) {
      let link = try PublishLink(program: program, directory: directory)
      _ = try link.bound()
      return link.pid
    }
    #expect(eventually { Processes.startTime(early) == nil })
    #expect(try stage.ruleset() == before)
    #expect(try File.list(directory) == ["ports.json"])
    // After it: as long as somebody keeps the container.
    let alive = try FileLock(directory + "/alive")
    let target = PublishTarget(
      addresses: [try #require(IPAddress("10.200.0.2"))], bridge: "dd0", table: stage.table,
      pidFile: "/nowhere")
    let late = try stage.inside(stage.host) {
      let link = try PublishLink(program: program, directory: directory)
      _ = try link.bound()
      try link.serve(target)
      return link.pid
    }
    let handle = try Processes.handle(of: late)
    // Longer than the second between two looks.
    #expect(try Events.wait([handle.raw], milliseconds: 2500) == 0)
    #expect(try stage.inside(stage.outside) { try Echo.tcp("192.168.5.1", 8080) } != nil)
    alive.release()
    #expect(try Events.wait([handle.raw], milliseconds: 10_000) != 0)
    #expect(try stage.ruleset() == before)
  }

  @Test func withoutRulesNothingIsPublished() throws {
    try stage.apply(stage.table.remove)
    let error = #expect(throws: PublishError.self) { try self.stage.publish("a", ["8080:80"]) }
    #expect(error?.text.contains("drydock-test") == true)
    #expect(try stage.ruleset().isEmpty)
    // The port is free again.
    try stage.apply(stage.bridge().up(in: stage.table))
    _ = try stage.publish("a", ["8080:80"])
  }
}
