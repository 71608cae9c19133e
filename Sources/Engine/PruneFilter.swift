/// `--filter` of the `prune` commands: `until=` a time, `label=` and `label!=` a label; all must be
/// met.
public struct PruneFilter: Sendable {
  /// What is not older stays; nil for no limit.
  private var until: UInt64?
  private var labels: [(text: String, isWanted: Bool)] = []
  /// `dangling=` of images, `all=` of volumes.
  private var switches: [String: Bool] = [:]

  /// Reads the flags.
  ///
  /// - Parameters:
  ///   - texts: `KEY=VALUE`.
  ///   - keys: those that can be used here.
  /// - Throws: `EngineError` in Docker's words.
  public init(_ texts: [String], keys: [String]) throws(EngineError) {
    for text in texts {
      let pair = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard pair.count == 2 else {
        throw EngineError(
          "invalid argument \"\(text)\" for \"--filter\" flag: bad format of filter"
            + " (expected name=value)")
      }
      let isWanted = !pair[0].hasSuffix("!")
      let key = isWanted ? String(pair[0]) : String(pair[0].dropLast())
      let value = String(pair[1])
      guard keys.contains(key), isWanted || key == "label" else {
        throw EngineError(
          "invalid filter '\(pair[0])'", hint: "There are \(keys.joined(separator: ", ")).",
          exitCode: 1)
      }
      switch key {
      case "until": until = try Moment.read(value)
      case "label": labels.append((value, isWanted))
      default:
        guard ["true", "1", "false", "0"].contains(value) else {
          throw EngineError("invalid filter '\(key)=\(value)'", hint: "true or false.", exitCode: 1)
        }
        switches[key] = value == "true" || value == "1"
      }
    }
  }

  /// Everything.
  public init() {}

  /// `dangling=` or `all=`; nil when it was not given.
  public subscript(key: String) -> Bool? { switches[key] }

  /// Whether something may be removed.
  ///
  /// - Parameters:
  ///   - createdNs: when it was made, in nanoseconds since 1970.
  ///   - own: its labels, `KEY=value`.
  /// - Returns: whether all filters are met.
  public func matches(createdNs: UInt64, labels own: [String]) -> Bool {
    if let until, createdNs >= until { return false }
    return labels.allSatisfy { label in
      own.contains { $0 == label.text || $0.hasPrefix(label.text + "=") } == label.isWanted
    }
  }
}
