import BenchmarkKit
import Linux
import Measure

extension Suite {
  /// What memory containers take.
  static let density: [Declaration] = [.densityMemory, .densityFamily]
}

extension Declaration {
  /// A few.
  static let densityMemory = density(
    id: "density.memory", title: Bilingual(en: "memory a container", zh: "每个容器的内存"),
    counts: [100], peersAt: nil, rounds: [.quick: 6], secondsARound: 2)

  /// Up to a thousand.
  static let densityFamily = density(
    id: "density.memory-family",
    title: Bilingual(en: "memory a container, 1 to 1000", zh: "每个容器的内存，1 至 1000 个"),
    counts: [100, 1, 10, 500, 1000], peersAt: 100, rounds: [.full: 7], secondsARound: 35)

  private static func density(
    id: String, title: Bilingual, counts: [Int], peersAt: Int?, rounds: [Profile: Int],
    secondsARound: Double
  ) -> Declaration {
    Declaration(
      id: id, title: title,
      sentence: Bilingual(
        en: """
          How much less memory is available (MemAvailable) while so many containers run a C program \
          that waits, divided by their number. The control is the same program without containers.
          """,
        zh: "同时运行若干容器（各有一个只等待的 C 程序）时，可用内存（MemAvailable）减少的量除以容器数。对照是不用容器、直接运行同样的程序。"),
      unit: .bytes, floor: nil,
      caveat: Bilingual(
        en:
          "Whatever else takes or gives back memory meanwhile: for one container it is as large as "
          + "the figure. PSS shares pages out among those who use them; RSS would count them again "
          + "for each.",
        zh: "期间其他程序占用或归还的内存：只有一个容器时，误差与数值同样大。PSS 把共享页摊给使用者；RSS 则会重复计算。"),
      published: [
        Published(
          figure: "over 2500 on 384 GB (micro-VMs)", year: 2022, hardware: "Linux 4.19 guests",
          source: "RunD, ATC'22",
          comparability: Bilingual(
            en: "Those are virtual machines with a kernel each, about 150 MB: only the order of "
              + "magnitude says something.",
            zh: "那是各带内核的虚拟机，每个约 150 MB：只有数量级有意义。"))
      ],
      axis: Axis(
        Bilingual(en: "containers running", zh: "运行中的容器"), unit: .count, isLogarithmic: true),
      facets: [
        Facet("pss", title: Bilingual(en: "PSS of its processes", zh: "进程的 PSS"), unit: .bytes),
        Facet("slab", title: Bilingual(en: "slab", zh: "slab"), unit: .bytes),
        Facet("tables", title: Bilingual(en: "page tables", zh: "页表"), unit: .bytes),
      ],
      rounds: rounds, secondsARound: secondsARound
    ) { ground throws(ExperimentError) in
      var bundles: [Bundle] = []
      for index in 0..<(counts.max() ?? 0) {
        bundles.append(try ground.bundle("many-\(index)", ["/inside", "pause"]))
      }
      let crowd = Crowd(ground, bundles)
      var arms = counts.map { crowd.containers(ground.runtime, $0) }
      arms += counts.map { crowd.processes($0) }
      for peer in ground.peers where peersAt != nil {
        var arm = crowd.containers(peer, peersAt ?? 1)
        arm.mayFail = true
        arms.append(arm)
      }
      return arms
    }
  }
}
