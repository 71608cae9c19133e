import BenchmarkKit
import Linux
import Measure

/// A network namespace, a host's or a container's, for as long as an experiment runs.
///
/// The thread that measures goes in and comes back (setns(2)); what it starts inside stays there.
final class Space {
  let name: String
  private let handle: Int32

  /// A new one with nothing but loopback.
  init(_ name: String, _ ground: Ground) throws(ExperimentError) {
    self.name = name
    let home = try Space.opened("/proc/thread-self/ns/net")
    handle = try Place.told { () throws(SystemError) in
      try Processes.unshare(.network)
      let handle = try File.open("/proc/thread-self/ns/net", .readOnly)
      try Processes.join(home.raw, .network, name: "the benchmark's namespace")
      return handle.release()
    }
    ground.atEnd { () throws(ExperimentError) in self.close() }
    try ip("link set lo up")
  }

  /// That of a process.
  init(_ name: String, of pid: Int32, _ ground: Ground) throws(ExperimentError) {
    self.name = name
    handle = try Space.opened("/proc/\(pid)/ns/net").release()
    ground.atEnd { () throws(ExperimentError) in self.close() }
  }

  private func close() { Descriptors.close(handle) }

  private static func opened(_ path: String) throws(ExperimentError) -> Descriptor {
    try Place.told { () throws(SystemError) in try File.open(path, .readOnly) }
  }

  /// As ip(8) takes it: `netns PATH`.
  var path: String { "/proc/\(Processes.current)/fd/\(handle)" }

  /// Runs a body inside.
  func inside<Result>(
    _ body: () throws(ExperimentError) -> Result
  ) throws(ExperimentError) -> Result {
    let home = try Space.opened("/proc/thread-self/ns/net")
    try Place.told { () throws(SystemError) in
      try Processes.join(handle, .network, name: name)
    }
    var result: Swift.Result<Result, ExperimentError>
    do throws(ExperimentError) { result = .success(try body()) } catch { result = .failure(error) }
    try Place.told { () throws(SystemError) in
      try Processes.join(home.raw, .network, name: "the benchmark's namespace")
    }
    return try result.get()
  }

  /// Commands of ip(8) inside, one a line.
  func ip(_ lines: String) throws(ExperimentError) {
    try inside { () throws(ExperimentError) in
      for line in lines.split(separator: "\n") {
        try Command.must(["/sbin/ip"] + line.split(separator: " ").map { String($0) })
      }
    }
  }

  /// Sets something below /proc/sys/net.
  func set(_ name: String, _ value: String) throws(ExperimentError) {
    try inside { () throws(ExperimentError) in
      try Place.told { () throws(SystemError) in try File.set("/proc/sys/net/" + name, value) }
    }
  }

  /// A cable: `link` here and `eth0` there, with 10.200.NET.1 here and .2 there.
  func join(_ other: Space, link: String, net: Int) throws(ExperimentError) {
    try ip(
      """
      link add \(link) type veth peer name eth0 netns \(other.path)
      address add 10.200.\(net).1/24 dev \(link)
      link set \(link) up
      """)
    try other.ip("address add 10.200.\(net).2/24 dev eth0\nlink set eth0 up")
  }

  /// What each link has taken and sent, in bytes (proc_pid_net(5), /proc/net/dev).
  func counters() throws(ExperimentError) -> [String: UInt64] {
    try inside { () throws(ExperimentError) in
      let text = try Place.told { () throws(SystemError) in
        try File.text("/proc/thread-self/net/dev")
      }
      var counters: [String: UInt64] = [:]
      for line in text.split(separator: "\n").dropFirst(2) {
        let parts = line.split(separator: ":")
        guard parts.count == 2 else { continue }
        let fields = parts[1].split(separator: " ").map { UInt64($0) ?? 0 }
        counters[String(parts[0].drop { $0 == " " })] = fields[0] + fields[8]
      }
      return counters
    }
  }
}
