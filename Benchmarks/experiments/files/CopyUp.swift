import BenchmarkKit
import Linux
import Measure

extension Declaration {
  /// The first write to a file of an image.
  static let filesCopyUp = Declaration(
    id: "files.copy-up", title: Bilingual(en: "copy-up", zh: "写时复制（copy-up）"),
    sentence: Bilingual(
      en: """
        Opening a file of a lower layer for writing copies all of it to the upper one first: the time \
        of open(2), by size. cp copies the same file in the same filesystem.
        """,
      zh: "以写方式打开下层的文件，内核会先把整个文件复制到上层：open(2) 的耗时随大小的变化。cp 在同一文件系统内复制同一文件。"),
    unit: .milliseconds, floor: nil,
    caveat: Bilingual(
      en:
        "Both layers are in memory: on a disk its speed comes on top, and where the filesystem can "
        + "share blocks (reflink) next to nothing is copied.",
      zh: "上下层都在内存里：在磁盘上还要加上磁盘的时间；文件系统若能共享块（reflink），几乎不复制。"),
    axis: Axis(Bilingual(en: "size of the file", zh: "文件大小"), unit: .bytes, isLogarithmic: true),
    rounds: [.smoke: 2, .quick: 11, .full: 61], secondsARound: 0.4
  ) { ground throws(ExperimentError) in
    let stage = try OverlayStage(ground, "copy-up")
    let sizes = [1 << 20, 0, 4 << 10, 64 << 10, 16 << 20, 128 << 20]
    for size in sizes {
      try Place.told { () throws(SystemError) in
        try File.replace(
          "\(stage.bottom)/\(size)", with: [UInt8](repeating: 0x5a, count: size))
      }
    }
    return sizes.map { copyUp(stage, $0) } + sizes.map { copy(ground, stage, $0) }
  }

  private static func copyUp(_ stage: OverlayStage, _ size: Int) -> Arm {
    let text = Quantity.bytes.text(Double(size))
    return .checked(
      "up-\(size)", label: Bilingual(en: "copy-up of \(text)", zh: "复制上移 \(text)"),
      at: size > 0 ? Double(size) : nil, series: Bilingual(en: "copy-up", zh: "复制上移"),
      control: "cp-\(size)"
    ) { () throws(ExperimentError) in
      try stage.mounted { () throws(ExperimentError) in
        let (source, target) = ("\(stage.merged)/\(size)", "\(stage.path)/upper/\(size)")
        var complaint = try stage.complaint()
        if File.exists(target) { complaint = "\(target) was there already" }
        let took = try Place.told { () throws(SystemError) in
          let start = Clock.now
          let file = try File.open(source, .writeOnly)
          let took = Clock.now - start
          _ = file.raw
          return took
        }
        let copied = try Place.told { () throws(SystemError) in
          File.exists(target) ? try File.status(target) : nil
        }
        if copied?.size != UInt64(size) || (copied?.allocated ?? 0) < UInt64(size) {
          complaint = "\(target) is not a copy of \(size) bytes"
        }
        return (Measurement(Double(took) / 1e6), complaint)
      }
    }
  }

  private static func copy(_ ground: Ground, _ stage: OverlayStage, _ size: Int) -> Arm {
    let text = Quantity.bytes.text(Double(size))
    return .checked(
      "cp-\(size)", label: Bilingual("cp \(text)"), at: size > 0 ? Double(size) : nil,
      series: Bilingual("cp")
    ) { () throws(ExperimentError) in
      let target = "\(stage.path)/copy"
      let figures = try Inside.host(ground, ["copy", "\(stage.bottom)/\(size)", target])
      let found = try Place.told { () throws(SystemError) in
        let found = try File.status(target).size
        try File.remove(target)
        return found
      }
      return (
        Measurement(try figures.value("took") / 1e6),
        found == UInt64(size) ? nil : "the copy has \(found) bytes, not \(size)"
      )
    }
  }
}
