import BenchmarkKit
import Linux
import Measure
import OCI

extension Declaration {
  /// A file four times as large as the memory there is.
  static let memoryReclaim = Declaration(
    id: "memory.reclaim", title: Bilingual(en: "reading past the limit", zh: "读取超过上限的文件"),
    sentence: Bilingual(
      en: """
        A file of 128 MiB is read in a container of 32 MiB: its page cache is charged to the \
        container, so three quarters of the pages are taken back while it reads. The file is one \
        hole: no disk is waited for.
        """,
      zh: "在上限 32 MiB 的容器里读取 128 MiB 的文件：页缓存计入容器，读取的同时有四分之三的页要回收。文件是一个空洞，不必等待磁盘。"),
    unit: .bytesPerSecond, floor: "unlimited",
    caveat: Bilingual(
      en: "Clean pages only: what was written must go to the disk first.", zh: "只涉及干净页：写过的页要先写回磁盘。"),
    facets: [
      Facet("hits", title: Bilingual(en: "times at the limit", zh: "触及上限次数"), unit: .count)
    ],
    rounds: [.smoke: 2, .quick: 7, .full: 41], secondsARound: 0.3
  ) { ground throws(ExperimentError) in
    try ground.require("memory")
    let disk = try ground.disk()
    let (size, limit) = (128 << 20, 32 << 20)
    let path = disk + "/hole"
    try Place.told { () throws(SystemError) in
      let file = try File.open(path, [.writeOnly, .create])
      try File.cut(file.raw, to: UInt64(size), name: path)
    }
    func arm(_ name: String, _ label: Bilingual, limit: Int?) throws(ExperimentError) -> Arm {
      let container = try Inside(ground, "reclaim-\(name)") { config in
        config.mounts.append(
          Mount(destination: "/tmp", type: "bind", source: disk, options: ["bind", "ro"]))
        config.linux.resources.memory.limit = limit.map { Int64($0) }
      }
      return .checked(name, label: label) { () throws(ExperimentError) in
        let before = container.counters.memory?.limitHits ?? 0
        let figures = try container.run(["reread", "/tmp/hole", "\(size)"])
        let memory = container.counters.memory
        let hits = (memory?.limitHits ?? 0) - before
        var complaint: String?
        if memory?.limitBytes != limit.map({ UInt64($0) }) {
          let found = memory?.limitBytes.map { "\($0)" } ?? "none"
          complaint = "the kernel's limit is \(found), not \(limit.map { "\($0)" } ?? "none")"
        } else if (hits > 0) != (limit != nil) {
          complaint = "the limit was met \(hits) times"
        }
        return (
          Measurement(
            Double(size) / (try figures.value("read") / 1e9), facets: ["hits": Double(hits)]),
          complaint
        )
      }
    }
    return [
      try arm("limited", Bilingual(en: "limit 32 MiB", zh: "上限 32 MiB"), limit: limit),
      try arm("unlimited", Bilingual(en: "no limit", zh: "无上限"), limit: nil),
    ]
  }
}
