import BenchmarkKit
import Linux
import Measure
import OCI

extension Declaration {
  /// Two containers on one CPU.
  static let cpuWeights = Declaration(
    id: "cpu.weights",
    title: Bilingual(en: "CPU shares on one CPU", zh: "同一 CPU 上的权重"),
    sentence: Bilingual(
      en: """
        Two containers want the same CPU: what the heavier one gets. Expected is what the weights \
        that the kernel shows come to.
        """,
      zh: "两个容器争用同一个 CPU：权重较大的一方得到多少。预期值由内核给出的权重算出。"),
    unit: .share, floor: "1:1",
    caveat: Bilingual(
      en:
        "Weights mean nothing where nobody has to wait: somebody else on that CPU, or a moment in "
        + "which one of the two does not run, shifts the split.",
      zh: "无人需要等待时，权重没有意义：该 CPU 上的其他负载，或其中一方有一刻不在运行，都会改变比例。"),
    axis: Axis(
      Bilingual(en: "weight against 1", zh: "权重（对 1）"), unit: .count, isLogarithmic: true),
    facets: [
      Facet("expected", title: Bilingual(en: "by the weights", zh: "按权重计算"), unit: .share)
    ],
    rounds: [.quick: 7, .full: 41], secondsARound: 2.1
  ) { ground throws(ExperimentError) in
    try ground.require("cpu")
    var arms: [Arm] = []
    for ratio in [2, 1, 10] { arms.append(try split(ground, ratio)) }
    return arms
  }

  private static func split(_ ground: Ground, _ ratio: Int) throws(ExperimentError) -> Arm {
    let light = try Inside(ground, "light-\(ratio)") { $0.linux.resources.cpu.shares = 1024 }
    let heavy = try Inside(ground, "heavy-\(ratio)") {
      $0.linux.resources.cpu.shares = 1024 * UInt64(ratio)
    }
    func weight(_ container: Inside) -> Double? {
      ground.limit(container.bundle, "cpu", v1: "cpu.shares", v2: "cpu.weight")
        .flatMap { Double($0) }
    }
    return .checked(
      "\(ratio):1", label: Bilingual("\(ratio) : 1"), at: Double(ratio),
      series: Bilingual(en: "share of the heavier", zh: "较重一方的份额")
    ) { () throws(ExperimentError) in
      // Long enough for both to be there: who comes late says so.
      let burn = [
        "burn", "1", "\(Clock.now + 150_000_000)", "300000000", "\(CPUs.online[0])", "-1",
      ]
      let figures = try Inside.together((heavy, burn), (light, burn))
      let (a, b) = (try figures.0.value("cpu"), try figures.1.value("cpu"))
      var complaint =
        figures.0.complaint("late", is: 0) ?? figures.1.complaint("late", is: 0)
      var facets: [String: Double] = [:]
      if let big = weight(heavy), let small = weight(light) {
        facets["expected"] = big / (big + small)
        // v2 has other numbers than v1 and runtimes convert differently; heavier is heavier.
        if ratio == 1 ? big != small : big <= small {
          complaint = "weights are \(big) and \(small), not \(ratio) to 1"
        }
      } else {
        complaint = "the kernel shows no weights"
      }
      return (Measurement(a / (a + b), cpuNanoseconds: UInt64(a + b), facets: facets), complaint)
    }
  }
}
