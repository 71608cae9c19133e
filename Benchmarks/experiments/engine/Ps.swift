import BenchmarkKit
import Linux
import Measure

extension Declaration {
  /// A few.
  static let enginePs = enginePs(
    id: "engine.ps", count: 20, rounds: [.full: 21], secondsARound: 0.4, setUpSeconds: 9)

  /// Many: what the list costs by its length is the difference.
  static let enginePsMany = enginePs(
    id: "engine.ps-many", count: 200, rounds: [.full: 11], secondsARound: 0.6, setUpSeconds: 45)

  private static func enginePs(
    id: String, count: Int, rounds: [Profile: Int], secondsARound: Double, setUpSeconds: Double
  ) -> Declaration {
    Declaration(
      id: id,
      title: Bilingual(en: "ps -a of \(count) that never ran", zh: "\(count) 个从未启动的容器的 ps -a"),
      sentence: Bilingual(
        en: """
          `ps -a` with \(count) containers that were created and never started: each has its line. \
          `ps` beside it has none to list, and looks at the same store. The floor is the same \
          program that prints its version: what its start costs.
          """,
        zh: "有 \(count) 个已创建、从未启动的容器时的 ps -a：每个容器占一行。旁边的 ps 没有可列的容器，但查看同一存储。"
          + "底线是同一程序打印版本号：即启动它的代价。"),
      unit: .milliseconds, floor: "drydock-version", caveat: Engines.caveat,
      facets: [
        Facet(
          "running", title: Bilingual(en: "ps, of those that run", zh: "ps（只列运行中的）"),
          unit: .milliseconds)
      ],
      rounds: rounds, secondsARound: secondsARound, setUpSeconds: setUpSeconds
    ) { ground throws(ExperimentError) in
      let engines = try Engines(ground)
      for engine in engines.all {
        for _ in 0..<count {
          if Interrupt.isPending { throw ExperimentError("interrupted") }
          try Command.must(engine.run("create", [], ["true"]))
        }
      }
      let version = engines.all[0].words.prefix(1) + ["--version"]
      return engines.all.map { listing($0, count) } + [
        .checked("drydock-version", label: Bilingual("drydock --version")) {
          () throws(ExperimentError) in
          let (cost, lines) = try lines(Array(version))
          let milliseconds = cost.measurement.value
          return (
            Measurement(
              milliseconds, cpuNanoseconds: cost.cpuNanoseconds,
              facets: ["running": milliseconds]),
            cost.complaint ?? (lines == 1 ? nil : "\(lines) lines, not 1")
          )
        }
      ]
    }
  }

  private static func listing(_ engine: Engine, _ count: Int) -> Arm {
    var arm = Arm.checked(engine.name) { () throws(ExperimentError) in
      let (all, listed) = try lines(engine("ps", "-a"))
      let (some, running) = try lines(engine("ps"))
      // The head is a line too.
      let isRight = listed == count + 1 && running == 1
      return (
        Measurement(
          all.measurement.value, cpuNanoseconds: all.cpuNanoseconds,
          facets: ["running": some.measurement.value]),
        all.complaint ?? some.complaint
          ?? (isRight ? nil : "ps -a has \(listed) lines, ps \(running)")
      )
    }
    arm.mayFail = engine.isPeer
    return arm
  }

  private static func lines(_ command: [String]) throws(ExperimentError) -> (Cost, Int) {
    let memory = try Place.told { () throws(SystemError) in try File.memory("ps") }
    var cost = Cost()
    try cost.add(command, output: memory.raw)
    let text = try Place.told { () throws(SystemError) in try File.text(memory.procPath) }
    return (cost, text.split(separator: "\n").count)
  }
}
