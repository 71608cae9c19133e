import BenchmarkKit
import Measure
import OCI

extension Declaration {
  /// A container on one CPU.
  static let cpuSet = Declaration(
    id: "cpu.cpuset", title: Bilingual(en: "CPU set", zh: "CPU 集合"),
    sentence: Bilingual(
      en: """
        Two busy processes in a container that may use one CPU: the share of their time that they \
        were seen on another one. It must be nothing.
        """,
      zh: "只能使用一个 CPU 的容器里有两个忙碌的进程：它们被看到在其他 CPU 上的时间比例。应当为零。"),
    unit: .share, floor: "affinity",
    caveat: Bilingual(
      en: "Looked at every time the clock was read, not in between.", zh: "只在每次读时钟时查看，其间不看。"),
    facets: [
      Facet("used", title: Bilingual(en: "CPUs used", zh: "使用的 CPU"), unit: .cpus)
    ],
    rounds: [.smoke: 2, .quick: 7, .full: 21], secondsARound: 0.6
  ) { ground throws(ExperimentError) in
    try ground.require("cpuset")
    let cpus = CPUs.online
    guard cpus.count > 1 else { throw ExperimentError("with one CPU there is no other") }
    let one = cpus[0]
    let confined = try Inside(ground, "cpuset") { $0.linux.resources.cpu.cpus = "\(one)" }
    let free = try Inside(ground, "cpuset-none")
    let window = 100_000_000
    func arm(
      _ name: String, _ label: Bilingual, _ container: Inside, pin: Int,
      check: @escaping (Figures) -> String?
    ) -> Arm {
      .checked(name, label: label) { () throws(ExperimentError) in
        let figures = try container.run(
          ["burn", "2", "+20000000", "\(window)", "\(pin)", "\(one)"])
        let used = try figures.value("cpu")
        return (
          Measurement(
            try figures.value("outside") / Double(2 * window), cpuNanoseconds: UInt64(used),
            facets: ["used": used / Double(window)]), check(figures)
        )
      }
    }
    return [
      arm("cpuset", Bilingual(en: "cpuset of one CPU", zh: "一个 CPU 的集合"), confined, pin: -1) {
        confined.complaint(
          "cpuset", v1: ("cpuset.effective_cpus", "\(one)"),
          v2: ("cpuset.cpus.effective", "\(one)")) ?? $0.complaint("cpus", is: 1)
      },
      arm(
        "affinity", Bilingual(en: "sched_setaffinity(2) alone", zh: "仅 sched_setaffinity(2)"), free,
        pin: one
      ) { $0.complaint("cpus", is: 1) },
      arm("free", Bilingual(en: "neither", zh: "都没有"), free, pin: -1) {
        $0.complaint("cpus", is: Double(cpus.count))
      },
    ]
  }
}
