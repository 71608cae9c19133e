internal import CLinux

/// The clocks measurements are taken with (clock_gettime(2)).
public enum Stopwatch {
  /// Nanoseconds of CLOCK_MONOTONIC.
  public static var now: UInt64 { lx_now_ns() }

  /// CPU nanoseconds this process has used (CLOCK_PROCESS_CPUTIME_ID).
  public static var processCPU: UInt64 { lx_cpu_ns() }

  /// Waits without using the CPU.
  public static func sleep(milliseconds: Int) {
    _ = lx_sleep_ns(UInt64(max(0, milliseconds)) * 1_000_000)
  }

  /// The time of day as RFC 3339 in UTC, such as `2026-01-31T08:15:00Z`.
  public static var timestamp: String { timestamp(seconds: lx_realtime_ns() / 1_000_000_000) }

  /// Formats seconds since 1970 as RFC 3339 in UTC.
  ///
  /// The date follows H. Hinnant's `civil_from_days`: years begin in March, so that the leap day
  /// is the last of a year, and eras of 400 years all have 146 097 days.
  public static func timestamp(seconds: UInt64) -> String {
    let days = Int(seconds / 86400) + 719_468
    let (era, dayOfEra) = (days / 146_097, days % 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shifted + 2) / 5 + 1
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    let time = Int(seconds % 86400)
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(year)-\(two(month))-\(two(day))T"
      + "\(two(time / 3600)):\(two(time / 60 % 60)):\(two(time % 60))Z"
  }
}
