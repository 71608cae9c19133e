import BenchmarkKit
import Measure

extension Declaration {
  /// The same layer twice.
  static let imageShared = Declaration(
    id: "image.dedup", title: Bilingual(en: "a layer that is there", zh: "已有的层"),
    sentence: Bilingual(
      en: "What the store grows by when a second image has a layer that is there already.",
      zh: "第二个镜像的层已经存在时，存储增加多少。"),
    unit: .bytes, floor: "new",
    caveat: Bilingual(
      en: "Whole layers only: one changed byte makes another layer.", zh: "以整层为单位：改一个字节就是另一个层。"),
    rounds: [.quick: 6, .full: 7], secondsARound: 0.35
  ) { ground throws(ExperimentError) in
    let layer = try Layer(ground)
    let size = try layer.size()
    func arm(_ name: String, _ label: Bilingual, isThere: Bool) -> Arm {
      .checked(name, label: label) { () throws(ExperimentError) in
        try layer.renew()
        if isThere { try Command.must(layer.drydock(["import", layer.tar, "bench:1"])) }
        let before = try layer.stored()
        try Command.must(layer.drydock(["import", layer.tar, "bench:2"]))
        let growth = try layer.stored() - before
        let images = try Command.must(layer.drydock(["images", "-q"])).split(separator: "\n").count
        let wanted = isThere ? 2 : 1
        return (
          Measurement(growth),
          images != wanted
            ? "\(images) images are there, not \(wanted)"
            : !isThere && growth < size ? "the store does not hold the layer" : nil
        )
      }
    }
    return [
      arm("shared", Bilingual(en: "layer is there", zh: "层已存在"), isThere: true),
      arm("new", Bilingual(en: "layer is new", zh: "层是新的"), isThere: false),
    ]
  }

  /// From an archive to a program's end.
  static let imageFirst = Declaration(
    id: "image.first-exec",
    title: Bilingual(en: "from an archive to the first program", zh: "从归档到第一个程序"),
    sentence: Bilingual(
      en: """
        `drydock import` of 13 MB and `run` of a program in it, from an empty store. The floor is the \
        same `run` when the image is there.
        """,
      zh: "从空的存储开始，导入 13 MB 并运行其中的一个程序。底线是镜像已在时的同一个 run。"),
    unit: .milliseconds, floor: "there",
    caveat: Bilingual(
      en: "No registry and no network: a pull adds what the wire takes.",
      zh: "没有镜像仓库，也没有网络：真正的拉取还要加上传输时间。"),
    published: [
      Published(
        figure: "76 % of the start is the pull; 6.4 % of what is pulled is read", year: 2016,
        hardware: "HelloBench, 57 images", source: "Slacker, FAST'16", arm: "first",
        comparability: Bilingual(
          en: "Their pulls crossed a network: beside it stands our share of the import, which has "
            + "none.",
          zh: "那边的拉取经过网络；这里并列的是不经网络的导入所占的比例。"))
    ],
    facets: [
      Facet("import", title: Bilingual(en: "share of the import", zh: "导入所占比例"), unit: .share)
    ],
    rounds: [.quick: 6, .full: 21], secondsARound: 0.4
  ) { ground throws(ExperimentError) in
    let layer = try Layer(ground)
    func timed(_ command: [String]) throws(ExperimentError) -> Double {
      let start = Stopwatch.now
      try Command.must(command)
      return Double(Stopwatch.now - start) / 1e6
    }
    let load = layer.drydock(["import", layer.tar, "bench:1"])
    func arm(_ name: String, _ label: Bilingual, isThere: Bool) -> Arm {
      .checked(name, label: label) { () throws(ExperimentError) in
        try layer.renew()
        if isThere { try Command.must(load) }
        let before = try Command.must(layer.drydock(["images", "-q"])).split(separator: "\n").count
        let importing = isThere ? 0 : try timed(load)
        let total = importing + (try timed(layer.run("bench:1")))
        return (
          Measurement(total, facets: ["import": importing / total]),
          (before > 0) == isThere ? nil : "\(before) images were there"
        )
      }
    }
    return [
      arm("first", Bilingual(en: "import and run", zh: "导入并运行"), isThere: false),
      arm("there", Bilingual(en: "run only", zh: "只运行"), isThere: true),
    ]
  }
}
