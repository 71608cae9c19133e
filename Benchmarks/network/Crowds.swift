import BenchmarkKit
import Linux
import Measure

// Many containers on one bridge, which takes 1024 ports (br_private.h, BR_PORT_BITS): each container is
// one. And what removing one costs: it must not wait until the kernel has cleaned its namespace up.

extension Stage {
  private func life(_ name: String, network: String) -> [String] {
    drydock.engine.run("run", ["-d", "--name", name], network: network, ["sleep", "1000000"])
  }

  /// `rm -f` of a container with a network beside one without.
  func removeResult() throws(ExperimentError) -> ExperimentResult {
    let arms = ["bridge", "none"].map { network in
      arm(
        network, drydock, before: life("brief", network: network),
        [drydock.engine.remove(["brief"])])
    }
    var experiment = Experiment(
      id: "network.remove", title: Bilingual(en: "rm -f", zh: "rm -f"),
      sentence: Bilingual(
        en: "`rm -f` of a running container on the default network, beside one without a network.",
        zh: "对默认网络上运行中的容器执行 rm -f，与没有网络的容器相比。"),
      unit: .milliseconds, arms: arms, floor: "none", command: request.command, caveat: shared)
    experiment.rounds = 2 * request.rounds
    let result = try experiment.run(seed: request.seed)
    Ratio.report("rm -f", result, [("bridge", "none")])
    return result
  }

  /// A hundred made at once, and removed at once.
  func crowdResults() throws(ExperimentError) -> [ExperimentResult] {
    let count = request.numbers["--crowd"] ?? 100
    let names = (0..<count).map { "crowd-\($0)" }
    var removals: [String: [Double]] = [:]
    let arms = ["bridge", "none"].map { network in
      let watched = Watched()
      return Arm(network) {
        watched.complaint
      } measure: { () throws(ExperimentError) in
        try self.drydock.space.inside { () throws(ExperimentError) in
          let made = try Stage.atOnce(names.map { self.life($0, network: network) })
          let complaint = network == "none" ? nil : try self.complaint(names)
          let removed = try Stage.atOnce(names.map { self.drydock.engine.remove([$0]) })
          let left = try self.leftovers()
          watched.complaint = complaint ?? left
          removals[network, default: []].append(Double(removed) / 1e6)
          return Measurement(Double(made) / 1e6)
        }
      }
    }
    var experiment = Experiment(
      id: "network.crowd",
      title: Bilingual(en: "\(count) × run -d at once", zh: "同时 \(count) 个 run -d"),
      sentence: Bilingual(
        en: """
          \(count) commands started at once, until the last has ended. No two containers have one \
          address, and no link is left when they are gone.
          """,
        zh: "同时启动 \(count) 个命令，直到最后一个结束。没有两个容器地址相同，删除之后也没有遗留任何链路。"),
      unit: .milliseconds, arms: arms, floor: "none", command: request.command, caveat: shared)
    experiment.rounds = min(request.rounds, 3)
    experiment.warmUps = 0
    let making = try experiment.run(seed: request.seed)
    var removing = making.retold("removed", .milliseconds, removals)
    removing.title = Bilingual(en: "\(count) × rm -f at once", zh: "同时 \(count) 个 rm -f")
    for result in [making, removing] {
      for arm in ["bridge", "none"] {
        guard let median = Statistics.median(result.values(arm)) else { continue }
        File.report("    \(result.title.en), \(arm): \(Decimals.fixed(median, 0)) ms\n")
      }
    }
    return [making, removing]
  }

  /// Commands at once; nanoseconds until the last has ended.
  private static func atOnce(_ commands: [[String]]) throws(ExperimentError) -> UInt64 {
    let null = try Place.told { () throws(SystemError) in try File.open("/dev/null", .readWrite) }
    let start = Clock.now
    let pids = try Place.told { () throws(SystemError) in
      try commands.map { (words) throws(SystemError) in
        try Processes.spawn(words[0], words, output: null.raw)
      }
    }
    var failed = 0
    for pid in pids {
      let (status, _) = try Place.told { () throws(SystemError) in try Processes.wait(pid) }
      if status != .exited(0) { failed += 1 }
    }
    if failed > 0 { throw ExperimentError("\(failed) of \(commands.count) commands failed") }
    return Clock.now - start
  }

  /// Whether all have an address, and no two the same.
  private func complaint(_ names: [String]) throws(ExperimentError) -> String? {
    let format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
    let told = try Command.must(drydock.engine.words + ["inspect", "-f", format] + names)
    let addresses = told.split(separator: "\n")
    let unlike = Set(addresses).count
    return addresses.count == names.count && unlike == names.count
      ? nil : "\(addresses.count) addresses of \(names.count), \(unlike) of them unlike"
  }

  /// Links of containers that are gone; the kernel takes them some time after the last process.
  private func leftovers() throws(ExperimentError) -> String? {
    let deadline = Clock.now + 10_000_000_000
    while true {
      let up = try Command.must(drydock.engine("ps", "-q")).split(separator: "\n").count
      let text = try Place.told { () throws(SystemError) in try File.text("/proc/self/net/dev") }
      let links = text.split(separator: "\n").filter { $0.contains("veth") }.count
      if links == up { return nil }
      if Clock.now > deadline { return "\(links) links and \(up) containers" }
      Clock.sleep(20_000_000)
    }
  }

  /// A start beside 0, 100 and 500 containers on the same bridge.
  func populationResults() throws(ExperimentError) -> [ExperimentResult] {
    var results: [ExperimentResult] = []
    var names: [String] = []
    let most = request.numbers["--most"] ?? 500
    for population in Set([0, min(100, most), most]).sorted() {
      while names.count < population {
        names.append("resident-\(names.count)")
        try drydock.must(life(names[names.count - 1], network: "bridge"))
      }
      var experiment = Experiment(
        id: "network.beside-\(population)",
        title: Bilingual(
          en: "run --rm true beside \(population)", zh: "已有 \(population) 个容器时的 run --rm true"),
        sentence: Bilingual(
          en: """
            `run --rm busybox true` while \(population) other containers are on the default network's \
            bridge. A bridge has 1024 ports, so 1023 is the most that one network can have.
            """,
          zh: "默认网络的网桥上已有 \(population) 个容器时的 run --rm busybox true。一个网桥最多 1024 个端口。"),
        unit: .milliseconds,
        arms: ["bridge", "none"].map { network in
          arm(
            network, drydock, [drydock.engine.run("run", ["--rm"], network: network, ["true"])])
        }, floor: "none", command: request.command, caveat: shared)
      experiment.rounds = request.rounds
      let result = try experiment.run(seed: request.seed)
      Ratio.report("start beside \(population)", result, [("bridge", "none")])
      results.append(result)
    }
    let start = Clock.now
    if !names.isEmpty { try drydock.must(drydock.engine.remove(names)) }
    File.report("    rm -f of \(names.count): \((Clock.now - start) / 1_000_000) ms\n")
    return results
  }
}
