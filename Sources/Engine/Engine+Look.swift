/// Looking at one container.
extension Engine {
  /// The container with a name, an id, or the beginning of an id; nil when there is none.
  ///
  /// - Parameter reference: what people typed.
  /// - Returns: its line of `drydock ps -a`, its status found by looking.
  /// - Throws: `EngineError` when several ids begin so, or the state cannot be read.
  public func container(_ reference: String) throws(EngineError) -> ContainerInfo? {
    guard let record = try store.search(reference) else { return nil }
    let (status, life) = try store.look(record)
    return ContainerInfo(record, status, life)
  }
}
