import BenchmarkKit
import Measure

extension Declaration {
  /// How long a network namespace outlives its last process.
  static let teardownNamespace = Declaration(
    id: "teardown.netns",
    title: Bilingual(en: "release of a network namespace", zh: "网络命名空间的释放"),
    sentence: Bilingual(
      en: """
        The last process of a network namespace is killed: until the other end of its veth is gone, \
        which is when the kernel has taken the namespace apart. The floor is a child without one, \
        until it is reaped.
        """,
      zh: "杀死网络命名空间里的最后一个进程：直到它的 veth 对端消失，即内核拆除命名空间为止。底线是没有命名空间的子进程，直到被回收。"),
    unit: .milliseconds, floor: "process",
    caveat: Bilingual(
      en:
        "One kernel worker takes apart all namespaces of the machine, several at once: who leaves "
        + "in a crowd waits for the crowd.",
      zh: "全机的命名空间都由同一个内核线程成批拆除：扎堆离开的要等整批完成。"),
    facets: [
      Facet("waited", title: Bilingual(en: "until reaped", zh: "到被回收"), unit: .milliseconds)
    ],
    rounds: [.quick: 11, .full: 61], secondsARound: 0.1
  ) { ground throws(ExperimentError) in
    func arm(_ name: String, _ label: Bilingual, namespace: Bool) -> Arm {
      .checked(name, label: label) { () throws(ExperimentError) in
        let figures = try Inside.host(ground, ["netns", namespace ? "1" : "0"])
        return (
          Measurement(
            try figures.value("released") / 1e6,
            facets: ["waited": try figures.value("waited") / 1e6]),
          figures.complaint("linked", is: namespace ? 1 : 0)
        )
      }
    }
    return [
      arm("netns", Bilingual(en: "network namespace", zh: "网络命名空间"), namespace: true),
      arm("process", Bilingual(en: "a process", zh: "一个进程"), namespace: false),
    ]
  }

  /// Namespaces made and dropped.
  static let teardownChurn = Declaration(
    id: "teardown.churn", title: Bilingual(en: "churn of namespaces", zh: "命名空间的更替"),
    sentence: Bilingual(
      en: """
        Children that make namespaces and end at once, one after another: how many a second, with a \
        network namespace and without.
        """,
      zh: "子进程创建命名空间后立即结束，一个接一个：每秒多少个，带或不带网络命名空间。"),
    unit: .perSecond, floor: "process",
    caveat: Bilingual(
      en: "Namespaces that ended are taken apart later: a longer run is slower than a short one.",
      zh: "结束的命名空间稍后才拆除：持续得越久越慢。"),
    published: [
      Published(
        figure: "200 a second with a network namespace, 900 without", year: 2018,
        hardware: "Linux 4.13", source: "SOCK, ATC'18", arm: "net",
        comparability: Bilingual(
          en:
            "SOCK's were whole containers on more CPUs: compare how many times fewer it is with a "
            + "network namespace, not the rates.",
          zh: "SOCK 测的是多核机器上的完整容器：可比的是加上网络命名空间后少多少倍，不是速率本身。"))
    ],
    rounds: [.full: 21], secondsARound: 1
  ) { ground throws(ExperimentError) in
    func arm(_ name: String, _ label: Bilingual, count: Int) -> Arm {
      .checked(name, label: label, control: name == "net" ? "none" : nil) {
        () throws(ExperimentError) in
        // The program ends with an error when a namespace could not be made.
        let figures = try Inside.host(ground, ["churn", name, "\(count)"])
        let took = try figures.value("took")
        return (
          Measurement(Double(count) / (took / 1e9)),
          figures.complaint("apart", is: name == "net" ? Double(count) : 0)
        )
      }
    }
    return [
      arm("net", Bilingual(en: "all but user", zh: "除 user 外全部"), count: 100),
      arm("none", Bilingual(en: "without network", zh: "不含网络"), count: 200),
      arm("process", Bilingual(en: "processes only", zh: "仅进程"), count: 500),
    ]
  }
}
