import BenchmarkKit
import Measure

extension Declaration {
  /// One more program in a running container.
  static let startExec = Declaration(
    id: "start.exec", title: Bilingual(en: "exec true", zh: "exec true"),
    sentence: Bilingual(
      en: "One more program in a running container, from spawn to reaped.",
      zh: "在运行中的容器里再运行一个程序，从启动到回收。"),
    unit: .milliseconds, floor: "spawn",
    caveat: Bilingual(
      en: "The container was made a moment before; one with many processes is another matter.",
      zh: "容器刚刚建立；里面有很多进程时另当别论。"),
    rounds: [.quick: 11, .full: 41], secondsARound: 0.1
  ) { ground throws(ExperimentError) in
    let bundle = try ground.bundle("exec", ["/bin/sleep", "1000000"])
    return ground.runtimes.map { runtime in
      .commands(
        runtime, before: [runtime.create(bundle), runtime.start(bundle)],
        [runtime.exec(bundle, ["/true"])], after: [runtime.delete(bundle)])
    } + [.spawn(ground)]
  }
}
