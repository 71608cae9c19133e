/// How thorough a run is.
public enum Profile: String, CaseIterable, Sendable {
  /// Whether everything works: too few rounds for fine differences.
  case smoke
  /// Eleven rounds of what matters most.
  case quick
  /// Everything, with intervals worth printing.
  case full

  /// Seconds that it may take on two CPUs.
  public var seconds: Double {
    switch self {
    case .smoke: 60
    case .quick: 240
    case .full: 2400
    }
  }
}
