import BenchmarkKit
import Linux
import Measure

// An image with many files: from an archive into the store.

extension Declaration {
  /// `load` of an image of one Debian layer, and tar(1), which only lays out the files.
  static let engineLoad = Declaration(
    id: "engine.load", title: Bilingual(en: "load of a Debian image", zh: "载入 Debian 镜像"),
    sentence: Bilingual(
      en: """
        `load` of an archive with one layer, a Debian root, until the image can be run, which is \
        tried after each. tar only lays out the files: no digest, no copy of the archive.
        """,
      zh: "载入只有一层（一个 Debian 根目录）的归档，直到镜像可以运行，每次之后都试运行。tar 只展开文件：没有摘要，也不保存归档。"),
    unit: .milliseconds, floor: "tar",
    caveat: Bilingual(
      en: """
        In memory. On a disk drydock waits until its blobs are there (fsync(2)), others do not; and \
        whatever else writes there disturbs.
        """,
      zh: "在内存里进行。在磁盘上 drydock 会等到 blob 写入（fsync(2)），其他引擎不等；其他程序的写入也会干扰。"),
    facets: [
      Facet(
        "rate", title: Bilingual(en: "bytes of the layer", zh: "层的字节"), unit: .bytesPerSecond),
      Facet("files", title: Bilingual(en: "files a second", zh: "每秒文件数"), unit: .perSecond),
    ],
    rounds: [.full: 7], secondsARound: 9, setUpSeconds: 10
  ) { ground throws(ExperimentError) in
    guard let layer = ground.layer else {
      throw ExperimentError(
        "no Debian root to load: --layer FILE names a plain tar of one (mmdebstrap "
          + "--variant=minbase bookworm FILE); Benchmarks/run makes it by itself")
    }
    let engines = try Engines(ground)
    let image = "docker.io/library/debian:12"
    let archive = ground.place.path + "/debian.tar"
    ground.atEnd { () throws(ExperimentError) in
      try Place.told { () throws(SystemError) in
        if File.exists(archive) { try File.remove(archive) }
      }
    }
    let drydock = engines.all[0]
    try Command.must(drydock("import", layer, image))
    try Command.must(drydock("save", "-o", archive, image))
    try Command.must(drydock("rmi", image))
    let entries = try Command.must(["/bin/tar", "-tf", layer]).split(separator: "\n").count
    let bytes = try Place.told { () throws(SystemError) in try File.status(layer).size }
    func measurement(_ cost: Cost) -> Measurement {
      let seconds = Double(cost.nanoseconds) / 1e9
      return Measurement(
        seconds * 1000, cpuNanoseconds: cost.cpuNanoseconds,
        facets: ["rate": Double(bytes) / seconds, "files": Double(entries) / seconds])
    }
    return engines.all.map { engine in
      var loaded = engine
      loaded.image = image
      let run = loaded.run("run", ["--rm"], Engines.witness)
      var arm = Arm.checked(engine.name) { () throws(ExperimentError) in
        let null = try Place.told { () throws(SystemError) in
          try File.open("/dev/null", .readWrite)
        }
        var cost = Cost()
        try cost.add(engine("load", "-q", "-i", archive), output: null.raw)
        let (text, failure) = try Command.output(run)
        try Command.must(engine("rmi", image))
        return (measurement(cost), cost.complaint ?? failure ?? Engines.complaint(text))
      }
      arm.mayFail = engine.isPeer
      return arm
    } + [laidOut(layer, entries, at: ground.place.path + "/tree", measurement)]
  }

  private static func laidOut(
    _ layer: String, _ entries: Int, at tree: String, _ measurement: @escaping (Cost) -> Measurement
  ) -> Arm {
    .checked("tar") { () throws(ExperimentError) in
      try Place.told { () throws(SystemError) in try File.makeDirectory(tree, mode: 0o755) }
      var cost = Cost()
      try cost.add(["/bin/tar", "--xattrs", "--xattrs-include=*", "-xpf", layer, "-C", tree])
      let found = try Command.must(["/usr/bin/find", tree]).split(separator: "\n").count
      try Place.told { () throws(SystemError) in try File.removeTree(tree) }
      // The root itself is an entry of the archive.
      return (
        measurement(cost),
        cost.complaint ?? (found == entries ? nil : "\(found) files came out, not \(entries)")
      )
    }
  }
}
