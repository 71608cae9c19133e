import BenchmarkKit
import Linux
import Measure

extension Declaration {
  /// Many running at once: how long each takes to start, and what memory it takes.
  static let engineMany = Declaration(
    id: "engine.many", title: Bilingual(en: "many at once: time of each", zh: "同时多个：每个的时间"),
    sentence: Bilingual(
      en: """
        So many times `run -d busybox sleep`, one after another, until all run: time of one. The \
        memory of those who serve them (smaps_rollup in proc(5): monitors, conmon, shims, and of \
        Docker dockerd and containerd) has nothing of the containers' own processes nor of the \
        kernel's. The control is the runtime alone, which leaves nobody behind.
        """,
      zh: "依次执行若干次 run -d busybox sleep，直到全部运行：每个的时间。服务进程（监视进程、conmon、shim，以及 Docker 的 dockerd 和 "
        + "containerd）的内存取自 proc(5) 的 smaps_rollup，不含容器自己的进程，也不含内核所用。对照是单独的运行时，它不留下任何进程。"),
    unit: .milliseconds, floor: nil,
    caveat: Bilingual(
      en: """
        Whatever else takes or gives back memory meanwhile: for 20 containers MemAvailable says \
        little. Removing them is not in the number.
        """,
      zh: "期间其他程序占用或归还的内存：只有 20 个容器时 MemAvailable 说明不了什么。删除容器不计入。"),
    axis: Axis(
      Bilingual(en: "containers running", zh: "运行中的容器"), unit: .count, isLogarithmic: true),
    facets: [
      Facet(
        "private", title: Bilingual(en: "private memory of who serves each", zh: "每个容器的服务进程私有内存"),
        unit: .bytes),
      Facet(
        "available", title: Bilingual(en: "memory gone for each", zh: "每个减少的可用内存"), unit: .bytes),
    ],
    rounds: [.full: 6], secondsARound: 37, setUpSeconds: 5
  ) { ground throws(ExperimentError) in
    let engines = try Engines(ground)
    let counts = [20, 100, 500]
    var arms = counts.map { many(engines.all[0], $0, ground) }
    arms += engines.all.dropFirst().map { many($0, counts[0], ground) }
    return arms + (try counts.map { count throws(ExperimentError) in try alone(count, ground) })
  }

  /// An engine's.
  private static func many(_ engine: Engine, _ count: Int, _ ground: Ground) -> Arm {
    let names = (0..<count).map { "bench-many-\($0)" }
    return many(
      engine.name, count, isPeer: engine.isPeer, control: "runtime-\(count)",
      start: names.map { [engine.run("run", ["-d", "--name", $0], ["sleep", "1000000"])] },
      serving: { Serving.bytes(engine, ground.place) },
      running: { () throws(ExperimentError) in try Engines.count(engine, "-q") },
      remove: { [engine.remove(Array(names.prefix($0)))] })
  }

  /// The runtime's.
  private static func alone(_ count: Int, _ ground: Ground) throws(ExperimentError) -> Arm {
    var bundles: [Bundle] = []
    for index in 0..<count {
      bundles.append(try ground.bundle("engine-many-\(index)", ["/bin/sleep", "1000000"]))
    }
    let (runtime, made) = (ground.runtime, bundles)
    return many(
      "runtime", count, isPeer: false, control: nil,
      start: made.map { [runtime.create($0), runtime.start($0)] }, serving: { 0 },
      running: {
        made.count { bundle in
          ground.cgroup(bundle, "pids").map { !Processes.inCgroup($0).isEmpty } ?? false
        }
      },
      remove: { made.prefix($0).map { runtime.delete($0) } })
  }

  private static func many(
    _ name: String, _ count: Int, isPeer: Bool, control: String?, start: [[[String]]],
    serving: @escaping () -> Double, running: @escaping () throws(ExperimentError) -> Int,
    remove: @escaping (Int) -> [[String]]
  ) -> Arm {
    var arm = Arm.checked(
      "\(name)-\(count)", label: Bilingual("\(count) × \(name)"), at: Double(count),
      series: Bilingual(name), control: control
    ) { () throws(ExperimentError) in
      let null = try Place.told { () throws(SystemError) in try File.open("/dev/null", .readWrite) }
      var cost = Cost()
      var begun = 0
      // Whatever becomes of it: what was begun is removed.
      do throws(ExperimentError) {
        let before = Serving.available
        for commands in start where !Interrupt.isPending {
          begun += 1
          for command in commands { try cost.add(command, output: null.raw) }
        }
        let (own, all) = (serving(), before - Serving.available)
        let up = try running()
        for command in remove(begun) { try Command.must(command) }
        let one = 1 / Double(count)
        return (
          Measurement(
            Double(cost.nanoseconds) / 1e6 * one,
            cpuNanoseconds: cost.cpuNanoseconds / UInt64(count),
            facets: ["private": own * one, "available": all * one]),
          cost.complaint ?? (up == count ? nil : "\(up) run, not \(count)")
        )
      } catch {
        for command in remove(begun) {
          do throws(ExperimentError) { try Command.must(command) } catch {}
        }
        throw error
      }
    }
    arm.mayFail = isPeer
    return arm
  }
}

/// What memory is taken, in bytes.
private enum Serving {
  /// Private memory of the processes that serve an engine's containers.
  static func bytes(_ engine: Engine, _ place: Place) -> Double {
    let names = engine.keepers + engine.daemons
    let kibibytes = Processes.all().map { pid -> UInt64 in
      guard let comm = Kernel.read("/proc/\(pid)/comm"),
        names.contains(where: { comm.hasPrefix($0) }),
        Kernel.read("/proc/\(pid)/cmdline")?.contains(place.path) == true
      else { return 0 }
      let rollup = "/proc/\(pid)/smaps_rollup"
      return ["Private_Clean:", "Private_Dirty:", "Private_Hugetlb:"]
        .reduce(0) { $0 + (Kernel.keyed(rollup, $1) ?? 0) }
    }
    return Double(kibibytes.reduce(0, +)) * 1024
  }

  /// MemAvailable, proc_meminfo(5).
  static var available: Double {
    Double(Kernel.keyed("/proc/meminfo", "MemAvailable:") ?? 0) * 1024
  }
}
