import BenchmarkKit
import Linux
import Measure
import OCI

/// What a program found: `name value`, a line each, values being numbers.
struct Figures {
  private var values: [String: Double] = [:]

  init(_ text: String) {
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: " ")
      guard parts.count == 2, let value = Double(parts[1]) else { continue }
      values[String(parts[0])] = value
    }
  }

  /// A value that must be there.
  func value(_ name: String) throws(ExperimentError) -> Double {
    guard let value = values[name] else {
      throw ExperimentError("benchmark-inside printed no \(name)")
    }
    return value
  }

  /// nil when a value is what it should be.
  func complaint(_ name: String, is expected: Double) -> String? {
    values[name] == expected
      ? nil : "\(name) is \(values[name].map { Decimals.short($0) } ?? "unknown"), not \(expected)"
  }
}

/// A container that waits, and in which `inside` (Benchmarks/inside) is run by `exec`.
struct Inside {
  let ground: Ground
  let bundle: Bundle

  /// Starts it; it lives until the experiment ends.
  init(
    _ ground: Ground, _ name: String, configure: (inout Config) -> Void = { _ in }
  ) throws(ExperimentError) {
    self.ground = ground
    bundle = try ground.bundle(name, ["/inside", "pause"], configure: configure)
    try ground.start(bundle, on: ground.runtime)
  }

  /// Runs a mode of `inside` in it.
  func run(_ arguments: [String]) throws(ExperimentError) -> Figures {
    Figures(try Command.must(command(arguments)))
  }

  /// The same on the host.
  static func host(_ ground: Ground, _ arguments: [String]) throws(ExperimentError) -> Figures {
    Figures(try Command.must(onHost(ground, arguments)))
  }

  /// The command that runs a mode of it on the host.
  static func onHost(_ ground: Ground, _ arguments: [String]) -> [String] {
    [ground.place.path + "/rootfs/inside"] + arguments
  }

  /// Runs modes in two containers at once.
  static func together(
    _ a: (Inside, [String]), _ b: (Inside, [String])
  ) throws(ExperimentError) -> (Figures, Figures) {
    let texts = try Command.together([a.0.command(a.1), b.0.command(b.1)])
    return (Figures(texts[0]), Figures(texts[1]))
  }

  /// Runs a mode of `inside` in it, and reads the kernel's counters meanwhile.
  ///
  /// - Parameters:
  ///   - arguments: The mode.
  ///   - interval: Milliseconds between two readings.
  /// - Returns: The readings in order.
  /// - Throws: `ExperimentError` of the command, or when /proc/stat cannot be read.
  func watched(
    _ arguments: [String], every interval: Int32
  ) throws(ExperimentError) -> [Snapshot] {
    let sampler = Sampler(cgroup: ground.counters(bundle))
    var snapshots: [Snapshot] = []
    _ = try Command.together([command(arguments)], every: interval) {
      () throws(ExperimentError) in
      snapshots.append(try Place.told { () throws(SystemError) in try sampler.read() })
    }
    return snapshots
  }

  /// The command that runs a mode of `inside` in it.
  func command(_ arguments: [String]) -> [String] {
    ground.runtime.exec(bundle, ["/inside"] + arguments)
  }

  /// The counters that the kernel keeps of it.
  var counters: CgroupCounters { CgroupCounters(reading: ground.counters(bundle)) }

  /// The CPUs that its quota comes to, as the kernel says; nil without one.
  var quota: Double? {
    func number(_ v1: String, _ part: Int) -> Double? {
      ground.limit(bundle, "cpu", v1: v1, v2: "cpu.max")?
        .split(separator: " ").dropFirst(ground.cgroups.mode == .v2 ? part : 0).first
        .flatMap { Double($0) }
    }
    guard let quota = number("cpu.cfs_quota_us", 0), let period = number("cpu.cfs_period_us", 1),
      quota > 0, period > 0
    else { return nil }
    return quota / period
  }

  /// nil when a limit is what it should be; what the kernel says otherwise.
  ///
  /// - Parameters:
  ///   - controller: `blkio` is found under v2's name too.
  ///   - v1: the file on v1, and what it holds.
  ///   - v2: the same on v2.
  ///   - orAbsent: whether no such file is as good: v2 has those of a controller only where somebody
  ///     asked for it.
  /// - Returns: the complaint.
  func complaint(
    _ controller: String, v1: (file: String, value: String), v2: (file: String, value: String),
    orAbsent: Bool = false
  ) -> String? {
    let isV2 = ground.cgroups.mode == .v2
    let found = ground.limit(bundle, controller, v1: v1.file, v2: v2.file)
    let expected = isV2 ? v2 : v1
    if found == expected.value || (found == nil && orAbsent && isV2) { return nil }
    return
      "\(expected.file) of \(bundle.name) is \(found ?? "not there"), not \(expected.value)"
  }
}

extension Arm {
  /// An arm whose number and whose check come from the same reading: `measure` gives the number,
  /// and nil or why it is not what it says.
  static func checked(
    _ name: String, label: Bilingual? = nil, at: Double? = nil, series: Bilingual? = nil,
    control: String? = nil,
    measure: @escaping () throws(ExperimentError) -> (Measurement, String?)
  ) -> Arm {
    let watched = Watched()
    return Arm(name, label: label, at: at, series: series, control: control) {
      watched.complaint
    } measure: { () throws(ExperimentError) in
      watched.complaint = nil
      let (measurement, complaint) = try measure()
      watched.complaint = complaint
      return measurement
    }
  }
}
