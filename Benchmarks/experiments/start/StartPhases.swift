import BenchmarkKit
import Linux
import Measure
import Report

extension Declaration {
  /// Where the time of a start goes, by the runtime's own trace.
  static let startPhases = Declaration(
    id: "start.phases", title: Bilingual(en: "run true, traced", zh: "运行 true，带跟踪"),
    sentence: Bilingual(
      en: """
        `run --trace`: every step's time is its own alone, what runs beside it taken off; what lies \
        between the steps is unaccounted. The control is `run` without a trace.
        """,
      zh: "run --trace：每一步只计自身用时，并行的部分已扣除；步骤之间的时间记为未归属。对照组为不带跟踪的 run。"),
    unit: .milliseconds, floor: "untraced",
    caveat: Bilingual(
      en: "Reading the clock twice a step is part of it: the control shows how much that is.",
      zh: "每步读两次时钟也计入其中：对照组显示这部分有多少。"),
    facets: phases.map { phase in
      Facet(phase, title: Bilingual("run true: \(phase)"), unit: .milliseconds)
    },
    rounds: [.quick: 11, .full: 41], secondsARound: 0.1
  ) { ground throws(ExperimentError) in
    let bundle = try ground.bundle("phases", ["/true"])
    let ours = Runtime(
      ground.binaries + "/drydock-runtime", name: "traced", in: ground.place, isPeer: false)
    let trace = ground.place.path + "/trace"
    let watched = Watched()
    var traces: [Waterfall] = []
    let traced = Arm("traced") {
      watched.complaint
    } measure: { () throws(ExperimentError) in
      var cost = Cost()
      let run = ours.run(bundle)
      try cost.add(run.dropLast() + ["--trace", trace, run[run.count - 1]])
      let waterfall = try waterfall(trace)
      traces.append(waterfall)
      let sum = exclusive(waterfall)
      let missing = phases.first { sum[$0] == nil }
      watched.complaint = cost.complaint ?? missing.map { "the trace has no phase \($0)" }
      return Measurement(
        Double(cost.nanoseconds) / 1e6, cpuNanoseconds: cost.cpuNanoseconds, facets: sum)
    }
    // The one in the middle stands for all in the report.
    ground.atEnd { () throws(ExperimentError) in
      traces.sort { $0.totalNanoseconds < $1.totalNanoseconds }
      if !traces.isEmpty { ground.waterfalls.append(traces[traces.count / 2]) }
    }
    var untraced = Arm.commands(ours, [ours.run(bundle)])
    untraced.label = ArmLabel("untraced", label: Bilingual(en: "not traced", zh: "不跟踪"))
    return [traced, untraced]
  }

  private static let phases = [
    "config", "cgroup", "namespaces", "rootfs", "security", "exec", "teardown", "unaccounted",
  ]

  private static func waterfall(_ path: String) throws(ExperimentError) -> Waterfall {
    let bytes = try Place.told { () throws(SystemError) in try File.read(path) }
    do throws(DocumentError) {
      return try Waterfall(
        trace: bytes, title: Bilingual(en: "run true", zh: "运行 true"),
        command: "drydock-runtime run --bundle BUNDLE --trace FILE ID")
    } catch { throw ExperimentError("\(path): \(error.text)") }
  }

  /// Milliseconds by phase.
  ///
  /// The runtime and its init work side by side. A moment in which both are in a step is init's: the
  /// runtime only gets ready meanwhile what init needs later.
  static func exclusive(_ trace: Waterfall) -> [String: Double] {
    var sums: [String: Double] = [:]
    var covered: [Range<UInt64>] = []
    let order = trace.steps.sorted { ($0.side == "init" ? 0 : 1) < ($1.side == "init" ? 0 : 1) }
    for step in order {
      let whole = step.startNanoseconds..<(step.startNanoseconds + step.durationNanoseconds)
      var own = UInt64(whole.count)
      for other in covered where other.overlaps(whole) {
        own -= min(own, UInt64(other.clamped(to: whole).count))
      }
      covered.append(whole)
      sums[step.phase, default: 0] += Double(own) / 1e6
    }
    sums["unaccounted"] = Double(trace.unaccountedNanoseconds) / 1e6
    return sums
  }
}
