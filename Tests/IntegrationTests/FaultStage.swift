import Linux
import OCI
import Testing

/// Where a container of one shape is made again and again: what a run of it uses up is made anew
/// before the next.
final class FaultStage {
  let shape: FaultShape
  let bundle: Bundle
  private var listener: Descriptor?
  private(set) var link: String?

  init(_ shape: FaultShape, joining pid: Int32 = 0) throws {
    self.shape = shape
    bundle = try Bundle()
    try shape.configure(bundle, joining: pid)
  }

  deinit { removeLink() }

  /// `run` with more flags.
  func run(_ flags: String...) throws -> Outcome {
    try renew()
    return try IntegrationTests.run(
      bundle.words(
        shape.command + ["--bundle", bundle.path]
          + (shape == .network ? ["--network", bundle.path + "/network.json"] : []) + flags + ["c"])
    )
  }

  private static let ip = "/usr/sbin/ip"

  /// Who listens need not take what comes: it waits in the socket.
  func renew() throws {
    if shape == .agent {
      let path = bundle.path + "/agent"
      if File.exists(path) { try File.remove(path) }
      listener = try listeningSocket(path)
    }
    if shape == .network { try renewBridge() }
    guard shape == .link else { return }
    // The kernel takes a link down some time after its namespace: another name each time.
    removeLink()
    let link = "dd\(Processes.current % 100_000)l\(Machine.unique())"
    try #require(
      IntegrationTests.run(
        [FaultStage.ip, "link", "add", link, "type", "veth", "peer", "name", link + "p"]
      ).code == 0)
    self.link = link
    bundle.config.linux.netDevices = [NetDevice(link, name: "eth7")]
    try bundle.write()
  }

  /// A bridge of this stage's own, and what the runtime is told of it.
  private func renewBridge() throws {
    guard link == nil else { return }
    let bridge = "dd\(Processes.current % 100_000)b\(Machine.unique())"
    for words in [["link", "add", bridge, "type", "bridge"], ["link", "set", bridge, "up"]] {
      try #require(IntegrationTests.run([FaultStage.ip] + words).code == 0)
    }
    link = bridge
    try File.replace(
      bundle.path + "/network.json",
      with: """
        {"endpoints":[{"name":"eth0","outside":"\(bridge)v","bridge":"\(bridge)","mtu":1500,
        "addresses":["10.200.77.2/24"],"gateways":["10.200.77.1"],"isolated":true}]}
        """.utf8)
  }

  /// Whether the link is the host's.
  var hasLink: Bool { link.map { File.exists("/sys/class/net/" + $0) } ?? true }

  private func removeLink() {
    guard let link else { return }
    for end in [link + "p", link + "v", shape == .network ? link : ""]
    where !end.isEmpty && File.exists("/sys/class/net/" + end) {
      _ = try? IntegrationTests.run([FaultStage.ip, "link", "del", end])
    }
  }

  /// The steps of `run` that are this shape's own, from a traced run.
  func stepsOfRun() throws -> [String] {
    let file = bundle.path + "/trace"
    let outcome = try run("--trace=" + file)
    try #require(outcome.code == 0, "\(outcome.error)")
    let steps = try TraceFile(file).occurrences
    try bundle.runtime("delete", "--force", "c")
    return steps.filter { step in
      FaultStage.isSure(step) && shape.own?.contains(String(step.prefix { $0 != "#" })) ?? true
    }
  }

  /// Whether every run has it: how often some steps are repeated is not ours to say.
  private static func isSure(_ step: String) -> Bool {
    let parts = step.split(separator: "#")
    let count = Int(parts[1]) ?? 0
    switch parts[0] {
    // Without pivot_root each mount of the host is let go.
    case "rootfs.detach": return count <= 3
    // Until all stand still, and until nobody is left.
    case "cgroup.freeze", "cgroup.thaw", "cgroup.kill", "process.kill": return count == 1
    default: return true
    }
  }

  /// The steps of another command, from a traced call; `TRACE` stands for the flag.
  func steps(of words: [String]) throws -> [String] {
    let file = bundle.path + "/trace"
    let outcome = try IntegrationTests.run(
      bundle.words(words.map { $0 == "TRACE" ? "--trace=" + file : $0 }))
    try #require(outcome.code == 0, "\(words): \(outcome.error)")
    return try TraceFile(file).occurrences.filter(FaultStage.isSure)
  }

  /// Does something with each value, on both CPUs.
  static func spread(
    _ values: [String], _ shape: FaultShape = .plain, joining pid: Int32 = 0,
    _ body: @escaping @Sendable (FaultStage, String) throws -> Void
  ) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for lane in 0..<2 {
        group.addTask {
          let stage = try FaultStage(shape, joining: pid)
          for (index, value) in values.enumerated() where index % 2 == lane {
            try body(stage, value)
          }
        }
      }
      try await group.waitForAll()
    }
  }
}
