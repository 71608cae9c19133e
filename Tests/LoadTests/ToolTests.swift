import Foundation
import Testing

/// What our `stress` does beyond the classic one, run as people run it.
@Suite struct ToolTests {
  private let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    try #require(
      FileManager.default.isExecutableFile(atPath: Tool.ours.path),
      "no \(Tool.ours.path): swift build --product stress, or set DRYDOCK_BIN_DIR")
  }

  /// The JSON of `--metrics-json`, as far as it is tested.
  private struct Report: Decodable {
    struct Totals: Decodable {
      let kind: String
      let workers: Int
      let ops: UInt64
      let cpu_percent: Double?
      let rss_max_kib: Int
      let user_s: Double
      let system_s: Double
    }
    struct Worker: Decodable {
      let ops: UInt64
      let end: String
      let user_us: Int
      let system_us: Int
      let start_ns: UInt64
      let end_ns: UInt64
    }
    struct Sample: Decodable {
      let ops: UInt64
      let at_ns: UInt64
      let span_ns: UInt64
      let cpu_percent_of_limit: Double
    }
    let schema: Int
    let ended: String
    let errors: Int
    let totals: [Totals]
    let workers: [Worker]
  }

  private func report(_ line: String) throws -> Report {
    let words = line.split(separator: " ").map(String.init) + ["--metrics-json", "-"]
    let outcome = try Tool.ours.run(words, in: scratch.folder)
    return try JSONDecoder().decode(Report.self, from: Data(outcome.stdout.utf8))
  }

  /// The lines before the last one: a sample an interval.
  private func samples(_ line: String) throws -> (samples: [Report.Sample], report: Report) {
    let words = line.split(separator: " ").map(String.init) + ["--metrics-json", "-"]
    let lines = try Tool.ours.run(words, in: scratch.folder).stdout.split(separator: "\n")
    let decoder = JSONDecoder()
    let report = try decoder.decode(Report.self, from: Data(try #require(lines.last).utf8))
    return (
      try lines.dropLast().map { try decoder.decode(Report.Sample.self, from: Data($0.utf8)) },
      report
    )
  }

  @Test(
    "Every method does the operations it was asked for, and the work is really done",
    arguments: ["int64", "float", "matrix", "fft", "sieve", "crc", "sqrt"])
  func methods(name: String) throws {
    let line = "-c 1 --backoff 0 --cpu-method \(name) --cpu-ops "
    let few = try report(line + "100")
    let many = try report(line + "2000")
    #expect(few.ended == "done")
    #expect(few.totals.map(\.ops) == [100])
    #expect(many.totals.map(\.ops) == [2000])
    let cost = many.workers.map { $0.user_us + $0.system_us }.reduce(0, +)
    let least = few.workers.map { $0.user_us + $0.system_us }.reduce(0, +)
    // Twenty times the work; an emptied loop would cost the same.
    #expect(cost > 4 * least, "\(least) µs for 100 operations, \(cost) µs for 2000")
  }

  @Test(
    "Every kind ends after its operations",
    arguments: [
      ("cpu", "-c 2 --ops 50", 100), ("vm", "-m 2 --vm-bytes 100K --ops 3", 6),
      ("vm", "-m 1 --vm-bytes 100K --vm-keep --ops 4", 4),
      ("io", "-i 1 --io-method syncfs --ops 2", 2), ("hdd", "-d 1 --hdd-bytes 10K --ops 5", 5),
      ("vm", "-m 1 --vm-bytes 1M --vm-method bandwidth --ops 3", 3),
      ("vm", "-m 1 --vm-bytes 1M --vm-method random --ops 3", 3),
      ("hdd", "-d 1 --hdd-bytes 256K --hdd-method direct --ops 9", 9),
      ("hdd", "-d 1 --hdd-bytes 8K --hdd-method fsync --hdd-write-size 1000 --ops 9", 9),
      ("fork", "--fork 2 --ops 40", 80), ("fault", "--fault 1 --ops 1500", 1500),
      ("file", "--file 2 --ops 30", 60), ("syscall", "--syscall 1 --ops 1500", 1500),
      ("syscall", "--syscall 1 --syscall-method read --ops 5", 5),
      ("syscall", "--syscall 1 --syscall-method open --ops 5", 5),
      ("syscall", "--syscall 1 --syscall-method mmap --ops 5", 5),
      ("net-rr", "--net-rr 2 --ops 50", 100), ("net-rr", "--net-rr 1 --net-bytes 100K --ops 5", 5),
      ("net-stream", "--net-stream 1 --ops 600", 600),
      ("net-stream", "--net-stream 1 --net-bytes 8 --ops 256", 256),
      ("net-rate", "--net-rate 1 --rate 2000 --ops 100", 100),
    ] as [(String, String, UInt64)])
  func operations(kind: String, line: String, ops: UInt64) throws {
    let report = try report(line)
    #expect(report.ended == "done")
    #expect(report.errors == 0)
    #expect(report.totals.map(\.kind) == [kind])
    #expect(report.totals.map(\.ops) == [ops])
    #expect(report.workers.allSatisfy { $0.end == "returned" && $0.end_ns > $0.start_ns })
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.folder.path) == [])
  }

  @Test("All pages become resident, and none beyond what is touched") func resident() throws {
    let line = "-m 1 --vm-bytes 64M --ops 1 --vm-stride "
    let all = try report(line + "4096")
    let few = try report(line + "1M")
    #expect(all.totals[0].rss_max_kib >= 64 << 10)
    #expect(few.totals[0].rss_max_kib < 32 << 10, "huge pages were used")
  }

  @Test("A load stays below what was asked for") func load() throws {
    let part = try report("-c 1 --cpu-load 20 -t 4")
    #expect(part.ended == "timeout")
    #expect(part.totals[0].ops > 0)
    #expect(try #require(part.totals[0].cpu_percent) < 30)
  }

  @Test("Samples add up to no more than the total") func samples() throws {
    let (samples, report) = try samples("-c 1 -t 4 --interval 200ms")
    #expect(samples.count >= 2)
    #expect(samples.reduce(0) { $0 + $1.ops } <= report.totals[0].ops)
    #expect(samples.contains { $0.ops > 0 && $0.cpu_percent_of_limit > 0 })
    var before: UInt64 = 0
    for sample in samples {
      #expect(sample.at_ns - before == sample.span_ns)
      before = sample.at_ns
    }
  }

  @Test("A sample is written when its interval ends, not when the run does") func streaming() throws
  {
    let run = try Tool.ours.start(
      ["-c", "1", "-t", "20", "--interval", "100ms", "--metrics-json", "-"], in: scratch.folder)
    let operations = try run.find(/"type":"sample","kind":"cpu".*"ops":(\d+)/)
    #expect(UInt64(operations) != nil)
    #expect(try !run.stdout.contains("\"type\":\"run\""))
    run.signal(SIGTERM)
    #expect(try run.wait().stdout.contains("\"ended\":\"signal 15\""))
  }

  @Test("JSON on stdout is alone there; the lines go to stderr") func streams() throws {
    let words = ["-c", "1", "--ops", "1", "--metrics", "--metrics-json"]
    let piped = try Tool.ours.run(words + ["-"], in: scratch.folder)
    #expect(piped.stdout.hasPrefix("{\"type\":\"run\",\"schema\":2,"))
    #expect(piped.stderr.contains("successful run completed"))
    #expect(piped.stderr.contains("metrics: cpu        1           1"))
    let filed = try Tool.ours.run(words + ["out.json"], in: scratch.folder)
    #expect(filed.stdout.contains("successful run completed"))
    #expect(try scratch.text("out.json").hasPrefix("{\"type\":\"run\",\"schema\":2,"))
  }

  @Test("A JSON file that cannot be made is an error before anything is started")
  func badFile() throws {
    let outcome = try Tool.ours.run(
      ["-c", "1", "--metrics-json", "no/such/file"], in: scratch.folder)
    #expect(outcome.code == 1)
    #expect(outcome.stdout.isEmpty)
    #expect(outcome.stderr.contains("open(2) no/such/file: no such file or directory (ENOENT)"))
  }

  @Test(
    "Without direct I/O, blocks past the page cache are an error with a way out",
    .enabled(if: getuid() == 0))
  func noDirect() throws {
    let script =
      "mount -t ramfs none . && cd \"$PWD\" && \"$0\" -d 1 --hdd-method direct -t 9; "
      + "code=$?; ls -A; exit $code"
    let outcome = try Running(
      "/usr/bin/unshare", ["--mount", "sh", "-c", script, Tool.ours.path], in: scratch.folder
    ).wait()
    #expect(outcome.code == 1)
    #expect(outcome.stderr.contains("the filesystem of this directory has no direct I/O"))
    #expect(!outcome.stdout.contains("stress."), "a file stayed behind")
  }

  @Test(
    "A directory that takes no file fails the workers that need one, with the call",
    arguments: ["-d 1 --hdd-method fsync", "--file 1"])
  func noFiles(line: String) throws {
    let words = line.split(separator: " ").map(String.init) + ["-t", "9"]
    let outcome = try Tool.ours.run(words, in: URL(filePath: "/proc"))
    #expect(outcome.code == 1)
    #expect(outcome.stderr.contains(/open\(2\) \.\/stress\.\w+: No such file or directory/))
  }

  @Test("Workers that are ended leave no file", arguments: [SIGTERM, 0])
  func noFileStays(signal: Int32) throws {
    let run = try Tool.ours.start(
      ["-v", "--file", "2", "-d", "1", "--hdd-method", "fsync", "-t", "1"], in: scratch.folder)
    _ = try run.find(/hogfile worker 1 \[(\d+)\] forked/)
    usleep(300_000)
    if signal != 0 { run.signal(signal) }
    _ = try run.wait()
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.folder.path) == [])
  }

  @Test("A failure and a signal are told in the JSON") func endings() throws {
    #expect(try report("-m 1 --vm-bytes 999999G").ended == "failure")
    let run = try Tool.ours.start(
      ["-v", "-c", "1", "--metrics-json", "out.json"], in: scratch.folder)
    _ = try run.find(/worker 1 \[(\d+)\] forked/)
    run.signal(SIGTERM)
    #expect(try run.wait().code == 143)
    #expect(try scratch.text("out.json").contains("\"ended\":\"signal 15\""))
  }

  @Test("Workers die with their dispatcher, whatever kills it", arguments: [SIGKILL, SIGTERM])
  func orphans(signal: Int32) throws {
    let run = try Tool.ours.start(["-v", "-c", "2", "-m", "1"], in: scratch.folder)
    _ = try run.find(/hogcpu worker 1 \[(\d+)\] forked/)
    let workers = try run.stdout.matches(of: /\[(\d+)\] forked/).map { String($0.1) }
    #expect(workers.count == 3)
    usleep(50_000)
    run.signal(signal)
    _ = try run.wait()
    for worker in workers {
      var tries = 0
      while isAlive(worker), tries < 400 {
        usleep(5000)
        tries += 1
      }
      #expect(!isAlive(worker), "worker \(worker)")
    }
  }

  /// Whether a process runs; one that nobody has collected yet does not.
  private func isAlive(_ pid: String) -> Bool {
    guard let data = FileManager.default.contents(atPath: "/proc/\(pid)/stat") else { return false }
    let state = String(decoding: data, as: UTF8.self).split(separator: ")").last ?? ""
    return !state.hasPrefix(" Z")
  }

  @Test("A stopped worker ends at the timeout too") func stopped() throws {
    let run = try Tool.ours.start(["-v", "-c", "1", "-t", "1"], in: scratch.folder)
    let worker = try run.find(/hogcpu worker 1 \[(\d+)\] forked/)
    usleep(50_000)
    kill(try #require(Int32(worker)), SIGSTOP)
    let outcome = try run.wait()
    #expect(outcome.code == 0)
    #expect(outcome.stdout.contains("signalled normally"))
  }

  @Test(
    "As process 1 of a PID namespace it obeys SIGTERM and SIGINT", .enabled(if: getuid() == 0),
    arguments: [SIGTERM, SIGINT])
  func processOne(signal: Int32) throws {
    let run = try Running(
      "/usr/bin/unshare", ["--pid", "--fork", Tool.ours.path, "-v", "-c", "1", "-t", "5"],
      in: scratch.folder)
    _ = try run.find(/stress: info: \[(1)\] dispatching/)
    _ = try run.find(/worker 1 \[(\d+)\] forked/)
    let children = try String(
      contentsOfFile: "/proc/\(run.pid)/task/\(run.pid)/children", encoding: .utf8)
    kill(try #require(Int32(children.split(separator: " ").first ?? "")), signal)
    #expect(try run.wait().code == 128 + signal)
  }

  @Test("It is static and needs no loader") func isStatic() throws {
    let head = try #require(FileHandle(forReadingAtPath: Tool.ours.path)).readData(ofLength: 64)
    #expect(head.prefix(4) == Data([0x7F, 0x45, 0x4C, 0x46]))
    // ELF64: e_phoff at 32, e_phentsize at 54, e_phnum at 56; PT_INTERP is 3.
    let table = head[32..<40].reversed().reduce(0) { $0 << 8 | Int($1) }
    let (size, count) = (Int(head[54]), Int(head[56]))
    let file = try #require(FileHandle(forReadingAtPath: Tool.ours.path))
    try file.seek(toOffset: UInt64(table))
    let headers = file.readData(ofLength: size * count)
    let types = (0..<count).map { headers[$0 * size] }
    #expect(types.contains(1), "no PT_LOAD: the table was not read")
    #expect(!types.contains(3), "PT_INTERP: dynamically linked")
  }
}
