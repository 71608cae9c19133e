import BenchmarkKit
import Measure
import OCI
import Synchronization

extension Declaration {
  /// Arithmetic in a container and outside of it.
  static let cpuNative = Declaration(
    id: "cpu.native", title: Bilingual(en: "arithmetic in a container", zh: "容器内的纯计算"),
    sentence: Bilingual(
      en: """
        CPU time of the same multiplication of matrices in a container with the default seccomp \
        rules and on the host, both at once on a CPU each, then with the CPUs swapped: a program \
        that asks the kernel for nothing pays nothing for a container.
        """,
      zh: "同样的矩阵乘法所用的 CPU 时间：分别在带默认 seccomp 规则的容器里和主机上运行，各占一个 CPU 同时进行，再交换 CPU："
        + "不请求内核的程序，不为容器付出任何代价。"),
    unit: .milliseconds, floor: "host",
    caveat: Bilingual(
      en: "The two share caches and memory, and on some machines a core: only the ratio means "
        + "something. With one CPU they take turns. Waiting for a CPU is left out: when others want "
        + "it, a cgroup of its own gets a container more than a process of the host has.",
      zh: "两者共用缓存和内存，有的机器上还共用一个核心：只有比值有意义。只有一个 CPU 时两者轮流运行。"
        + "等待 CPU 的时间不计：有别人争用时，容器因有自己的 cgroup 而比主机上的进程得到更多。"),
    published: [
      Published(
        figure: "290.9 of 290.8 GFLOPS (Linpack)", year: 2015, hardware: "2×E5-2665, Linux 3.11",
        source: "Felter et al.", arm: "container", isRatio: true,
        comparability: Bilingual(
          en: "Both are ratios to the same machine without a container, so they compare; Linpack "
            + "also used huge pages and all cores.",
          zh: "两者都是与同一台机器上不用容器时的比值，可以比较；不过 Linpack 还使用了大页和全部核心。"))
    ],
    rounds: [.smoke: 6, .quick: 21, .full: 61], secondsARound: 0.3
  ) { ground throws(ExperimentError) in
    let container = try Inside(ground, "native") { config in
      let capabilities = config.process?.capabilities?.bounding ?? []
      config.linux.seccomp = Seccomp.standard(capabilities: capabilities)
    }
    let work = ["compute", "500"]
    return [
      arm("container", Bilingual("container"), container.command(work), seccomp: 2),
      arm("host", Bilingual(en: "host", zh: "主机"), Inside.onHost(ground, work), seccomp: 0),
    ]
  }

  /// Runs on a thread of its own, and so holds nothing but a command.
  private static func arm(
    _ name: String, _ label: Bilingual, _ command: [String], seccomp: Double
  ) -> Arm {
    let wrong = Wrong()
    return .ofDuet(name, label: label) {
      wrong.take()
    } part: { () throws(ExperimentError) in
      // Before Linux 6.2 a process that joins a cgroup forgets the CPU that it was given.
      let cpu = CPUs.ofThread.count == 1 ? CPUs.ofThread.map { "\($0)" } : []
      let figures = Figures(try Command.must(command + cpu))
      wrong.note(
        figures.complaint("seccomp", is: seccomp)
          ?? (cpu.isEmpty ? nil : figures.complaint("cpus", is: 1)))
      let used = try figures.value("cpu")
      return Measurement(used / 1e6, cpuNanoseconds: UInt64(used))
    }
  }
}

/// What was wrong with an arm's last number, both its halves.
private final class Wrong: Sendable {
  private let text = Mutex<String?>(nil)

  func note(_ complaint: String?) { text.withLock { $0 = $0 ?? complaint } }

  func take() -> String? {
    text.withLock { text in
      defer { text = nil }
      return text
    }
  }
}
