import BenchmarkKit
import Linux
import Measure

extension Declaration {
  /// What a start costs beside many that run.
  static let startPopulation = Declaration(
    id: "start.population",
    title: Bilingual(en: "run true beside others", zh: "与其他容器并存时运行 true"),
    sentence: Bilingual(
      en: """
        `run` of `true` while so many containers sleep; the control spawns the same program without a \
        container, beside as many.
        """,
      zh: "在这么多容器休眠时运行 true；对照组在同样多的容器旁不经容器直接启动同一程序。"),
    unit: .milliseconds, floor: nil,
    caveat: Bilingual(
      en: """
        The sleepers have no network but their own loopback: on a bridge more things grow, and it has \
        1024 ports at most (network.beside).
        """,
      zh: "休眠的容器只有自己的环回网络：接在网桥上时增长的东西更多，而且网桥最多 1024 个端口（network.beside）。"),
    published: [
      Published(
        figure: "541 ms idle, 1.5 s beside over 1000", year: 2020, hardware: "Linux 4.15",
        source: "SEUSS, EuroSys'20", arm: "drydock-1000",
        comparability: Bilingual(
          en: "Docker on another machine, networks included: how the time grows compares, the time "
            + "does not.",
          zh: "那是另一台机器上的 Docker，含网络：增长的方式可比，时间本身不可比。"))
    ],
    axis: Axis(Bilingual(en: "containers running", zh: "运行中的容器数"), unit: .count),
    rounds: [.full: 6], secondsARound: 20
  ) { ground throws(ExperimentError) in
    let bundle = try ground.bundle("beside", ["/true"])
    let population = Population(ground)
    ground.atEnd { () throws(ExperimentError) in try population.become(0) }
    let run = ground.runtime.run(bundle)
    let spawn = [ground.place.path + "/rootfs/true"]
    return [0, 100, 500, 1000].map { count in
      arm(
        "\(ground.runtime.name)-\(count)", Bilingual(ground.runtime.name), run, population, count,
        control: "spawn-\(count)")
    }
      + [0, 100, 500, 1000].map { count in
        arm(
          "spawn-\(count)", Bilingual(en: "no container", zh: "无容器"), spawn, population, count,
          control: nil)
      }
  }

  private static func arm(
    _ name: String, _ series: Bilingual, _ command: [String], _ population: Population,
    _ count: Int, control: String?
  ) -> Arm {
    let watched = Watched()
    return Arm(name, at: Double(count), series: series, control: control) {
      watched.complaint ?? population.complaint(count)
    } measure: { () throws(ExperimentError) in
      try population.become(count)
      return try Batch.measure(5, command, watched)
    }
  }
}

/// Containers that sleep: grown and shrunk to the number that is asked for.
final class Population {
  private let ground: Ground
  private var living: [Bundle] = []
  private var made = 0

  init(_ ground: Ground) { self.ground = ground }

  /// Starts or removes as many as are missing or too many.
  func become(_ count: Int) throws(ExperimentError) {
    let runtime = ground.runtime
    while living.count < count {
      if Interrupt.isPending { throw ExperimentError("interrupted") }
      made += 1
      let bundle = try ground.bundle("sleeper-\(made)", ["/bin/sleep", "1000000"])
      living.append(bundle)
      let command = runtime.run(bundle)
      // Its output is not ours: it would hold our descriptors open.
      try Command.must(command.dropLast() + ["--detach", command[command.count - 1]])
    }
    while living.count > count, let bundle = living.last {
      try Command.must(runtime.delete(bundle))
      living.removeLast()
      try Place.told { () throws(SystemError) in try File.removeTree(bundle.path) }
    }
  }

  /// nil when so many have a cgroup with a process in it.
  func complaint(_ count: Int) -> String? {
    let alive = living.count { bundle in
      ground.cgroup(bundle, "pids").map { !Processes.inCgroup($0).isEmpty } ?? false
    }
    return alive == count ? nil : "\(alive) of \(count) containers run"
  }
}
