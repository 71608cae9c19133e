import Linux
import Monitor

/// What takes room and is not needed, and coming back after a reboot.
extension Engine {
  /// A container's whole id.
  ///
  /// - Throws: `EngineError` when there is none.
  public func id(of container: String) throws(EngineError) -> String {
    try store.find(container).id
  }

  /// Removes containers that do not live.
  ///
  /// - Parameter filter: only these.
  /// - Returns: the ids that were removed, and the bytes of their files.
  /// - Throws: `EngineError` when one cannot be removed.
  public func pruneContainers(
    _ filter: PruneFilter = PruneFilter()
  ) throws(EngineError) -> (ids: [String], bytes: UInt64) {
    var ids = [String]()
    var bytes: UInt64 = 0
    for container in try containers(all: true)
    where !container.isUp
      && filter.matches(createdNs: container.createdNs, labels: container.labels)
    {
      let size = (try? size(container.id)) ?? 0
      do throws(EngineError) {
        try remove(container.id)
      } catch {
        // Started or removed by somebody else meanwhile.
        let isGone = try store.record(container.id) == nil
        let isStarted = try store.isHeld(container.id)
        if isGone || isStarted { continue }
        throw error
      }
      ids.append(container.id)
      bytes += size
    }
    return (ids, bytes)
  }

  /// Starts what shall live after a reboot: `always`, and `unless-stopped` unless somebody stopped
  /// it.
  ///
  /// - Returns: the names of those that were started.
  /// - Throws: `EngineError` when the records cannot be read; what cannot be started is told by
  ///   `failed`.
  public func restartAfterReboot(
    failed: (String, EngineError) -> Void
  ) throws(EngineError) -> [String] {
    try store.tidy()
    var started = [String]()
    for record in try store.records().reversed() {
      switch record.restart.policy {
      case .always: break
      case .unlessStopped where !record.isStopped: break
      default: continue
      }
      guard case .exited = try store.status(record) else { continue }
      do throws(EngineError) {
        try start(record.id)
        started.append(record.name)
      } catch { failed(record.name, error) }
    }
    return started
  }
}
