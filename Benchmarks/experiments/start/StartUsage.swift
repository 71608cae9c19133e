import BenchmarkKit
import Measure

extension Declaration {
  /// What the runtime's own processes need in memory, and in page faults.
  static let startUsage = Declaration(
    id: "start.memory", title: Bilingual(en: "peak memory of run", zh: "run 的内存峰值"),
    sentence: Bilingual(
      en: """
        The most memory that one process of `run` had resident (getrusage(2), ru_maxrss), files it \
        maps included; and the page faults of all its processes (ru_minflt).
        """,
      zh: "run 的各进程中常驻内存的最大值（getrusage(2) 的 ru_maxrss），包括它映射的文件；以及全部进程的缺页次数（ru_minflt）。"),
    unit: .bytes, floor: "floor",
    caveat: Bilingual(
      en: """
        Pages of the runtime's file count in full, though all its processes share them; and more of \
        them where the file was written or read as a whole before. A fault on a file maps 64 KiB, one \
        on a stack 4.
        """,
      zh: "运行时文件的页全部计入，尽管它的各个进程共用这些页；文件此前若被整体写入或读取，则计入更多。"
        + "文件缺页一次映射 64 KiB，栈缺页只有 4 KiB。"),
    facets: [
      Facet("faults", title: Bilingual(en: "page faults of run", zh: "run 的缺页次数"), unit: .count)
    ],
    rounds: [.quick: 11, .full: 41], secondsARound: 0.1
  ) { ground throws(ExperimentError) in
    let bundle = try ground.bundle("memory", ["/true"])
    // A fault maps more of a program that was written or read as a whole than of one that only starts
    // have read: here the cache is filled by starts alone (posix_fadvise(2), POSIX_FADV_DONTNEED).
    let programs = ground.runtimes.map { $0.words[0] } + [ground.binaries + "/benchmark-floor"]
    for program in programs {
      try Command.must(["/usr/bin/dd", "if=\(program)", "iflag=nocache", "count=0", "status=none"])
    }
    var arms = ground.runtimes.map { runtime in
      var arm = usage(runtime.name, runtime.run(bundle), ground)
      arm.mayFail = runtime.isPeer
      return arm
    }
    arms.append(usage("floor", try Floor(ground).run(["/true"]), ground))
    return arms
  }

  private static func usage(_ name: String, _ command: [String], _ ground: Ground) -> Arm {
    let watched = Watched()
    return Arm(name) {
      watched.complaint
    } measure: { () throws(ExperimentError) in
      let (text, complaint) = try Command.output([ground.binaries + "/benchmark-peak"] + command)
      let figures = text.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
      watched.complaint = complaint ?? (figures.count == 2 ? nil : "benchmark-peak: \(text)")
      guard figures.count == 2 else { return Measurement(0) }
      return Measurement(figures[0] * 1024, facets: ["faults": figures[1]])
    }
  }
}
