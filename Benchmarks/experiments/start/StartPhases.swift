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
        outside of the steps is unaccounted, and has parts. Phases and unaccounted are the whole, from \
        spawning the runtime to its end. The floor is a C program that makes the same system calls.
        """,
      zh: "run --trace：每一步只计自身用时，并行的部分已扣除；步骤之外的时间记为未归属，并细分。"
        + "各阶段与未归属之和就是从启动运行时到它结束的全部时间。底线是一个只做同样系统调用的 C 程序。"),
    unit: .milliseconds, floor: "floor",
    caveat: Bilingual(
      en: "Reading the clock twice a step and writing the trace are part of it: the run without a "
        + "trace shows how much that is.",
      zh: "每步读两次时钟、写跟踪文件也计入其中：不带跟踪的运行显示这部分有多少。"),
    facets: phases.map { phase in
      Facet(phase, title: Bilingual("run true: \(phase)"), unit: .milliseconds)
    } + StartGaps.facets,
    rounds: [.quick: 11, .full: 41], secondsARound: 0.1
  ) { ground throws(ExperimentError) in
    let bundle = try ground.bundle("phases", ["/true"])
    let ours = Runtime(
      ground.binaries + "/drydock-runtime", name: "traced", in: ground.place, isPeer: false)
    let trace = ground.place.path + "/trace"
    let watched = Watched()
    var traces: [Waterfall] = []
    var floors: [UInt64] = []
    let traced = Arm("traced", label: Bilingual(en: "traced", zh: "带跟踪")) {
      watched.complaint
    } measure: { () throws(ExperimentError) in
      var cost = Cost()
      let run = ours.run(bundle)
      try cost.add(run.dropLast() + ["--trace", trace, run[run.count - 1]])
      let waterfall = try waterfall(trace)
      traces.append(waterfall)
      var facets = exclusive(waterfall)
      let steps = facets.values.reduce(0, +)
      let gaps = StartGaps.parts(
        of: waterfall, spawned: cost.began, reaped: cost.began + cost.nanoseconds)
      facets.merge(gaps) { own, _ in own }
      let whole = Double(cost.nanoseconds) / 1e6
      facets["unaccounted"] = whole - steps
      let sum = gaps.values.reduce(steps, +)
      watched.complaint =
        cost.complaint
        ?? phases.first { facets[$0] == nil }.map { "the trace has no phase \($0)" }
        ?? StartGaps.names.first { facets[$0] == nil }.map { "the trace does not show \($0)" }
        // Clocks that differ, steps that overlap or stick out of the trace.
        ?? (abs(sum - whole) > 0.001 ? "the parts are \(sum) ms, the whole is \(whole)" : nil)
      return Measurement(whole, cpuNanoseconds: cost.cpuNanoseconds, facets: facets)
    }
    // The one in the middle stands for all in the report.
    ground.atEnd { () throws(ExperimentError) in
      traces.sort { $0.totalNanoseconds < $1.totalNanoseconds }
      floors.sort()
      guard !traces.isEmpty else { return }
      var middle = traces[traces.count / 2]
      middle.floorNanoseconds = floors.isEmpty ? nil : floors[floors.count / 2]
      ground.waterfalls.append(middle)
    }
    var untraced = Arm.commands(ours, [ours.run(bundle)])
    untraced.label = ArmLabel("untraced", label: Bilingual(en: "not traced", zh: "不跟踪"))
    let command = try Floor(ground).run(["/true"])
    let floor = Arm.checked(
      "floor", label: Bilingual(en: "C, the same calls", zh: "C，同样的调用")
    ) { () throws(ExperimentError) in
      var cost = Cost()
      try cost.add(command)
      floors.append(cost.nanoseconds)
      return (cost.measurement, cost.complaint)
    }
    return [traced, untraced, floor]
  }

  private static let phases = [
    "config", "cgroup", "namespaces", "rootfs", "security", "exec", "teardown",
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
    return sums
  }
}
