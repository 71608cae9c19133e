import BenchmarkKit
import Linux
import Measure

// Many starts at once.

extension Bench {
  /// How many containers a sample starts.
  static let manyCount = 100
  /// The most callers at once; each has a bundle, and so a cgroup, of its own.
  static let mostCallers = 8

  /// 100 `run`s of true from so many callers, each of which begins the next when its last has ended.
  func manyExperiment(_ runtimes: [RuntimeCommand], callers: Int) -> Experiment {
    let arms = runtimes.map { runtime in
      let watched = Watched()
      return Arm(runtime.name) {
        watched.complaint
      } measure: { () throws(ExperimentError) in
        do throws(SystemError) {
          let (measurement, complaint) = try self.startMany(runtime, callers)
          watched.complaint = complaint
          return measurement
        } catch { throw ExperimentError(error.text) }
      }
    }
    return Experiment(
      id: "start.many-\(callers)",
      title: Bilingual(
        en: "100 starts from \(callers) at once", zh: "\(callers) 个调用者共启动 100 次"),
      sentence: Bilingual(
        en: """
          100 containers run a static `true` and are deleted; \(callers) at any time. The time is \
          that of all 100.
          """,
        zh: "100 个容器各运行静态的 true 并被删除，同时有 \(callers) 个；时间为全部 100 个之和。"),
      unit: .milliseconds, arms: arms, floor: nil, command: request.command,
      caveat: Bilingual(
        en: "More callers than CPUs measure the kernel's locks (cgroups, mounts, network) too.",
        zh: "调用者多于 CPU 时，也测到内核的锁（cgroup、挂载、网络）。"))
  }

  private func startMany(
    _ runtime: RuntimeCommand, _ callers: Int
  ) throws(SystemError) -> (Measurement, String?) {
    var complaint: String?
    var cpu: UInt64 = 0
    var running: [(pid: Int32, caller: Int)] = []
    var free = Array(0..<callers)
    var begun = 0
    let start = Clock.now
    while begun < Bench.manyCount || !running.isEmpty {
      while begun < Bench.manyCount, let caller = free.popLast() {
        let command = runtime.run("\(scratch)/many-\(caller)", as: "\(runtime.name)-\(caller)")
        running.append((try Processes.spawn(command[0], command), caller))
        begun += 1
      }
      let (ended, status, usage) = try Processes.waitAny()
      guard let index = running.firstIndex(where: { $0.pid == ended }) else { continue }
      free.append(running.remove(at: index).caller)
      cpu += (usage.userMicroseconds + usage.systemMicroseconds) * 1000
      if status != .exited(0) { complaint = "\(runtime.name): exit code \(status.code)" }
    }
    return (Measurement(Double(Clock.now - start) / 1e6, cpuNanoseconds: cpu), complaint)
  }
}
