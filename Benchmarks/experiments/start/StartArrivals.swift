import BenchmarkKit
import Linux
import Load
import Measure

extension Declaration {
  /// How long a start takes that nobody waits with: open loop.
  static let startArrivals = Declaration(
    id: "start.arrivals",
    title: Bilingual(en: "starts at a fixed rate", zh: "按固定速率启动"),
    sentence: Bilingual(
      en: """
        Starts of a static `true` at a fixed rate for half a second, whether the one before has ended \
        or not. Each takes from the moment it was due to its end; the value is their median.
        """,
      zh: "在半秒内按固定速率启动静态的 true，不管前一个是否结束。每次从应当开始的时刻算到结束，取中位数。"),
    unit: .milliseconds, floor: nil,
    caveat: Bilingual(
      en: "Beyond what the machine can do the queue grows for as long as it is measured.",
      zh: "超出机器能力时，测多久队列就增长多久。"),
    axis: Axis(Bilingual(en: "starts a second", zh: "每秒启动数"), unit: .count),
    rounds: [.full: 11], secondsARound: 6
  ) { ground throws(ExperimentError) in
    var commands: [[String]] = []
    for slot in 0..<128 {
      commands.append(ground.runtime.run(try ground.bundle("arrival-\(slot)", ["/true"])))
    }
    let spawn = Array(repeating: [ground.place.path + "/rootfs/true"], count: 128)
    return [50, 20, 100, 200].map { rate in
      arrivals(
        "\(ground.runtime.name)-\(rate)", series: Bilingual(ground.runtime.name), rate, commands,
        control: "spawn-\(rate)")
    }
      + [20, 50, 100, 200].map { rate in
        arrivals(
          "spawn-\(rate)", series: Bilingual(en: "no container", zh: "无容器"), rate, spawn,
          control: nil)
      }
  }

  private static func arrivals(
    _ name: String, series: Bilingual, _ rate: Int, _ commands: [[String]], control: String?
  ) -> Arm {
    let watched = Watched()
    return Arm(name, at: Double(rate), series: series, control: control) {
      watched.complaint
    } measure: { () throws(ExperimentError) in
      try Place.told { () throws(SystemError) in
        let (measurement, complaint) = try Arrivals.run(
          commands, count: rate / 2, every: 1_000_000_000 / UInt64(rate))
        watched.complaint = complaint
        return measurement
      }
    }
  }
}

/// Commands that begin when they are due (Schroeder, Wierman, Harchol-Balter 2006: open loop).
enum Arrivals {
  /// Starts so many, so many nanoseconds apart, and waits for all.
  static func run(
    _ commands: [[String]], count: Int, every interval: UInt64
  ) throws(SystemError) -> (Measurement, String?) {
    var due: [Int32: UInt64] = [:]
    var histogram = Histogram()
    var times: [Double] = []
    var complaint: String?
    var begun = 0
    let start = Clock.now
    while begun < count || !due.isEmpty {
      let next = start + UInt64(begun) * interval
      if begun < count, Clock.now >= next {
        let command = commands[begun % commands.count]
        due[try Processes.spawn(command[0], command)] = next
        begun += 1
        continue
      }
      guard !due.isEmpty, let (pid, status) = try Processes.poll(-1) else {
        // Nothing has ended: wait a little, but not past what is due.
        let now = Clock.now
        Clock.sleep(min(100_000, begun < count && next > now ? next - now : 100_000))
        continue
      }
      guard let from = due.removeValue(forKey: pid) else { continue }
      histogram.record(Clock.now - from)
      times.append(Double(Clock.now - from) / 1e6)
      if status != .exited(0) { complaint = "a start ended with exit code \(status.code)" }
    }
    return (Measurement(Statistics.median(times) ?? 0, distribution: histogram), complaint)
  }
}
