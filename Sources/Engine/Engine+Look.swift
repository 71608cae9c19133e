/// Looking at one container.
extension Engine {
  /// The container with a name, an id, or the beginning of an id; nil when there is none.
  ///
  /// - Parameter reference: what people typed.
  /// - Returns: its line of `drydock ps -a`, its status found by looking.
  /// - Throws: `EngineError` when several ids begin so, or the state cannot be read.
  public func container(_ reference: String) throws(EngineError) -> ContainerInfo? {
    let all = try containers(all: true)
    if let exact = all.first(where: { $0.id == reference || $0.name == reference }) {
      return exact
    }
    guard Names.isIDPrefix(reference) else { return nil }
    let matches = all.filter { $0.id.hasPrefix(reference) }
    guard matches.count < 2 else {
      throw EngineError("Multiple IDs found with provided prefix: \(reference)")
    }
    return matches.first
  }
}
