internal import Engine
internal import LabKit
internal import Linux
internal import Measure

/// The limit of the experiment, in bytes; what is expected is computed from what the kernel holds.
let limitBytes: Int64 = 64 << 20

@Sendable func experiment(_ stage: Stage) throws {
  try touched(stage)
  try first(stage)
  try reserved(stage)
}

/// A child of the container's shell is killed: the shell lives on, and the counters can be read.
private func touched(_ stage: Stage) throws {
  stage.say(Texts.sayTouched)
  let run = "sleep 1; dd if=/dev/zero of=/dev/null bs=150M count=1; code=$?; sleep 60; exit $code"
  let container = try stage.start(
    limited(["sh", "-c", run]), steps: limitFiles)
  guard let group = container.cgroup("memory"), let limit = Limits.memory(group) else {
    throw LabError("the container has no memory cgroup", hint: "Is the memory controller mounted?")
  }
  let (oom, peak) = (Limits.oomFile(group), Limits.peakFile(group))
  stage.look(limit.path, Texts.limit, .before)
  if let swap = Limits.swap(group) { stage.look(swap.path, Texts.swap, .before) }
  stage.look(oom, Texts.oom, .before, keep: ["oom_kill "])
  stage.look(peak, Texts.peak, .before)
  checkSwap(stage, group)

  // A reading every 10 ms, until the kernel has counted a kill.
  let sampler = Sampler(cgroup: CgroupPaths { container.cgroup($0) })
  var snapshots = [try sampler.read()]
  let deadline = Clock.now + 15_000_000_000
  while (Kernel.keyed(oom, "oom_kill") ?? 0) == 0, Clock.now < deadline {
    try Interrupt.sleep(milliseconds: 10)
    snapshots.append(try sampler.read())
  }
  snapshots.append(try sampler.read())
  stage.look(oom, Texts.oom, .after, keep: ["oom_kill "])
  stage.look(peak, Texts.peak, .after)
  let kills = Kernel.keyed(oom, "oom_kill") ?? 0
  // memory.peak is there since Linux 5.19; before, the readings tell a little less than the peak.
  let counted = Kernel.read(peak).flatMap { Double($0) }
  let most = counted ?? Double(snapshots.compactMap { $0.cgroup?.memory?.bytes }.max() ?? 0)
  stage.fact("kills", "\(kills)")
  stage.fact("peak", Quantity.bytes.text(most))
  stage.find(
    "kills", Texts.findKills, expected: "1", seen: "\(kills)", if: kills == 1,
    otherwise: Texts.noKill)
  let value = Double(limit.value ?? 0)
  stage.find(
    "peak", Texts.findPeak, expected: Expected(value, within: value * 0.01, unit: .bytes),
    measured: most, doubts: counted == nil ? [.unavailable(Texts.noPeak.bilingual)] : [])
  stage.record(
    memory: MemoryTimeline(
      title: Texts.timeline.bilingual, snapshots: snapshots, command: "drydock lab start 16"))
  try stage.stop(container)
}

/// The container's first process is killed, and its end is the container's.
private func first(_ stage: Stage) throws {
  stage.say(Texts.sayFirst)
  let container = try stage.start(
    limited(["dd", "if=/dev/zero", "of=/dev/null", "bs=150M", "count=1"]), steps: limitFiles)
  let code = try stage.finish(container)
  stage.fact("code", "\(code)")
  stage.find(
    "code", Texts.findCode, expected: "\(128 + Signal.kill)", seen: "\(code)",
    if: code == 128 + Signal.kill, otherwise: Texts.otherCode)
}

/// The same buffer, and nothing is ever written to it.
private func reserved(_ stage: Stage) throws {
  stage.say(Texts.sayReserved)
  let container = try stage.start(
    limited(["sh", "-c", "sleep 2 | dd of=/dev/null bs=150M count=1"]), steps: limitFiles)
  let group = container.cgroup("memory") ?? ""
  var largest: (pid: Int32, size: UInt64, resident: UInt64) = (0, 0, 0)
  for _ in 0..<70 where largest.size < UInt64(limitBytes) {
    try Interrupt.sleep(milliseconds: 20)
    for pid in Processes.inCgroup(group) {
      let size = kibibytes(pid, "VmSize")
      if size > largest.size { largest = (pid, size, kibibytes(pid, "VmRSS")) }
    }
  }
  if largest.pid != 0 {
    stage.look(
      "/proc/\(largest.pid)/status", Texts.status, .during, keep: ["Name:", "VmSize:", "VmRSS:"])
  }
  let code = try stage.finish(container)
  let (size, resident) = (
    Quantity.bytes.text(Double(largest.size)), Quantity.bytes.text(Double(largest.resident))
  )
  stage.fact("size", size)
  stage.fact("rss", resident)
  stage.fact("exit", "\(code)")
  stage.find(
    "reserved", Texts.findReserved, expected: "0", seen: "\(code)", if: code == 0,
    otherwise: Texts.reservedFailed)
  let limit = UInt64(limitBytes)
  stage.find(
    "size", Texts.findSize, expected: "VmSize > 64 MiB > VmRSS",
    seen: "VmSize \(size), VmRSS \(resident)",
    if: largest.size > limit && largest.resident < limit, otherwise: Texts.notReserved)
}

private func checkSwap(_ stage: Stage, _ group: String) {
  guard Limits.swap(group) != nil else {
    stage.fact("swap", "?")
    let doubt = Doubt.unavailable(Texts.noSwapCount.bilingual)
    stage.find(
      Finding("swap", Texts.findSwap, expected: "0 B", seen: "?", .inconclusive([doubt])))
    return
  }
  let allowance = Limits.swapAllowance(group)
  let text = allowance.map { Quantity.bytes.text(Double($0)) } ?? "max"
  stage.fact("swap", text)
  stage.find(
    "swap", Texts.findSwap, expected: "0 B", seen: text, if: allowance == 0,
    otherwise: Texts.swapOpen)
}

private func kibibytes(_ pid: Int32, _ field: String) -> UInt64 {
  let number = Kernel.status(pid, field)?.split(separator: " ").first.flatMap { UInt64($0) }
  return (number ?? 0) << 10
}

private func limited(_ command: [String]) -> RunOptions {
  var options = RunOptions(image: "busybox")
  options.command = command
  options.memory = limitBytes
  return options
}

/// The files of the limit, on v1 and v2: their steps are shown.
private let limitFiles = [
  "memory.limit_in_bytes", "memory.memsw.limit_in_bytes", "memory.max", "memory.swap.max",
]
