import Linux
import Measure

/// A document with everything a report can show, the same at every run.
enum Fixture {
  static func document(title: Bilingual? = nil) -> ResultDocument {
    ResultDocument(
      title: title ?? Bilingual(en: "Five labs and a start-up", zh: "五个实验与一次启动"),
      startedAt: "2026-01-31T08:15:00Z", command: "sudo Labs/run --yes", seed: 4711,
      environment: environment, experiments: [start], labs: [process, shares, quota, memory],
      waterfalls: [waterfall])
  }

  static let environment = Environment(
    kernel: "6.18.44", cgroupMode: "hybrid", cpuModel: "Example CPU 9000", cpus: 2,
    cpuFlags: ["avx2", "hypervisor", "sse2"],
    mitigations: ["meltdown": "Not affected", "spectre_v2": "Mitigation: Retpolines"],
    clockSource: "tsc", memoryBytes: 25_276_510_208, virtualisation: "hypervisor",
    filesystem: .init(mountPoint: "/", type: "ext4", options: "rw,relatime rw"),
    binaryDigest: String(repeating: "5d3b756a", count: 8), revision: "5d3b756")

  static func snapshot(_ milliseconds: Double, busy: [UInt64], steal: UInt64 = 0) -> Snapshot {
    var stat = ProcStat(parsing: "ctxt \(Int(milliseconds) * 3)\n")
    for (number, ticks) in busy.enumerated() {
      var cpu = CPUTicks()
      cpu.user = ticks
      cpu.steal = steal
      cpu.idle = UInt64(milliseconds / 10) - ticks
      stat.cpus[number] = cpu
    }
    return Snapshot(
      nanoseconds: UInt64(milliseconds * 1e6), stat: stat, loadAverage: 0.5,
      pressure: ["cpu": Pressure(someMicroseconds: 12, fullMicroseconds: nil)])
  }

  static let quietWindow = Window(
    from: snapshot(0, busy: [0, 0]), to: snapshot(2000, busy: [200, 3]))

  // MARK: - Labs

  static let process = LabOutcome(
    number: 1, id: "process", title: Bilingual(en: "A container is a process", zh: "容器就是进程"),
    predictions: [
      Prediction(
        question: Bilingual(en: "Does uname -r differ inside?", zh: "容器内 uname -r 不同吗？"),
        answer: Bilingual(en: "yes", zh: "不同"), truth: Bilingual(en: "no", zh: "相同"),
        isCorrect: false)
    ],
    evidence: [
      Evidence(
        path: "/proc/4711/status", meaning: Bilingual(en: "its PIDs", zh: "它的各个 PID"),
        before: nil, after: "NSpid:\t4711\t1")
    ],
    checks: [
      Check(
        Bilingual(en: "same kernel inside and outside", zh: "容器内外是同一内核"), holds: true,
        otherwise: Bilingual(en: "the releases differ", zh: "内核版本不同")),
      Check(
        Bilingual(en: "the host sees the process", zh: "主机能看到该进程"), holds: false,
        otherwise: Bilingual(
          en: "PID 4711 is not in the host's /proc", zh: "主机的 /proc 中没有 PID 4711")),
    ],
    sentence: Bilingual(
      en: "The container runs on the host's kernel, and the host sees it as PID 4711.",
      zh: "容器运行在主机内核上，主机看到它是 PID 4711。"), command: "sudo Labs/run 1")

  static let shares = LabOutcome(
    number: 13, id: "cpu-shares", title: Bilingual(en: "CPU shares", zh: "CPU 份额"),
    checks: [
      Check(
        Bilingual(en: "1024:512, one CPU", zh: "1024:512，单 CPU"),
        expected: Expected(2.0 / 3, within: 0.03, unit: .share),
        measured: Interval(low: 0.661, middle: 0.6674, high: 0.673)),
      Check(
        Bilingual(en: "the same on two free CPUs", zh: "在两个空闲 CPU 上"),
        expected: Expected(0.5, within: 0.05, unit: .share),
        measured: Interval(exactly: 0.61), doubts: [.fewCPUs(wanted: 2, had: 1.43)]),
    ],
    sentence: Bilingual(
      en: "Shares divide a contended CPU 66.7 to 33.3; they are no cap on a free one.",
      zh: "份额把争用的 CPU 按 66.7 比 33.3 划分；CPU 空闲时它不是上限。"),
    command: "sudo Labs/run 13", window: quietWindow,
    splits: [
      CPUSplit(
        title: Bilingual(
          en: "1024 and 512 shares on one CPU", zh: "单个 CPU 上的 1024 与 512 份额"),
        bars: [
          .init(
            label: Bilingual(en: "gold (1024)", zh: "金（1024）"), value: 0.6674,
            expected: Expected(2.0 / 3, within: 0.03, unit: .share)),
          .init(
            label: Bilingual(en: "silver (512)", zh: "银（512）"), value: 0.3326,
            expected: Expected(1.0 / 3, within: 0.03, unit: .share)),
          .init(label: Bilingual(en: "everybody else", zh: "其他进程"), value: 0.012),
        ], unit: .share, command: "drydock run --rm -c 1024 --cpuset-cpus 0 stress --cpu 1")
    ])

  static let quota = LabOutcome(
    number: 14, id: "cpu-quota", title: Bilingual(en: "CPU quota", zh: "CPU 配额"),
    checks: [
      Check(
        Bilingual(en: "CPU used under --cpus 0.5", zh: "--cpus 0.5 下的 CPU 用量"),
        expected: Expected(0.5, within: 0.03, unit: .cpus), measured: Interval(exactly: 0.498)),
      Check(
        Bilingual(
          en: "periods in which the quota ran out before the period did",
          zh: "配额先于周期用尽的周期数"), expected: Expected(33, within: 2, unit: .count),
        measured: Interval(exactly: 31)),
    ],
    sentence: Bilingual(
      en: "Half a CPU means 50 ms in every 100 ms, then a stop, on an idle machine too.",
      zh: "半个 CPU 意味着每 100 ms 只运行 50 ms，随后停住，机器空闲时也是如此。"),
    command: "sudo Labs/run 14", window: quietWindow,
    throttling: [
      ThrottlingTimeline(
        title: Bilingual(en: "--cpus 0.5, one hog", zh: "--cpus 0.5，一个负载"), limit: 0.5,
        points: (1...16).map(throttled),
        command: "drydock run --rm --cpus 0.5 stress --cpu 1 --timeout 3s")
    ])

  static let memory = LabOutcome(
    number: 16, id: "memory", title: Bilingual(en: "Memory limit", zh: "内存上限"),
    checks: [
      Check(
        Bilingual(en: "exit code of 150M touched", zh: "写入 150M 的退出码"),
        expected: Expected(exactly: 137), measured: Interval(exactly: 137)),
      Check(
        Bilingual(en: "peak", zh: "峰值"),
        expected: Expected(67_108_864, within: 1_048_576, unit: .bytes),
        measured: Interval(exactly: 67_108_864)),
    ],
    sentence: Bilingual(
      en: "Touching 150 MB under a 64 MB limit ends in SIGKILL; reserving it does not.",
      zh: "在 64 MB 上限下写入 150 MB 会被 SIGKILL 终止；只保留则不会。"), command: "sudo Labs/run 16",
    memory: [
      MemoryTimeline(
        title: Bilingual(
          en: "150 MB touched under a limit of 64 MB", zh: "在 64 MB 上限下写入 150 MB"),
        limitBytes: 67_108_864, peakBytes: 67_108_864,
        points: (0...24).map(growing),
        events: [.init(milliseconds: 118, label: Bilingual(en: "OOM kill", zh: "OOM 终止"))],
        command: "drydock run --rm -m 64m stress --vm 1 --vm-bytes 150M --vm-hang 0")
    ])

  private static func throttled(_ step: Int) -> ThrottlingTimeline.Point {
    let cpus = step == 1 ? 0.61 : 0.497
    return .init(
      milliseconds: Double(step) * 200, cpus: cpus, periods: 2,
      throttledPeriods: step == 16 ? 1 : 2)
  }

  private static func growing(_ step: Int) -> MemoryTimeline.Point {
    let bytes = min(66_600_000, 1_500_000 + step * step * 140_000)
    return .init(milliseconds: Double(step) * 5, bytes: UInt64(bytes))
  }

  // MARK: - A benchmark

  static let start: ExperimentResult = {
    var random = SeededRandom(seed: 99)
    let arms = [
      ArmLabel("drydock", label: Bilingual("drydock-runtime")),
      ArmLabel("crun", label: Bilingual("crun")), ArmLabel("runc", label: Bilingual("runc")),
      ArmLabel("c", label: Bilingual(en: "C, calls only", zh: "C，仅调用")),
      ArmLabel(
        "drydock′", label: Bilingual(en: "drydock-runtime, again", zh: "drydock-runtime（重复）")),
    ]
    let typical = ["drydock": 4.1, "drydock′": 4.1, "crun": 7.6, "runc": 20.5, "c": 2.3]
    var rounds: [Round] = []
    for number in 1...12 {
      let shift = 1 + Double(random.below(1000)) / 8000
      var samples: [Sample] = []
      for (position, arm) in random.shuffled(arms).enumerated() {
        let own = 1 + Double(random.below(1000)) / 30000
        samples.append(
          Sample(
            arm: arm.name, position: position, value: (typical[arm.name] ?? 1) * shift * own,
            cpuNanoseconds: 2_000_000 + UInt64(random.below(90_000)),
            canary: 410 / shift + Double(random.below(100)) / 60, window: quietWindow,
            failedAssertions: number == 9 && arm.name == "runc"
              ? ["the seccomp filter was not loaded"] : []))
      }
      let steal = number == 5 ? 0.14 : number == 8 ? 0.061 : 0.004
      rounds.append(
        Round(
          number: number, samples: samples, steal: steal,
          discarded: steal > 0.1 ? .steal(share: steal) : nil))
    }
    return ExperimentResult(
      id: "start.true", title: Bilingual(en: "Start of /bin/true", zh: "启动 /bin/true"),
      sentence: Bilingual(
        en: "From spawn to reaped: create, first instruction, exit, delete.",
        zh: "从派生到回收：创建、第一条指令、退出、删除。"), unit: .milliseconds, arms: arms, floor: "c",
      twins: ["drydock", "drydock′"], command: "sudo Benchmarks/run start --rounds 11",
      caveat: Bilingual(
        en: "Caches that are cold for one arm only, or another filesystem under one of the roots.",
        zh: "只有某一个对象的缓存是冷的，或其根目录在另一个文件系统上。"),
      published: [
        Published(
          figure: "crun 47.3 ms", year: 2023, hardware: "16 cores, Linux 6.5",
          source: "youki README", arm: "crun",
          comparability: Bilingual(en: "Another machine, cold caches.", zh: "另一台机器，冷缓存。"))
      ], seed: 4711, rounds: rounds)
  }()

  static let waterfall: Waterfall = {
    let steps: [(String, String, String, UInt64, UInt64)] = [
      ("config.read", "config", "runtime", 10, 120), ("config.check", "config", "runtime", 135, 60),
      ("cgroup.memory.create", "cgroup", "runtime", 210, 95),
      ("cgroup.cpu.create", "cgroup", "runtime", 310, 80),
      ("cgroup.memory.limit", "cgroup", "runtime", 395, 24),
      ("ns.clone3", "namespaces", "runtime", 430, 620),
      ("uts.sethostname", "namespaces", "init", 1060, 4),
      ("rootfs.overlay", "rootfs", "init", 1070, 210), ("rootfs.proc", "rootfs", "init", 1290, 60),
      ("rootfs.dev", "rootfs", "init", 1355, 130), ("rootfs.pivot", "rootfs", "init", 1490, 45),
      ("net.lo.up", "network", "runtime", 1100, 190),
      ("sec.seccomp", "security", "init", 1560, 160), ("sec.caps", "security", "init", 1725, 22),
      ("exec.execve", "exec", "init", 1760, 260),
      ("teardown.wait", "teardown", "runtime", 2030, 300),
      ("teardown.cgroups", "teardown", "runtime", 2340, 240),
    ]
    return Waterfall(
      title: Bilingual(en: "drydock run busybox true", zh: "drydock run busybox true"),
      steps: steps.map {
        .init(
          id: $0.0, phase: $0.1, side: $0.2, startNanoseconds: $0.3 * 1000,
          durationNanoseconds: $0.4 * 1000)
      }, totalNanoseconds: 2_610_000, unaccountedNanoseconds: 130_000,
      floorNanoseconds: 1_720_000,
      command: "drydock run --rm --trace trace.json busybox true")
  }()
}
