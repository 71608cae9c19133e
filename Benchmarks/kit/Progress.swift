internal import Linux
internal import Measure

/// Tells people how far a run is, on standard error.
///
/// On a terminal the line of the experiment is written over again; in a pipe each is a line.
public final class Progress {
  private let isLive: Bool
  private var head = ""
  private var lastUpdate: UInt64 = 0

  /// Looks at standard error.
  public init() {
    isLive = Terminal.isTerminal(2) && Processes.environment.allSatisfy { $0 != "TERM=dumb" }
  }

  func begin(_ declaration: Declaration, _ number: Int, of count: Int) {
    head = "[\(number)/\(count)] \(declaration.id)"
    write(isLive ? head : "\(head): \(declaration.title.en)\n")
  }

  /// At most every quarter of a second.
  func update(_ now: Experiment.Progress, left: Double) {
    guard isLive, Clock.now - lastUpdate > 250_000_000 else { return }
    lastUpdate = Clock.now
    let again = now.discarded > 0 ? ", \(now.discarded) again" : ""
    write(
      "\r\u{1B}[K\(head)  \(now.kept)/\(now.wanted) rounds\(again), \(Progress.time(left)) left")
  }

  func end(_ result: ExperimentResult) {
    let summary = ExperimentSummary(result)
    let here = summary.arms.first?.here.map { result.unit.text($0.middle) } ?? "nothing measured"
    let over = summary.arms.first?.overFloor.map {
      ", \(Decimals.significant($0.middle)) × \(result.arms[0].control ?? result.floor ?? "")"
    }
    let line =
      "\(head): \(here)\(over ?? ""), \(summary.rounds) rounds, trust \(summary.trust.rawValue)"
    write((isLive ? "\r\u{1B}[K" : "  ") + line + "\n")
    for missing in result.missing { write("  without \(missing.name): \(missing.reason.en)\n") }
    for leak in result.leaks ?? [] { write("  left behind: \(leak)\n") }
  }

  func fail(_ text: String) {
    write(isLive ? "\r\u{1B}[K\(head): \(text)\n" : "  not measured: \(text)\n")
  }

  /// `2 min 05 s`.
  public static func time(_ seconds: Double) -> String {
    let whole = Int(max(0, seconds).rounded(.up))
    guard whole >= 60 else { return "\(whole) s" }
    return "\(whole / 60) min \(whole % 60 < 10 ? "0" : "")\(whole % 60) s"
  }

  private func write(_ text: String) { File.report(text) }
}
