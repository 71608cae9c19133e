import Linux
import OCI
import Testing

@testable import Monitor

/// A directory of one test.
private final class Scratch {
  let path = "/tmp/drydock-monitor-test-\(UInt64.random(in: 0...UInt64.max))"

  init() throws { try File.makeDirectory(path) }

  deinit { try? File.removeTree(path) }
}

@Suite struct MonitorFileTests {
  @Test func whatAMonitorIsToldComesBack() throws {
    var config = MonitorConfig()
    config.id = "ab"
    config.runtime = "/x/drydock-runtime"
    config.bundle = "/run/b"
    config.terminal = true
    config.rows = 24
    config.columns = 80
    config.input = true
    config.logMaxBytes = 10_000_000
    config.logMaxFiles = 3
    config.restart = .onFailure
    config.restartLimit = 3
    config.exec = ["--tty", "ab", "sh"]
    config.then = ["/x/drydock", "rm", "a \"b\"\n"]
    var health = HealthCheck()
    health.command = ["/bin/sh", "-c", "exit 0\n"]
    health.retries = 2
    config.health = health
    #expect(try MonitorConfig.parse(config.encode()) == config)
    #expect(throws: ConfigError.self) {
      try MonitorConfig.parse(Array(#"{"restart":"sometimes"}"#.utf8))
    }
  }

  @Test func whatAMonitorTellsComesBack() throws {
    var life = Life()
    life.startedNs = 1_700_000_000_123_456_789
    life.code = 137
    life.oomKilled = true
    life.restarts = 4
    life.restarting = true
    life.error = "no \"such\" file"
    life.health = "unhealthy"
    life.failing = 3
    var probe = HealthProbe()
    probe.output = "lost \"it\"\n"
    probe.endedNs = probe.begunNs + 1
    life.probes = [probe, HealthProbe()]
    #expect(try Life.parse(life.encode()) == life)
    #expect(throws: ConfigError.self) { try Life.parse(Array("{\"code\":1".utf8)) }
  }
}

@Suite struct JoinsTests {
  @Test func eachNamespaceGetsItsContainersPath() throws {
    var config = Config()
    config.annotations = [KeyValue("drydock.pid", "aa"), KeyValue("drydock.network", "bb")]
    config.linux.namespaces = [Namespace(.pid), Namespace(.mount), Namespace(.network)]
    try Joins.resolve(&config) { (id, _) throws(SystemError) in id == "aa" ? 11 : 22 }
    #expect(
      config.linux.namespaces.map { $0.path ?? "" } == ["/proc/11/ns/pid", "", "/proc/22/ns/net"])
    #expect(Joins.isThere(in: config.encode()))
    #expect(throws: SystemError.self) {
      try Joins.resolve(&config) { (id, _) throws(SystemError) in
        throw SystemError("open(2)", .noEntry, id)
      }
    }
  }
}

@Suite struct BackoffTests {
  @Test func doublesToAMinuteAndBeginsAgainAfterTenSeconds() {
    var backoff = Backoff()
    var pauses = [UInt64]()
    for _ in 0..<12 { pauses.append(backoff.length(ranNs: 5_000_000) / 1_000_000) }
    #expect(
      pauses == [100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 51200, 60000, 60000])
    #expect(backoff.length(ranNs: 10_000_000_000) == 100_000_000)
    #expect(backoff.length(ranNs: 0) == 200_000_000)
  }
}

@Suite struct LogTests {
  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private var path: String { scratch.path + "/log" }

  private func lines(_ path: String) throws -> [String] {
    try File.text(path).split(separator: "\n").map { String($0) }
  }

  @Test func aLineIsAnObject() throws {
    var log = Log(path: path, maxBytes: 0, maxFiles: 1)
    log.write(Array("one\ntw".utf8), stream: 0)
    log.write(Array("bad \u{7}\"\n".utf8), stream: 1)
    log.write(Array("o\n".utf8), stream: 0)
    log.write(Array("rest".utf8), stream: 0)
    #expect(try lines(path).count == 3)
    log.finish()
    let found = try lines(path)
    #expect(found.count == 4)
    #expect(found[0].hasPrefix(#"{"log":"one\n","stream":"stdout","time":"20"#))
    #expect(found[1].hasPrefix(#"{"log":"bad \u0007\"\n","stream":"stderr","#))
    #expect(found[2].hasPrefix(#"{"log":"two\n","stream":"stdout""#))
    #expect(found[3].hasPrefix(#"{"log":"rest","#))
  }

  @Test func aLongLineComesInPieces() throws {
    var log = Log(path: path, maxBytes: 0, maxFiles: 1)
    log.write([UInt8](repeating: 120, count: 40_000) + [10], stream: 0)
    let found = try lines(path)
    #expect(found.count == 3)
    #expect(!found[0].contains(#"\n"#) && found[2].contains(#"x\n"#))
  }

  @Test func whatIsNotUTF8IsReplaced() throws {
    var log = Log(path: path, maxBytes: 0, maxFiles: 1)
    log.write([0xFF, 0x41, 10], stream: 0)
    #expect(try lines(path)[0].hasPrefix("{\"log\":\"\u{FFFD}A\\n\""))
  }

  @Test(arguments: [1, 2, 3]) func rotates(files: UInt64) throws {
    var log = Log(path: path, maxBytes: 1000, maxFiles: files)
    for number in 0..<100 { log.write(Array("line \(number)\n".utf8), stream: 0) }
    let names = try File.list(scratch.path)
    #expect(names.count == Int(files), "\(names)")
    for name in names {
      #expect(try File.status("\(scratch.path)/\(name)").size <= 1000)
    }
    #expect(try File.text(path).contains("line 99"))
  }

  /// /dev/full answers ENOSPC to every write (full(4)).
  @Test func aFullDiskIsCounted() throws {
    var log = Log(path: "/dev/full", maxBytes: 0, maxFiles: 1)
    log.write(Array("lost\n".utf8), stream: 0)
    log.write(Array("lost too\n".utf8), stream: 0)
    #expect(log.lost == 14)
  }

  @Test func afterwardsItSaysSo() throws {
    // A directory in its place keeps it from being opened.
    try File.makeDirectory(path)
    var log = Log(path: path, maxBytes: 0, maxFiles: 1)
    log.write(Array("lost\n".utf8), stream: 0)
    try File.removeDirectory(path)
    log.write(Array("kept\n".utf8), stream: 0)
    let found = try lines(path)
    #expect(found.count == 2)
    #expect(found[0].contains("5 bytes of output are lost") && found[1].contains("kept"))
    #expect(log.lost == 0)
  }
}
