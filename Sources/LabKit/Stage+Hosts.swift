// More than one host in a lab: each is a network namespace with an engine of its own, `--root` and
// `--run-root` beneath the session's folder, so that nothing is shared but the wire between them.

public import Engine
internal import Linux
internal import Measure

/// A further host, with its engine.
public struct LabHost {
  /// The process that keeps its network namespace.
  public let pid: Int32
  /// What makes containers and networks there, within `Stage.on`.
  public let engine: Engine
}

extension Stage {
  /// A host as bare as `ownHost`, with an engine of its own.
  ///
  /// - Parameter name: what its folders in the session's are called.
  /// - Returns: the host.
  /// - Throws: as `otherHost` does; `EngineError` when its roots cannot be made.
  public func furtherHost(_ name: String) throws -> LabHost {
    let engine = try Engine(root: try folder("\(name)-store"), runRoot: try folder(name))
    return LabHost(pid: try otherHost(), engine: engine)
  }

  /// Does something on another host: this process, its engine and all that they start are there
  /// meanwhile.
  ///
  /// - Returns: what the body returns.
  /// - Throws: `SystemError` of setns(2), and what the body throws.
  public func on<Value>(_ host: LabHost, _ body: () throws -> Value) throws -> Value {
    let (way, here, root, watcher) = (try Home(), containers, ownRoot, audience)
    try visit(host.pid)
    (containers, ownRoot) = (host.engine, host.engine.root)
    audience = watcher.map { Elsewhere($0, prefix: "nsenter -t \(host.pid) -n ") }
    let result = Result { try body() }
    (containers, ownRoot, audience) = (here, root, watcher)
    try Processes.join(way.namespace.raw, .network, name: "the host of before")
    return try result.get()
  }

  /// `drydock network rm NAME`, shown.
  ///
  /// - Throws: `EngineError`; `Interrupted`.
  public func removeNetwork(_ name: String, on engine: Engine) throws {
    try Interrupt.check()
    let command = "drydock network rm \(name)"
    audience?.ran(ShownRun(command: command, steps: [], stepCount: 0))
    try engine.removeNetwork(name)
  }

  private func visit(_ pid: Int32) throws(SystemError) {
    let path = "/proc/\(pid)/ns/net"
    let namespace = try File.open(path, .readOnly)
    try Processes.join(namespace.raw, .network, name: path)
  }

  /// Joins two hosts by a veth pair, as a cable joins two machines; both ends are called `eth0` and
  /// have hardware addresses made of their own.
  ///
  /// - Parameters:
  ///   - one: the first host; nil is the session's own.
  ///   - two: the second.
  ///   - net: the first three bytes of its subnet of 24 bits, `10.200.9`; the hosts become .1 and .2.
  ///   - isShown: whether the learner sees it.
  /// - Throws: as `host` does.
  public func cable(_ one: Int32?, _ two: Int32, net: String, isShown: Bool = true) throws {
    func type(_ pid: Int32?, _ line: String) throws {
      let words = line.split(separator: " ").map(String.init)
      if let pid {
        try inside(pid, words, isShown: isShown)
      } else {
        try host(words, isShown: isShown)
      }
    }
    try type(
      one,
      "ip link add eth0 address 02:42:00:00:00:01 type veth peer name eth0 "
        + "address 02:42:00:00:00:02 netns \(two)")
    for (pid, number) in [(one, 1), (Optional(two), 2)] {
      try type(pid, "ip address add \(net).\(number)/24 dev eth0")
      try type(pid, "ip link set eth0 up")
    }
  }
}

/// Tells where what is typed is typed, when that is not the host of before.
private final class Elsewhere: Audience {
  private let audience: any Audience
  private let prefix: String

  init(_ audience: any Audience, prefix: String) {
    self.audience = audience
    self.prefix = prefix
  }

  func said(_ text: Text) { audience.said(text) }
  func ran(_ run: ShownRun) {
    var run = run
    run.command = prefix + run.command
    audience.ran(run)
  }
  func wrote(_ path: String, _ caption: Text, _ content: String) {
    audience.wrote(path, caption, content)
  }
  func looked(_ exhibit: Exhibit) { audience.looked(exhibit) }
  func found(_ finding: Finding) { audience.found(finding) }
}
