import BenchmarkKit
import Linux
import Measure
import Steps

extension Declaration {
  /// What it costs that every kernel operation goes through `Glass.perform`, when nobody watches.
  static let stepCost = Declaration(
    id: "start.step", title: Bilingual(en: "a step nobody watches", zh: "无人观察的一步"),
    sentence: Bilingual(
      en: """
        One kill(2) with signal 0 as a step of the runtime, and the same call without. The \
        difference is a branch and the making of a value.
        """,
      zh: "一次 kill(2)（信号 0）作为运行时的一步，与直接调用相比：差别只是一个分支和构造一个值。"),
    unit: .nanoseconds, floor: "call",
    caveat: Bilingual(
      en: "Operations with paths also make strings; those are in the start's own figures.",
      zh: "带路径的操作还要构造字符串，那部分已计入启动的数字。"),
    rounds: [.quick: 11, .full: 41], secondsARound: 0.05
  ) { _ throws(ExperimentError) in
    let pid = Processes.current
    let glass = Glass()
    return [
      calls("step") { try glass.perform(.processKill, .kill(pid, signal: 0)) },
      calls("call") { try Processes.kill(pid, 0) },
    ]
  }

  private static func calls(_ name: String, _ body: @escaping () throws -> Void) -> Arm {
    let turns = 20_000
    var done = 0
    return Arm(name) {
      done == turns ? nil : "\(done) of \(turns) calls were made"
    } measure: { () throws(ExperimentError) in
      do {
        done = 0
        let (start, cpu) = (Clock.now, Clock.cpu)
        for _ in 0..<turns {
          try body()
          done += 1
        }
        return Measurement(
          Double(Clock.now - start) / Double(turns), cpuNanoseconds: Clock.cpu - cpu)
      } catch { throw ExperimentError("\(error)") }
    }
  }
}
