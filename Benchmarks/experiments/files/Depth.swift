import BenchmarkKit
import Linux
import Measure

extension Declaration {
  /// Finding a file below many layers.
  static let filesDepth = Declaration(
    id: "files.depth", title: Bilingual(en: "layers above a file", zh: "文件之上的层数"),
    sentence: Bilingual(
      en: """
        The first stat(2) of a file in the lowest layer after mounting, mean of fifty files: every \
        layer has the directory, and all are searched from the top.
        """,
      zh: "挂载后首次 stat(2) 最底层的文件，五十个文件的平均：每一层都有这个目录，要从上到下逐层查找。"),
    unit: .microseconds, floor: "native",
    caveat: Bilingual(
      en:
        "Only the first look: the kernel remembers what it found (dentries), and native directories "
        + "in memory are remembered for ever.",
      zh: "只有第一次才这样：内核会记住找到的结果（dentry），而内存文件系统里的普通目录一直被记住。"),
    axis: Axis(Bilingual(en: "lower layers", zh: "下层数"), unit: .count, isLogarithmic: true),
    facets: [
      Facet("mount", title: Bilingual(en: "mounting", zh: "挂载"), unit: .microseconds)
    ],
    rounds: [.smoke: 2, .quick: 11, .full: 61], secondsARound: 0.1
  ) { ground throws(ExperimentError) in
    var stages: [OverlayStage] = []
    for layers in [1, 8, 32, 100] {
      let stage = try OverlayStage(ground, "depth-\(layers)", layers: layers)
      stages.append(stage)
      try Place.told { () throws(SystemError) in
        for layer in 0..<layers {
          try File.makeDirectory("\(stage.path)/\(layer)/d", mode: 0o755)
        }
        for file in 0..<files { try File.replace("\(stage.bottom)/d/\(file)", with: [0x5a]) }
      }
    }
    let (bind, native) = (stages[0].merged, stages[0].bottom)
    return stages.map(overlay) + [
      .checked("native", label: Bilingual(en: "the directory itself", zh: "目录本身")) {
        () throws(ExperimentError) in
        (Measurement(try look(native)), try Bound.complaint(plain: native))

      },
      .checked("bind", label: Bilingual(en: "a bind mount of it", zh: "它的绑定挂载")) {
        () throws(ExperimentError) in
        try Bound.mounted(native, on: bind) { () throws(ExperimentError) in
          (Measurement(try look(bind)), try Bound.complaint(native, on: bind))
        }
      },
    ]
  }

  private static let files = 50

  private static func overlay(_ stage: OverlayStage) -> Arm {
    .checked(
      "overlay-\(stage.layers)",
      label: Bilingual(
        en: "\(stage.layers) layer\(stage.layers == 1 ? "" : "s")", zh: "\(stage.layers) 层"),
      at: Double(stage.layers), series: Bilingual("overlay")
    ) { () throws(ExperimentError) in
      let start = Clock.now
      return try stage.mounted { () throws(ExperimentError) in
        let mount = Double(Clock.now - start) / 1e3
        let complaint = try stage.complaint()
        return (Measurement(try look(stage.merged), facets: ["mount": mount]), complaint)
      }
    }
  }

  /// Microseconds a file.
  private static func look(_ directory: String) throws(ExperimentError) -> Double {
    let paths = (0..<files).map { "\(directory)/d/\($0)" }
    return try Place.told { () throws(SystemError) in
      let start = Clock.now
      var bytes: UInt64 = 0
      for path in paths { bytes += try File.status(path).size }
      let took = Clock.now - start
      guard bytes == UInt64(files) else {
        throw SystemError("stat(2)", .invalid, "\(directory): \(bytes) bytes, not \(files)")
      }
      return Double(took) / 1e3 / Double(files)
    }
  }
}
