import BenchmarkKit
import Measure
import OCI

extension Suite {
  /// The controller pids.
  static let pids: [Declaration] = [.pidsLimit]
}

extension Declaration {
  /// How many processes there are when fork(2) is refused.
  static let pidsLimit = Declaration(
    id: "pids.limit", title: Bilingual(en: "most processes", zh: "进程数上限"),
    sentence: Bilingual(
      en:
        "A program forks until it is refused (EAGAIN): how many processes the container has then.",
      zh: "程序不断 fork，直到被拒绝（EAGAIN）：此时容器里有多少进程。"),
    unit: .count, floor: "unlimited",
    caveat: Bilingual(
      en: "A runtime that leaves a process of its own in the container is counted.",
      zh: "若运行时在容器里留有自己的进程，也会计入。"),
    axis: Axis(Bilingual(en: "limit", zh: "上限"), unit: .count, isLogarithmic: true),
    rounds: [.smoke: 2, .quick: 6, .full: 21], secondsARound: 0.15
  ) { ground throws(ExperimentError) in
    try ground.require("pids")
    var arms: [Arm] = []
    for limit in [16, 64, 256] { arms.append(try limited(ground, limit)) }
    let free = try Inside(ground, "pids-none")
    arms.append(
      .checked("unlimited", label: Bilingual(en: "no limit, 300 wanted", zh: "无上限，想要 300 个")) {
        () throws(ExperimentError) in
        let figures = try free.run(["forks", "300"])
        return (
          Measurement(try figures.value("made") + 2), figures.complaint("refused", is: 0)
        )
      })
    return arms
  }

  private static func limited(_ ground: Ground, _ limit: Int) throws(ExperimentError) -> Arm {
    let container = try Inside(ground, "pids-\(limit)") {
      $0.linux.resources.pids = Int64(limit)
    }
    return .checked(
      "limit-\(limit)", label: Bilingual(en: "limit \(limit)", zh: "上限 \(limit)"),
      at: Double(limit),
      series: Bilingual(en: "processes", zh: "进程")
    ) { () throws(ExperimentError) in
      let text = ground.limit(container.bundle, "pids", v1: "pids.current", v2: "pids.current")
      guard let before = text.flatMap({ Double($0) }) else {
        throw ExperimentError("no pids.current of \(container.bundle.name)")
      }
      let figures = try container.run(["forks", "\(limit + 50)"])
      let again = try figures.value("again")
      return (
        // Those before it, itself, and its children.
        Measurement(before + 1 + (try figures.value("made"))),
        container.complaint(
          "pids", v1: ("pids.max", "\(limit)"), v2: ("pids.max", "\(limit)"))
          ?? figures.complaint("refused", is: again)
      )
    }
  }
}
