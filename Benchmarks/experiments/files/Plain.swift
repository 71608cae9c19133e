import BenchmarkKit
import Linux
import Measure

// Names and bytes: overlay, native directory, bind mount.

extension Declaration {
  /// Creating, looking, renaming, removing.
  static let filesMetadata = plain(
    id: "files.metadata", title: Bilingual(en: "names of files", zh: "文件名操作"),
    sentence: Bilingual(
      en: "Creating a file, mean of 500; beside it what stat, rename and unlink of it take.",
      zh: "创建一个文件，500 个的平均；旁边是对它 stat、rename 和 unlink 的耗时。"),
    unit: .microseconds, mode: "metadata", amount: "500", secondsARound: 0.25,
    facets: [
      Facet("stat", title: Bilingual("stat(2)"), unit: .microseconds),
      Facet("rename", title: Bilingual("rename(2)"), unit: .microseconds),
      Facet("unlink", title: Bilingual("unlink(2)"), unit: .microseconds),
    ]
  ) { figures throws(ExperimentError) in
    Measurement(
      try figures.value("create") / 1e3,
      facets: [
        "stat": try figures.value("stat") / 1e3, "rename": try figures.value("rename") / 1e3,
        "unlink": try figures.value("unlink") / 1e3,
      ])
  }

  /// Writing and reading.
  static let filesData = plain(
    id: "files.data", title: Bilingual(en: "bytes of files", zh: "文件数据"),
    sentence: Bilingual(
      en: "Writing a new file of 16 MiB in pieces of 1 MiB; beside it reading it back.",
      zh: "以 1 MiB 为单位写一个 16 MiB 的新文件；旁边是把它读回来的速率。"),
    unit: .bytesPerSecond, mode: "data", amount: "\(16 << 20)", secondsARound: 0.2,
    facets: [Facet("read", title: Bilingual(en: "reading", zh: "读取"), unit: .bytesPerSecond)]
  ) { figures throws(ExperimentError) in
    let bytes = Double(16 << 20)
    return Measurement(
      bytes / (try figures.value("written") / 1e9),
      facets: ["read": bytes / (try figures.value("read") / 1e9)])
  }

  private static func plain(
    id: String, title: Bilingual, sentence: Bilingual, unit: Quantity, mode: String,
    amount: String, secondsARound: Double, facets: [Facet],
    measurement: @escaping @Sendable (Figures) throws(ExperimentError) -> Measurement
  ) -> Declaration {
    Declaration(
      id: id, title: title, sentence: sentence, unit: unit, floor: "native",
      caveat: Bilingual(
        en:
          "All in memory, so that no disk hides the difference: on a disk the ratios are smaller.",
        zh: "全部在内存里，磁盘不会掩盖差别：在磁盘上比值会更小。"), facets: facets,
      rounds: [.smoke: 2, .quick: 11, .full: 61], secondsARound: secondsARound
    ) { ground throws(ExperimentError) in
      let stage = try OverlayStage(ground, mode)
      let directory = stage.path + "/native"
      try Place.told { () throws(SystemError) in try File.makeDirectory(directory, mode: 0o755) }
      func run(_ path: String) throws(ExperimentError) -> Measurement {
        try measurement(try Inside.host(ground, [mode, path, amount]))
      }
      return [
        .checked("overlay", label: Bilingual("overlay")) { () throws(ExperimentError) in
          try stage.mounted { () throws(ExperimentError) in
            let measurement = try run(stage.merged)
            return (measurement, try stage.complaint())
          }
        },
        .checked("native", label: Bilingual(en: "native directory", zh: "普通目录")) {
          () throws(ExperimentError) in
          (try run(directory), try Bound.complaint(plain: directory))
        },
        .checked("bind", label: Bilingual(en: "bind mount", zh: "绑定挂载")) {
          () throws(ExperimentError) in
          try Bound.mounted(directory, on: stage.merged) { () throws(ExperimentError) in
            (try run(stage.merged), try Bound.complaint(directory, on: stage.merged))
          }
        },
      ]
    }
  }
}
