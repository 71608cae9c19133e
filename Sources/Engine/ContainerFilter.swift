/// `--filter KEY=VALUE` of `ps` and `container prune`: values of one key are alternatives, and all
/// keys must be met.
public struct ContainerFilter: Sendable {
  private var wanted: [String: [String]] = [:]

  private static let keys = [
    "id", "name", "label", "exited", "status", "ancestor", "before", "since", "health", "volume",
    "network",
  ]
  private static let states = [
    "created", "restarting", "running", "removing", "paused", "exited", "dead",
  ]

  /// Whether ended containers are asked for, as by `-a`.
  public var asksForEnded: Bool { wanted["status"] != nil || wanted["exited"] != nil }

  /// Whether it must be known what the containers have mounted and where they are connected.
  public var asksForConnections: Bool { wanted["volume"] != nil || wanted["network"] != nil }

  /// Reads the flags.
  ///
  /// - Throws: `EngineError` in Docker's words.
  public init(_ texts: [String]) throws(EngineError) {
    for text in texts {
      let pair = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard pair.count == 2 else {
        throw EngineError(
          "invalid argument \"\(text)\" for \"-f, --filter\" flag: bad format of filter"
            + " (expected name=value)")
      }
      let (key, value) = (String(pair[0]), String(pair[1]))
      guard ContainerFilter.keys.contains(key) else {
        throw EngineError(
          "invalid filter '\(key)'",
          hint: "There are \(ContainerFilter.keys.joined(separator: ", ")).", exitCode: 1)
      }
      if key == "status", !ContainerFilter.states.contains(value) {
        throw EngineError(
          "invalid filter 'status=\(value)'",
          hint: "One of \(ContainerFilter.states.joined(separator: ", ")).", exitCode: 1)
      }
      if key == "exited", Int32(value) == nil {
        throw EngineError("invalid filter 'exited=\(value)': not a number", exitCode: 1)
      }
      if key == "name", ContainerFilter.pattern(value) == nil {
        throw EngineError(
          "invalid filter 'name=\(value)'", hint: "A regular expression, such as ^web.", exitCode: 1
        )
      }
      wanted[key, default: []].append(value)
    }
  }

  /// The containers that are wanted.
  ///
  /// - Parameter all: every container, among which those of `before` and `since` are looked for.
  /// - Returns: them, in the same order.
  /// - Throws: `EngineError` when one of these is not there.
  public func chosen(_ all: [ContainerInfo]) throws(EngineError) -> [ContainerInfo] {
    var list = all
    for key in ["before", "since"] {
      for reference in wanted[key] ?? [] {
        guard
          let other = all.first(where: { $0.name == reference || $0.id.hasPrefix(reference) })
        else { throw EngineError("No such container: \(reference)", exitCode: 1) }
        list = list.filter {
          key == "before" ? $0.createdNs < other.createdNs : $0.createdNs > other.createdNs
        }
      }
    }
    return list.filter { container in
      wanted.allSatisfy { key, values in
        key == "before" || key == "since"
          // All labels must be there; of the others one is enough.
          || (key == "label"
            ? values.allSatisfy { meets(container, key, $0) }
            : values.contains { meets(container, key, $0) })
      }
    }
  }

  private func meets(_ container: ContainerInfo, _ key: String, _ value: String) -> Bool {
    switch key {
    case "id": return container.id.hasPrefix(value)
    case "name":
      // As Docker, whose names begin with a slash: with it or without.
      guard let pattern = ContainerFilter.pattern(value) else { return false }
      return container.name.contains(pattern) || ("/" + container.name).contains(pattern)
    case "volume":
      let has = container.connections
      return has?.mounts.contains(value) == true || has?.places.contains(value) == true
    case "network":
      return container.connections?.network.split(separator: ",").contains { $0 == value } ?? false
    case "label":
      return container.labels.contains { $0 == value || $0.hasPrefix(value + "=") }
    case "exited":
      guard case .exited(let code) = container.status else { return false }
      return code == Int32(value)
    case "status": return container.status.name == value
    case "health": return (container.health.isEmpty ? "none" : container.health) == value
    default:
      let name = container.image
      return name == value || name == value + ":latest" || container.imageID.hasPrefix(value)
        || name.hasPrefix(value + ":") || name + ":latest" == value
    }
  }

  private static func pattern(_ text: String) -> Regex<AnyRegexOutput>? { try? Regex(text) }
}
