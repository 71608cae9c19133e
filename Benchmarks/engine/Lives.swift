import BenchmarkKit
import Linux
import Measure

// One container: run, exec, run -d and rm -f; and a list of many.

extension Bench {
  /// `run --rm busybox true`, from spawn to reaped.
  func runExperiment(network: String) -> Experiment {
    let isHost = network == "host"
    return Experiment(
      id: isHost ? "engine.run-host" : "engine.run",
      title: isHost
        ? Bilingual(en: "run --rm true, the host's network", zh: "run --rm true，主机网络")
        : Bilingual(en: "run --rm true, no network", zh: "run --rm true，无网络"),
      sentence: Bilingual(
        en: """
          `run --rm --network \(network) busybox true`, from spawning the command to its end; the \
          image is there already. podman calls crun, dockerd calls runc. No engine makes a network \
          here: `Benchmarks/run network` compares those.
          """,
        zh: "run --rm --network \(network) busybox true，从启动命令到它结束；镜像已在本地。podman 调用 crun，"
          + "dockerd 调用 runc。这里没有任何引擎建立网络：网络由 Benchmarks/run network 比较。"),
      unit: .milliseconds,
      arms: engines.map { engine in
        arm(engine.name) { [engine.run("run", ["--rm"], network: network, ["true"])] }
      }, floor: nil, command: request.command, caveat: quiet)
  }

  /// `exec true` in a container that runs all the time.
  func execResults() throws(ExperimentError) -> [ExperimentResult] {
    for engine in engines {
      try must(engine.run("run", ["-d", "--name", "bench-exec"], ["sleep", "1000000"]))
    }
    let experiment = Experiment(
      id: "engine.exec", title: Bilingual(en: "exec true", zh: "exec true"),
      sentence: Bilingual(
        en: "One more program in a running container, from spawning the command to its end.",
        zh: "在运行中的容器里再运行一个程序，从启动命令到它结束。"),
      unit: .milliseconds,
      arms: engines.map { engine in arm(engine.name) { [engine("exec", "bench-exec", "true")] } },
      floor: nil, command: request.command, caveat: quiet)
    let result = try result(experiment, request.rounds)
    for engine in engines { try must(engine.remove(["bench-exec"])) }
    return [result]
  }

  /// `run -d` and `rm -f`, both.
  func detachedExperiment() -> Experiment {
    Experiment(
      id: "engine.detached", title: Bilingual(en: "run -d, rm -f", zh: "run -d、rm -f"),
      sentence: Bilingual(
        en: "`run -d busybox sleep` and `rm -f` of it, the time of both commands together.",
        zh: "run -d busybox sleep 与随后的 rm -f，两个命令的时间之和。"),
      unit: .milliseconds,
      arms: engines.map { engine in
        arm(engine.name) {
          [
            engine.run("run", ["-d", "--name", "bench-life"], ["sleep", "1000000"]),
            engine.remove(["bench-life"]),
          ]
        }
      }, floor: nil, command: request.command, caveat: quiet)
  }

  /// `ps -a` with many containers that were made and never started.
  func listResults() throws(ExperimentError) -> [ExperimentResult] {
    let count = request.numbers["--stopped"] ?? 500
    for engine in engines {
      for _ in 0..<count { try must(engine.run("create", [], ["true"])) }
    }
    let arms = engines.map { engine in
      let watched = Watched()
      return Arm(engine.name) {
        watched.complaint
      } measure: { () throws(ExperimentError) in
        let memory = try Place.told { () throws(SystemError) in try File.memory("ps") }
        var cost = Cost()
        try cost.add(engine("ps", "-a"), output: memory.raw)
        let lines = try Place.told { () throws(SystemError) in try File.text(memory.procPath) }
          .split(separator: "\n").count
        watched.complaint =
          cost.complaint ?? (lines == count + 1 ? nil : "\(engine.name) ps -a: \(lines) lines")
        return cost.measurement
      }
    }
    let experiment = Experiment(
      id: "engine.ps", title: Bilingual(en: "ps -a of \(count)", zh: "\(count) 个容器的 ps -a"),
      sentence: Bilingual(
        en: "`ps -a` with \(count) containers that were created and never started.",
        zh: "有 \(count) 个已创建、从未启动的容器时的 ps -a。"),
      unit: .milliseconds, arms: arms, floor: nil, command: request.command, caveat: quiet)
    // They go with the place: to remove them one by one would take longer than to measure.
    return [try result(experiment, request.rounds)]
  }

  var quiet: Bilingual {
    Bilingual(
      en: """
        Other work on the machine: ratios within a round hold, milliseconds do not. CPU time is that \
        of the command and all that it waits for: not that of daemons, nor of conmon.
        """,
      zh: "机器上有其他负载时，同一轮内的比值仍成立，毫秒数则不然。CPU 时间只含该命令及其等待的进程，不含守护进程和 conmon。")
  }
}
