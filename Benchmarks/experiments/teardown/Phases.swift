import BenchmarkKit
import Linux
import Measure

extension Declaration {
  /// Kill and delete.
  static let teardownPhases = Declaration(
    id: "teardown.phases", title: Bilingual(en: "stop and delete", zh: "停止与删除"),
    sentence: Bilingual(
      en: """
        A running container is killed (`kill`), ends, and is deleted (`delete`): until its cgroup is \
        gone. The floor kills a process and waits for it.
        """,
      zh: "杀死一个运行中的容器（kill），等它结束，再删除（delete）：直到它的 cgroup 消失。底线是杀死一个进程并等它结束。"),
    unit: .milliseconds, floor: "process",
    caveat: Bilingual(
      en:
        "What a runtime unmounts lazily, and the network namespace, go later than this shows (see "
        + "teardown.netns).",
      zh: "运行时延迟卸载的挂载和网络命名空间，消失得比这里显示的更晚（见 teardown.netns）。"),
    facets: [
      Facet("kill", title: Bilingual(en: "kill returns", zh: "kill 返回"), unit: .milliseconds),
      Facet("end", title: Bilingual(en: "then its end", zh: "随后结束"), unit: .milliseconds),
      Facet("delete", title: Bilingual(en: "delete returns", zh: "delete 返回"), unit: .milliseconds),
      Facet(
        "cgroup", title: Bilingual(en: "then its cgroup's end", zh: "随后 cgroup 消失"),
        unit: .milliseconds),
    ],
    rounds: [.smoke: 2, .quick: 11, .full: 61], secondsARound: 0.25
  ) { ground throws(ExperimentError) in
    let bundle = try ground.bundle("teardown", ["/inside", "pause"])
    let process = Arm.checked("process", label: Bilingual(en: "a process", zh: "一个进程")) {
      () throws(ExperimentError) in
      let path = ground.place.path + "/rootfs/inside"
      return try Place.told { () throws(SystemError) in
        let pid = try Processes.spawn(path, [path, "pause"])
        let start = Clock.now
        try Processes.kill(pid, Signal.kill)
        let (status, _) = try Processes.wait(pid)
        let took = Double(Clock.now - start) / 1e6
        return (
          Measurement(took, facets: ["end": took]),
          status == .signalled(Signal.kill) ? nil : "it ended by itself: \(status)"
        )
      }
    }
    var arms = [arm(ground, ground.runtime, bundle), process]
    for peer in ground.peers {
      var arm = arm(ground, peer, bundle)
      arm.mayFail = true
      arms.append(arm)
    }
    return arms
  }

  private static func arm(_ ground: Ground, _ runtime: Runtime, _ bundle: Bundle) -> Arm {
    .checked(runtime.name) { () throws(ExperimentError) in
      try Command.must(runtime.create(bundle))
      do throws(ExperimentError) {
        try Command.must(runtime.start(bundle))
        return try tear(ground, runtime, bundle)
      } catch {
        // What went wrong is what is told, not that it cannot be cleared away either.
        do throws(ExperimentError) { try Command.must(runtime.delete(bundle)) } catch {}
        throw error
      }
    }
  }

  private static func tear(
    _ ground: Ground, _ runtime: Runtime, _ bundle: Bundle
  ) throws(ExperimentError) -> (Measurement, String?) {
    let cgroup = ground.cgroup(bundle, "memory") ?? ground.cgroup(bundle, "pids") ?? ""
    let pids = Processes.inCgroup(cgroup)
    guard pids.count == 1 else {
      throw ExperimentError("\(cgroup) holds \(pids.count) processes, not one")
    }
    let handle = try Place.told { () throws(SystemError) in try Processes.handle(of: pids[0]) }
    let start = Clock.now
    let kill = try timed(runtime.kill(bundle))
    let ended = try Place.told { () throws(SystemError) in
      try Events.wait([handle.raw], milliseconds: Cost.patience) != 0
    }
    let end = Double(Clock.now - start) / 1e6 - kill
    let delete = try timed(runtime.delete(bundle))
    let deleted = Clock.now
    let deadline = deleted + 2_000_000_000
    while File.exists(cgroup), Clock.now < deadline { Clock.sleep(100_000) }
    let cgroupEnd = Double(Clock.now - deleted) / 1e6
    let total = Double(Clock.now - start) / 1e6
    var complaint: String?
    if !ended { complaint = "it did not end" }
    if File.exists(cgroup) { complaint = "\(cgroup) is still there" }
    return (
      Measurement(
        total, facets: ["kill": kill, "end": end, "delete": delete, "cgroup": cgroupEnd]),
      complaint
    )
  }

  /// Milliseconds of a command that must succeed.
  private static func timed(_ command: [String]) throws(ExperimentError) -> Double {
    var cost = Cost()
    try cost.add(command)
    if let complaint = cost.complaint { throw ExperimentError(complaint) }
    return Double(cost.nanoseconds) / 1e6
  }
}
