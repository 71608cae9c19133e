import BenchmarkKit
import Linux
import Measure
import Report

// Every way in every round: latency first, then a stream.

extension Stage {
  private final class Seen { var all: [Figures] = [] }

  /// Throughput, CPU time, and latency at two percentiles, from the same samples.
  func pathResults() throws(ExperimentError) -> [ExperimentResult] {
    var ways = try ways()
    if let names = request.texts["--ways"]?.split(separator: ",") {
      ways = ways.filter { way in names.contains { $0 == way.name } }
    }
    var seen: [String: Seen] = [:]
    let arms = ways.map { way in
      let watched = Watched()
      let own = Seen()
      seen[way.name] = own
      return Arm(way.name) {
        watched.complaint
      } measure: { () throws(ExperimentError) in
        let (figures, complaint) = try self.traffic.measure(way)
        watched.complaint = complaint
        own.all.append(figures)
        return Measurement(figures.gigabits)
      }
    }
    // Neighbours are asked for, caches filled; none of it counts.
    for way in ways { _ = try traffic.measure(way) }
    var experiment = Experiment(
      id: "network.stream", title: Bilingual(en: "Stream, Gbit/s", zh: "流，Gbit/s"),
      sentence: Bilingual(
        en: """
          One TCP connection, \(Traffic.milliseconds) ms, from the first byte to the last one's \
          arrival, by every way in turn, each end on a CPU. published: from another host to a published port; loopback: \
          from the host itself to 127.0.0.1; host, routed: the same two without a port; relay: \
          [::1], which drydock-publish serves; vxlan: two hosts' bridges, made by hand.
          """,
        zh: "一条 TCP 连接，\(Traffic.milliseconds) 毫秒，从第一个字节到最后一个字节到达，轮流走每条路径。published：从另一台主机到"
          + "已发布端口；loopback：从主机自身到 127.0.0.1；host、routed：同样两条路径但不经端口；relay：[::1]，由 drydock-publish"
          + " 转发；vxlan：两台主机的网桥，手工搭建。"),
      unit: .perSecond, arms: arms, floor: "bridge", command: request.command, caveat: shared)
    experiment.rounds = request.rounds
    experiment.warmUps = 0
    let stream = try experiment.run(seed: request.seed)
    var cpu = stream.retold("cpu", .milliseconds, seen.mapValues { $0.all.map(\.cpu) })
    cpu.title = Bilingual(en: "Stream, CPU time of a gigabyte", zh: "流，每 GB 的 CPU 时间")
    cpu.sentence = Bilingual(
      en: """
        CPU time of client, server and proxy (/proc/PID/schedstat, getrusage(2)) by the gigabytes that \
        arrived. The kernel carries a packet through bridges and rules in the time of whoever it \
        interrupts, which is nearly always one of them; CONFIG_IRQ_TIME_ACCOUNTING would count it apart.
        """,
      zh: "客户端、服务端和代理的 CPU 时间（/proc/PID/schedstat、getrusage(2)）除以到达的 GB 数。内核在被打断的进程的时间里把数据包"
        + "送过网桥和规则，那几乎总是其中之一；若内核有 CONFIG_IRQ_TIME_ACCOUNTING，则另行计算。")
    var half = stream.retold("p50", .microseconds, seen.mapValues { $0.all.map(\.half) })
    half.title = Bilingual(en: "A byte there and back, p50", zh: "一字节往返，p50")
    half.sentence = Bilingual(
      en: """
        The median of \(Traffic.pings) bytes there and back by one TCP connection, with both ends, and a \
        proxy, on one CPU: no other has to be woken.
        """,
      zh: "同一 TCP 连接上 \(Traffic.pings) 次单字节往返的中位数；两端和代理在同一个 CPU 上，无需唤醒另一个 CPU。")
    var most = stream.retold("p99", .microseconds, seen.mapValues { $0.all.map(\.most) })
    most.title = Bilingual(en: "A byte there and back, p99", zh: "一字节往返，p99")
    most.sentence = Bilingual(
      en: "The 99th percentile of the same \(Traffic.pings).", zh: "同样 \(Traffic.pings) 次的 p99。")
    for (name, result) in [("throughput", stream), ("CPU time", cpu), ("p50", half), ("p99", most)]
    {
      Ratio.report(name, result, Stage.pairs)
    }
    return [stream, cpu, half, most]
  }

  /// What is compared with what: the same way without a port, or with another engine.
  private static let pairs = [
    ("published", "bridge"), ("published", "routed"), ("loopback", "host"), ("loopback", "bridge"),
    ("relay", "host"), ("relay", "docker-proxy-loopback"), ("vxlan", "veth"),
    ("published", "podman-published"), ("published", "docker-published"),
    ("loopback", "podman-loopback"), ("loopback", "docker-loopback"),
    ("bridge", "podman-bridge"), ("bridge", "docker-bridge"),
  ]

  var shared: Bilingual {
    Bilingual(
      en: """
        Both ends share the CPUs, and with everybody else on the machine; on a virtual one the same \
        stream differs several times from minute to minute. Ratios within a round hold.
        """,
      zh: "两端共用 CPU，也与机器上的其他程序共用；在虚拟机上，同样的流在几分钟之间可相差数倍。同一轮内的比值成立。")
  }
}

/// Paired ratios, printed with their verdicts.
enum Ratio {
  /// A line a pair: the median of the rounds' ratios, its interval, and whether it may be claimed.
  static func report(_ what: String, _ result: ExperimentResult, _ pairs: [(String, String)]) {
    func logRatios(_ a: String, _ b: String) -> [Double] {
      let pairs = result.pairs(a, b)
      return Statistics.logRatios(pairs.map { $0.a }, pairs.map { $0.b })
    }
    let noise = result.twins.flatMap {
      Statistics.interval(logRatios($0[0], $0[1]), seed: result.seed)?.reach
    }
    let text = noise.map { Decimals.percent(Statistics.exponential($0) - 1, 1) } ?? "unknown"
    File.report("\(result.id): \(what), A/A noise \(text)\n")
    for (a, b) in pairs {
      let ratios = logRatios(a, b)
      guard let interval = Statistics.interval(ratios, seed: result.seed) else { continue }
      let verdict = Comparison.decide(
        logRatio: interval, noise: noise, rounds: ratios.count,
        lowerIsBetter: result.unit.lowerIsBetter)
      let shown = interval.map(Statistics.exponential)
      let figures = [shown.middle, shown.low, shown.high].map { Decimals.fixed($0, 2) }
      File.report(
        "    \(a) ÷ \(b): \(figures[0]) [\(figures[1]), \(figures[2])] \(verdict.word.en)\n")
    }
  }
}
