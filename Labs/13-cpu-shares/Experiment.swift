internal import Engine
internal import LabKit
internal import Linux
internal import Measure

/// Seconds a split is watched.
let seconds = 3.0

@Sendable func experiment(_ stage: Stage) throws {
  let cpus = Limits.allowedCPUs()
  let first = cpus.first ?? 0
  try contended(stage, on: first)
  guard cpus.count >= 2 else {
    let doubt = Verdict.inconclusive([.fewCPUs(wanted: 2, had: 1)])
    stage.fact("alone", "?")
    stage.find(Finding("cap", Texts.findCap, expected: "100 %", seen: "-", doubt))
    return
  }
  try alone(stage, first, cpus[1])
}

private func contended(_ stage: Stage, on cpu: Int) throws {
  stage.say(Texts.sayContended.with(["cpu": "\(cpu)"]))
  let a = try stage.start(hog(1024, on: cpu), steps: ["cpu.shares", "cpu.weight", "cpuset.cpus"])
  let b = try stage.start(hog(512, on: cpu), steps: ["cpu.shares", "cpu.weight"])
  guard let weightA = weight(stage, a), let weightB = weight(stage, b) else {
    throw LabError("the container's cgroup has no weight", hint: "Is the cpu controller mounted?")
  }
  checkWeights(stage, weightA, weightB)

  stage.say(Texts.sayWatch.with(["seconds": Decimals.short(seconds)]))
  try Interrupt.sleep(milliseconds: 300)
  usage(stage, [a, b], .before)
  let windows = try stage.watch([a, b], seconds: seconds)
  usage(stage, [a, b], .after)

  let used = windows.map { $0.usedCPUs ?? 0 }
  let share = Split.share(used)
  let expected = Expected(weightA / (weightA + weightB), within: 0.03, unit: .share)
  stage.fact("measured", Decimals.percent(share))
  stage.find(
    "split", Texts.findSplit, expected: expected, measured: share,
    doubts: Quiet.doubts(windows[0], wanted: 1, on: [cpu], own: used.reduce(0, +)))
  stage.record(
    split: CPUSplit(
      title: Texts.titleContended.bilingual,
      bars: [
        bar("--cpu-shares 1024", share, expected),
        bar(
          "--cpu-shares 512", 1 - share, Expected(1 - expected.value, within: 0.03, unit: .share)),
      ], unit: .share, command: "drydock lab start 13"))
  stage.record(window: windows[0])
  try stage.stop(a)
  try stage.stop(b)
}

private func alone(_ stage: Stage, _ first: Int, _ second: Int) throws {
  stage.say(Texts.sayAlone.with(["first": "\(first)", "second": "\(second)"]))
  let a = try stage.start(hog(1024, on: first), steps: ["cpuset.cpus"])
  let b = try stage.start(hog(512, on: second), steps: ["cpuset.cpus"])
  try Interrupt.sleep(milliseconds: 300)
  let windows = try stage.watch([a, b], seconds: seconds)
  let used = windows.map { $0.usedCPUs ?? 0 }
  let doubts = Quiet.doubts(windows[0], wanted: 2, on: [first, second], own: used.reduce(0, +))
  stage.fact("alone", Decimals.percent(used[1]))
  stage.find(
    "cap", Texts.findCap, expected: Expected(1, within: 0.08, unit: .cpus), measured: used[1],
    doubts: doubts)
  let half = Expected(0.5, within: 0.04, unit: .share)
  stage.find(
    "halves", Texts.findHalves, expected: half, measured: Split.share(used), doubts: doubts)
  stage.record(
    split: CPUSplit(
      title: Texts.titleAlone.bilingual,
      bars: [
        bar("--cpu-shares 1024", Split.share(used), half),
        bar("--cpu-shares 512", 1 - Split.share(used), half),
      ], unit: .share, command: "drydock lab start 13"))
}

/// Holds what the kernel has against what was asked for, and names the values explained later.
private func checkWeights(_ stage: Stage, _ weightA: Double, _ weightB: Double) {
  let today = (CPUWeight.weight(shares: 1024), CPUWeight.weight(shares: 512))
  let linear = (CPUWeight.linearWeight(shares: 1024), CPUWeight.linearWeight(shares: 512))
  let isV2 = stage.record.exhibits.contains { $0.path.hasSuffix("cpu.weight") }
  let wanted: (UInt64, UInt64) = isV2 ? today : (1024, 512)
  let seen = (UInt64(weightA), UInt64(weightB))
  stage.find(
    "weights", Texts.findWeights, expected: "\(wanted.0) : \(wanted.1)",
    seen: "\(seen.0) : \(seen.1)", if: seen == wanted, otherwise: Texts.wrongWeights)
  stage.fact("wa", "\(seen.0)")
  stage.fact("wb", "\(seen.1)")
  stage.fact("ratio", Split.ratio(weightA, weightB))
  stage.fact("expected", Decimals.percent(weightA / (weightA + weightB)))
  stage.fact("todayA", "\(today.0)")
  stage.fact("todayB", "\(today.1)")
  stage.fact("today", Split.ratio(Double(today.0), Double(today.1)))
  stage.fact("linearA", "\(linear.0)")
  stage.fact("linearB", "\(linear.1)")
  stage.fact("linear", Split.ratio(Double(linear.0), Double(linear.1)))
}

/// A container with one process that wants a whole CPU.
func hog(_ shares: UInt64?, on cpu: Int) -> RunOptions {
  var options = RunOptions(image: "stress")
  options.command = ["--cpu", "1"]
  options.cpuShares = shares
  options.cpusetCpus = "\(cpu)"
  return options
}

private func weight(_ stage: Stage, _ container: any LabContainer) -> Double? {
  guard let directory = container.cgroup("cpu"), let entry = Limits.cpuWeight(directory) else {
    return nil
  }
  stage.look(entry.path, Texts.weight, .during)
  return entry.value
}

private func usage(
  _ stage: Stage, _ containers: [any LabContainer], _ moment: Exhibit.Moment
) {
  for container in containers {
    guard let (path, keep) = Limits.usageFile(container.cgroup) else { continue }
    stage.look(path, Texts.usage, moment, keep: keep)
  }
}

private func bar(_ name: String, _ value: Double, _ expected: Expected) -> CPUSplit.Bar {
  CPUSplit.Bar(label: Bilingual(name), value: value, expected: expected)
}

/// How two divide something.
enum Split {
  /// The first one's part, 0…1.
  static func share(_ used: [Double]) -> Double {
    let sum = used.reduce(0, +)
    return sum > 0 ? used[0] / sum : 0
  }

  /// `66.7:33.3`.
  static func ratio(_ a: Double, _ b: Double) -> String {
    "\(Decimals.fixed(100 * a / (a + b), 1)):\(Decimals.fixed(100 * b / (a + b), 1))"
  }
}
