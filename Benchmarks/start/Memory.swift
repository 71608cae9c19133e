import BenchmarkKit
import Linux
import Measure

// What a start needs in memory: of the runtime's own processes (resident, and page faults), and
// under a limit of the container.

extension Bench {
  /// The largest resident set among the processes of `run`, the container's init included.
  func peakExperiment(_ runtimes: [RuntimeCommand]) -> Experiment {
    let title = Bilingual(en: "peak memory of run", zh: "run 的内存峰值")
    return usageExperiment(
      "start.peak", title, .bytes, runtimes,
      sentence: Bilingual(
        en: """
          The most memory that one process of `run` had resident (getrusage(2), ru_maxrss), files \
          it maps included.
          """,
        zh: "run 的各进程中常驻内存的最大值（getrusage(2) 的 ru_maxrss），包括它映射的文件。"),
      caveat: Bilingual(
        en: """
          Pages of the runtime's file count in full, though all its processes share them; and more \
          of them where the file was written or read as a whole before.
          """,
        zh: "运行时文件的页全部计入，尽管它的各个进程共用这些页；文件此前若被整体写入或读取，则计入更多。")
    ) { Double($0.residentKiB) * 1024 }
  }

  /// Page faults of all processes of `run`: a figure that other work on the machine leaves alone.
  func faultsExperiment(_ runtimes: [RuntimeCommand]) -> Experiment {
    usageExperiment(
      "start.faults", Bilingual(en: "page faults of run", zh: "run 的缺页次数"), .count, runtimes,
      sentence: Bilingual(
        en: "Page faults of all processes of `run` (getrusage(2), ru_minflt).",
        zh: "run 的全部进程的缺页次数（getrusage(2) 的 ru_minflt）。"),
      caveat: Bilingual(
        en: "A fault on a file maps 64 KiB, one on a stack 4: they do not cost the same.",
        zh: "文件缺页一次映射 64 KiB，栈缺页只有 4 KiB：代价不同。")
    ) { Double($0.faults) }
  }

  private func usageExperiment(
    _ id: String, _ title: Bilingual, _ unit: Quantity, _ runtimes: [RuntimeCommand],
    sentence: Bilingual, caveat: Bilingual, figure: @escaping (PeakUsage) -> Double
  ) -> Experiment {
    var commands = runtimes.map { (name: $0.name, words: $0.run(scratch + "/true")) }
    commands.append(("floor", floor(["/true"], nil)))
    let arms = commands.map { command in
      let watched = Watched()
      return Arm(command.name) {
        watched.complaint
      } measure: { () throws(ExperimentError) in
        let usage = try self.usage(command.words)
        watched.complaint = usage == nil ? "\(command.name) did not end with 0" : nil
        return Measurement(usage.map(figure) ?? 0)
      }
    }
    return Experiment(
      id: id, title: title, sentence: sentence, unit: unit, arms: arms, floor: "floor",
      command: request.command, caveat: caveat)
  }

  /// What peak.c prints; nil when the command did not end with 0.
  struct PeakUsage {
    let residentKiB: Int
    let faults: Int
  }

  private func usage(_ command: [String]) throws(ExperimentError) -> PeakUsage? {
    do {
      let output = try File.anonymous("peak")
      var cost = Cost()
      try cost.add([request.binaries + "/peak"] + command, output: output.raw)
      let figures = try File.text(output.procPath).split(whereSeparator: \.isWhitespace)
      guard figures.count == 2, let resident = Int(figures[0]), let faults = Int(figures[1]) else {
        return nil
      }
      return PeakUsage(residentKiB: resident, faults: faults)
    } catch let error as SystemError {
      throw ExperimentError(error.text)
    } catch let error as ExperimentError {
      throw error
    } catch { throw ExperimentError("peak: \(error)") }
  }

  /// The limits that are tried, in KiB: eight a doubling would be finer than the answer is steady.
  static let limits = stride(from: 6.0, through: 13.0, by: 0.5).map { exponent in
    // 64 KiB to 8 MiB in steps of √2, in whole pages.
    Int((exp2Approximately(exponent) / 4).rounded()) * 4
  }

  /// 2 to a multiple of one half.
  private static func exp2Approximately(_ exponent: Double) -> Double {
    let whole = Double(1 << Int(exponent))
    return exponent == exponent.rounded(.down) ? whole : whole * 2.0.squareRoot()
  }

  /// The smallest memory limit (memory and swap alike) under which `run` of true works.
  func limitExperiment(_ runtimes: [RuntimeCommand]) -> Experiment {
    let arms = runtimes.map { runtime in
      let watched = Watched()
      return Arm(runtime.name) {
        watched.complaint
      } measure: { () throws(ExperimentError) in
        // By halving: works at `high`, does not at `low`.
        var (low, high) = (-1, Bench.limits.count)
        while high - low > 1 {
          let middle = (low + high) / 2
          if try self.works(runtime, Bench.limits[middle]) { high = middle } else { low = middle }
        }
        let found = high < Bench.limits.count
        watched.complaint = found ? nil : "\(runtime.name) fails under every limit"
        return Measurement(found ? Double(Bench.limits[high]) * 1024 : 0)
      }
    }
    return Experiment(
      id: "start.limit", title: Bilingual(en: "smallest memory limit", zh: "最小的内存限制"),
      sentence: Bilingual(
        en: """
          The smallest `linux.resources.memory.limit`, swap included, under which `run` of a static \
          `true` ends with 0; tried from 64 KiB to 8 MiB in steps of √2.
          """,
        zh: "使 run（静态的 true）仍以 0 结束的最小 linux.resources.memory.limit（含交换）："
          + "从 64 KiB 到 8 MiB，每步 √2 倍。"),
      unit: .bytes, arms: arms, floor: nil, command: request.command,
      caveat: Bilingual(
        en: "What the kernel charges depends on its version; near the edge it may fail or not.",
        zh: "内核计入的内存因版本而异；在边界附近，同样的启动可能成功也可能失败。"))
  }

  private func works(_ runtime: RuntimeCommand, _ limit: Int) throws(ExperimentError) -> Bool {
    var cost = Cost()
    do {
      // What a failing one says and leaves is not of interest here.
      let silence = try File.open("/dev/null", .writeOnly)
      try cost.add(
        ["/bin/busybox", "sh", "-c", "exec \"$@\" 2>&1", "sh"]
          + runtime.run("\(scratch)/limit-\(limit)"), output: silence.raw)
      if cost.complaint != nil {
        var again = Cost()
        try again.add(
          ["/bin/busybox", "sh", "-c", "\"$@\" 2>&1; :", "sh"] + runtime.delete,
          output: silence.raw)
      }
    } catch let error as SystemError {
      throw ExperimentError(error.text)
    } catch let error as ExperimentError {
      throw error
    } catch { throw ExperimentError("limit: \(error)") }
    return cost.complaint == nil
  }
}
