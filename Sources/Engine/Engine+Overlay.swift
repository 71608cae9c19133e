import Linux

extension Engine {
  /// Finds out what an overlay needs of this host: its address, its number, its peers.
  func complete(
    _ settings: inout NetworkSettings, _ options: NetworkOptions
  ) throws(EngineError) {
    throw NetworkOptions.refused("the overlay driver is not ready yet")
  }
}
