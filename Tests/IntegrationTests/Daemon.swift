import Linux
import Testing

/// A daemon in the foreground of nobody: started, awaited, and ended by its pid.
final class Daemon {
  private var program: Running?

  /// Starts it and waits until `isReady`; a daemon that ends or never answers throws.
  init(_ words: [String], isReady: () throws -> Bool) throws {
    program = try Running(["/usr/bin/env"] + words)
    let ready = try eventually(isReady)
    if !ready { stop(expecting: false) }
    try #require(ready, "the daemon does not answer")
  }

  /// SIGTERM, and waits for its end.
  func stop(expecting good: Bool = true) {
    guard let program = program.take() else { return }
    do {
      try program.signal(Signal.term)
      let outcome = try program.finish(within: 20)
      if good { #expect(outcome.code == 0 || outcome.status == .signalled(Signal.term)) }
      if !good { Issue.record("\(outcome.text.suffix(3000))") }
    } catch { Issue.record(error) }
  }
}
