import Foundation
import Linux
import Load
import Measure
import Testing

/// Where the built programs are, and whether experiments can be run with them.
enum BenchBinaries {
  /// DRYDOCK_BIN_DIR, else the release build of this package.
  static let path: String = {
    for entry in Processes.environment where entry.hasPrefix("DRYDOCK_BIN_DIR=") {
      return String(entry.dropFirst(16))
    }
    let package = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    return "/\(package)/.build/release"
  }()

  static let areThere =
    Identity.effectiveUser == 0
    && ["drydock-bench", "drydock-runtime", "benchmark-inside", "benchmark-true", "stress"]
      .allSatisfy { File.exists("\(path)/\($0)") }
    && File.exists("/bin/busybox")

  static let reason: Comment =
    "needs root, Debian's busybox-static and the built programs (or DRYDOCK_BIN_DIR)"
}

/// Real experiments, for a round or two: whether they measure what they say, not what comes out.
@Suite(.enabled(if: BenchBinaries.areThere, BenchBinaries.reason), .serialized)
struct ExperimentRunTests {
  private func run(_ words: [String]) throws -> ResultDocument {
    let out = "/tmp/drydock-bench-test.\(Processes.current)"
    try File.makeDirectories(out)
    defer {
      do { try File.removeTree(out) } catch { Issue.record("\(error)") }
    }
    let result = try Child.run(
      BenchBinaries.path + "/drydock-bench",
      ["drydock-bench", "run", "--no-peers", "--out", out] + words)
    try #require(result.status == .exited(0), "\(String(decoding: result.error, as: UTF8.self))")
    for file in ["report.html", "samples.csv", "summary.csv", "report.md"] {
      #expect(File.exists("\(out)/\(file)"), "\(file)")
    }
    return try JSONDecoder().decode(
      ResultDocument.self, from: Data(try File.read("\(out)/result.json")))
  }

  @Test func numbersAreValidAndNothingIsLeft() throws {
    let disk = Set(try File.list("/var/tmp"))
    let document = try run([
      "--rounds", "2", "cpu.native", "memory.oom", "pids", "files.depth", "files.metadata",
      "syscall.getppid", "teardown.phases", "teardown.netns", "start.phases",
    ])
    #expect(document.missing.allSatisfy { $0.name.contains(".") == false }, "\(document.missing)")
    #expect(document.experiments.count == 9)
    for experiment in document.experiments {
      #expect(experiment.leaks == [], "\(experiment.id)")
      #expect(experiment.rounds.count >= 2)
      for sample in experiment.rounds.flatMap(\.samples) {
        #expect(sample.failedAssertions == [], "\(experiment.id) \(sample.arm)")
      }
    }
    // Counts do not depend on who else is busy.
    let pids = try #require(document.experiments.first { $0.id == "pids.limit" })
    for (arm, count) in [("limit-16", 16.0), ("limit-64", 64), ("limit-256", 256)] {
      #expect(pids.values(arm) == [count, count])
    }
    #expect(Set(try File.list("/var/tmp")).subtracting(disk).isEmpty)
  }

  /// One of each period, with the limit that the kernel says.
  @Test func aQuotaIsSeenOverTime() throws {
    let document = try run(["--rounds", "1", "cpu.quota"])
    let lines = try #require(document.experiments.first?.throttling)
    #expect(lines.map(\.limit) == [0.2, 0.2])
    for line in lines {
      #expect(line.points.count > 10)
      #expect(line.points.contains { $0.periods > 0 } && line.points.contains { $0.cpus > 0 })
    }
  }

  /// Engines, bridges and servers on hosts of their own, all of them gone afterwards.
  @Test(.enabled(if: File.exists(BenchBinaries.path + "/drydock-rules"), "needs the engine, built"))
  func networksLeaveNothing() throws {
    let document = try run([
      "--rounds", "1", "network.rr", "network.remove", "network.namespaces",
    ])
    #expect(document.missing == [])
    #expect(document.experiments.count == 3)
    for experiment in document.experiments {
      #expect(experiment.leaks == [], "\(experiment.id)")
      for sample in experiment.rounds.flatMap(\.samples) {
        #expect(sample.failedAssertions == [], "\(experiment.id) \(sample.arm)")
      }
    }
    let ways = try #require(document.experiments.first { $0.id == "network.rr" })
    #expect(ways.arms.count == 10)
    for sample in ways.rounds.flatMap(\.samples) { #expect(sample.distribution?.count == 2000) }
  }

  /// A runtime that leaves the limits out: every number that rests on one is void.
  @Test func withoutItsLimitANumberIsVoid() throws {
    let path = "/tmp/drydock-bench-forgetful.\(Processes.current)"
    let script = """
      #!/bin/sh
      for word in "$@"; do
        if [ "$before" = --bundle ]; then
          sed -i -e 's/"\\(quota\\|limit\\)": *[0-9][0-9]*/"\\1":-1/g' \\
            -e 's/"cpus": *"0"/"cpus":"0-1"/' -e 's/"rate": *[0-9]*/"rate":1000000000/' \\
            -e 's/"hostID": *100000/"hostID":200000/g' "$word/config.json"
        fi
        before=$word
      done
      exec \(BenchBinaries.path)/drydock-runtime "$@"

      """
    try File.replace(path, with: script.utf8, mode: 0o755)
    defer {
      do { try File.remove(path) } catch { Issue.record("\(error)") }
    }
    let document = try run([
      "--rounds", "1", "--runtime", path, "cpu.quota", "cpu.cpuset", "memory", "pids", "io",
      "syscall.getppid",
    ])
    let limited = [
      "cpu.quota": ["20%-100ms", "20%-10ms"], "memory.oom": ["limit-32M", "limit-128M"],
      "cpu.cpuset": ["cpuset"], "memory.reclaim": ["limited"],
      "pids.limit": ["limit-16", "limit-64", "limit-256"],
      "io.write": ["limit-4M", "limit-16M"], "syscall.getppid": ["userns"],
    ]
    for experiment in document.experiments {
      let names = try #require(limited[experiment.id])
      for sample in experiment.rounds.flatMap(\.samples) {
        if names.contains(sample.arm) {
          #expect(!sample.failedAssertions.isEmpty, "\(experiment.id) \(sample.arm)")
        } else if !sample.arm.hasSuffix("′") {
          #expect(sample.failedAssertions == [], "\(experiment.id) \(sample.arm)")
        }
      }
    }
    // With one CPU there is no other to be confined from; without a disk, nothing to read.
    let left = Set(limited.keys).subtracting(document.experiments.map(\.id))
    #expect(left.isSubset(of: ["cpu.cpuset", "memory.reclaim", "io.write"]), "\(document.missing)")
  }
}
