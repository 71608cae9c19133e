import BenchmarkKit
import Measure
import OCI

extension Declaration {
  /// A program that wants more memory than its container may have.
  static let memoryKill = Declaration(
    id: "memory.oom", title: Bilingual(en: "death by the memory limit", zh: "触及内存上限的终结"),
    sentence: Bilingual(
      en: """
        A program touches memory page by page until the kernel ends it: from the last page it got to \
        the moment its parent knows. Without a limit it kills itself after as much.
        """,
      zh: "程序逐页占用内存，直到被内核终结：从得到最后一页到父进程得知的时间。无上限时，它在占用同样多之后自行了断。"),
    unit: .milliseconds, floor: "none-32M",
    caveat: Bilingual(
      en:
        "Swap moves the end; the kernel's own memory counts too, so the program gets less than the "
        + "limit.",
      zh: "交换区会推迟终结；内核自身的内存也计入上限，因此程序得到的少于上限。"),
    axis: Axis(Bilingual(en: "limit", zh: "上限"), unit: .bytes, isLogarithmic: true),
    facets: [
      Facet(
        "overshoot",
        title: Bilingual(en: "most that was charged, beyond the limit", zh: "计入峰值超出上限"),
        unit: .bytes),
      Facet("got", title: Bilingual(en: "share the program got", zh: "程序实得比例"), unit: .share),
      Facet("kills", title: Bilingual(en: "processes killed", zh: "被终结的进程"), unit: .count),
    ],
    rounds: [.smoke: 2, .quick: 11, .full: 41], secondsARound: 0.35
  ) { ground throws(ExperimentError) in
    try ground.require("memory")
    var arms: [Arm] = []
    for mebibytes in [32, 128] { arms.append(try limited(ground, mebibytes)) }
    for mebibytes in [32, 128] { arms.append(try unlimited(ground, mebibytes)) }
    return arms
  }

  private static func limited(_ ground: Ground, _ mebibytes: Int) throws(ExperimentError) -> Arm {
    let limit = mebibytes << 20
    let container = try Inside(ground, "oom-\(mebibytes)") {
      $0.linux.resources.memory.limit = Int64(limit)
      // Where there is swap (proc_swaps(5): a line each, below a head), it stays closed: nobody dies
      // who may swap. Without any, v1 may not even have the file.
      let swaps = Kernel.read("/proc/swaps")?.split(separator: "\n").count ?? 0
      if swaps > 1 { $0.linux.resources.memory.swap = Int64(limit) }
    }
    return .checked(
      "limit-\(mebibytes)M",
      label: Bilingual(en: "limit \(mebibytes) MiB", zh: "上限 \(mebibytes) MiB"),
      at: Double(limit), series: Bilingual(en: "killed by the kernel", zh: "被内核终结"),
      control: "none-\(mebibytes)M"
    ) { () throws(ExperimentError) in
      let before = container.counters.memory
      let figures = try container.run(["allocate", "\(2 * limit)"])
      let after = container.counters.memory
      let kills = (after?.oomKills ?? 0) - (before?.oomKills ?? 0)
      var facets = [
        "got": try figures.value("touched") / Double(limit), "kills": Double(kills),
      ]
      if let peak = after?.peakBytes { facets["overshoot"] = max(0, Double(peak) - Double(limit)) }
      var complaint =
        container.complaint(
          "memory", v1: ("memory.limit_in_bytes", "\(limit)"), v2: ("memory.max", "\(limit)"))
        ?? figures.complaint("signal", is: 9)
      if kills == 0 { complaint = complaint ?? "the kernel counts no kill" }
      return (Measurement(try figures.value("death") / 1e6, facets: facets), complaint)
    }
  }

  private static func unlimited(_ ground: Ground, _ mebibytes: Int) throws(ExperimentError) -> Arm {
    let container = try Inside(ground, "oom-none-\(mebibytes)")
    let bytes = mebibytes << 20
    return .checked(
      "none-\(mebibytes)M",
      label: Bilingual(
        en: "no limit, SIGKILL at \(mebibytes) MiB", zh: "无上限，\(mebibytes) MiB 处 SIGKILL"),
      at: Double(bytes), series: Bilingual(en: "killed by itself", zh: "自行了断")
    ) { () throws(ExperimentError) in
      let before = container.counters.memory?.oomKills ?? 0
      let figures = try container.run(["allocate", "\(bytes)", "end"])
      let kills = (container.counters.memory?.oomKills ?? 0) - before
      return (
        Measurement(
          try figures.value("death") / 1e6,
          facets: ["got": try figures.value("touched") / Double(bytes), "kills": Double(kills)]),
        figures.complaint("signal", is: 9)
          ?? (kills == 0 ? nil : "the kernel killed \(kills) without a limit")
      )
    }
  }
}
