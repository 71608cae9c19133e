import Measure

/// What of a traced start is in no step.
///
///     spawn     began           clone, cgroups, mounts, …       execve     first rmdir     reaped
///       ├─loading─┼─reading─┤steps├┄┤steps├┄┤steps├┄┤steps├─program─┤steps├─closing────┤
///                                 └───────┴───────┴ between
enum StartGaps {
  static let facets = [
    Facet(
      "unaccounted", title: Bilingual(en: "run true: unaccounted", zh: "运行 true：未归属"),
      unit: .milliseconds),
    part("loading", "spawning and loading the runtime", "派生并加载运行时"),
    part("reading", "until its first step: config.json", "到第一步为止：config.json"),
    part("between", "between the steps", "各步之间"),
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
  ///   - spawned: When the command was spawned, by the trace's clock.
  ///   - reaped: When its end was known.
  /// - Returns: Milliseconds by part; a part that the trace does not show is missing.
  static func parts(
    of trace: Waterfall, spawned: UInt64, reaped: UInt64
  ) -> [String: Double] {
    let steps = trace.steps.sorted { $0.startNanoseconds < $1.startNanoseconds }
    guard let began = trace.beganNanoseconds, began >= spawned,
      let first = steps.first, let exec = steps.last(where: { $0.id == "process.exec" })
    else { return [:] }
    var parts = [
      "loading": began - spawned, "reading": first.startNanoseconds, "between": 0,
    ]
    // The time up to which all is told.
    var end = first.startNanoseconds
    for step in steps {
      if step.startNanoseconds > end {
        let name = end == StartGaps.end(of: exec) ? "program" : "between"
        parts[name, default: 0] += step.startNanoseconds - end
      }
      end = max(end, StartGaps.end(of: step))
    }
    if reaped >= began + end { parts["closing"] = reaped - (began + end) }
    return parts.mapValues { Double($0) / 1e6 }
  }

  private static func end(of step: Waterfall.Step) -> UInt64 {
    step.startNanoseconds + step.durationNanoseconds
  }
}
