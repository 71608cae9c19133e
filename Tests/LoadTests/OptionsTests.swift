import Testing

@testable import Load

@Suite struct OptionsTests {
  /// Reads a command line that must ask for a run.
  private func options(_ line: String) throws -> Options {
    var journal = Journal(program: "stress")
    let words = line.split(separator: " ").map(String.init)
    guard case .run(let options) = try CommandLineReader.read(words, &journal) else {
      throw Unexpected()
    }
    return options
  }

  private struct Unexpected: Error {}

  @Test("Defaults are the classic tool's") func defaults() throws {
    let read = try options("-c 1")
    #expect(read.cpu == .exact(1))
    #expect(read.timeout == nil)
    #expect(read.backoffMicroseconds == 3000)
    #expect(read.vmBytes == .exact(268_435_456))
    #expect(read.vmStride == 4096)
    #expect(read.vmHang == nil)
    #expect(read.hddBytes == 1_073_741_824)
    #expect(read.cpuMethod == .sqrt)
    #expect(read.cpuLoad == 100)
  }

  @Test("Every option is kept") func everything() throws {
    let read = try options(
      "-n -t 2m --backoff 5 -c 150% -i 2 -m 3 --vm-bytes 80% --vm-stride 1K --vm-hang 0 --vm-keep"
        + " -d 4 --hdd-bytes 2M --cpu-method fft --cpu-load 12.5% --cpu-ops 7 --ops 1k"
        + " --io-method syncfs --verify --metrics --metrics-json - --interval 100ms")
    #expect(read.dryRun && read.vmKeep && read.metrics)
    #expect(read.timeout == 120)
    #expect(read.backoffMicroseconds == 5)
    #expect(read.cpu == .percent(150))
    #expect([read.io, read.vm, read.hdd] == [2, 3, 4])
    #expect(read.vmBytes == .percent(80))
    #expect(read.vmStride == 1024)
    #expect(read.vmHang == 0)
    #expect(read.hddBytes == 2 << 20)
    #expect(read.cpuMethod == .fft)
    #expect(read.cpuLoad == 12.5)
    #expect(read.cpuOps == 7)
    #expect(read.ops == 1024)
    #expect(read.ioMethod == .syncfs)
    #expect(read.metricsJSON == "-")
    #expect(read.interval == 100_000_000)
  }

  @Test("Kinds, methods and ends beyond the classic tool's are kept") func beyond() throws {
    let read = try options(
      "--fork 1 --syscall 2 --fault 3 --file 4 --net-rr 5 --net-stream 6 --net-rate 7 --rate 12.5"
        + " --net-bytes 1K --net-connect 10.0.0.2:5001 --net-listen [fd00::2]:5002"
        + " --vm-method random --hdd-method direct --hdd-write-size 4K --syscall-method mmap")
    #expect(
      read.others == [
        .fork: 1, .syscall: 2, .fault: 3, .file: 4, .netRR: 5, .netStream: 6, .netRate: 7,
        .netListen: 1,
      ])
    #expect(read.rate == 12.5)
    #expect(read.netBytes == 1024)
    #expect(read.netConnect.map { "\($0)" } == "10.0.0.2:5001")
    #expect(read.netListen.map { "\($0)" } == "[fd00::2]:5002")
    #expect(try options("--net-listen 5001").netListen.map { "\($0)" } == "0.0.0.0:5001")
    #expect(read.vmMethod == .random)
    #expect(read.hddMethod == .direct)
    #expect(read.hddWriteSize == 4096)
    #expect(read.syscallMethod == .mmap)
    #expect(Options.Kind.allCases.filter(\.isClassic).map(\.name) == ["cpu", "io", "vm", "hdd"])
  }

  @Test(
    "Refused options say why",
    arguments: [
      ("--cpu-method sha", "invalid cpu method: sha"), ("--cpu-load 0", "invalid cpu load"),
      ("--cpu-load 101", "invalid cpu load"), ("--cpu-load nan", "invalid cpu load"),
      ("--ops 0", "invalid number of operations: 0"), ("--ops -1", "invalid number of operations"),
      ("--io-method fsync", "invalid io method: fsync"), ("--interval 0", "invalid time"),
      ("--metrics-json", "missing argument to option '--metrics-json'"),
      ("--metrics-json --metrics", "missing argument to option '--metrics-json'"),
      ("-c 0%", "invalid percentage: 0%"), ("--vm-bytes x%", "invalid percentage: x%"),
      ("-c 16385", "invalid number of cpu hogs: 16385 (at most 16384)"),
      ("-i 50%", "unrecognized suffix: %"),
      ("--vm-method fast", "invalid vm method: fast (one of touch, bandwidth, random)"),
      ("--hdd-method sync", "invalid hdd method: sync (one of buffered, direct, fsync)"),
      ("--hdd-write-size 1", "invalid hdd write size: 1 (512 to 1073741824 bytes)"),
      ("--syscall-method fork", "invalid syscall method: fork"),
      ("--net-rr 0", "invalid number of net-rr hogs: 0"), ("--file", "missing argument"),
      ("--rate 0", "invalid rate (requests a second"), ("--rate x", "invalid rate"),
      ("--net-bytes 7", "invalid net bytes: 7 (8 to 16777216 bytes)"),
      ("--net-connect 5001", "invalid argument to option '--net-connect': 5001"),
      ("--net-connect web:80", "invalid argument to option '--net-connect': web:80"),
      ("--net-connect fd00::1:80", "invalid argument to option '--net-connect'"),
      ("--net-connect 10.0.0.1:0", "invalid argument to option '--net-connect'"),
      ("--net-listen 70000", "invalid argument to option '--net-listen': 70000"),
    ])
  func refused(line: String, reason: String) {
    let error = #expect(throws: Amounts.Refused.self) { try options(line) }
    #expect(error?.text.hasPrefix(reason) == true, "\(error?.text ?? "nothing")")
  }

  @Test("Too many workers in all are refused") func total() throws {
    let read = try options("-c 10000 -m 10000")
    let error = #expect(throws: Amounts.Refused.self) {
      try Plan(read, cgroup: Cgroup(read: { _ in nil }), Journal(program: "stress"))
    }
    #expect(error?.text == "invalid number of hogs: 20000 (at most 16384)")
  }

  @Test("JSON strings are quoted") func quoted() {
    #expect(MetricsJSON.quoted("a\"b\\c\n\u{1}é") == "\"a\\\"b\\\\c\\n\\u0001é\"")
    #expect(MetricsJSON.number(.nan) == "null")
    #expect(MetricsJSON.number(1.5) == "1.500")
  }
}
