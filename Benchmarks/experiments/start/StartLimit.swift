import BenchmarkKit
import Linux
import Measure
import OCI

extension Declaration {
  /// The smallest memory limit under which a start works.
  static let startLimit = Declaration(
    id: "start.limit", title: Bilingual(en: "smallest memory limit", zh: "最小的内存限制"),
    sentence: Bilingual(
      en: """
        The smallest `linux.resources.memory.limit`, swap included, under which `run` of a static \
        `true` ends with 0; tried from 64 KiB to 8 MiB in steps of √2.
        """,
      zh: "使 run（静态的 true）仍以 0 结束的最小 linux.resources.memory.limit（含交换）："
        + "从 64 KiB 到 8 MiB，每步 √2 倍。"),
    unit: .bytes, floor: nil,
    caveat: Bilingual(
      en: "What the kernel charges depends on its version; near the edge it may fail or not.",
      zh: "内核计入的内存因版本而异；在边界附近，同样的启动可能成功也可能失败。"),
    rounds: [.full: 11], secondsARound: 0.3
  ) { ground throws(ExperimentError) in
    var bundles: [Bundle] = []
    for limit in limits {
      bundles.append(
        try ground.bundle("limit-\(limit)", ["/true"]) {
          $0.linux.resources.memory.limit = Int64(limit) * 1024
          $0.linux.resources.memory.swap = Int64(limit) * 1024
        })
    }
    return ground.runtimes.map { limitArm($0, bundles) }
  }

  /// In KiB, whole pages: finer steps than √2 would be finer than the answer is steady.
  private static let limits = (12...26).map { exponent in
    let whole = Double(1 << (exponent / 2))
    return Int(((exponent % 2 == 0 ? whole : whole * 2.0.squareRoot()) / 4).rounded()) * 4
  }

  private static func limitArm(_ runtime: Runtime, _ bundles: [Bundle]) -> Arm {
    let watched = Watched()
    var arm = Arm(runtime.name) {
      watched.complaint
    } measure: { () throws(ExperimentError) in
      // By halving: works at `high`, does not at `low`.
      var (low, high) = (-1, bundles.count)
      while high - low > 1 {
        let middle = (low + high) / 2
        if try works(runtime, bundles[middle]) { high = middle } else { low = middle }
      }
      let isFound = high < bundles.count
      watched.complaint = isFound ? nil : "\(runtime.name) fails under every limit"
      return Measurement(isFound ? Double(limits[high]) * 1024 : 0)
    }
    arm.mayFail = runtime.isPeer
    return arm
  }

  private static func works(_ runtime: Runtime, _ bundle: Bundle) throws(ExperimentError) -> Bool {
    // What a failing one says and leaves is not of interest here.
    func quietly(_ command: [String]) throws(ExperimentError) -> Bool {
      try Command.output(["/bin/busybox", "sh", "-c", "exec \"$@\" 2>&1", "sh"] + command)
        .complaint == nil
    }
    if try quietly(runtime.run(bundle)) { return true }
    _ = try quietly(runtime.delete(bundle))
    return false
  }
}
