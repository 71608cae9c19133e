import BenchmarkKit
import Linux
import Measure
import Report

// A container's start with a network, and what of it the network is.

extension Stage {
  /// A part of the benchmark.
  struct Part {
    let name: String
    let run: (inout ResultDocument) throws(ExperimentError) -> Void
  }

  /// All that were asked for, in order.
  func parts() throws(ExperimentError) -> [Part] {
    let all = [
      Part(name: "paths") { (document) throws(ExperimentError) in
        document.experiments += try self.pathResults()
      },
      Part(name: "start") { (document) throws(ExperimentError) in
        document.experiments.append(try self.startResult())
        document.waterfalls += try self.waterfalls()
      },
      Part(name: "remove") { (document) throws(ExperimentError) in
        document.experiments.append(try self.removeResult())
      },
      Part(name: "crowd") { (document) throws(ExperimentError) in
        document.experiments += try self.crowdResults()
      },
      Part(name: "population") { (document) throws(ExperimentError) in
        document.experiments += try self.populationResults()
      },
    ]
    guard let only = request.texts["--only"]?.split(separator: ",") else { return all }
    for name in only where !all.contains(where: { $0.name == name }) {
      throw ExperimentError(
        "--only \(name): there are \(all.map { $0.name }.joined(separator: ", "))")
    }
    return all.filter { part in only.contains { $0 == part.name } }
  }

  /// Commands on a host as one arm, from spawning to reaped.
  func arm(
    _ name: String, _ host: Host, before: [String] = [], _ commands: [[String]],
    after: [String] = []
  ) -> Arm {
    let watched = Watched()
    return Arm(name) {
      watched.complaint
    } measure: { () throws(ExperimentError) in
      try host.space.inside { () throws(ExperimentError) in
        if !before.isEmpty { try Command.must(before) }
        var cost = Cost()
        let null = try Place.told { () throws(SystemError) in
          try File.open("/dev/null", .readWrite)
        }
        for command in commands { try cost.add(command, output: null.raw) }
        watched.complaint = cost.complaint
        if !after.isEmpty { try Command.must(after) }
        return cost.measurement
      }
    }
  }

  private static let names = "names"

  /// `run --rm busybox true` by network.
  func startResult() throws(ExperimentError) -> ExperimentResult {
    try drydock.must(
      drydock.engine("network", "create", "--subnet", "10.200.34.0/24", Stage.names))
    var arms: [Arm] = []
    for host in hosts where host.engine.name != "docker-proxy" {
      let prefix = host.engine.name == "drydock" ? "" : host.engine.name + "-"
      func start(_ name: String, _ flags: [String], network: String) {
        arms.append(
          arm(
            prefix + name, host,
            [host.engine.run("run", ["--rm"] + flags, network: network, ["true"])]))
      }
      start("bridge", [], network: "bridge")
      start("none", [], network: "none")
      start("ports", ["-p", "8090:80"], network: "bridge")
      if prefix.isEmpty { start("names", [], network: Stage.names) }
    }
    // Its bridge and its name server are there before anything is measured, as others' daemons are.
    var experiment = Experiment(
      id: "network.start", title: Bilingual(en: "run --rm true", zh: "run --rm true"),
      sentence: Bilingual(
        en: """
          `run --rm busybox true`, from spawning the command to its end. bridge: the default network; \
          names: one of its own; ports: the default one and -p. The bridge is there before.
          """,
        zh: "run --rm busybox true，从启动命令到它结束。bridge：默认网络；names：自建网络；ports：默认网络加 -p。网桥事先已存在。"),
      unit: .milliseconds, arms: arms, floor: "none", command: request.command, caveat: shared)
    experiment.rounds = request.rounds
    let result = try experiment.run(seed: request.seed)
    Ratio.report(
      "start", result,
      [
        ("bridge", "none"), ("names", "none"), ("ports", "none"), ("bridge", "podman-bridge"),
        ("bridge", "docker-bridge"), ("ports", "podman-ports"), ("ports", "docker-ports"),
      ])
    return result
  }

  /// Traces of a few starts, the one in the middle of each kind; what their network steps take.
  func waterfalls() throws(ExperimentError) -> [Waterfall] {
    var waterfalls: [Waterfall] = []
    for (name, network, flags) in [
      ("none", "none", []), ("bridge", "bridge", []), ("names", Stage.names, []),
      ("ports", "bridge", ["-p", "8090:80"]),
    ] as [(String, String, [String])] {
      let file = place.path + "/trace"
      var traces: [Waterfall] = []
      for _ in 0..<7 {
        try drydock.must(
          drydock.engine.run(
            "run", ["--rm", "--trace", file] + flags, network: network, ["true"]))
        let bytes = try Place.told { () throws(SystemError) in try File.read(file) }
        do throws(DocumentError) {
          traces.append(
            try Waterfall(
              trace: bytes, title: Bilingual(en: "run, \(name)", zh: "run，\(name)"),
              command: request.command))
        } catch { throw ExperimentError("\(file): \(error)") }
      }
      traces.sort { $0.totalNanoseconds < $1.totalNanoseconds }
      let middle = traces[traces.count / 2]
      waterfalls.append(middle)
      Stage.report(middle)
    }
    return waterfalls
  }

  private static func report(_ trace: Waterfall) {
    func text(_ nanoseconds: UInt64) -> String {
      Decimals.fixed(Double(nanoseconds) / 1e6, 2) + " ms"
    }
    File.report(
      "\(trace.title.en): \(text(trace.totalNanoseconds)), unaccounted"
        + " \(text(trace.unaccountedNanoseconds))\n")
    for step in trace.steps where step.id.hasPrefix("net.") {
      File.report("    \(step.id): \(text(step.durationNanoseconds)), \(step.side)\n")
    }
  }
}
