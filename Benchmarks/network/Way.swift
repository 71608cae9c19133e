import BenchmarkKit
import Linux
import Measure

/// A way from a client to a server, and what shows that bytes have gone by it.
struct Way {
  let name: String
  let client: Space
  let address: String
  let port: Int
  /// The server, which listens there, maybe behind another port.
  let server: Int32
  /// Where the bytes must be seen.
  let passes: (space: Space, link: String)
  /// The process that relays, or stands by: its pid.
  var proxy: Int32?
  /// Whether that process carries the bytes.
  var isRelayed = false
  /// Another way of the same engine, for the tables.
  var engine = "drydock"
}

/// What one look at a way gave.
struct Figures {
  var gigabits = 0.0
  /// Of both ends and the proxy, per gigabyte, in milliseconds.
  var cpu = 0.0
  /// Microseconds.
  var half = 0.0
  var most = 0.0
}

/// The program that is both ends.
struct Traffic {
  let program: String
  /// The CPUs there are (proc_pid_status(5)), and the last one.
  private let cpus: Substring
  private let last: Substring

  /// Pings a sample: 1000 are needed for p99.
  static let pings = 2000
  static let milliseconds = 300

  init(program: String) throws(ExperimentError) {
    self.program = program
    let status = try Place.told { () throws(SystemError) in try File.text("/proc/self/status") }
    let key = "Cpus_allowed_list:\t"
    cpus = status.split(separator: "\n").first { $0.hasPrefix(key) }?.dropFirst(key.count) ?? "0"
    last = cpus.split { $0 == "," || $0 == "-" }.last ?? cpus
  }

  /// Starts a server; it ends with the benchmark.
  func serve(in space: Space, port: Int) throws(ExperimentError) -> Int32 {
    try space.inside { () throws(ExperimentError) in
      try Place.told { () throws(SystemError) in
        let null = try File.open("/dev/null", .readWrite)
        let child = try Child(
          program, ["benchmark-traffic", "serve", "\(port)"], input: null.raw, output: null.raw)
        let pid = child.pid
        child.letGo()
        return pid
      }
    }
  }

  /// Both measurements, and what was wrong with them.
  func measure(_ way: Way) throws(ExperimentError) -> (Figures, complaint: String?) {
    var figures = Figures()
    let place = [way.address, "\(way.port)"]
    let before = try way.passes.space.counters()[way.passes.link] ?? 0
    let woken = Traffic.wakings(way.proxy)
    // A proxy is where both ends are.
    try bind(way.proxy, last)
    let pings = try run(way, ["ping"] + place + ["\(Traffic.pings)"])
    try bind(way.proxy, cpus)
    let busy = Traffic.busy(way)
    let stream = try run(way, ["stream"] + place + ["\(Traffic.milliseconds)"])
    guard pings.count == 2, stream.count == 3, stream[1] > 0 else {
      throw ExperimentError("\(way.name): \(pings) \(stream) are no figures")
    }
    (figures.half, figures.most) = (pings[0] / 1e3, pings[1] / 1e3)
    figures.gigabits = stream[0] * 8 / stream[1]
    figures.cpu = (stream[2] + Double(Traffic.busy(way) - busy)) / 1e6 / (stream[0] / 1e9)

    let passed = (try way.passes.space.counters()[way.passes.link] ?? 0) - before
    var complaint: String?
    if Double(passed) < stream[0] {
      complaint = "\(way.name): \(passed) bytes passed \(way.passes.link), \(stream[0]) were sent"
    }
    // Another wake-up may be of the engine's own, such as a timer: a relay has some for every piece.
    let wakings = Traffic.wakings(way.proxy) - woken
    if way.proxy != nil, way.isRelayed ? wakings < 100 : wakings > 10 {
      complaint = "\(way.name): the proxy was woken \(wakings) times"
    }
    return (figures, complaint)
  }

  /// Lets all threads of a process run on some CPUs (taskset(1)).
  private func bind(_ pid: Int32?, _ cpus: Substring) throws(ExperimentError) {
    if let pid { try Command.must(["/usr/bin/taskset", "-a", "-c", "-p", "\(cpus)", "\(pid)"]) }
  }

  private func run(_ way: Way, _ words: [String]) throws(ExperimentError) -> [Double] {
    let text = try way.client.inside { () throws(ExperimentError) in
      try Command.must([program] + words)
    }
    return text.split { $0 == " " || $0 == "\n" }.compactMap { Double($0) }
  }

  /// CPU nanoseconds that server and proxy have had, all of their threads together
  /// (Documentation/scheduler/sched-stats.rst: the first field).
  private static func busy(_ way: Way) -> UInt64 {
    var sum: UInt64 = 0
    for pid in [way.server, way.proxy].compactMap({ $0 }) {
      for thread in (try? File.list("/proc/\(pid)/task")) ?? [] {
        // One that has ended meanwhile is missed; neither of the two starts any by then.
        let text = (try? File.text("/proc/\(pid)/task/\(thread)/schedstat")) ?? ""
        sum += text.split(separator: " ").first.flatMap { UInt64($0) } ?? 0
      }
    }
    return sum
  }

  /// How often a process has begun to wait (proc_pid_status(5), voluntary_ctxt_switches), all of its
  /// threads together.
  private static func wakings(_ pid: Int32?) -> Int {
    guard let pid, let threads = try? File.list("/proc/\(pid)/task") else { return 0 }
    var count = 0
    for thread in threads {
      // One that has ended meanwhile waits no more.
      guard let text = try? File.text("/proc/\(pid)/task/\(thread)/status") else { continue }
      for line in text.split(separator: "\n") where line.hasPrefix("voluntary_ctxt_switches:") {
        count += line.split(separator: "\t").last.flatMap { Int($0) } ?? 0
      }
    }
    return count
  }
}
