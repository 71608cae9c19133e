import BenchmarkKit
import Measure

/// What of a traced start is in no step.
///
///     spawn     began           cloned    init's first   execve     first rmdir     reaped
///       ├─loading─┼─reading─┤steps├─birth─┤steps├┄┤steps├─program─┤steps├─closing────┤
///                                               └ between: every other gap
enum StartGaps {
  static let facets = [
    Facet(
      "unaccounted", title: Bilingual(en: "run true: unaccounted", zh: "运行 true：未归属"),
      unit: .milliseconds),
    part("loading", "spawning and loading the runtime", "派生并加载运行时"),
    part("reading", "until its first step: config.json", "到第一步为止：config.json"),
    part("birth", "from the clone to init's first step", "从 clone 到 init 的第一步"),
    part("between", "between all other steps", "其余各步之间"),
    part("program", "the program, its end, waiting for it", "程序、其结束与等待"),
    part("closing", "writing the trace, and the runtime's own end", "写跟踪文件与运行时自身结束"),
  ]

  /// Those of the parts.
  static let names = facets.dropFirst().map(\.name)

  private static func part(_ name: String, _ en: String, _ zh: String) -> Facet {
    Facet(
      name, title: Bilingual(en: "unaccounted: \(en)", zh: "未归属：\(zh)"), unit: .milliseconds)
  }

  /// How long each part took.
  ///
  /// - Parameters:
  ///   - trace: As the runtime wrote it.
  ///   - cost: Of the one command that wrote it, by the same clock.
  /// - Returns: Milliseconds by part; a part that the trace does not show is missing.
  static func parts(of trace: Waterfall, _ cost: Cost) -> [String: Double] {
    let steps = trace.steps.sorted { $0.startNanoseconds < $1.startNanoseconds }
    guard let began = trace.beganNanoseconds, began >= cost.began,
      let first = steps.first, let born = steps.first(where: { $0.side == "init" }),
      let clone = steps.first(where: { $0.id == "process.clone" }),
      let exec = steps.last(where: { $0.id == "process.exec" })
    else { return [:] }
    let (cloned, executed) = (StartGaps.end(of: clone), StartGaps.end(of: exec))
    var parts = [
      "loading": began - cost.began, "reading": first.startNanoseconds, "birth": 0, "between": 0,
    ]
    // The time up to which all is told.
    var end = first.startNanoseconds
    for step in steps {
      if step.startNanoseconds > end {
        let isBirth = end >= cloned && step.startNanoseconds <= born.startNanoseconds
        let name = end == executed ? "program" : isBirth ? "birth" : "between"
        parts[name, default: 0] += step.startNanoseconds - end
      }
      end = max(end, StartGaps.end(of: step))
    }
    let (last, reaped) = (began + end, cost.began + cost.nanoseconds)
    if reaped >= last { parts["closing"] = reaped - last }
    return parts.mapValues { Double($0) / 1e6 }
  }

  private static func end(of step: Waterfall.Step) -> UInt64 {
    step.startNanoseconds + step.durationNanoseconds
  }
}
