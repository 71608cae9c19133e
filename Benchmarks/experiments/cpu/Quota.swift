import BenchmarkKit
import Measure
import OCI

extension Declaration {
  /// A fifth of a CPU, by the usual period and by a short one.
  static let cpuQuota = quota(
    id: "cpu.quota", title: Bilingual(en: "CPU quota", zh: "CPU 配额"),
    rounds: [.smoke: 2, .quick: 7], secondsARound: 1.7,
    quotas: [Quota(20, period: 100), Quota(20, period: 10)])

  /// All sizes.
  static let cpuQuotaFamily = quota(
    id: "cpu.quota-family", title: Bilingual(en: "CPU quotas of all sizes", zh: "各种大小的 CPU 配额"),
    rounds: [.full: 21], secondsARound: 5,
    quotas: [100, 10].flatMap { period in
      // The kernel refuses quotas below 1 ms (kernel/sched/core.c, min_cfs_quota_period).
      [20, 5, 50, 100, 150].filter { $0 * period >= 100 }.map { Quota($0, period: period) }
    })

  private static func quota(
    id: String, title: Bilingual, rounds: [Profile: Int], secondsARound: Double, quotas: [Quota]
  ) -> Declaration {
    Declaration(
      id: id, title: title,
      sentence: Bilingual(
        en: """
          Processes that want more than the quota allows: CPU time used, as a share of the limit. \
          100 % is a limit that is kept exactly. The longest stall is the longest time between two \
          readings of the clock.
          """,
        zh: "进程想用的 CPU 多于配额：实际用量占上限的比例，100 % 表示上限被精确遵守。最长停顿是两次读时钟之间的最长间隔。"),
      unit: .share, floor: "unlimited",
      caveat: Bilingual(
        en: "Others who take the CPU (steal): what could not be used is no merit of the limit. "
          + "Without a quota, 100 % is all the CPUs that the processes asked for.",
        zh: "别人占用 CPU（steal）：没能用上的时间不是上限的功劳。没有配额时，100 % 指进程所要的全部 CPU。"),
      published: [
        Published(
          figure: "period 100 ms, slice 5 ms; overrun at most 1 ms a CPU", year: 2010,
          hardware: "-", source: "kernel, sched-bwc.rst", arm: quotas.first?.name,
          comparability: Bilingual(
            en: "What the documentation allows, not a measurement: the share over 100 % times the "
              + "quota is the overrun.",
            zh: "这是文档允许的范围，不是测量值：超出 100 % 的部分乘以配额就是超用量。"))
      ],
      axis: Axis(Bilingual(en: "quota, of a CPU", zh: "配额（占一个 CPU）"), unit: .share),
      facets: [
        Facet(
          "stall", title: Bilingual(en: "longest stall", zh: "最长停顿"), unit: .milliseconds),
        Facet(
          "throttled", title: Bilingual(en: "periods throttled", zh: "被限流的周期"), unit: .share),
        Facet(
          "overrun",
          title: Bilingual(en: "CPU time beyond the quota, a period", zh: "每个周期超出配额的 CPU 时间"),
          unit: .microseconds),
      ],
      rounds: rounds, secondsARound: secondsARound
    ) { ground throws(ExperimentError) in
      try ground.require("cpu")
      let cpus = CPUs.online.count
      var arms: [Arm] = []
      for quota in quotas where quota.processes <= cpus {
        arms.append(try quota.arm(ground, of: id))
      }
      for processes in Set(quotas.map(\.processes)).sorted() where processes <= cpus {
        arms.append(try Quota.unlimited(ground, processes))
      }
      return arms
    }
  }
}

/// A quota of a number of periods.
private struct Quota: Sendable {
  /// Of a CPU.
  let percent: Int
  /// In milliseconds.
  let period: Int

  init(_ percent: Int, period: Int) {
    self.percent = percent
    self.period = period
  }

  var name: String { "\(percent)%-\(period)ms" }
  /// As many as want more than there is.
  var processes: Int { percent / 100 + 1 }
  /// Whole periods: they hold whole quotas.
  private var periods: Int { period >= 100 ? 4 : 20 }
  /// In nanoseconds.
  private var window: Int { period * periods * 1_000_000 }

  func arm(_ ground: Ground, of experiment: String) throws(ExperimentError) -> Arm {
    let microseconds = Int64(percent) * Int64(period) * 10
    let (quota, period) = (self, UInt64(period) * 1000)
    let container = try Inside(ground, "quota-\(percent)-\(self.period)") { config in
      config.linux.resources.cpu.quota = microseconds
      config.linux.resources.cpu.period = period
    }
    // One of each period is drawn over time.
    var isDrawn = percent != 20
    return .checked(
      name, label: Bilingual("\(percent) %, \(self.period) ms"), at: Double(percent) / 100,
      series: Bilingual(en: "period \(self.period) ms", zh: "周期 \(self.period) ms"),
      control: Quota.unlimitedName(processes)
    ) { () throws(ExperimentError) in
      if !isDrawn {
        isDrawn = true
        ground.throttling.append(try quota.timeline(of: container, experiment))
      }
      let before = container.counters.throttling
      let figures = try container.run(quota.burn)
      let after = container.counters.throttling
      let share = Double(quota.percent) / 100
      let allowed = Double(quota.window) * share
      let used = try figures.value("cpu")
      var facets = [
        "stall": try figures.value("stall") / 1e6,
        "overrun": (used - allowed) / 1e3 / Double(quota.periods),
      ]
      var complaint =
        container.complaint(
          "cpu", v1: ("cpu.cfs_quota_us", "\(microseconds)"),
          v2: ("cpu.max", "\(microseconds) \(period)"))
        ?? container.complaint(
          "cpu", v1: ("cpu.cfs_period_us", "\(period)"),
          v2: ("cpu.max", "\(microseconds) \(period)"))
      if let before, let after {
        let throttled = after.throttledPeriods - before.throttledPeriods
        let all = after.periods - before.periods
        if all > 0 { facets["throttled"] = Double(throttled) / Double(all) }
        if throttled == 0 { complaint = complaint ?? "the quota never ran out" }
      }
      return (
        Measurement(used / allowed, cpuNanoseconds: UInt64(used), facets: facets), complaint
      )
    }
  }

  /// The same once more, read all the time: not among the numbers, which nobody disturbs.
  private func timeline(
    of container: Inside, _ experiment: String
  ) throws(ExperimentError) -> ThrottlingTimeline {
    // A tick of the kernel's is up to 10 ms; before it, a process that runs is not charged.
    let snapshots = try container.watched(burn, every: Int32(max(5, period / 10)))
    return ThrottlingTimeline(
      title: Bilingual(
        en: "\(percent) % of a CPU, period \(period) ms, over time",
        zh: "一个 CPU 的 \(percent) %，周期 \(period) ms，随时间变化"),
      limit: container.quota, snapshots: snapshots,
      command: "sudo drydock bench run \(experiment)")
  }

  /// What is left over from before is used up in the first period.
  private var burn: [String] {
    ["burn", "\(processes)", "+\(period * 1_000_000)", "\(window)", "-1", "-1"]
  }

  private static func unlimitedName(_ processes: Int) -> String {
    processes == 1 ? "unlimited" : "unlimited-\(processes)"
  }

  static func unlimited(_ ground: Ground, _ processes: Int) throws(ExperimentError) -> Arm {
    let name = unlimitedName(processes)
    let container = try Inside(ground, name)
    let window = 200_000_000
    return .checked(
      name,
      label: Bilingual(
        en: "no quota, \(processes) CPU\(processes == 1 ? "" : "s")",
        zh: "无配额，\(processes) 个 CPU")
    ) { () throws(ExperimentError) in
      let figures = try container.run(
        ["burn", "\(processes)", "+20000000", "\(window)", "-1", "-1"])
      let used = try figures.value("cpu")
      return (
        Measurement(
          used / Double(window * processes), cpuNanoseconds: UInt64(used),
          facets: ["stall": try figures.value("stall") / 1e6, "throttled": 0]),
        container.complaint(
          "cpu", v1: ("cpu.cfs_quota_us", "-1"), v2: ("cpu.max", "max 100000"), orAbsent: true)
      )
    }
  }
}
