import BenchmarkKit
import Linux
import Load
import Measure

extension Declaration {
  /// How many starts a second from 1 to 32 callers.
  static let startParallel = Declaration(
    id: "start.parallel", title: Bilingual(en: "starts at once", zh: "同时启动"),
    sentence: Bilingual(
      en: """
        64 containers run a static `true` and are deleted, so many at any time; each caller begins the \
        next when its last has ended. The control spawns the same program without a container.
        """,
      zh: "64 个容器各运行静态的 true 并被删除，同时有这么多个；每个调用者在上一个结束后再启动下一个。对照组不经容器直接启动同一程序。"),
    unit: .perSecond, floor: nil,
    caveat: Bilingual(
      en: """
        More callers than CPUs measure the kernel's locks (cgroups, mounts, network). Callers wait for \
        the last start, so they do not press on a system that stalls: see start.arrivals.
        """,
      zh: "调用者多于 CPU 时，测到的是内核的锁（cgroup、挂载、网络）。调用者会等上一个结束，系统停顿时不会继续施压：参见 start.arrivals。"),
    published: [
      Published(
        figure: "more than 200 starts/s", year: 2022, hardware: "384 GB, Linux 4.19 guests",
        source: "RunD, ATC'22", arm: "drydock-8",
        comparability: Bilingual(
          en: "Those are secure containers with a kernel each, on a larger machine: only the order "
            + "of magnitude compares.",
          zh: "那是各带内核的安全容器，机器更大：只能比较数量级。")),
      Published(
        figure: "200/s with network namespaces, 900/s without", year: 2018, hardware: "Linux 4.13",
        source: "SOCK, ATC'18", arm: "drydock-8",
        comparability: Bilingual(
          en: "Only namespaces were churned there; a start here makes cgroups and mounts as well.",
          zh: "那边只反复创建命名空间；这里的启动还包括 cgroup 与挂载。")),
    ],
    axis: Axis(
      Bilingual(en: "callers", zh: "调用者"), unit: .count, isLogarithmic: true),
    rounds: [.quick: 6, .full: 21], secondsARound: 5
  ) { ground throws(ExperimentError) in
    var arms: [Arm] = []
    let spawn = [ground.place.path + "/rootfs/true"]
    for runtime in ground.runtimes {
      for callers in [8, 1, 2, 4, 16, 32] {
        // The peers only where the curve bends: the whole would take thrice as long.
        if runtime.isPeer, callers != 8 { continue }
        var commands: [[String]] = []
        for caller in 0..<callers {
          let bundle = try ground.bundle("parallel-\(caller)", ["/true"])
          commands.append(runtime.run(bundle))
        }
        var arm = parallel(
          "\(runtime.name)-\(callers)", series: Bilingual(runtime.name), at: callers, commands,
          control: "spawn-\(callers)")
        arm.mayFail = runtime.isPeer
        arms.append(arm)
      }
    }
    for callers in [1, 2, 4, 8, 16, 32] {
      arms.append(
        parallel(
          "spawn-\(callers)", series: Bilingual(en: "no container", zh: "无容器"), at: callers,
          Array(repeating: spawn, count: callers), control: nil))
    }
    return arms
  }

  private static func parallel(
    _ name: String, series: Bilingual, at callers: Int, _ commands: [[String]], control: String?
  ) -> Arm {
    let watched = Watched()
    return Arm(name, at: Double(callers), series: series, control: control) {
      watched.complaint
    } measure: { () throws(ExperimentError) in
      try Place.told { () throws(SystemError) in
        let (measurement, complaint) = try Callers.run(64, commands)
        watched.complaint = complaint
        return measurement
      }
    }
  }
}

/// Several callers at once, each of which begins the next command when its last has ended.
enum Callers {
  /// Runs so many commands; a second's worth, and how long each took.
  static func run(
    _ count: Int, _ commands: [[String]]
  ) throws(SystemError) -> (Measurement, String?) {
    var complaint: String?
    var cpu: UInt64 = 0
    var running: [(pid: Int32, handle: Int32, caller: Int, start: UInt64)] = []
    defer { for one in running { Descriptors.close(one.handle) } }
    var free = Array(commands.indices)
    var begun = 0
    var histogram = Histogram()
    let start = Clock.now
    while begun < count || !running.isEmpty {
      while begun < count, let caller = free.popLast() {
        let now = Clock.now
        let pid = try Processes.spawn(commands[caller][0], commands[caller])
        running.append((pid, try Processes.handle(of: pid).release(), caller, now))
        begun += 1
      }
      let ready = try Events.wait(running.map(\.handle), milliseconds: Cost.patience)
      if ready == 0 {
        if Clock.now - start < UInt64(Cost.patience) * 1_000_000 { continue }  // a signal of ours
        for one in running { try Processes.kill(-one.pid, Signal.kill) }
        complaint = "\(running.count) of \(count) did not end in time"
      }
      let index = ready == 0 ? 0 : ready.trailingZeroBitCount
      let one = running.remove(at: index)
      Descriptors.close(one.handle)
      let (status, usage) = try Processes.wait(one.pid)
      free.append(one.caller)
      histogram.record(Clock.now - one.start)
      cpu += (usage.userMicroseconds + usage.systemMicroseconds) * 1000
      if status != .exited(0) {
        complaint = "\(commands[one.caller].joined(separator: " ")): exit code \(status.code)"
      }
    }
    let seconds = Double(Clock.now - start) / 1e9
    return (
      Measurement(
        Double(count) / seconds, cpuNanoseconds: cpu / UInt64(count), distribution: histogram),
      complaint
    )
  }
}
