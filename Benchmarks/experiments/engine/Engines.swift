import BenchmarkKit
import Linux
import Measure

/// The engines that are here, with busybox in each of them; gone when the experiment ends.
struct Engines {
  /// This project's first.
  private(set) var all: [Engine]
  private let ground: Ground

  /// dockerd without what would change the host: no bridge, no rules.
  private static let apart = [
    "--bridge=none", "--iptables=false", "--ip-forward=false", "--ip-masq=false",
    "--userland-proxy=false",
  ]

  /// Makes their stores and starts their daemons; a smoke test does without Docker's.
  init(_ ground: Ground) throws(ExperimentError) {
    self.ground = ground
    let drydock = try ground.drydock()
    all = [drydock]
    let archive = try ground.archive(of: drydock)
    var peers = [ground.podman()]
    if ground.profile != .smoke { peers.append(try ground.docker("docker", Engines.apart)) }
    for peer in peers.compactMap({ $0 }) {
      try Command.must(peer("load", "-q", "-i", archive))
      all.append(peer)
    }
    // The built-in image is made by the first who asks for it.
    try Command.must(drydock.run("run", ["--rm"], ["true"]))
  }

  /// What prints, in a container, which namespaces it is in.
  static let witness = ["stat", "-Lc", "%i", "/proc/self/ns/pid", "/proc/self/ns/net"]

  /// nil when what the witness printed is from a container.
  ///
  /// - Parameters:
  ///   - text: what it printed.
  ///   - network: whether it is to have a network of its own.
  /// - Returns: what is wrong.
  static func complaint(_ text: String, network: Bool = true) -> String? {
    let inside = text.split(whereSeparator: \.isWhitespace).compactMap { UInt64($0) }
    // `pid:[4026531836]`, namespaces(7).
    let outside = ["pid", "net"].map { name in
      UInt64((Kernel.read("/proc/self/ns/\(name)") ?? "").filter { $0.isNumber })
    }
    guard inside.count == 2 else { return "no container told its namespaces: \(text)" }
    if inside[0] == outside[0] { return "it ran in the host's PID namespace" }
    if (inside[1] == outside[1]) == network {
      return network ? "it ran on the host's network" : "it ran on a network of its own"
    }
    return nil
  }

  /// How many containers an engine lists.
  static func count(_ engine: Engine, _ flag: String) throws(ExperimentError) -> Int {
    try Command.must(engine("ps", flag)).split(separator: "\n").count
  }

  /// An arm that is one command with the witness in a container; what it prints is checked.
  static func witnessed(
    _ name: String, label: Bilingual? = nil, isPeer: Bool, network: Bool = true,
    _ command: [String]
  ) -> Arm {
    var arm = Arm.checked(name, label: label) { () throws(ExperimentError) in
      let memory = try Place.told { () throws(SystemError) in try File.memory("witness") }
      var cost = Cost()
      try cost.add(command, output: memory.raw)
      let text = try Place.told { () throws(SystemError) in try File.text(memory.procPath) }
      return (cost.measurement, cost.complaint ?? complaint(text, network: network))
    }
    arm.mayFail = isPeer
    return arm
  }

  /// What the runtimes that engines call are called as arms: `runtime` is the run's own.
  static func runtimes(_ ground: Ground) -> [(name: String, label: Bilingual, runtime: Runtime)] {
    ground.runtimes.map { runtime in
      let name = runtime.isPeer ? runtime.name : "runtime"
      let own = runtime.name == "drydock" ? "drydock-runtime" : runtime.name
      return (name, Bilingual(en: "\(own) alone", zh: "仅 \(own)"), runtime)
    }
  }

  /// What disturbs all of them.
  static let caveat = Bilingual(
    en: """
      Other work on the machine: ratios within a round hold, milliseconds do not. CPU time is that of \
      the command and all that it waits for: not that of daemons, nor of conmon. Each engine calls its \
      own runtime, whatever --runtime says: drydock drydock-runtime, podman crun, dockerd runc.
      """,
    zh: "机器上有其他负载时，同一轮内的比值仍成立，毫秒数则不然。CPU 时间只含该命令及其等待的进程，不含守护进程和 conmon。"
      + "无论 --runtime 为何，各引擎都调用自己的运行时：drydock 用 drydock-runtime，podman 用 crun，dockerd 用 runc。")
}
