import Linux
import Steps
import Testing

/// Containers that outlive the command that started them.
@Suite(.serialized, .enabled(if: Drydock.isReady, "needs root and the built executables"))
struct DetachedTests {
  private let drydock: Drydock

  init() throws { drydock = try Drydock() }

  @discardableResult
  private func drydock(_ words: String..., code: Int32 = 0) throws -> Drydock.Result {
    let result = try drydock.run(words)
    #expect(result.code == code, "\(words): \(result.error)")
    return result
  }

  /// One field of `inspect`.
  private func field(_ template: String, _ name: String) throws -> String {
    try drydock("inspect", "--format", template, name).output.trimmed
  }

  private func status(_ name: String) throws -> String { try field("{{.State.Status}}", name) }

  /// The pid of a container's monitor: its first process's parent.
  private func monitor(_ name: String) throws -> Int32 {
    let pid = try #require(Int32(try field("{{.State.Pid}}", name)))
    let line = try File.text("/proc/\(pid)/status").split(separator: "\n")
      .first { $0.hasPrefix("PPid:") }
    let parent = try #require(line.flatMap { Int32($0.split(separator: "\t").last ?? "") })
    #expect(try File.text("/proc/\(parent)/comm").trimmed == "drydock-monitor")
    return parent
  }

  @Test func aLifeFromCreateToRemove() throws {
    let id = try drydock("create", "--name", "life", "busybox", "sh", "-c", "echo hi; exit 3")
      .output.trimmed
    #expect(id.utf8.count == 64)
    #expect(try status("life") == "created")
    #expect(try drydock("start", "life").output == "life\n")
    #expect(try drydock("wait", "life").output == "3\n")
    #expect(try status("life") == "exited")
    #expect(try field("{{.State.ExitCode}} {{.State.Running}}", "life") == "3 false")
    #expect(try drydock("logs", "life").output == "hi\n")
    drydock.expectExit(try drydock("start", "-a", "life", code: 3), output: "hi\n")
    #expect(try drydock("logs", "life").output == "hi\nhi\n")
    try drydock("rename", "life", "other")
    try drydock("rm", "other")
    #expect(try drydock("ps", "-aq").output == "")
    #expect(try drydock.leftovers() == [])
  }

  @Test func runDetachedGoesOnWithoutItsCommand() throws {
    try drydock("run", "-d", "--name", "on", "busybox", "sleep", "100")
    #expect(try drydock("ps", "--format", "{{.Names}} {{.State}}").output == "on running\n")
    try drydock("pause", "on")
    #expect(try status("on") == "paused")
    #expect(try drydock("exec", "on", "true", code: 1).error.contains("is paused"))
    try drydock("unpause", "on")
    try drydock("exec", "-d", "on", "touch", "/made")
    #expect(try eventually { try drydock.run(["exec", "on", "test", "-e", "/made"]).code == 0 })
    let begin = Clock.now
    try drydock("stop", "-t", "0", "on")
    #expect(Clock.now - begin < 8_000_000_000)
    #expect(try field("{{.State.ExitCode}}", "on") == "137")
    try drydock("rm", "on")
    #expect(try drydock.leftovers() == [])
  }

  @Test func removedByItself() throws {
    try drydock("run", "-d", "--rm", "busybox", "sleep", "0.1")
    #expect(try eventually { try drydock.run(["ps", "-aq"]).output == "" })
    #expect(try eventually { try drydock.leftovers() == [] })
  }

  @Test func whatCannotBeStartedStaysAsCreated() throws {
    let result = try drydock("run", "-d", "--name", "not", "busybox", "nothing", code: 127)
    #expect(result.error.contains("\"nothing\": executable file not found"), "\(result.error)")
    #expect(try status("not") == "created")
    #expect(try field("{{.State.ExitCode}}", "not") == "127")
    try drydock("rm", "not")
    try drydock("run", "-d", "--rm", "busybox", "nothing", code: 127)
    #expect(try drydock.leftovers() == [])
  }

  @Test func restartsWithAPauseAndNoMoreThanAsked() throws {
    try drydock(
      "run", "-d", "--name", "again", "--restart", "on-failure:2", "busybox", "sh", "-c",
      "echo x; exit 1")
    #expect(try eventually { try status("again") == "exited" })
    #expect(try field("{{.RestartCount}} {{.State.ExitCode}}", "again") == "2 1")
    #expect(try drydock("logs", "again").output == "x\nx\nx\n")
    try drydock("rm", "again")
    try drydock(
      "run", "-d", "--name", "loop", "--restart", "always", "busybox", "true")
    #expect(try eventually { try status("loop") == "restarting" })
    try drydock("stop", "loop")
    #expect(try status("loop") == "exited")
    try drydock("rm", "loop")
    #expect(try drydock.leftovers() == [])
    #expect(
      try drydock("run", "-d", "--rm", "--restart", "always", "busybox", "true", code: 125)
        .error.contains("Conflicting options: --restart and --rm"))
  }

  @Test func comesBackAfterAReboot() throws {
    for (name, policy) in [
      ("never", "no"), ("ever", "always"), ("told", "unless-stopped"), ("kept", "unless-stopped"),
    ] {
      try drydock("run", "-d", "--name", name, "--restart", policy, "busybox", "sleep", "100")
    }
    try drydock("stop", "-t", "0", "told")
    // A machine that goes down leaves no process and nothing in /run.
    for name in ["never", "ever", "kept"] {
      let pid = try #require(Int32(try field("{{.State.Pid}}", name)))
      try Processes.kill(try monitor(name), Signal.kill)
      try Processes.kill(pid, Signal.kill)
      #expect(eventually { Processes.startTime(pid) == nil })
    }
    #expect(try drydock("doctor").code == 0)
    try File.removeTree(drydock.scratch + "/run")
    #expect(try status("ever") == "exited")
    let started = try drydock("system", "restart").output.lines.sorted()
    #expect(started == ["ever", "kept"])
    #expect(try status("ever") == "running" && status("told") == "exited")
    try drydock("rm", "-f", "never", "ever", "told", "kept")
    #expect(try drydock.leftovers() == [])
  }

  @Test func logsByTimeAndFromTheEnd() throws {
    try drydock(
      "run", "--name", "log", "busybox", "sh", "-c",
      "echo b >&2; sleep 0.3; echo a; echo c; printf d")
    let all = try drydock("logs", "log")
    #expect(all.output == "a\nc\nd" && all.error == "b\n")
    #expect(try drydock("logs", "--tail", "2", "log").output == "c\nd")
    #expect(try drydock("logs", "--tail", "0", "log").output == "")
    let times = try drydock("logs", "-t", "--tail", "1", "log").output
    #expect(times.hasSuffix("Z d") && times.hasPrefix("20"))
    #expect(try drydock("logs", "--since", "1h", "log").output == "a\nc\nd")
    #expect(try drydock("logs", "--until", "1h", "log").output == "")
    try drydock("rm", "log")
    #expect(try drydock("logs", "log", code: 1).error.contains("No such container: log"))
  }

  @Test func aRotatedLogIsReadInOrder() throws {
    try drydock(
      "run", "--name", "big", "--log-opt", "max-size=10k", "--log-opt", "max-file=3", "busybox",
      "seq", "1", "1000")
    let lines = try drydock("logs", "big").output.lines.compactMap { Int($0) }
    #expect(lines.last == 1000 && lines.count > 200 && lines.count < 1000)
    #expect(lines == Array(lines[0]...1000))
    #expect(try drydock("logs", "--tail", "150", "big").output.lines.count == 150)
    try drydock("rm", "big")
  }

  @Test func logsAreFollowedToTheEnd() throws {
    try drydock(
      "run", "-d", "--name", "slow", "--log-opt", "max-size=2k", "--log-opt", "max-file=20",
      "busybox", "sh", "-c", "for i in $(seq 200); do echo $i; done; sleep 0.3; echo end")
    let result = try drydock("logs", "-f", "slow")
    #expect(result.output.lines == (1...200).map { "\($0)" } + ["end"])
    try drydock("rm", "-f", "slow")
  }

  /// A log that can grow no more stops neither the container nor its monitor.
  @Test func aFullDiskStopsNobody() throws {
    try File.makeDirectory(drydock.scratch + "/small")
    try #require(
      try Child.run(
        "/bin/mount", ["mount", "-t", "tmpfs", "-o", "size=8m", "none", drydock.scratch + "/small"]
      ).status.code == 0)
    defer { _ = try? Child.run("/bin/umount", ["umount", "-l", drydock.scratch + "/small"]) }
    let words = ["--root", drydock.scratch + "/small", "--run-root", drydock.scratch + "/run"]
    func run(_ more: String...) throws -> Child.Result {
      try Child.run(drydock.binaries + "/drydock", ["drydock"] + words + more)
    }
    let started = try run(
      "run", "-d", "--name", "full", "busybox", "sh", "-c",
      "seq 1 2000000 > /dev/stderr; echo last > /dev/shm/done; sleep 100")
    try #require(started.status.code == 0, "\(String(decoding: started.error, as: UTF8.self))")
    #expect(
      try eventually { try run("exec", "full", "test", "-e", "/dev/shm/done").status.code == 0 })
    #expect(try run("rm", "-f", "full").status.code == 0)
    #expect(try run("ps", "-aq").output.isEmpty)
  }

  @Test func inputAndOutputAreWhole() throws {
    let text = (1...60_000).map { "line \($0)" }.joined(separator: "\n") + "\n"
    let result = try Running(
      [drydock.binaries + "/drydock"] + drydock.roots
        + ["run", "-i", "--name", "cat", "busybox", "cat"], input: text
    ).finish(within: 60)
    #expect(result.code == 0 && result.output == text, "\(result.error)")
    try drydock("rm", "cat")
    #expect(try drydock.leftovers() == [])
  }

  @Test func attachedAgainAndAgain() throws {
    try drydock("run", "-dit", "--name", "tty", "busybox", "sh")
    let terminal = try Typist(drydock, ["attach", "tty"])
    try terminal.type("echo $((6*7))\r")
    #expect(terminal.sees("42"))
    try terminal.type("\u{10}\u{11}")
    #expect(terminal.sees("read escape sequence"))
    #expect(try terminal.end() == 0)
    #expect(try status("tty") == "running")
    let second = try Typist(drydock, ["attach", "tty"])
    try second.type("exit 5\r")
    #expect(try second.end() == 5)
    #expect(try status("tty") == "exited")
    #expect(
      try drydock("attach", "tty", code: 1).error.contains("cannot attach to a stopped container"))
    try drydock("rm", "tty")
  }

  /// A program of `exec` with a terminal can be left, and need not have anybody.
  @Test func execIsLeftByItsKeys() throws {
    try drydock("run", "-d", "--name", "host", "busybox", "sleep", "1000")
    let terminal = try Typist(drydock, ["exec", "-it", "--detach-keys", "ctrl-a,d", "host", "sh"])
    try terminal.type("echo $((6*7)); sleep 777\r")
    #expect(terminal.sees("42"))
    try terminal.type("\u{1}d")
    #expect(terminal.sees("read escape sequence"))
    #expect(try terminal.end() == 1)
    #expect(try drydock("exec", "host", "ps").output.contains("sleep 777"))
    let second = try Typist(drydock, ["exec", "-it", "host", "sh"])
    try second.type("exit 5\r")
    #expect(try second.end() == 5)
    // A signal ends this command, not the program.
    let third = try drydock.start(["exec", "-t", "host", "sleep", "999"])
    #expect(
      try eventually { try drydock.run(["exec", "host", "ps"]).output.contains("sleep 999") })
    try third.signal(Signal.term)
    #expect(try third.wait().code == 143)
    #expect(try drydock("exec", "host", "ps").output.contains("sleep 999"))
    #expect(try drydock("exec", "-t", "host", "tty").output == "/dev/pts/2\r\n")
    try drydock("exec", "-dt", "host", "sh", "-c", "tty > /tty; sleep 888")
    #expect(try eventually { try drydock.run(["exec", "host", "cat", "/tty"]).code == 0 })
    #expect(try field("{{len .ExecIDs}}", "host") == "3")
    #expect(
      try drydock("exec", "-dt", "host", "nothing", code: 127).error.contains("not found"))
    #expect(
      try drydock("exec", "-t", "--detach-keys", "nope", "host", "sh", code: 125).error
        .contains("Invalid escape keys"))
    try drydock("rm", "-f", "host")
    #expect(try eventually { try drydock.leftovers() == [] })
  }

  /// What joins a container's namespaces finds them again when both were started anew.
  @Test func namespacesAreJoinedAnewAtEachStart() throws {
    try drydock("run", "-d", "--name", "donor", "busybox", "sleep", "1000")
    try drydock(
      "run", "-d", "--name", "guest", "--restart", "always", "--pid", "container:donor",
      "--network", "container:donor", "busybox", "sleep", "1000")
    func namespaces(_ name: String) throws -> [String] {
      let pid = try field("{{.State.Pid}}", name)
      return try ["pid", "net"].map { try File.link("/proc/\(pid)/ns/\($0)") }
    }
    #expect(try namespaces("guest") == namespaces("donor"))
    // Its processes die with the namespace's first; that is not there at the first attempts.
    try drydock("stop", "-t", "0", "donor")
    #expect(try eventually { try field("{{.State.Status}}", "guest") == "restarting" })
    try drydock("start", "donor")
    #expect(try eventually { try field("{{.State.Status}}", "guest") == "running" })
    #expect(try namespaces("guest") == namespaces("donor"))
    #expect(
      try drydock(
        "run", "--rm", "-h", "x", "--network", "container:donor", "busybox", code: 125
      ).error.contains("conflicting options: hostname and the network mode"))
    try drydock("rm", "-f", "guest", "donor")
    #expect(try drydock.leftovers() == [])
  }

  @Test func aKilledClientIsNotNoticed() throws {
    let command = try drydock.start(
      ["run", "--name", "client", "busybox", "sh", "-c", "echo up; sleep 100"])
    try drydock.until("running") { try drydock.run(["exec", "client", "true"]).code == 0 }
    try command.signal(Signal.kill)
    _ = try command.wait()
    #expect(try status("client") == "running")
    try drydock("stop", "-t", "0", "client")
    #expect(try drydock("logs", "client").output == "up\n")
    try drydock("rm", "client")
    #expect(try drydock.leftovers() == [])
  }

  /// Its container lives on, is found, and can be ended and removed.
  @Test func aKilledMonitorIsRepaired() throws {
    try drydock("run", "-d", "--name", "left", "busybox", "sleep", "100")
    try Processes.kill(try monitor("left"), Signal.kill)
    #expect(try eventually { try status("left") == "running" })
    try drydock("stop", "-t", "0", "left")
    #expect(try drydock("ps", "-a", "--format", "{{.Status}}").output.hasPrefix("Exited (?)"))
    try drydock("start", "left")
    #expect(try status("left") == "running")
    try drydock("rm", "-f", "left")
    #expect(try drydock.leftovers() == [])
    #expect(try drydock("doctor").output == "Nothing was left behind.\n")
  }

  @Test func health() throws {
    try drydock(
      "run", "-d", "--name", "ill", "--health-cmd",
      "echo asked; yes | head -c 100000; test -e /well",
      "--health-interval", "100ms", "--health-retries", "2", "busybox", "sleep", "100")
    #expect(try eventually { try field("{{.State.Health.Status}}", "ill") == "unhealthy" })
    #expect(try eventually { try field("{{len .State.Health.Log}}", "ill") == "5" })
    let log = "{{range .State.Health.Log}}{{.ExitCode}}:{{len .Output}} {{end}}"
    #expect(try field(log, "ill") == "1:4096 1:4096 1:4096 1:4096 1:4096")
    #expect(try field("{{(index .State.Health.Log 0).Output}}", "ill").hasPrefix("asked\n"))
    try drydock("exec", "ill", "touch", "/well")
    #expect(try eventually { try drydock.run(["ps"]).output.contains("(healthy)") })
    try drydock("rm", "-f", "ill")
  }

  @Test func outOfMemoryIsTold() throws {
    try drydock(
      "run", "--name", "oom", "-m", "16m", "busybox", "sh", "-c",
      "head -c 200m /dev/zero | tail > /dev/null; sleep 0.1; exit 9", code: 9)
    #expect(try field("{{.State.OOMKilled}}", "oom") == "true")
    try drydock("rm", "oom")
  }

  @Test func twoRemoveOneContainer() throws {
    for _ in 0..<5 {
      try drydock("create", "--name", "both", "busybox")
      let first = try drydock.start(["rm", "both"], output: "a")
      let second = try drydock.start(["rm", "both"], output: "b")
      let codes = [try first.wait().code, try second.wait().code].sorted()
      #expect(codes == [0, 1] || codes == [0, 0])
      #expect(try drydock("ps", "-aq").output == "")
    }
    #expect(try drydock.leftovers() == [])
  }

  @Test func aNameIsGivenToOneOfMany() throws {
    let commands = try Array(
      (0..<6).map { number in
        Started(try drydock.start(["create", "--name", "one", "busybox"], output: "o\(number)"))
      })
    let codes = try commands.map { try $0.code() }.sorted()
    #expect(codes == [0, 125, 125, 125, 125, 125])
    #expect(try drydock("ps", "-aq").output.lines.count == 1)
    try drydock("rm", "one")
    #expect(try drydock.leftovers() == [])
  }

  @Test func filters() throws {
    try drydock("create", "--name", "made", "--label", "tier=front", "busybox")
    try drydock("run", "--name", "done", "--label", "tier=back", "busybox", "false", code: 1)
    func names(_ filter: String...) throws -> [String] {
      let flags = filter.flatMap { ["-f", $0] }
      return try drydock.run(["ps", "-a", "--format", "{{.Names}}"] + flags).output.lines.sorted()
    }
    #expect(try names("status=exited") == ["done"])
    #expect(try names("status=exited", "status=created") == ["done", "made"])
    #expect(try names("exited=1") == ["done"] && names("exited=0") == [])
    #expect(try names("label=tier=front") == ["made"] && names("label=tier") == ["done", "made"])
    #expect(try names("name=ma") == ["made"] && names("ancestor=busybox").count == 2)
    #expect(try names("before=done") == ["made"] && names("since=made") == ["done"])
    #expect(
      try drydock("ps", "-f", "colour=red", code: 1).error.contains("invalid filter 'colour'"))
    #expect(try drydock("container", "prune", "-f").output.contains("Total reclaimed space"))
    #expect(try drydock("ps", "-aq").output == "")
  }

  /// Whatever dies or fails wherever: the next commands work, and nothing is left in the end.
  @Test(arguments: Point.all) func aFaultAtEachPoint(_ point: String) throws {
    for disposition in ["kill", "ENOSPC"] {
      func faulty(_ words: String...) throws -> Child.Result {
        try Child.run(
          drydock.binaries + "/drydock", ["drydock"] + drydock.roots + words,
          environment: Processes.environment + ["DRYDOCK_FAULT=\(point):\(disposition)"])
      }
      let what = "\(point):\(disposition)"
      let made = try faulty("run", "-d", "--name", "victim", "busybox", "echo", "hi")
      if ["store", "launch"].contains(point.prefix { $0 != "." }), !point.hasSuffix("bundle"),
        !["store.rename", "store.clear", "store.forget"].contains(point)
      {
        #expect(made.status.code != 0, "\(what) was not reached")
      }
      #expect(try eventually { try !drydock.run(["ps"]).output.contains("victim") }, "\(what)")
      let removed = try faulty("rm", "-f", "victim")
      if ["store.bundle", "store.rename", "store.clear", "store.forget"].contains(point) {
        #expect(removed.status.code != 0, "\(what) was not reached")
      }
      // Whatever is left of it, its name included, the next commands can deal with.
      let listed = try drydock.run(["ps", "-a", "--format", "{{.State}}"])
      #expect(listed.code == 0, "\(what): \(listed.error)")
      #expect(try drydock.run(["rm", "-f", "victim"]).code == 0, "\(what)")
      let next = try drydock.run(["run", "--name", "victim", "busybox", "echo", "fine"])
      #expect(next.code == 0 && next.output == "fine\n", "\(what): \(next.error)")
      #expect(try drydock.run(["rm", "victim"]).code == 0, "\(what)")
      #expect(try drydock.run(["doctor"]).code == 0, "\(what)")
      #expect(try drydock.leftovers() == [], "\(what)")
    }
  }

  @Test(arguments: [true, false]) func copiesBothWays(isRunning: Bool) throws {
    let home = drydock.scratch + "/files"
    try File.makeDirectories(home + "/tree/inner", mode: 0o755)
    try File.replace(home + "/tree/inner/one", with: Array("1".utf8), mode: 0o640)
    try File.replace(home + "/secret", with: Array("host".utf8))
    try drydock("create", "--name", "cp", "busybox", "sh", "-c", "ln -s \(home) /out; sleep 100")
    if isRunning {
      try drydock("start", "cp")
      #expect(try eventually { try drydock.run(["exec", "cp", "test", "-L", "/out"]).code == 0 })
    }
    try drydock("cp", home + "/tree", "cp:/etc")
    try drydock("cp", home + "/tree/inner/one", "cp:/etc/two")
    try drydock("cp", "cp:/etc/tree", home + "/back")
    #expect(try File.text(home + "/back/inner/one") == "1")
    #expect(try File.status(home + "/back/inner/one").mode & 0o777 == 0o640)
    try drydock("cp", "cp:/etc/two", home + "/two")
    #expect(try File.text(home + "/two") == "1")
    #expect(
      try drydock("cp", "cp:/nowhere", home, code: 1).error.contains("Could not find the file"))
    if isRunning {
      // A link in the container leads to its own files, not to the host's.
      try drydock("cp", "cp:/out/secret", home + "/stolen", code: 1)
      try drydock("cp", home + "/two", "cp:/out/secret", code: 1)
      #expect(try File.text(home + "/secret") == "host" && !File.exists(home + "/stolen"))
    }
    try drydock("rm", "-f", "cp")
    #expect(try drydock.leftovers() == [])
  }

  @Test func figures() throws {
    try drydock("run", "-d", "--name", "busy", "-m", "64m", "busybox", "sleep", "100")
    #expect(try drydock("top", "busy").output.contains("sleep 100"))
    let stats = try drydock("stats", "--no-stream", "busy").output.lines
    #expect(stats.count == 2 && stats[0].hasPrefix("CONTAINER ID") && stats[1].contains("busy"))
    #expect(stats[1].contains(" / 64MiB"), "\(stats)")
    try drydock("update", "-m", "128m", "--restart", "always", "busy")
    #expect(
      try field("{{.HostConfig.Memory}} {{.HostConfig.RestartPolicy.Name}}", "busy")
        == "134217728 always")
    try drydock("rm", "-f", "busy")
  }
}

/// A child that can be kept in an array.
private final class Started {
  private var child: Child?

  init(_ child: consuming Child) { self.child = consume child }

  func code() throws -> Int32 {
    guard let child = child.take() else { return -1 }
    return try child.wait().code
  }
}

extension Drydock {
  func expectExit(_ result: Result, output: String) { #expect(result.output == output) }
}

/// Somebody at a terminal.
private final class Typist {
  private let master: Descriptor
  private var child: Child?
  private var seen = ""

  init(_ drydock: Drydock, _ words: [String]) throws {
    let pair = try Terminal.open("/dev/ptmx")
    master = Descriptor(owning: pair.master)
    let slave = Descriptor(owning: pair.slave)
    try Terminal.resize(master.raw, TerminalSize(rows: 24, columns: 80))
    child = try Child(
      drydock.binaries + "/drydock", ["drydock"] + drydock.roots + words, input: slave.raw,
      output: slave.raw, error: slave.raw)
    try Descriptors.doNotWait(master.raw)
    // It must be in raw mode before anything is typed.
    Clock.sleep(300_000_000)
  }

  func type(_ text: String) throws { try File.write(master.raw, text.utf8, name: "terminal") }

  private func look() {
    if let bytes = try? File.readSome(master.raw, 65536) {
      seen += String(decoding: bytes, as: UTF8.self)
    }
  }

  func sees(_ text: String) -> Bool {
    eventually {
      look()
      return seen.contains(text)
    }
  }

  func end() throws -> Int32 {
    look()
    guard let child = child.take() else { return -1 }
    return try child.wait().code
  }
}
