import BenchmarkKit
import Linux
import Load
import Measure
import OCI

extension Declaration {
  /// `run` of `true`, warm: what the reader thinks of first.
  static let startRun = start(
    id: "start.run", title: Bilingual(en: "run true", zh: "运行 true"), filter: false)

  /// The same with the default seccomp rules.
  static let startRunSeccomp = start(
    id: "start.run-seccomp",
    title: Bilingual(en: "run true, default seccomp rules", zh: "运行 true，默认 seccomp 规则"),
    filter: true)

  private static func start(id: String, title: Bilingual, filter: Bool) -> Declaration {
    Declaration(
      id: id, title: title,
      sentence: Bilingual(
        en: """
          From spawning the runtime to its end: a container with all namespaces but user, the \
          default mounts and cgroups runs a static `true` and is deleted. Each sample is the median \
          of ten. The floor is a C program that makes the same system calls and nothing else.
          """,
        zh: "从启动运行时到它结束：容器拥有除 user 外的全部命名空间、默认挂载和 cgroup，运行静态的 true 后被删除。"
          + "每个样本是十次的中位数。底线是一个只做同样系统调用的 C 程序。"),
      unit: .milliseconds, floor: "floor",
      caveat: Bilingual(
        en: "Other work on the machine: ratios within a round hold, milliseconds do not.",
        zh: "机器上有其他负载时，同一轮内的比值仍成立，毫秒数则不然。"),
      published: filter ? [] : publishedStarts,
      rounds: filter ? [.full: 41] : [.smoke: 11, .quick: 21, .full: 101],
      secondsARound: 0.6
    ) { ground throws(ExperimentError) in try startArms(ground, filter: filter) }
  }

  private static let publishedStarts = [
    Published(
      figure: "100 × /bin/true: crun 1.69 s, runc 3.34 s", year: 2019, hardware: "a laptop",
      source: "crun README", arm: "crun",
      comparability: Bilingual(
        en: "Another machine and older versions: which of the two is faster compares, by how much "
          + "only roughly.",
        zh: "机器不同、版本更旧：孰快孰慢可以比较，快多少只能粗略比较。")),
    Published(
      figure: "crun 47.3, youki 111.5, runc 224.6 ms", year: 2023,
      hardware: "16 cores, Linux 6.5", source: "youki README", arm: "crun",
      comparability: Bilingual(
        en: "Caches were dropped before each of those: only the order compares.",
        zh: "那边每次之前都清空缓存：只有先后次序可比。")),
  ]

  /// How many starts a sample stands for: a hundred rounds then carry a p99.
  private static let batch = 10

  private static func startArms(
    _ ground: Ground, filter: Bool
  ) throws(ExperimentError) -> [Arm] {
    func configure(_ config: inout Config) {
      guard filter else { return }
      let capabilities = config.process?.capabilities?.bounding ?? []
      config.linux.seccomp = Seccomp.standard(capabilities: capabilities)
    }
    let suffix = filter ? "-seccomp" : ""
    let bundle = try ground.bundle("true\(suffix)", ["/true"], configure: configure)
    let probe = try ground.bundle(
      "probe\(suffix)", Probe.program(ground), configure: configure)
    func arm(_ name: String, _ command: [String], _ probe: [String], isPeer: Bool) -> Arm {
      let watched = Watched()
      var arm = Arm(name) {
        // Right after the number, outside of it: the same command with the probe as program.
        watched.complaint ?? Probe.complaint(probe, filter: filter, ground)
      } measure: { () throws(ExperimentError) in
        try Batch.measure(batch, command, watched)
      }
      arm.mayFail = isPeer
      return arm
    }
    func arm(_ runtime: Runtime) -> Arm {
      arm(runtime.name, runtime.run(bundle), runtime.run(probe), isPeer: runtime.isPeer)
    }
    let floor = try Floor(ground)
    let rules = filter ? try CompiledFilter.path(ground, bundle) : nil
    return [
      arm(ground.runtime),
      arm(
        "floor", floor.run(["/true"], filter: rules),
        floor.run(Probe.program(ground), filter: rules), isPeer: false),
    ] + ground.peers.map(arm)
  }
}

/// One command several times in a row.
enum Batch {
  /// The median in milliseconds, and the histogram of all.
  static func measure(
    _ count: Int, _ command: [String], _ watched: Watched
  ) throws(ExperimentError) -> Measurement {
    var histogram = Histogram()
    var times: [Double] = []
    var cpu: UInt64 = 0
    watched.complaint = nil
    for _ in 0..<count {
      var cost = Cost()
      try cost.add(command)
      watched.complaint = watched.complaint ?? cost.complaint
      histogram.record(cost.nanoseconds)
      times.append(Double(cost.nanoseconds) / 1e6)
      cpu += cost.cpuNanoseconds
    }
    return Measurement(
      Statistics.median(times) ?? 0, cpuNanoseconds: cpu / UInt64(count), distribution: histogram)
  }
}
