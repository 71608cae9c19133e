import BenchmarkKit
import Linux
import Measure

/// Many at once, for one number.
struct Crowd {
  private let ground: Ground
  private let bundles: [Bundle]

  init(_ ground: Ground, _ bundles: [Bundle]) {
    self.ground = ground
    self.bundles = bundles
  }

  /// So many containers of a runtime.
  func containers(_ runtime: Runtime, _ count: Int) -> Arm {
    .checked(
      "\(runtime.name)-\(count)", label: Bilingual("\(count) × \(runtime.name)"),
      at: Double(count), series: Bilingual(runtime.name), control: "processes-\(count)"
    ) { () throws(ExperimentError) in
      let before = MemoryState()
      var made: [Bundle] = []
      do throws(ExperimentError) {
        for bundle in bundles.prefix(count) {
          made.append(bundle)
          try Command.must(runtime.create(bundle))
          try Command.must(runtime.start(bundle))
        }
        let pids = made.flatMap { Processes.inCgroup(self.cgroup($0)) }
        let measurement = before.measurement(count, pids)
        for bundle in made { try Command.must(runtime.delete(bundle)) }
        return (measurement, pids.count == count ? nil : "\(pids.count) run, not \(count)")
      } catch {
        // What went wrong is what is told; some of these are not there any more, or not yet.
        for bundle in made {
          do throws(ExperimentError) { try Command.must(runtime.delete(bundle)) } catch {}
        }
        throw error
      }
    }
  }

  /// The same programs without containers.
  func processes(_ count: Int) -> Arm {
    .checked(
      "processes-\(count)",
      label: Bilingual(en: "\(count) processes", zh: "\(count) 个进程"), at: Double(count),
      series: Bilingual(en: "processes", zh: "进程")
    ) { () throws(ExperimentError) in
      let path = ground.place.path + "/rootfs/inside"
      return try Place.told { () throws(SystemError) in
        let before = MemoryState()
        var pids: [Int32] = []
        for _ in 0..<count { pids.append(try Processes.spawn(path, [path, "pause"])) }
        // Until the last has come to its pause: containers' programs have had that time.
        Clock.sleep(20_000_000)
        let measurement = before.measurement(count, pids)
        let living = pids.filter { Processes.isAlive($0) }.count
        for pid in pids {
          try Processes.kill(pid, Signal.kill)
          _ = try Processes.wait(pid)
        }
        return (measurement, living == count ? nil : "\(living) run, not \(count)")
      }
    }
  }

  private func cgroup(_ bundle: Bundle) -> String {
    ground.cgroup(bundle, "memory") ?? ground.cgroup(bundle, "pids") ?? ""
  }
}

/// What of the machine's memory is used, proc_meminfo(5); in bytes.
private struct MemoryState {
  private let available: Double
  private let slab: Double
  private let tables: Double

  init() {
    func bytes(_ name: String) -> Double {
      Double(Kernel.keyed("/proc/meminfo", name + ":") ?? 0) * 1024
    }
    available = bytes("MemAvailable")
    slab = bytes("Slab")
    tables = bytes("PageTables")
  }

  /// What so many have added since.
  func measurement(_ count: Int, _ pids: [Int32]) -> Measurement {
    let now = MemoryState()
    let pss = pids.map { Kernel.keyed("/proc/\($0)/smaps_rollup", "Pss:") ?? 0 }.reduce(0, +)
    let one = 1 / Double(count)
    return Measurement(
      (available - now.available) * one,
      facets: [
        "pss": Double(pss) * 1024 * one, "slab": (now.slab - slab) * one,
        "tables": (now.tables - tables) * one,
      ])
  }
}
