import BenchmarkKit
import Measure

extension Declaration {
  /// Network namespaces made by several at once.
  static let networkNamespaces = Declaration(
    id: "network.namespaces",
    title: Bilingual(en: "network namespaces made at once", zh: "同时创建网络命名空间"),
    sentence: Bilingual(
      en: """
        So many processes at once each move from one new network namespace into the next \
        (unshare(2)): how many a second, all together. The control makes UTS namespaces, which have \
        nothing but a name.
        """,
      zh: "这么多进程同时用 unshare(2) 反复进入新的网络命名空间：合计每秒多少个。对照组创建只含一个主机名的 UTS 命名空间。"),
    unit: .perSecond, floor: nil,
    caveat: Bilingual(
      en: """
        Those that were left are taken apart meanwhile, by the kernel's one worker for it, under the \
        same locks: a longer run is slower than a short one.
        """,
      zh: "离开的命名空间同时由内核唯一的工作线程拆除，用的是同样的锁：持续得越久越慢。"),
    published: [
      Published(
        figure: "0.28, 1.27, 6.28, 14.41 s for 1, 10, 50, 100 at once", year: 2019,
        hardware: "Linux 4.4", source: "HotCloud'19 (Mohan et al.)", arm: "net-8",
        comparability: Bilingual(
          en:
            "Theirs are set up with links and addresses: that more at once are hardly made faster "
            + "compares, the times do not.",
          zh: "对方还配置了链路和地址：可比的是“同时更多并不会更快”，时间本身不可比。"))
    ],
    axis: Axis(Bilingual(en: "callers", zh: "调用者"), unit: .count, isLogarithmic: true),
    rounds: [.quick: 6, .full: 21], secondsARound: 1
  ) { ground throws(ExperimentError) in
    func arm(
      _ kind: String, _ series: Bilingual, _ callers: Int, of count: Int, control: String?
    ) -> Arm {
      .checked("\(kind)-\(callers)", at: Double(callers), series: series, control: control) {
        () throws(ExperimentError) in
        let each = count / callers
        let figures = try Inside.host(ground, ["unshare", kind, "\(callers)", "\(each)"])
        return (
          Measurement(Double(each * callers) / (try figures.value("took") / 1e9)),
          figures.complaint("apart", is: Double(callers))
        )
      }
    }
    let callers = [8, 1, 2, 4]
    return callers.map {
      arm("net", Bilingual(en: "network", zh: "网络"), $0, of: 160, control: "uts-\($0)")
    } + callers.map { arm("uts", Bilingual(en: "UTS", zh: "UTS"), $0, of: 16_000, control: nil) }
  }
}
