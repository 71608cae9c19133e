import BenchmarkKit
import Linux
import Measure

extension Declaration {
  /// How much goes over each way.
  static let networkStream = stream(
    id: "network.stream", title: Bilingual(en: "a stream, by way", zh: "流，按路径"),
    rounds: [.full: 21], secondsARound: 2.5, ways: Way.all)

  /// The same over the ways of several engines.
  static let networkStreamEngines = stream(
    id: "network.stream-engines", title: Bilingual(en: "a stream, by engine", zh: "流，按引擎"),
    rounds: [.full: 21], secondsARound: 3, setUpSeconds: 15, ways: Way.engines)

  /// Blocks of 128 KiB: 384 MiB.
  private static let blocks: UInt64 = 3072

  private static func stream(
    id: String, title: Bilingual, rounds: [Profile: Int], secondsARound: Double,
    setUpSeconds: Double = 4,
    ways: @escaping @Sendable (Ground) throws(ExperimentError) -> [Way]
  ) -> Declaration {
    Declaration(
      id: id, title: title,
      sentence: Bilingual(
        en: """
          384 MiB by one TCP connection, until the other end has told that all have arrived; each end \
          on a CPU. CPU time is that of client, server and proxy. The kernel carries a packet through \
          bridges and rules in the time of whoever it interrupts, which is nearly always one of them.
          """,
        zh: "一条 TCP 连接传 384 MiB，直到另一端告知全部到达；两端各占一个 CPU。CPU 时间包括客户端、服务端和代理。内核在被打断的进程的时间里"
          + "把数据包送过网桥和规则，那几乎总是其中之一。"),
      unit: .bitsPerSecond, floor: nil, caveat: Suite.sharedCPUs,
      published: id.hasSuffix("engines")
        ? []
        : [
          Published(
            figure: "−23 %", year: 2019, hardware: "-", source: "Slim, NSDI'19", arm: "vxlan",
            isRatio: true,
            comparability: Bilingual(
              en: "Theirs went over a real link: which is slower compares, by how much does not.",
              zh: "对方经真实链路：孰慢可比，慢多少不可比。"))
        ],
      facets: [
        Facet(
          "cpu", title: Bilingual(en: "CPU time of a gigabyte", zh: "每 GB 的 CPU 时间"),
          unit: .milliseconds)
      ],
      rounds: rounds, secondsARound: secondsARound, setUpSeconds: setUpSeconds
    ) { ground throws(ExperimentError) in
      try ways(ground).map { way in
        way.arm(
          ground, ["--net-stream", "1", "--ops", "\(blocks)"], on: CPUs.online[0]
        ) { told, cpu in
          Measurement(
            Double(told.bytes) * 8 / (Double(told.nanoseconds) / 1e9), cpuNanoseconds: cpu,
            facets: ["cpu": Double(cpu) / 1e6 / (Double(told.bytes) / 1e9)])
        }
      }
    }
  }
}
