internal import Measure

extension HotPath {
  /// A result of eleven rounds of four arms, always the same.
  static func document() -> ResultDocument {
    let arms = ["drydock", "crun", "runc", "c"].map { ArmLabel($0, label: Bilingual($0)) }
    let rounds = (1...11).map { number in
      Round(
        number: number,
        samples: arms.enumerated().map { position, arm in
          Sample(
            arm: arm.name, position: position, value: Double(number * (position + 1)) * 1.37,
            cpuNanoseconds: UInt64(number) * 1_000_003, canary: 411.25, window: window,
            failedAssertions: [])
        }, steal: 0.004)
    }
    let environment = Environment(
      kernel: "6.18.44", cgroupMode: "hybrid", cpuModel: "Example CPU 9000", cpus: 2,
      clockSource: "tsc", memoryBytes: 25_276_510_208, virtualisation: "hypervisor",
      filesystem: .init(mountPoint: "/", type: "ext4", options: "rw,relatime rw"),
      binaryDigest: "5d3b756a", revision: "5d3b756")
    let result = ExperimentResult(
      id: "start.true", title: Bilingual("Start of /bin/true"),
      sentence: Bilingual("From spawn to reaped."), unit: .milliseconds, arms: arms, floor: "c",
      twins: nil, command: "drydock bench run", caveat: Bilingual("Caches."), published: [],
      seed: 7, rounds: rounds)
    return ResultDocument(
      title: Bilingual("A run"), startedAt: "2026-01-01T00:00:00Z", command: "drydock bench run",
      seed: 7, environment: environment, experiments: [result])
  }

  private static var window: Window {
    func snapshot(_ milliseconds: UInt64) -> Snapshot {
      var stat = ProcStat(parsing: "ctxt \(milliseconds)\n")
      for number in 0..<2 {
        var cpu = CPUTicks()
        (cpu.user, cpu.idle) = (milliseconds / 10, milliseconds / 20)
        stat.cpus[number] = cpu
      }
      return Snapshot(
        nanoseconds: milliseconds * 1_000_000, stat: stat, loadAverage: 0.5,
        pressure: ["cpu": Pressure(someMicroseconds: 12, fullMicroseconds: nil)])
    }
    return Window(from: snapshot(0), to: snapshot(2000))
  }
}
