import BenchmarkKit
import Linux
import Measure

// Many containers at once: how long it takes to have them, and what memory each takes.

extension Bench {
  /// What an arm saw beside its time, one a sample.
  private final class Seen {
    var own: [Double] = []
    var all: [Double] = []
  }

  /// Starts so many one after another, looks at the memory while they run, and removes them.
  ///
  /// Three results from the same samples: time, memory of what serves the containers, and what
  /// memory was available less.
  func manyResults(
    _ name: String, count: Int, rounds: Int
  ) throws(ExperimentError) -> [ExperimentResult] {
    var seen: [String: Seen] = [:]
    let arms = engines.map { engine in
      let watched = Watched()
      let own = Seen()
      seen[engine.name] = own
      return Arm(engine.name) {
        watched.complaint
      } measure: { () throws(ExperimentError) in
        var cost = Cost()
        let names = (0..<count).map { "bench-many-\($0)" }
        let null = try Place.told { () throws(SystemError) in
          try File.open("/dev/null", .readWrite)
        }
        let before = try available()
        for name in names {
          try cost.add(
            engine.run("run", ["-d", "--name", name], ["sleep", "1000000"]), output: null.raw)
        }
        own.own.append(try keeping(engine) / Double(count))
        own.all.append((before - (try available())) / Double(count))
        let up = try must(engine("ps", "-q")).split(separator: "\n").count
        watched.complaint = cost.complaint ?? (up == count ? nil : "\(up) are up, not \(count)")
        try must(engine.remove(names))
        return Measurement(
          Double(cost.nanoseconds) / 1e6 / Double(count),
          cpuNanoseconds: cost.cpuNanoseconds / UInt64(count))
      }
    }
    var experiment = Experiment(
      id: "engine.\(name)",
      title: Bilingual(en: "\(count) at once: time of each", zh: "同时 \(count) 个：每个的时间"),
      sentence: Bilingual(
        en: "\(count) times `run -d busybox sleep`, one after another, until all run: time of one.",
        zh: "依次执行 \(count) 次 run -d busybox sleep，直到全部运行：每个的时间。"),
      unit: .milliseconds, arms: arms, floor: nil, command: request.command, caveat: quiet)
    experiment.warmUps = 0
    let times = try result(experiment, rounds)
    var memory = times.retold("memory", .bytes, seen.mapValues { $0.own })
    memory.title = Bilingual(en: "\(count) at once: memory of each", zh: "同时 \(count) 个：每个的内存")
    memory.sentence = Bilingual(
      en: """
        Private memory (smaps_rollup in proc(5)) of what serves \(count) running containers, divided \
        by their number: monitors, conmon, shims, and of Docker dockerd and containerd. The \
        containers' own processes are not in it, nor what the kernel needs for them.
        """,
      zh: "服务于 \(count) 个运行中容器的进程的私有内存（proc(5) 的 smaps_rollup）除以容器数：监视进程、conmon、shim，"
        + "以及 Docker 的 dockerd 和 containerd。不含容器自己的进程，也不含内核为它们所用的内存。")
    var whole = times.retold("available", .bytes, seen.mapValues { $0.all })
    whole.title = Bilingual(
      en: "\(count) at once: memory gone for each", zh: "同时 \(count) 个：每个减少的可用内存")
    whole.sentence = Bilingual(
      en: """
        How much less memory was available (MemAvailable in proc(5)) with \(count) running, divided \
        by their number: their own processes, what serves them, and the kernel's part.
        """,
      zh: "运行 \(count) 个容器时可用内存（proc(5) 的 MemAvailable）减少的量除以容器数：容器自己的进程、服务进程和内核部分。")
    return [times, memory, whole]
  }

  /// Private bytes of the processes that serve an engine's containers.
  private func keeping(_ engine: Engine) throws(ExperimentError) -> Double {
    let names = engine.keepers + engine.daemons
    return try Place.told { () throws(SystemError) in
      var kibibytes = 0
      for pid in try File.list("/proc").compactMap({ Int32($0) }) {
        guard let comm = try? File.text("/proc/\(pid)/comm").trimmedLine,
          names.contains(where: { comm.hasPrefix($0) }),
          let words = try? File.text("/proc/\(pid)/cmdline"), words.contains(place.path),
          let rollup = try? File.text("/proc/\(pid)/smaps_rollup")
        else { continue }
        for line in rollup.split(separator: "\n") where line.hasPrefix("Private_") {
          kibibytes += line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        }
      }
      return Double(kibibytes) * 1024
    }
  }

  /// MemAvailable, in bytes.
  private func available() throws(ExperimentError) -> Double {
    let text = try Place.told { () throws(SystemError) in try File.text("/proc/meminfo") }
    let line = text.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
    return (line?.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? 0) * 1024
  }
}
