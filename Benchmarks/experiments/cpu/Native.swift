import BenchmarkKit
import Measure
import OCI

extension Declaration {
  /// Arithmetic in a container and outside of it.
  static let cpuNative = Declaration(
    id: "cpu.native", title: Bilingual(en: "arithmetic in a container", zh: "容器内的纯计算"),
    sentence: Bilingual(
      en: """
        The same multiplication of matrices in a container with the default seccomp rules and on the \
        host: a program that asks the kernel for nothing pays nothing for a container.
        """,
      zh: "同样的矩阵乘法，分别在带默认 seccomp 规则的容器里和主机上运行：不请求内核的程序，不为容器付出任何代价。"),
    unit: .milliseconds, floor: "host",
    caveat: Bilingual(
      en: "Other work on the machine, and a frequency that changes between two samples.",
      zh: "机器上的其他负载，以及两个样本之间变化的频率。"),
    published: [
      Published(
        figure: "290.9 of 290.8 GFLOPS (Linpack)", year: 2015, hardware: "2×E5-2665, Linux 3.11",
        source: "Felter et al.", arm: "container", isRatio: true,
        comparability: Bilingual(
          en: "Both are ratios to the same machine without a container, so they compare; Linpack "
            + "also used huge pages and all cores.",
          zh: "两者都是与同一台机器上不用容器时的比值，可以比较；不过 Linpack 还使用了大页和全部核心。"))
    ],
    rounds: [.smoke: 6, .quick: 21, .full: 61], secondsARound: 0.1
  ) { ground throws(ExperimentError) in
    let container = try Inside(ground, "native") { config in
      let capabilities = config.process?.capabilities?.bounding ?? []
      config.linux.seccomp = Seccomp.standard(capabilities: capabilities)
    }
    let work = ["compute", "500"]
    func measurement(_ figures: Figures) throws(ExperimentError) -> Measurement {
      Measurement(
        try figures.value("took") / 1e6, cpuNanoseconds: UInt64(try figures.value("cpu")))
    }
    return [
      .checked("container") { () throws(ExperimentError) in
        let figures = try container.run(work)
        return (try measurement(figures), figures.complaint("seccomp", is: 2))
      },
      .checked("host", label: Bilingual(en: "host", zh: "主机")) { () throws(ExperimentError) in
        let figures = try Inside.host(ground, work)
        return (try measurement(figures), figures.complaint("seccomp", is: 0))
      },
    ]
  }
}
