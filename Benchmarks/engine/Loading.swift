import BenchmarkKit
import Linux
import Measure

// An image with many files: from an archive into the store.

extension Bench {
  private static let debian = "docker.io/library/debian:12"

  /// `load` of an image of one Debian layer, and tar(1), which only lays out the files.
  func loadResults(rounds: Int) throws(ExperimentError) -> [ExperimentResult] {
    guard let layer = request.texts["--layer"] else {
      File.report("    without load: --layer names no plain tar of a Debian root\n")
      return []
    }
    let archive = place.path + "/debian.tar"
    let drydock = engines[0]
    try must(drydock("import", layer, Bench.debian))
    try must(drydock("save", "-o", archive, Bench.debian))
    try must(drydock("rmi", Bench.debian))
    let tree = place.path + "/tree"
    let entries = try must(["/bin/tar", "-tf", layer]).split(separator: "\n").count
    let bytes = try Place.told { () throws(SystemError) in try File.status(layer).size }
    var arms = engines.map { engine in
      settled(
        engine.name, [engine("load", "-q", "-i", archive)], undone: engine("rmi", Bench.debian))
    }
    arms.append(
      settled(
        "tar",
        [
          ["/bin/mkdir", tree],
          ["/bin/tar", "--xattrs", "--xattrs-include=*", "-xpf", layer, "-C", tree],
        ], undone: ["/bin/rm", "-rf", tree]))
    let experiment = Experiment(
      id: "engine.load", title: Bilingual(en: "load of a Debian image", zh: "载入 Debian 镜像"),
      sentence: Bilingual(
        en: """
          `load` of an archive with one layer of \(bytes) bytes in \(entries) entries, until the \
          image can be run. tar only lays out the files: no digest, no copy of the archive. On a disk \
          drydock waits until its blobs are there (fsync(2)), others do not.
          """,
        zh: "载入只有一层的归档（\(bytes) 字节、\(entries) 个条目），直到镜像可以运行。tar 只展开文件：没有摘要，也不保存归档。"
          + "在磁盘上，drydock 会等到 blob 写入（fsync(2)），其他引擎不等。"),
      unit: .milliseconds, arms: arms, floor: "tar", command: request.command,
      caveat: Bilingual(
        en: "A disk that others write to, and a page cache without room.",
        zh: "别的程序也在写磁盘，或页缓存空间不足。"))
    let result = try result(experiment, rounds)
    for arm in result.arms {
      guard let median = Statistics.median(result.values(arm.name)) else { continue }
      let rates = (Double(bytes) / 1e3 / median, Double(entries) * 1e3 / median)
      File.report(
        "    \(arm.name): \(Decimals.fixed(rates.0, 0)) MB/s, \(Decimals.fixed(rates.1, 0)) files/s\n"
      )
    }
    return [result]
  }

  /// An arm that begins with nothing to be written out, and is undone outside of its number.
  private func settled(_ name: String, _ commands: [[String]], undone: [String]) -> Arm {
    let arm = arm(
      name, { commands }, after: { () throws(ExperimentError) in try self.must(undone) })
    var settled = arm
    settled.measure = { () throws(ExperimentError) in
      try self.must(["/bin/sync", "-f", self.place.path])
      return try arm.measure()
    }
    return settled
  }
}
