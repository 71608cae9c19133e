internal import CLinux

/// Ctrl-C and its like, noticed between two steps of whoever asks.
public enum Interrupt {
  /// From now on SIGINT, SIGTERM and SIGHUP only set a flag.
  public static func arm() { lx_catch_interrupts() }

  /// Whether a signal came.
  public static var isPending: Bool { lx_interrupted() != 0 }

  /// - Throws: `Interrupted` when a signal came.
  public static func check() throws { if lx_interrupted() != 0 { throw Interrupted() } }

  /// Waits, but not longer than the next signal.
  ///
  /// - Throws: `Interrupted` when a signal came.
  public static func sleep(milliseconds: Int) throws {
    let end = lx_now_ns() + UInt64(max(0, milliseconds)) * 1_000_000
    while true {
      try check()
      let now = lx_now_ns()
      if now >= end { return }
      _ = lx_sleep_ns(min(end - now, 50_000_000))
    }
  }
}

/// Ctrl-C (SIGINT), SIGTERM or SIGHUP was received: everything is cleaned up and left.
public struct Interrupted: Error {}
