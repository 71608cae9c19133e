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
    case .bytesPerSecond: return "\(Decimals.short(value / 1e6)) MB/s"
    case .bitsPerSecond: return "\(Decimals.short(value / 1e9)) Gbit/s"
    case .perSecond: return "\(Decimals.short(value))/s"
    case .milliseconds, .microseconds, .nanoseconds, .count:
      let scale = scale(for: value)
      return "\(Decimals.short(value / scale.factor))\(scale.name)"
    }
  }

  /// A figure with its unit, in the size that fits it: 129133 ns are `129 µs`.
  public func text(_ value: Double) -> String { scale(for: value).text(value) }

  /// The size that fits a figure.
  ///
  /// Machine files keep the declared unit: this is for people.
  public func scale(for value: Double) -> Scale {
    let (steps, own): ([(name: String, factor: Double)], Int)
    switch self {
    case .nanoseconds: (steps, own) = (Scale.times, 0)
    case .microseconds: (steps, own) = (Scale.times, 1)
    case .milliseconds: (steps, own) = (Scale.times, 2)
    case .bytes: (steps, own) = (Scale.sizes, 0)
    default: return Scale(unit: self, name: "", factor: 1)
    }
    let amount = value.magnitude * steps[own].factor
    // 999.6 µs have three digits as 1.00 ms; 1023.9 KiB are not yet a MiB.
    let nearly = self == .bytes ? 1 : 0.9995
    let fitting = steps.last { amount >= $0.factor * nearly } ?? steps[0]
    let chosen = amount > 0 ? fitting : steps[own]
    return Scale(unit: self, name: chosen.name, factor: chosen.factor / steps[own].factor)
  }

  /// One size for figures that stand below each other and are compared: that of the one in the middle.
  public func scale(for values: [Double]) -> Scale {
    scale(for: Statistics.median(values.map(\.magnitude)) ?? 0)
  }
}

/// A quantity in a size that people read: nanoseconds as µs.
public struct Scale: Sendable {
  fileprivate static let times = [(" ns", 1.0), (" µs", 1e3), (" ms", 1e6), (" s", 1e9)]
    .map { (name: $0.0, factor: $0.1) }
  fileprivate static let sizes = [
    (" B", 1.0), (" KiB", 1024.0), (" MiB", 1_048_576.0), (" GiB", 1_073_741_824.0),
    (" TiB", 1_099_511_627_776.0),
  ].map { (name: $0.0, factor: $0.1) }

  fileprivate let unit: Quantity
  fileprivate let name: String
  /// How many of the declared unit are one of these.
  fileprivate let factor: Double

  /// A figure of the declared unit with this size's name.
  public func text(_ value: Double) -> String { bare(value) + suffix }

  /// The same without the unit, as bounds stand beside what has it.
  public func bare(_ value: Double) -> String {
    switch unit {
    case .share, .cpus: return Decimals.fixed(value * 100, 1)
    case .count: return Decimals.short(value)
    case .perSecond: return Decimals.significant(value)
    case .bytesPerSecond: return Decimals.significant(value / 1e6)
    case .bitsPerSecond: return Decimals.significant(value / 1e9)
    case .bytes: return Decimals.fixed(value / factor, factor == 1 ? 0 : 1)
    case .milliseconds, .microseconds, .nanoseconds: return Decimals.significant(value / factor)
    }
  }

  private var suffix: String {
    switch unit {
    case .share, .cpus: return " %"
    case .perSecond: return "/s"
    case .bytesPerSecond: return " MB/s"
    case .bitsPerSecond: return " Gbit/s"
    default: return name
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
