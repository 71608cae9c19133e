internal import Benchmark
internal import Foundation
internal import HotPaths

/// Instructions and allocations of every hot path, held against `Benchmarks/micro/limits` by
/// package-benchmark.
///
/// Counted by valgrind, which gives the same number on any machine of one kind, with or without
/// counters in its processor; wall times are not looked at. One count is enough: the next is the same
/// but for some hundredths of a percent.
let benchmarks: @Sendable () -> Void = {
  let instructions = BenchmarkMetric.custom("Instructions", useScalingFactor: false)
  let allocations = BenchmarkMetric.custom("Allocations", useScalingFactor: false)
  for name in HotPath.names {
    Benchmark(
      name,
      configuration: .init(
        metrics: [instructions, allocations], warmupIterations: 0, maxDuration: .seconds(60),
        maxIterations: 1,
        thresholds: [
          instructions: .init(relative: [.p90: 3]), allocations: .init(relative: [.p90: 0]),
        ])
    ) { benchmark in
      let counted = try Counted(name)
      benchmark.measurement(instructions, counted.instructions)
      benchmark.measurement(allocations, counted.allocations)
    }
  }
}

/// What one run of a path takes.
struct Counted {
  let instructions: Int
  let allocations: Int

  struct Failed: Error, CustomStringConvertible { let description: String }

  /// Runs `benchmark-count` under callgrind.
  init(_ name: String) throws {
    let here = URL(filePath: #filePath).deletingLastPathComponent()
    let source = here.deletingLastPathComponent().deletingLastPathComponent()
    let program = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
      .deletingLastPathComponent()
      .appending(path: "benchmark-count")
    let scratch = FileManager.default.temporaryDirectory
      .appending(path: "drydock-micro-\(ProcessInfo.processInfo.processIdentifier)")
    try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    defer {
      // A directory in /tmp that stays behind costs nothing, and the count stands.
      try? FileManager.default.removeItem(at: scratch)
    }
    let valgrind = Process()
    let output = Pipe()
    let report = scratch.appending(path: "callgrind.out")
    valgrind.executableURL = URL(filePath: "/usr/bin/valgrind")
    valgrind.arguments = [
      "--tool=callgrind", "--toggle-collect=drydock_micro_measured",
      "--callgrind-out-file=\(report.path)", "--quiet", program.path, name, source.path,
      scratch.path,
    ]
    // The order in which a Set or Dictionary of Swift is walked is else another in each process.
    valgrind.environment = ["SWIFT_DETERMINISTIC_HASHING": "1", "PATH": "/usr/bin:/bin"]
    valgrind.standardOutput = output
    valgrind.standardError = output
    try valgrind.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    valgrind.waitUntilExit()
    // Its last line; before it may be what valgrind says of calls that it does not know.
    let numbers = (text.split(separator: "\n").last ?? "").split(separator: " ")
      .compactMap { Int($0) }
    guard valgrind.terminationStatus == 0, numbers.count == 2 else {
      throw Failed(
        description: "valgrind \(program.path) \(name) ended with \(valgrind.terminationStatus): "
          + text)
    }
    let lines = try String(contentsOf: report, encoding: .utf8).split(separator: "\n")
    let total = lines.last { $0.hasPrefix("totals: ") || $0.hasPrefix("summary: ") }
      .flatMap { $0.split(separator: " ").last }.flatMap { Int($0) }
    guard let total, total > 0 else {
      throw Failed(description: "\(report.path) has no instructions of drydock_micro_measured")
    }
    instructions = total / numbers[0]
    // What is left over is of the measuring itself: two or three in all.
    allocations = numbers[1] / numbers[0]
  }
}
