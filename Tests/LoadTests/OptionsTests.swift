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
