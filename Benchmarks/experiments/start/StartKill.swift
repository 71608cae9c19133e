import BenchmarkKit
import Measure

extension Declaration {
  /// SIGKILL to a running container.
  static let startKill = Declaration(
    id: "start.kill", title: Bilingual(en: "kill", zh: "kill"),
    sentence: Bilingual(
      en: "SIGKILL to a running container, from spawn to reaped.",
      zh: "向运行中的容器发送 SIGKILL，从启动命令到回收。"),
    unit: .milliseconds, floor: "spawn",
    caveat: Bilingual(
      en: "The time until the signal is sent; how long the program takes to die is the kernel's.",
      zh: "只到信号发出为止；程序多久才结束由内核决定。"),
    rounds: [.full: 41], secondsARound: 0.1
  ) { ground throws(ExperimentError) in
    let bundle = try ground.bundle("kill", ["/bin/sleep", "1000000"])
    return ground.runtimes.map { runtime in
      .commands(
        runtime, before: [runtime.create(bundle), runtime.start(bundle)],
        [runtime.kill(bundle)], after: [runtime.delete(bundle)])
    } + [.spawn(ground)]
  }
}
