import BenchmarkKit
import FoundationEssentials
import Linux
import Load
import Measure

/// Both ends of what goes over a way are `stress`: what its net worker tells (MetricsJSON.swift in
/// Sources/Load).
///
/// The server is always on the last CPU. Round trips have their client there too: to wake a sleeping
/// CPU takes several times as long as any way, and sometimes it is not asleep. Streams have an end on
/// each of two CPUs.
struct Traffic {
  let operations: UInt64
  let bytes: UInt64
  let nanoseconds: UInt64
  /// CPU nanoseconds of both ends.
  let cpu: UInt64
  /// How long each round trip took; empty for a stream.
  let latencies: Histogram

  private struct Metrics: Decodable {
    struct Totals: Decodable {
      let ops: UInt64
      let bytes: UInt64
      let peerCpuS: Double
      let histogram: Histogram?
    }
    struct Worker: Decodable {
      let startNs: UInt64
      let endNs: UInt64
      let userUs: UInt64
      let systemUs: UInt64
    }
    let totals: [Totals]
    let workers: [Worker]
  }

  /// Runs one net worker in the namespace that the caller is in.
  init(
    _ words: [String], to server: String, on cpu: Int, _ ground: Ground
  ) throws(ExperimentError) {
    let text = try Command.must(
      ["/usr/bin/taskset", "-c", "\(cpu)", ground.binaries + "/stress", "-q"] + words + [
        "--net-connect", server, "--metrics-json", "-",
      ])
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    guard let metrics = try? decoder.decode(Metrics.self, from: Data(text.utf8)),
      let totals = metrics.totals.first, let worker = metrics.workers.first
    else { throw ExperimentError("stress \(words.joined(separator: " ")) printed \(text)") }
    operations = totals.ops
    bytes = totals.bytes
    nanoseconds = worker.endNs - worker.startNs
    self.cpu = (worker.userUs + worker.systemUs) * 1000 + UInt64(totals.peerCpuS * 1e9)
    latencies = totals.histogram ?? Histogram()
  }

  /// Starts a server at port 80; it ends with the experiment.
  static func serve(in space: Space, _ ground: Ground) throws(ExperimentError) {
    try space.inside { () throws(ExperimentError) in
      let pid = try Place.told { () throws(SystemError) in
        let null = try File.open("/dev/null", .readWrite)
        let child = try Child(
          "/usr/bin/taskset",
          [
            "taskset", "-c", "\(CPUs.online.last ?? 0)", ground.binaries + "/stress", "-q",
            "--net-listen", "80",
          ], input: null.raw, output: null.raw, deathSignal: Signal.kill)
        let pid = child.pid
        child.letGo()
        return pid
      }
      ground.atEnd { () throws(ExperimentError) in
        try Place.told { () throws(SystemError) in
          try Processes.kill(pid, Signal.term)
          _ = try Processes.wait(pid)
        }
      }
      // A relay takes a connection although nobody listens behind it yet.
      _ = try Traffic(
        ["--net-rr", "1", "--ops", "1"], to: "127.0.0.1:80", on: CPUs.online[0], ground)
    }
  }

  /// CPU nanoseconds that a process has had, all of its threads together
  /// (Documentation/scheduler/sched-stats.rst: the first field).
  static func busy(_ pid: Int32?) -> UInt64 {
    threads(of: pid).reduce(0) { sum, thread in
      let text = Kernel.read(thread + "/schedstat") ?? ""
      return sum + (text.split(separator: " ").first.flatMap { UInt64($0) } ?? 0)
    }
  }

  /// How often a process has begun to wait (proc_pid_status(5), voluntary_ctxt_switches), all of its
  /// threads together.
  static func wakings(_ pid: Int32?) -> Int {
    threads(of: pid).reduce(0) { sum, thread in
      let text = Kernel.read(thread + "/status") ?? ""
      let line = text.split(separator: "\n").first { $0.hasPrefix("voluntary_ctxt_switches:") }
      return sum + (line?.split(separator: "\t").last.flatMap { Int($0) } ?? 0)
    }
  }

  /// One that ends meanwhile is missed: it waits no more.
  private static func threads(of pid: Int32?) -> [String] {
    guard let pid else { return [] }
    return Kernel.list("/proc/\(pid)/task").map { "/proc/\(pid)/task/\($0)" }
  }

  /// Puts the proxies where both ends of round trips are (taskset(1)).
  static func bindProxies(of ways: [Way]) throws(ExperimentError) {
    for proxy in Set(ways.compactMap(\.proxy)) {
      try Command.must(
        ["/usr/bin/taskset", "-a", "-c", "-p", "\(CPUs.online.last ?? 0)", "\(proxy)"])
    }
  }
}
