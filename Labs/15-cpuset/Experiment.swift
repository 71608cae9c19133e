internal import Engine
internal import LabKit
internal import Linux
internal import Measure

@Sendable func experiment(_ stage: Stage) throws {
  let cpus = Limits.allowedCPUs()
  let cpu = cpus.first ?? 0
  stage.fact("cpu", "\(cpu)")
  stage.look("/proc/self/status", Texts.allowed, .before, keep: ["Cpus_allowed_list"])
  try hogs(stage, cpu, of: cpus)
  try inside(stage, cpu)
}

/// Two hogs on one CPU: where they run, and how much they get.
private func hogs(_ stage: Stage, _ cpu: Int, of cpus: [Int]) throws {
  stage.say(Texts.sayStart.with(["cpu": "\(cpu)"]))
  let container = try stage.start(stress(2, on: "\(cpu)"), steps: ["cpuset.cpus"])
  if let set = container.cgroup("cpuset") {
    stage.look("\(set)/cpuset.cpus", Texts.set, .during)
  }
  try Interrupt.sleep(milliseconds: 300)
  let lines = cpus.prefix(4).map { "cpu\($0) " }
  stage.look("/proc/stat", Texts.stat, .before, keep: lines)
  usage(stage, container, .before)
  let processes = Processes.inCgroup(container.cgroup("cpuset") ?? container.cgroup("cpu") ?? "")
  var elsewhere = 0
  var samples = 0
  let sampler = Sampler(cgroup: CgroupPaths { container.cgroup($0) })
  let before = try sampler.read()
  for _ in 0..<30 {
    try Interrupt.sleep(milliseconds: 100)
    for last in processes.compactMap(Processes.lastCPU) {
      samples += 1
      if last != cpu { elsewhere += 1 }
    }
  }
  let window = Window(from: before, to: try sampler.read())
  usage(stage, container, .after)
  stage.look("/proc/stat", Texts.stat, .after, keep: lines)

  let outside =
    window.usagePerCPU.map { perCPU -> Double in
      let all = Double(perCPU.reduce(0, +))
      let own = cpu < perCPU.count ? Double(perCPU[cpu]) : 0
      return all > 0 ? (all - own) / all : 0
    } ?? (samples > 0 ? Double(elsewhere) / Double(samples) : 0)
  let used = window.usedCPUs ?? 0
  stage.fact("outside", Decimals.percent(outside))
  stage.fact("total", Decimals.percent(used))
  // On a machine with one CPU this could not come out otherwise.
  let single = cpus.count > 1 ? [] : [Doubt.fewCPUs(wanted: 2, had: 1)]
  stage.find(
    "only", Texts.findOnly, expected: Expected(0, within: 0.005, unit: .share),
    measured: outside, doubts: single)
  allowed(stage, processes, cpu)
  stage.find(
    "total", Texts.findTotal, expected: Expected(1, within: 0.06, unit: .cpus), measured: used,
    doubts: Quiet.doubts(window, wanted: 1, on: [cpu]))
  if let perCPU = window.usagePerCPU {
    stage.record(
      split: CPUSplit(
        title: Texts.title1.bilingual,
        bars: cpus.filter { $0 < perCPU.count }.map { number in
          let value = Double(perCPU[number]) / Double(max(1, window.nanoseconds))
          return CPUSplit.Bar(
            label: Bilingual("CPU \(number)"), value: value,
            expected: Expected(number == cpu ? 1 : 0, within: 0.06, unit: .cpus))
        }, unit: .cpus, command: "drydock lab start 15"))
  }
  stage.record(window: window)
  try stage.stop(container)
}

private func allowed(_ stage: Stage, _ processes: [Int32], _ cpu: Int) {
  for pid in processes.prefix(3) {
    stage.look("/proc/\(pid)/status", Texts.allowed, .during, keep: ["Name", "Cpus_allowed_list"])
  }
  let lists = Set(processes.compactMap { Kernel.status($0, "Cpus_allowed_list") })
  stage.fact("allowed", lists.sorted().joined(separator: " "))
  stage.find(
    "allowed", Texts.findAllowed, expected: "\(cpu)",
    seen: lists.sorted().joined(separator: " "), if: lists == ["\(cpu)"],
    otherwise: Texts.otherAllowed)
}

/// What a program inside is told.
private func inside(_ stage: Stage, _ cpu: Int) throws {
  stage.say(Texts.sayInside)
  var options = RunOptions(image: "busybox")
  options.cpusetCpus = "\(cpu)"
  let ask = "grep -c ^processor /proc/cpuinfo; nproc; grep Cpus_allowed_list /proc/self/status"
  options.command = ["sh", "-c", ask]
  let container = try stage.start(options, steps: ["cpuset.cpus"])
  let lines = try stage.lines(of: container, atLeast: 3)
  _ = try stage.finish(container)
  stage.note("/proc/cpuinfo", Texts.inside, .during, "processors: \(lines[0])")
  stage.note("nproc", Texts.inside, .during, lines[1])
  let host = (Kernel.read("/proc/cpuinfo") ?? "").split(separator: "\n")
    .filter { $0.hasPrefix("processor") }.count
  stage.fact("inside", lines[0])
  stage.fact("nproc", lines[1])
  // With one processor in the machine nothing could be told apart.
  if host < 2 {
    let doubt = Verdict.inconclusive([.fewCPUs(wanted: 2, had: 1)])
    stage.find(
      Finding("cpuinfo", Texts.findInfo, expected: "\(host)", seen: lines[0], doubt))
  } else {
    stage.find(
      "cpuinfo", Texts.findInfo, expected: "\(host)", seen: lines[0], if: lines[0] == "\(host)",
      otherwise: Texts.otherInfo)
  }
}

/// A container with processes that each want a whole CPU.
func stress(_ count: Int, on cpus: String?) -> RunOptions {
  var options = RunOptions(image: "stress")
  options.command = ["--cpu", "\(count)"]
  options.cpusetCpus = cpus
  return options
}

private func usage(_ stage: Stage, _ container: any LabContainer, _ moment: Exhibit.Moment) {
  let perCPU = (container.cgroup("cpuacct") ?? "") + "/cpuacct.usage_percpu"
  if File.exists(perCPU) {
    stage.look(perCPU, Texts.perCPU, moment)
  } else if let (path, keep) = Limits.usageFile(container.cgroup) {
    stage.look(path, Texts.total, moment, keep: keep)
  }
}
