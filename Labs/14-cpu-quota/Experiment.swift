internal import Engine
internal import LabKit
internal import Linux
internal import Measure

@Sendable func experiment(_ stage: Stage) throws {
  try amount(stage)
  try throttle(stage)
}

/// Three hogs and a CPU and a half.
private func amount(_ stage: Stage) throws {
  stage.say(Texts.sayAmount)
  let allowed = Double(Limits.allowedCPUs().count)
  guard allowed >= 1.5 else {
    for name in ["quota", "period", "expected", "measured"] { stage.fact(name, "?") }
    let doubt = Verdict.inconclusive([.fewCPUs(wanted: 1.5, had: allowed)])
    stage.find(Finding("amount", Texts.findAmount, expected: "150 %", seen: "-", doubt))
    return
  }
  let container = try stage.start(
    hogs(3, cpus: 1.5), steps: ["cpu.cfs_period_us", "cpu.cfs_quota_us", "cpu.max"])
  let limit = try quota(stage, container)
  stage.fact("quota", Decimals.short(limit.quota ?? 0))
  stage.fact("period", Decimals.short(limit.period))
  try Interrupt.sleep(milliseconds: 300)
  usage(stage, container, .before)
  let windows = try stage.watch([container], seconds: 3)
  usage(stage, container, .after)
  let used = windows[0].usedCPUs ?? 0
  let expected = Expected(limit.cpus ?? allowed, within: 0.08, unit: .cpus)
  stage.fact("expected", Decimals.percent(expected.value, 0))
  stage.fact("measured", Decimals.percent(used))
  stage.find(
    "amount", Texts.findAmount, expected: expected, measured: used,
    doubts: Quiet.doubts(windows[0], wanted: expected.value))
  stage.record(
    split: CPUSplit(
      title: Texts.findAmount.bilingual,
      bars: [CPUSplit.Bar(label: Bilingual("--cpus 1.5"), value: used, expected: expected)],
      unit: .cpus, command: "drydock lab start 14"))
  try stage.stop(container)
}

/// One hog and half a CPU.
private func throttle(_ stage: Stage) throws {
  stage.say(Texts.sayThrottle)
  let container = try stage.start(hogs(1, cpus: 0.5), steps: ["cpu.cfs_quota_us", "cpu.max"])
  let limit = try quota(stage, container)
  stage.fact("quota2", Decimals.short(limit.quota ?? 0))
  let statFile = (container.cgroup("cpu") ?? "") + "/cpu.stat"
  try Interrupt.sleep(milliseconds: 300)

  stage.look(statFile, Texts.stat, .before, keep: ["nr_periods", "nr_throttled"])
  usage(stage, container, .before)
  let sampler = Sampler(cgroup: CgroupPaths { container.cgroup($0) })
  let snapshots = try sampler.record(milliseconds: 3200, every: 200)
  try Interrupt.check()
  stage.look(statFile, Texts.stat, .after, keep: ["nr_periods", "nr_throttled"])
  usage(stage, container, .after)
  guard let first = snapshots.first, let last = snapshots.last else { return }

  let window = Window(from: first, to: last)
  let used = window.usedCPUs ?? 0
  let expected = Expected(limit.cpus ?? 1, within: 0.04, unit: .cpus)
  let doubts = Quiet.doubts(window, wanted: 1)
  stage.find(
    "half", Texts.findHalf, expected: expected, measured: used, doubts: doubts)
  let throttling = window.throttling
  let periods = throttling?.periods ?? 0
  let throttled = throttling?.throttledPeriods ?? 0
  stage.fact("periods", "\(periods)")
  stage.fact("throttled", "\(throttled)")
  stage.find(
    "throttled", Texts.findThrottled, expected: Expected(1, within: 0.15, unit: .share),
    measured: periods > 0 ? Double(throttled) / Double(periods) : 0, doubts: doubts)
  stage.record(
    throttling: ThrottlingTimeline(
      title: Texts.timeline.bilingual, limit: limit.cpus, snapshots: snapshots,
      command: "drydock lab start 14"))
  stage.record(window: window)
  try stage.stop(container)
}

/// A container with processes that each want a whole CPU.
func hogs(_ count: Int, cpus: Double?) -> RunOptions {
  var options = RunOptions(image: "stress")
  options.command = ["--cpu", "\(count)"]
  options.cpus = cpus
  return options
}

/// The limit as the kernel has it, shown.
private func quota(_ stage: Stage, _ container: any LabContainer) throws -> Limits.Quota {
  guard let directory = container.cgroup("cpu"), let entry = Limits.cpuQuota(directory) else {
    throw LabError("the container has no cpu cgroup", hint: "Is the cpu controller mounted?")
  }
  stage.look(entry.path, Texts.quota, .during)
  return entry.value
}

private func usage(_ stage: Stage, _ container: any LabContainer, _ moment: Exhibit.Moment) {
  guard let (path, keep) = Limits.usageFile(container.cgroup) else { return }
  stage.look(path, Texts.usage, moment, keep: keep)
}
