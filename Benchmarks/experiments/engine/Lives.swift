import BenchmarkKit
import Linux
import Measure
import OCI

// One container: run, exec, run -d and rm -f.

extension Declaration {
  /// Without a network.
  static let engineRun = engineRun(
    id: "engine.run", title: Bilingual(en: "run --rm, no network", zh: "run --rm，无网络"),
    isHost: false, rounds: [.smoke: 6, .quick: 11, .full: 31])

  /// On the host's.
  static let engineRunHost = engineRun(
    id: "engine.run-host",
    title: Bilingual(en: "run --rm, the host's network", zh: "run --rm，主机网络"), isHost: true,
    rounds: [.full: 21])

  private static func engineRun(
    id: String, title: Bilingual, isHost: Bool, rounds: [Profile: Int]
  ) -> Declaration {
    let network = isHost ? "host" : "none"
    return Declaration(
      id: id, title: title,
      sentence: Bilingual(
        en: """
          `run --rm --network \(network) busybox stat /proc/self/ns/…`, from spawning the command to \
          its end; the image is there already, and what it prints says that it ran in a container. \
          Beside the engines their runtimes alone, with the same program.
          """,
        zh: "run --rm --network \(network) busybox stat /proc/self/ns/…，从启动命令到它结束；镜像已在本地，"
          + "其输出证明它确实在容器里运行。旁边是单独使用各自运行时、运行同一程序的结果。"),
      unit: .milliseconds, floor: "runtime", caveat: Engines.caveat, rounds: rounds,
      secondsARound: 0.7, setUpSeconds: 5
    ) { ground throws(ExperimentError) in
      let engines = try Engines(ground)
      let bundle = try ground.bundle(isHost ? "run-host" : "run", Engines.inBundle) {
        if isHost { $0.linux.namespaces.removeAll { $0.kind == .network } }
      }
      return engines.all.map { engine in
        Engines.witnessed(
          engine.name, isPeer: engine.isPeer, network: !isHost,
          engine.run("run", ["--rm"], network: network, Engines.witness))
      }
        + Engines.runtimes(ground).map { name, label, runtime in
          Engines.witnessed(
            name, label: label, isPeer: runtime.isPeer, network: !isHost, runtime.run(bundle))
        }
    }
  }

  /// One more program in a container that runs all the time.
  static let engineExec = Declaration(
    id: "engine.exec", title: Bilingual(en: "exec", zh: "exec"),
    sentence: Bilingual(
      en: """
        `exec` of busybox's stat in a running container, from spawning the command to its end; what \
        it prints says that it ran in the container. Beside the engines their runtimes alone.
        """,
      zh: "在运行中的容器里 exec 一次 busybox 的 stat，从启动命令到它结束；其输出证明它在容器里运行。旁边是单独使用各自运行时的结果。"),
    unit: .milliseconds, floor: "runtime", caveat: Engines.caveat,
    rounds: [.quick: 11, .full: 31], secondsARound: 0.5, setUpSeconds: 6
  ) { ground throws(ExperimentError) in
    let engines = try Engines(ground)
    for engine in engines.all {
      try Command.must(engine.run("run", ["-d", "--name", "bench-exec"], ["sleep", "1000000"]))
    }
    var runtimes: [Arm] = []
    for (name, label, runtime) in Engines.runtimes(ground) {
      let bundle = try ground.bundle("engine-exec-\(name)", ["/bin/sleep", "1000000"])
      try ground.start(bundle, on: runtime)
      runtimes.append(
        Engines.witnessed(
          name, label: label, isPeer: runtime.isPeer, runtime.exec(bundle, Engines.inBundle)))
    }
    return engines.all.map { engine in
      Engines.witnessed(
        engine.name, isPeer: engine.isPeer,
        engine.words + ["exec", "bench-exec"] + Engines.witness)
    } + runtimes
  }

  /// `run -d` and `rm -f`, both.
  static let engineDetached = Declaration(
    id: "engine.detached", title: Bilingual(en: "run -d, rm -f", zh: "run -d、rm -f"),
    sentence: Bilingual(
      en: """
        `run -d busybox sleep` and `rm -f` of it, the time of both commands together; in between and \
        afterwards, outside of the number, the engine is asked whether it runs and whether it is gone.
        """,
      zh: "run -d busybox sleep 与随后的 rm -f，两个命令的时间之和；两者之间和之后（不计时）会询问引擎容器是否在运行、是否已消失。"),
    unit: .milliseconds, floor: "runtime", caveat: Engines.caveat,
    facets: [
      Facet("run", title: Bilingual(en: "run -d", zh: "run -d"), unit: .milliseconds),
      Facet("remove", title: Bilingual(en: "rm -f", zh: "rm -f"), unit: .milliseconds),
    ],
    rounds: [.quick: 6, .full: 21], secondsARound: 1.3, setUpSeconds: 5
  ) { ground throws(ExperimentError) in
    let engines = try Engines(ground)
    let bundle = try ground.bundle("engine-detached", ["/bin/sleep", "1000000"])
    return engines.all.map { engine in
      detached(
        engine.name, isPeer: engine.isPeer,
        [engine.run("run", ["-d", "--name", "bench-life"], ["sleep", "1000000"])],
        [engine.remove(["bench-life"])]
      ) { () throws(ExperimentError) in try Engines.count(engine, "-aq") }
    }
      + Engines.runtimes(ground).map { name, label, runtime in
        detached(
          name, label: label, isPeer: runtime.isPeer,
          [runtime.create(bundle), runtime.start(bundle)], [runtime.delete(bundle)]
        ) { () throws(ExperimentError) in
          ground.cgroup(bundle, "pids").map { Processes.inCgroup($0).count } ?? 0
        }
      }
  }

  private static func detached(
    _ name: String, label: Bilingual? = nil, isPeer: Bool, _ run: [[String]], _ remove: [[String]],
    running: @escaping () throws(ExperimentError) -> Int
  ) -> Arm {
    var arm = Arm.checked(name, label: label) { () throws(ExperimentError) in
      let null = try Place.told { () throws(SystemError) in try File.open("/dev/null", .readWrite) }
      var (start, end) = (Cost(), Cost())
      for command in run { try start.add(command, output: null.raw) }
      let up = try running()
      for command in remove { try end.add(command, output: null.raw) }
      let left = try running()
      let milliseconds = (Double(start.nanoseconds) / 1e6, Double(end.nanoseconds) / 1e6)
      let isRight = up == 1 && left == 0
      return (
        Measurement(
          milliseconds.0 + milliseconds.1,
          cpuNanoseconds: start.cpuNanoseconds + end.cpuNanoseconds,
          facets: ["run": milliseconds.0, "remove": milliseconds.1]),
        start.complaint ?? end.complaint
          ?? (isRight ? nil : "\(up) ran and \(left) were left, not 1 and 0")
      )
    }
    arm.mayFail = isPeer
    return arm
  }
}

extension Engines {
  /// The witness below the root filesystem that bundles share.
  static let inBundle = ["/bin/busybox"] + witness
}
