import Load
import Measure

/// A document with the experiments of the suite that have a figure of their own: lines over an axis, a
/// ladder of latencies, further figures of the same samples, leaks, what is missing.
enum SuiteFixture {
  static let document: ResultDocument = {
    var document = Fixture.document(
      title: Bilingual(en: "What a container costs, here", zh: "一个容器在这里要付出多少"))
    document.labs = [Fixture.quota]
    document.experiments = [Fixture.start, density, copyUp, ladder, quota, cannotTell]
    document.profile = "quick"
    document.isInterrupted = true
    document.missing = [
      Missing("dockerd", Bilingual(en: "is not installed", zh: "未安装")),
      Missing(
        "network.vxlan",
        Bilingual(en: "the kernel has no vxlan", zh: "内核没有 vxlan")),
    ]
    return document
  }()

  /// One round of every arm, around its usual number.
  static func rounds(
    _ usual: [(String, Double)], count: Int = 11, spread: Double = 0.02,
    change: (inout Sample, inout SeededRandom) -> Void = { _, _ in }
  ) -> [Round] {
    var random = SeededRandom(seed: 4)
    return (1...count).map { number in
      let shift = 1 + Double(random.below(100)) / 2000
      let samples = random.shuffled(usual).enumerated().map { position, arm in
        let own = 1 + spread * (Double(random.below(1000)) / 500 - 1)
        var sample = Sample(
          arm: arm.0, position: position, value: arm.1 * shift * own,
          cpuNanoseconds: 1_000_000 + UInt64(random.below(9000)),
          canary: 400 / shift + Double(random.below(100)) / 80, window: Fixture.quietWindow)
        change(&sample, &random)
        return sample
      }
      return Round(number: number, samples: samples, steal: 0.003)
    }
  }

  static let density: ExperimentResult = {
    var arms: [ArmLabel] = []
    var usual: [(String, Double)] = []
    for many in [1.0, 10, 100, 500, 1000] {
      for (name, label, each, control) in [
        ("drydock", Bilingual("drydock"), 610_000.0, true),
        ("podman", Bilingual("podman (conmon, runc)"), 1_900_000, true),
        ("sleep", Bilingual(en: "sleeping processes", zh: "睡眠的进程"), 120_000, false),
      ] {
        let id = "\(name)-\(Int(many))"
        arms.append(
          ArmLabel(
            id,
            label: Bilingual(
              en: "\(label.en), \(Int(many))", zh: "\(label.zh)，\(Int(many)) 个"), at: many,
            series: label, control: control ? "sleep-\(Int(many))" : nil))
        usual.append((id, each * (1 + 0.8 / many)))
      }
    }
    arms.append(ArmLabel("drydock-1′", label: Bilingual(en: "again", zh: "重复")))
    usual.append(("drydock-1′", 610_000 * 1.8))
    var result = ExperimentResult(
      id: "density.bytes", title: Bilingual(en: "Memory of a container", zh: "每个容器的内存"),
      sentence: Bilingual(
        en: "What MemAvailable fell by, divided by the containers running.",
        zh: "MemAvailable 的下降量除以正在运行的容器数。"), unit: .bytes, arms: arms, floor: nil,
      twins: ["drydock-1", "drydock-1′"], command: "sudo drydock bench run density.bytes",
      caveat: Bilingual(
        en: "Anything else that takes or gives back memory meanwhile.",
        zh: "期间任何其他占用或归还内存的程序。"),
      published: [
        Published(
          figure: "over 2500 on 384 GB", year: 2022, hardware: "Linux 4.19 guest",
          source: "RunD, ATC'22", arm: "drydock-1000",
          comparability: Bilingual(
            en: "Theirs are micro-VMs with a kernel each; only the order of magnitude compares.",
            zh: "对方是各带内核的微型虚拟机；只有数量级可比。")),
        Published(
          figure: "×5", year: 2019, hardware: "2×E5-2665, Linux 3.11", source: "somebody, 2019",
          arm: "drydock-100", isRatio: true,
          comparability: Bilingual(
            en: "A ratio within one machine: comparable as far as the control is the same.",
            zh: "同一台机器内的比值：只要对照相同就可比。")),
      ],
      axis: Axis(
        Bilingual(en: "containers running", zh: "运行中的容器"), unit: .count, isLogarithmic: true),
      facets: [
        Facet("slab", title: Bilingual(en: "Slab, per container", zh: "每个容器的 slab"), unit: .bytes)
      ], seed: 7,
      rounds: rounds(usual) { sample, random in
        sample.facets["slab"] = sample.value * 0.3 * (1 + Double(random.below(100)) / 3000)
      }, leaks: ["a cgroup: /sys/fs/cgroup/memory/drydock-bench.4711"])
    result.missing = [Missing("podman-1000", Bilingual(en: "timed out after 60 s", zh: "60 秒后超时"))]
    return result
  }()

  static let copyUp: ExperimentResult = {
    var arms: [ArmLabel] = []
    var usual: [(String, Double)] = []
    for mebibytes in [0.0, 1, 4, 16, 64, 128] {
      for (name, label, base, each) in [
        ("overlay", Bilingual(en: "overlay, first write", zh: "overlay，首次写入"), 0.05, 0.55),
        ("cp", Bilingual("cp"), 0.9, 0.5),
      ] {
        let id = "\(name)-\(Int(mebibytes))"
        arms.append(
          ArmLabel(
            id, label: Bilingual("\(label.en), \(Int(mebibytes)) MiB"), at: mebibytes * 1_048_576,
            series: label, control: name == "cp" ? nil : "cp-\(Int(mebibytes))"))
        usual.append((id, base + each * mebibytes))
      }
    }
    arms.append(ArmLabel("overlay-0′", label: Bilingual(en: "again", zh: "重复")))
    usual.append(("overlay-0′", 0.05))
    return ExperimentResult(
      id: "files.copyup", title: Bilingual(en: "Copy-up", zh: "写时复制"),
      sentence: Bilingual(
        en: "The first write to a file of the image copies all of it up.",
        zh: "对镜像文件的首次写入会把整个文件复制上来。"), unit: .milliseconds, arms: arms, floor: nil,
      twins: ["overlay-0", "overlay-0′"], command: "sudo drydock bench run files.copyup",
      caveat: Bilingual(
        en: "A warm dentry cache: each sample mounts afresh.", zh: "目录项缓存是热的：每个样本重新挂载。"),
      axis: Axis(Bilingual(en: "size of the file", zh: "文件大小"), unit: .bytes, isLogarithmic: true),
      seed: 8, rounds: rounds(usual, spread: 0.1), leaks: [])
  }()

  static let ladder: ExperimentResult = {
    let ways: [(String, Bilingual, Double)] = [
      ("bridge", Bilingual(en: "over a bridge", zh: "经网桥"), 31), ("lo", Bilingual("lo"), 18),
      ("veth", Bilingual("veth"), 26), ("dnat", Bilingual(en: "DNAT", zh: "DNAT 端口"), 36),
      ("proxy", Bilingual(en: "user-space proxy", zh: "用户态代理"), 81),
      ("vxlan", Bilingual(en: "VXLAN between two hosts", zh: "两台主机间的 VXLAN"), 58),
      ("bridge′", Bilingual(en: "over a bridge, again", zh: "经网桥（重复）"), 31),
    ]
    return ExperimentResult(
      id: "network.rr", title: Bilingual(en: "Request and response", zh: "请求与应答"),
      sentence: Bilingual(
        en: "One byte there and one back, over each way.", zh: "沿每条路径去一个字节、回一个字节。"),
      unit: .microseconds, arms: ways.map { ArmLabel($0.0, label: $0.1) }, floor: "lo",
      twins: ["bridge", "bridge′"], command: "sudo drydock bench run network.rr",
      caveat: Bilingual(en: "Both ends share the CPUs.", zh: "两端共用 CPU。"),
      published: [
        Published(
          figure: "≈ 2 ×", year: 2015, hardware: "2×E5-2665, Linux 3.11", source: "Felter et al.",
          arm: "dnat", isRatio: true,
          comparability: Bilingual(
            en:
              "Over a real link, whose own latency hides part of ours; the ratio is an upper bound.",
            zh: "对方经真实链路，链路自身的延迟掩盖了一部分；比值只是上限。"))
      ], seed: 9,
      rounds: rounds(ways.map { ($0.0, $0.2) }, spread: 0.05) { sample, random in
        var histogram = Histogram()
        for draw in 0..<400 {
          let tail = draw % 100 == 0 ? 4.0 : draw % 10 == 0 ? 1.6 : 1
          let value = sample.value * tail * (0.95 + Double(random.below(1000)) / 10_000)
          histogram.record(UInt64(value * 1000))
        }
        sample.distribution = histogram
      }, leaks: [])
  }()

  /// Two periods on an axis, and one quota over time: it runs for 20 ms of every 100.
  static let quota: ExperimentResult = {
    let usual = [
      ("20%-100ms", 0.99), ("50%-100ms", 0.99), ("20%-10ms", 1.0), ("50%-10ms", 1.2),
      ("unlimited", 0.99), ("20%-100ms′", 0.99),
    ]
    var result = ExperimentResult(
      id: "cpu.quota", title: Bilingual(en: "CPU quota", zh: "CPU 配额"),
      sentence: Bilingual(
        en: "CPU time used, as a share of the limit.", zh: "实际用量占上限的比例。"), unit: .share,
      arms: usual.map { name, _ in
        let isLong = name.contains("100ms")
        return ArmLabel(
          name, label: Bilingual(name), at: name == "unlimited" ? nil : Double(name.prefix(2)),
          series: Bilingual(
            en: "period \(isLong ? 100 : 10) ms", zh: "周期 \(isLong ? 100 : 10) ms"))
      }, floor: "unlimited", twins: ["20%-100ms", "20%-100ms′"],
      command: "sudo drydock bench run cpu.quota",
      caveat: Bilingual(en: "Others who take the CPU.", zh: "别人占用 CPU。"),
      axis: Axis(Bilingual(en: "quota, per cent", zh: "配额（百分比）"), unit: .count), seed: 12,
      rounds: rounds(usual, spread: 0.005), leaks: [])
    result.throttling = [
      ThrottlingTimeline(
        title: Bilingual(en: "20 % of a CPU, over time", zh: "一个 CPU 的 20 %，随时间变化"), limit: 0.2,
        points: (1...45).map(throttled), command: "sudo drydock bench run cpu.quota")
    ]
    return result
  }()

  private static func throttled(_ step: Int) -> ThrottlingTimeline.Point {
    let ended: UInt64 = step % 10 == 0 ? 1 : 0
    return .init(
      milliseconds: Double(step) * 10, cpus: step % 10 < 2 ? 1 : 0, periods: ended,
      throttledPeriods: ended)
  }

  /// Alike, and noisy: nothing may be claimed.
  ///
  /// The names are longer than any figure has room for.
  static let cannotTell: ExperimentResult = {
    let long = Bilingual(
      en: "a runtime with a name that nobody would give to anything, from a peer",
      zh: "一个名字长得谁也不会给任何东西起的、来自别处的运行时")
    let arms = [
      ("a", Bilingual("drydock-runtime")), ("b", long), ("a′", Bilingual("drydock-runtime′")),
    ]
    return ExperimentResult(
      id: "start.noise",
      title: Bilingual(en: "Two that are alike, on a noisy machine", zh: "嘈杂机器上相同的两者"),
      sentence: Bilingual(en: "Nothing differs.", zh: "没有差别。"), unit: .milliseconds,
      arms: arms.map { ArmLabel($0.0, label: $0.1) }, floor: nil, twins: ["a", "a′"],
      command: "sudo drydock bench run start.noise --rounds 11 --profile quick "
        + "--runtime /usr/local/libexec/somewhere/deep/in/the/tree/a-runtime --seed 123456789012345",
      caveat: Bilingual(en: "Everything.", zh: "一切。"), seed: 10,
      rounds: rounds(arms.map { ($0.0, 5) }, spread: 0.3))
  }()
}
