/// What a figure is counted in.
public enum Quantity: String, Codable, Sendable {
  /// A share 0…1, shown as per cent.
  case share
  /// CPUs: 1.5 is shown as 150 %.
  case cpus
  /// Milliseconds.
  case milliseconds
  /// Microseconds.
  case microseconds
  /// Nanoseconds.
  case nanoseconds
  /// Bytes, shown as MiB and its kin.
  case bytes
  /// How many.
  case count
  /// Events a second.
  case perSecond
  /// Bytes a second, shown as MB/s.
  case bytesPerSecond
  /// Bits a second, shown as Gbit/s.
  case bitsPerSecond

  /// Whether less of it is better in a comparison.
  public var lowerIsBetter: Bool {
    self != .perSecond && self != .bytesPerSecond && self != .bitsPerSecond
  }

  /// Whether a noisy machine changes it: times and shares of CPUs, yes; counts and bytes, no.
  public var needsQuiet: Bool { self != .count && self != .bytes }

  /// A round figure with its unit, as it stands at an axis: `5 ms`.
  public func tick(_ value: Double) -> String {
    switch self {
    case .share, .cpus: return text(value)
    case .bytes:
      // Round values have nothing behind the point.
      return text(value).replacing(".0 ", with: " ")
    case .milliseconds: return "\(Decimals.short(value)) ms"
    case .microseconds: return "\(Decimals.short(value)) µs"
    case .nanoseconds: return "\(Decimals.short(value)) ns"
    case .count: return Decimals.short(value)
    case .perSecond: return "\(Decimals.short(value))/s"
    case .bytesPerSecond: return "\(Decimals.short(value / 1e6)) MB/s"
    case .bitsPerSecond: return "\(Decimals.short(value / 1e9)) Gbit/s"
    }
  }

  /// A figure with its unit.
  public func text(_ value: Double) -> String {
    switch self {
    case .share, .cpus: return Decimals.percent(value, 1)
    case .milliseconds: return "\(Decimals.significant(value)) ms"
    case .microseconds: return "\(Decimals.significant(value)) µs"
    case .nanoseconds: return "\(Decimals.significant(value)) ns"
    case .count: return Decimals.short(value)
    case .perSecond: return "\(Decimals.significant(value))/s"
    case .bytesPerSecond: return "\(Decimals.significant(value / 1e6)) MB/s"
    case .bitsPerSecond: return "\(Decimals.significant(value / 1e9)) Gbit/s"
    case .bytes:
      var (amount, index) = (value, 0)
      let names = ["B", "KiB", "MiB", "GiB", "TiB"]
      while amount.magnitude >= 1024 && index + 1 < names.count {
        amount /= 1024
        index += 1
      }
      return "\(index == 0 ? Decimals.fixed(amount, 0) : Decimals.fixed(amount, 1)) \(names[index])"
    }
  }
}

/// A value computed from what was written, and how far the measured one may be from it.
public struct Expected: Codable, Equatable, Sendable {
  /// The value.
  public var value: Double
  /// Most distance from it on either side, in the same unit.
  public var tolerance: Double
  /// What both are counted in.
  public var unit: Quantity

  /// A value with the distance that is allowed on either side.
  public init(_ value: Double, within tolerance: Double, unit: Quantity) {
    self.value = value
    self.tolerance = tolerance
    self.unit = unit
  }

  /// A count or flag that must come out exactly.
  public init(exactly value: Double, unit: Quantity = .count) {
    self.init(value, within: 0, unit: unit)
  }

  /// `66.7 % ± 3.0 %`.
  public var text: String {
    tolerance == 0 ? unit.text(value) : "\(unit.text(value)) ± \(unit.text(tolerance))"
  }

  /// Holds a measured interval against the value.
  ///
  /// Doubts come first: with its conditions not met an experiment neither passes nor fails.
  /// Then the interval passes if it lies within the tolerance, fails if it lies outside, and
  /// decides nothing if it reaches across the edge.
  ///
  /// - Parameters:
  ///   - measured: A value with its bounds, or a single number as `Interval(exactly:)`.
  ///   - doubts: From `Quiet.doubts`, over the window of the experiment.
  /// - Returns: The verdict, with the cause or the doubts.
  public func judge(_ measured: Interval, doubts: [Doubt] = []) -> Verdict {
    guard doubts.isEmpty else { return .inconclusive(doubts) }
    // Sums of tenths miss the edge by an ulp or two; that must not decide.
    let edge = tolerance + max(value.magnitude, tolerance) * 1e-9
    let (low, high) = (value - edge, value + edge)
    if measured.low >= low && measured.high <= high { return .pass }
    guard measured.high < low || measured.low > high else { return .inconclusive([.wideInterval]) }
    let here = unit.text(measured.middle)
    return .fail(
      Bilingual(en: "expected \(text), measured \(here)", zh: "预期 \(text)，实测 \(here)"))
  }
}
