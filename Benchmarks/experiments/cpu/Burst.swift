import BenchmarkKit
import Measure
import OCI

extension Declaration {
  /// Bursts that need more than one quota.
  static let cpuBurst = Declaration(
    id: "cpu.burst", title: Bilingual(en: "bursts under a quota", zh: "配额下的突发"),
    sentence: Bilingual(
      en: """
        15 ms of work every 200 ms, under 10 ms in each 50 ms: on average less than half of what is \
        allowed, yet each burst meets the quota, unless unused time may be saved up.
        """,
      zh: "每 200 ms 来 15 ms 的工作，配额是每 50 ms 允许 10 ms：平均不到允许量的一半，但每次突发都会撞上配额，除非未用的时间可以攒下来。"),
    unit: .milliseconds, floor: "unlimited",
    caveat: Bilingual(
      en: "Where in a period a burst begins is chance: the median of three hides the worst.",
      zh: "突发从周期的哪一刻开始是偶然的：三次的中位数掩盖了最坏情况。"),
    facets: [
      Facet("worst", title: Bilingual(en: "worst of three", zh: "三次中最坏"), unit: .milliseconds)
    ],
    rounds: [.full: 21], secondsARound: 3.3
  ) { ground throws(ExperimentError) in
    try ground.require("cpu")
    func arm(_ name: String, _ label: Bilingual, quota: Bool, burst: Bool) throws(ExperimentError)
      -> Arm
    {
      let container = try Inside(ground, "burst-\(name)") { config in
        guard quota else { return }
        config.linux.resources.cpu.quota = 10_000
        config.linux.resources.cpu.period = 50_000
        if burst { config.linux.resources.cpu.burst = 10_000 }
      }
      return .checked(name, label: label) { () throws(ExperimentError) in
        let figures = try container.run(["burst", "15000000", "200000000", "3"])
        let complaint =
          container.complaint(
            "cpu", v1: ("cpu.cfs_quota_us", quota ? "10000" : "-1"),
            v2: ("cpu.max", quota ? "10000 50000" : "max 100000"), orAbsent: !quota)
          ?? (burst
            ? container.complaint(
              "cpu", v1: ("cpu.cfs_burst_us", "10000"), v2: ("cpu.max.burst", "10000")) : nil)
        return (
          Measurement(
            try figures.value("median") / 1e6,
            facets: ["worst": try figures.value("worst") / 1e6]), complaint
        )
      }
    }
    return [
      try arm(
        "saved", Bilingual(en: "quota, burst 10 ms", zh: "配额，可攒 10 ms"), quota: true, burst: true),
      try arm("quota", Bilingual(en: "quota", zh: "配额"), quota: true, burst: false),
      try arm("unlimited", Bilingual(en: "no quota", zh: "无配额"), quota: false, burst: false),
    ]
  }
}
