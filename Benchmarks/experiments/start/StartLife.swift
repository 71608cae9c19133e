import BenchmarkKit
import Measure

extension Declaration {
  /// Three calls, as an engine makes them.
  static let startLife = Declaration(
    id: "start.life", title: Bilingual(en: "create, start, delete", zh: "create、start、delete"),
    sentence: Bilingual(
      en: """
        Three calls as an engine makes them: create, start, delete --force. CPU time is that of the \
        three processes, not of the container.
        """,
      zh: "像引擎那样调用三次：create、start、delete --force。CPU 时间只含这三个进程，不含容器。"),
    unit: .milliseconds, floor: "spawn",
    caveat: Bilingual(
      en: "The program may still run when delete comes; then delete also ends it.",
      zh: "执行 delete 时程序可能仍在运行，那么 delete 还要结束它。"),
    rounds: [.quick: 11, .full: 41], secondsARound: 0.1
  ) { ground throws(ExperimentError) in
    let bundle = try ground.bundle("life", ["/true"])
    return ground.runtimes.map { runtime in
      .commands(
        runtime, [runtime.create(bundle), runtime.start(bundle), runtime.delete(bundle)])
    } + [.spawn(ground)]
  }
}
