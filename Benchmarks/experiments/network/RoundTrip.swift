import BenchmarkKit
import Linux
import Load
import Measure

extension Declaration {
  /// There and back by each way.
  static let networkRoundTrip = roundTrip(
    id: "network.rr", title: Bilingual(en: "round trips, by way", zh: "往返，按路径"),
    rounds: [.quick: 11, .full: 21], secondsARound: 1, ways: Way.all)

  /// The same by the ways of several engines.
  static let networkRoundTripEngines = roundTrip(
    id: "network.rr-engines", title: Bilingual(en: "round trips, by engine", zh: "往返，按引擎"),
    rounds: [.full: 21], secondsARound: 1.1, setUpSeconds: 15, ways: Way.engines)

  private static func roundTrip(
    id: String, title: Bilingual, rounds: [Profile: Int], secondsARound: Double,
    setUpSeconds: Double = 4,
    ways: @escaping @Sendable (Ground) throws(ExperimentError) -> [Way]
  ) -> Declaration {
    Declaration(
      id: id, title: title,
      sentence: Bilingual(
        en: """
          8 bytes there and back by one TCP connection, 2000 times: their median. Both ends, and a \
          proxy, are on one CPU, so that no other has to be woken.
          """,
        zh: "同一 TCP 连接上 8 字节往返 2000 次，取中位数。两端和代理在同一个 CPU 上，无需唤醒另一个 CPU。"),
      unit: .microseconds, floor: nil, caveat: Suite.sharedCPUs,
      published: id.hasSuffix("engines")
        ? []
        : [
          Published(
            figure: "≈ 2 × native", year: 2015, hardware: "2×E5-2665, Linux 3.11",
            source: "Felter et al.", arm: "published", isRatio: true,
            comparability: Bilingual(
              en:
                "Theirs is Docker's NAT of that time over a real link, ours over a veth pair between "
                + "two hosts on one machine: only that it is more compares.",
              zh: "对方是当时 Docker 的 NAT，经真实链路；我们的经同一机器上的 veth 对：可比的只是“更慢”。")),
          Published(
            figure: "+34 %", year: 2019, hardware: "-", source: "Slim, NSDI'19", arm: "vxlan",
            isRatio: true,
            comparability: Bilingual(
              en: "A real link's own latency is a part of theirs: ours is an upper bound.",
              zh: "对方含真实链路自身的延迟：我们的比值是上限。")),
        ],
      rounds: rounds, secondsARound: secondsARound, setUpSeconds: setUpSeconds
    ) { ground throws(ExperimentError) in
      let ways = try ways(ground)
      try Traffic.bindProxies(of: ways)
      return ways.map { way in
        way.arm(
          ground, ["--net-rr", "1", "--ops", "2000", "--net-bytes", "8"],
          on: CPUs.online.last ?? 0
        ) { told, cpu in
          Measurement(
            Double(told.latencies.value(atPercentile: 50) ?? 0) / 1e3, cpuNanoseconds: cpu,
            distribution: told.latencies)
        }
      }
    }
  }

  /// Round trips that nobody waits with: open loop.
  static let networkRate = Declaration(
    id: "network.rate", title: Bilingual(en: "round trips at a fixed rate", zh: "固定速率的往返"),
    sentence: Bilingual(
      en: """
        8 bytes there and back, sent at fixed moments for a quarter of a second whether or not the one \
        before is back. Each takes from the moment it was due; the value is their median. Both ends on \
        one CPU.
        """,
      zh: "按固定时刻发送 8 字节，持续四分之一秒，不管前一个是否返回。每次从应当发送的时刻算起，取中位数。两端在同一个 CPU 上。"),
    unit: .microseconds, floor: nil,
    caveat: Bilingual(
      en: "Beyond what the CPU can do the queue grows for as long as it is measured.",
      zh: "超出该 CPU 能力时，测多久队列就增长多久。"),
    axis: Axis(
      Bilingual(en: "requests a second", zh: "每秒请求数"), unit: .count, isLogarithmic: true),
    rounds: [.full: 11], secondsARound: 4, setUpSeconds: 3
  ) { ground throws(ExperimentError) in
    let host = try Host.drydock(ground, try ground.drydock())
    let kinds = ["published", "bridge", "host"]
    let ways = try Way.engine(host).filter { kinds.contains($0.kind) }
    return ways.flatMap { way in
      [1000, 4000, 16_000, 32_000].map { rate in
        let count = UInt64(rate / 4)
        return .checked(
          "\(way.name)-\(rate)", at: Double(rate), series: way.label,
          control: way.kind == "host" ? nil : "host-\(rate)"
        ) { () throws(ExperimentError) in
          let (told, cpu, complaint) = try way.measure(
            ["--net-rate", "1", "--rate", "\(rate)", "--ops", "\(count)", "--net-bytes", "8"],
            on: CPUs.online.last ?? 0, ground)
          return (
            Measurement(
              Double(told.latencies.value(atPercentile: 50) ?? 0) / 1e3, cpuNanoseconds: cpu,
              distribution: told.latencies),
            told.latencies.count == count
              ? complaint : "\(told.latencies.count) of \(count) came back"
          )
        }
      }
    }
  }
}
