import BenchmarkKit
import Linux
import Measure

extension Declaration {
  /// From a plain tar.
  static let imageImport = imported(
    id: "image.import", title: Bilingual(en: "import of a layer", zh: "导入一个层"), floor: "tar",
    isCompressed: false, rounds: [.quick: 6, .full: 21])

  /// From a compressed one.
  static let imageImportGzip = imported(
    id: "image.import-gzip",
    title: Bilingual(en: "import of a compressed layer", zh: "导入压缩的层"), floor: "tar",
    isCompressed: true, rounds: [.full: 21])

  private static func imported(
    id: String, title: Bilingual, floor: String, isCompressed: Bool, rounds: [Profile: Int]
  ) -> Declaration {
    Declaration(
      id: id, title: title,
      sentence: Bilingual(
        en: """
          `drydock import` of 13 MB in \(Layer.files) files, until the image can be run: bytes of the \
          plain tar a second. tar only lays out the files; sha256sum, gunzip and cat do one part \
          of it each.
          """,
        zh: "drydock import 导入 13 MB、\(Layer.files) 个文件，直到镜像可以运行：每秒处理的（未压缩）字节数。tar 只展开文件；"
          + "sha256sum、gunzip、cat 各做其中一步。"),
      unit: .bytesPerSecond, floor: floor,
      caveat: Bilingual(
        en: "In memory; on a disk the engine also waits until its blobs are written (fsync(2)).",
        zh: "在内存里进行；在磁盘上引擎还要等 blob 写完（fsync(2)）。"),
      facets: [
        Facet("files", title: Bilingual(en: "files a second", zh: "每秒文件数"), unit: .perSecond)
      ],
      rounds: rounds, secondsARound: isCompressed ? 1.5 : 0.5
    ) { ground throws(ExperimentError) in
      let layer = try Layer(ground)
      let size = try layer.size()
      let file = isCompressed ? layer.gzip : layer.tar
      func measurement(_ cost: Cost, files: Bool) -> Measurement {
        let seconds = Double(cost.nanoseconds) / 1e9
        return Measurement(
          size / seconds, cpuNanoseconds: cost.cpuNanoseconds,
          facets: files ? ["files": Double(Layer.files) / seconds] : [:])
      }
      func plain(_ name: String, _ command: [String]) -> Arm {
        .checked(name) { () throws(ExperimentError) in
          let null = try Place.told { () throws(SystemError) in
            try File.open("/dev/null", .readWrite)
          }
          var cost = Cost()
          try cost.add(command, output: null.raw)
          return (measurement(cost, files: false), cost.complaint)
        }
      }
      let out = layer.path + "/out"
      return [
        .checked("drydock") { () throws(ExperimentError) in
          try layer.renew()
          let null = try Place.told { () throws(SystemError) in
            try File.open("/dev/null", .readWrite)
          }
          var cost = Cost()
          try cost.add(layer.drydock(["import", file, "bench:1"]), output: null.raw)
          var complaint = cost.complaint
          if complaint == nil { complaint = try layer.complaint("bench:1") }
          return (measurement(cost, files: true), complaint)
        },
        .checked("tar") { () throws(ExperimentError) in
          try Place.told { () throws(SystemError) in try File.makeDirectory(out, mode: 0o755) }
          var cost = Cost()
          try cost.add(
            ["/bin/tar", "-x" + (isCompressed ? "z" : "") + "f", file, "-C", out])
          let found = Kernel.list(out + "/files").count
          try Place.told { () throws(SystemError) in try File.removeTree(out) }
          return (
            measurement(cost, files: true),
            cost.complaint ?? (found == Layer.files ? nil : "\(found) files came out")
          )
        },
        plain("sha256sum", ["/usr/bin/sha256sum", layer.tar]),
        plain("cat", ["/bin/cat", layer.tar]),
      ] + (isCompressed ? [plain("gunzip", ["/bin/gzip", "-dc", file])] : [])
    }
  }
}
