import BenchmarkKit
import Linux
import Measure
import OCI

extension Suite {
  /// The controller blkio, io on v2.
  static let io: [Declaration] = [.ioWrite]
}

extension Declaration {
  /// Writing past the page cache, under a rate.
  static let ioWrite = Declaration(
    id: "io.write", title: Bilingual(en: "write rate of a disk", zh: "磁盘写入速率"),
    sentence: Bilingual(
      en: """
        Half a second's worth of a limit is written with O_DIRECT: the rate that was reached, as a \
        share of the limit. Without a limit, of the largest of them.
        """,
      zh: "以 O_DIRECT 写入相当于上限半秒的数据：实际速率占上限的比例。无上限时，以最大的上限为分母。"),
    unit: .share, floor: "unlimited",
    caveat: Bilingual(
      en:
        "A disk that is slower than the limit; on v1, buffered writes are nobody's and escape the "
        + "limit, hence O_DIRECT.",
      zh: "磁盘比上限还慢时无意义；v1 上经缓存的写入不归任何容器，不受限制，所以用 O_DIRECT。"),
    axis: Axis(
      Bilingual(en: "limit, bytes a second", zh: "上限（每秒字节）"), unit: .bytesPerSecond,
      isLogarithmic: true),
    facets: [
      Facet("rate", title: Bilingual(en: "reached", zh: "实际速率"), unit: .bytesPerSecond)
    ],
    rounds: [.smoke: 1, .quick: 6, .full: 21], secondsARound: 1.7
  ) { ground throws(ExperimentError) in
    try ground.require("blkio")
    let disk = try ground.disk()
    let device = try blockDevice(disk)
    let rates = [4, 16].map { $0 << 20 }
    var arms: [Arm] = []
    for rate in rates {
      arms.append(try writing(ground, disk, device, rate: rate, limit: rate))
    }
    arms.append(try writing(ground, disk, device, rate: rates.max() ?? 1, limit: nil))
    return arms
  }

  /// The disk below a directory: rates are for disks, not for their partitions.
  private static func blockDevice(_ path: String) throws(ExperimentError) -> DeviceNumber {
    let number = try Place.told { () throws(SystemError) in try File.status(path).device }
    let entry = "/sys/dev/block/\(number.major):\(number.minor)"
    guard File.exists(entry) else {
      throw ExperimentError("\(path) is on no block device that a rate can be set for")
    }
    guard File.exists(entry + "/partition") else { return number }
    let whole = (Kernel.read(entry + "/../dev") ?? "").split(separator: ":")
      .compactMap { UInt32($0) }
    guard whole.count == 2 else { throw ExperimentError("\(entry)/../dev: no device number") }
    return DeviceNumber(whole[0], whole[1])
  }

  private static func writing(
    _ ground: Ground, _ disk: String, _ device: DeviceNumber, rate: Int, limit: Int?
  ) throws(ExperimentError) -> Arm {
    let name = limit.map { "limit-\($0 >> 20)M" } ?? "unlimited"
    let bytes = rate / 2
    let container = try Inside(ground, "io-\(name)") { config in
      config.mounts.append(
        Mount(destination: "/tmp", type: "bind", source: disk, options: ["bind"]))
      guard let limit else { return }
      config.linux.resources.blockIO.writeBps = [
        DeviceRate(major: device.major, minor: device.minor, rate: UInt64(limit))
      ]
    }
    // Blocks are found for the file before anything is measured.
    try Place.told { () throws(SystemError) in
      let path = "\(disk)/\(name)"
      let file = try File.open(path, [.writeOnly, .create])
      try File.write(file.raw, [UInt8](repeating: 0x5a, count: bytes), name: path)
      try File.flush(file.raw, name: path)
    }
    let isV2 = ground.cgroups.mode == .v2
    return .checked(
      name,
      label: limit.map { Bilingual(en: "limit \($0 >> 20) MiB/s", zh: "上限 \($0 >> 20) MiB/s") }
        ?? Bilingual(en: "no limit", zh: "无上限"), at: limit.map { Double($0) },
      series: limit.map { _ in Bilingual(en: "O_DIRECT writes", zh: "O_DIRECT 写入") }
    ) { () throws(ExperimentError) in
      let figures = try container.run(["write-direct", "/tmp/\(name)", "\(bytes)", "131072"])
      let reached = Double(bytes) / (try figures.value("written") / 1e9)
      let lines = ground.limit(
        container.bundle, "blkio", v1: "blkio.throttle.write_bps_device", v2: "io.max")
      let line = (lines ?? "").split(separator: "\n")
        .first { $0.hasPrefix("\(device.major):\(device.minor) ") }.map { String($0) }
      let words = (line ?? "").split(separator: " ")
      let complaint: String?
      if let limit {
        complaint =
          words.contains(isV2 ? "wbps=\(limit)" : "\(limit)")
          ? nil : "the kernel's rate is \(line ?? "none"), not \(limit)"
      } else {
        complaint = line.map { "the kernel has a rate: \($0)" }
      }
      return (Measurement(reached / Double(rate), facets: ["rate": reached]), complaint)
    }
  }
}
