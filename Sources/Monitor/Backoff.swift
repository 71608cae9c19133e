internal import Linux

/// How long to wait before a container is started again: from 100 ms doubling to a minute, and from
/// the beginning once it ran for ten seconds, as Docker does it.
struct Backoff {
  static let first: UInt64 = 100_000_000
  static let longest: UInt64 = 60_000_000_000
  static let enough: UInt64 = 10_000_000_000

  private var pause: UInt64 = 0

  /// The next pause's length, after it ran so long.
  mutating func length(ranNs: UInt64) -> UInt64 {
    pause = ranNs >= Backoff.enough || pause == 0 ? Backoff.first : min(pause * 2, Backoff.longest)
    return pause
  }

  /// When the next start is due (CLOCK_MONOTONIC).
  mutating func next(ranNs: UInt64) -> UInt64 { Clock.now + length(ranNs: ranNs) }
}
