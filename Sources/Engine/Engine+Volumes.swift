public import Format
import Linux
import State

/// A volume as `drydock volume ls` and `inspect` show it.
public struct VolumeInfo: Equatable, Sendable {
  /// Its name.
  public var name: String
  /// Where its files are on the host.
  public var mountPoint: String
  /// Nanoseconds since 1970 (CLOCK_REALTIME).
  public var createdNs: UInt64
  /// `--label`.
  public var labels: [String: String]
  /// `-o`.
  public var options: [String: String]
  /// Made for a container that named none.
  public var isAnonymous: Bool
  /// The containers that have it mounted, alive or not.
  public var users: [String]

  /// As Docker's API has it.
  public var value: Value {
    func pairs(_ list: [String: String]) -> Value {
      .object(list.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value)) })
    }
    return [
      "CreatedAt": .string(Clock.rfc3339(createdNs)), "Driver": "local", "Labels": pairs(labels),
      "Mountpoint": .string(mountPoint), "Name": .string(name), "Options": pairs(options),
      "Scope": "local",
    ]
  }
}

extension Engine {
  /// Makes a volume; one that is there already is fine.
  ///
  /// - Parameters:
  ///   - name: nil makes one up.
  ///   - driver: `local`.
  ///   - options: `KEY=VALUE` of the driver.
  ///   - labels: `KEY=VALUE`.
  /// - Returns: its name.
  /// - Throws: `EngineError` in Docker's words.
  public func createVolume(
    _ name: String?, driver: String = "local", options: [String] = [], labels: [String] = []
  ) throws(EngineError) -> String {
    var settings = VolumeSettings()
    settings.driver = driver
    for option in options { settings.options.set(option) }
    for label in labels { settings.labels.set(label) }
    try settings.check()
    if let name { try Names.checkVolume(name) }
    var record = VolumeRecord(name: name ?? Names.newID())
    record.options = settings.options
    record.labels = settings.labels
    record.createdNs = Clock.wall
    try volumeStore.create(record)
    return record.name
  }

  /// The volumes, by name.
  ///
  /// - Returns: one entry a volume.
  /// - Throws: `EngineError` when the state cannot be read.
  public func volumes() throws(EngineError) -> [VolumeInfo] {
    // Ended `--rm` containers go first, and take theirs along.
    try self.store.tidy()
    let store = volumeStore
    try store.finishRemovals()
    var list = [VolumeInfo]()
    for record in try store.all() { list.append(try info(record, store)) }
    return list
  }

  /// One volume.
  ///
  /// - Parameter name: its whole name.
  /// - Returns: what is known of it.
  /// - Throws: `EngineError` when there is none.
  public func volume(_ name: String) throws(EngineError) -> VolumeInfo {
    let store = volumeStore
    guard let record = try store.find(name) else { throw VolumeStore.missing(name) }
    return try info(record, store)
  }

  private func info(
    _ record: VolumeRecord, _ store: VolumeStore
  ) throws(EngineError) -> VolumeInfo {
    VolumeInfo(
      name: record.name, mountPoint: store.files.data(record.name), createdNs: record.createdNs,
      labels: record.labels, options: record.options, isAnonymous: record.isAnonymous,
      users: try store.users(of: record.name))
  }

  /// Removes a volume that no container has mounted, with its files.
  ///
  /// - Parameters:
  ///   - name: its whole name.
  ///   - force: one that is not there is fine.
  /// - Throws: `EngineError` when it is in use, or not there.
  public func removeVolume(_ name: String, force: Bool = false) throws(EngineError) {
    let store = volumeStore
    do throws(EngineError) {
      try store.remove(name)
    } catch {
      guard force, try store.find(name) == nil else { throw error }
    }
  }

  /// Removes the volumes that no container has mounted.
  ///
  /// - Parameters:
  ///   - all: those with a name too, not only those that were made for a container.
  ///   - filter: only these.
  /// - Returns: their names, and how many bytes their files had.
  /// - Throws: `EngineError` when one cannot be removed.
  public func pruneVolumes(
    all: Bool = false, _ filter: PruneFilter = PruneFilter()
  ) throws(EngineError) -> (names: [String], bytes: UInt64) {
    var names = [String]()
    var bytes: UInt64 = 0
    for volume in try volumes()
    where volume.users.isEmpty && (all || volume.isAnonymous)
      && filter.matches(
        createdNs: volume.createdNs, labels: volume.labels.map { "\($0.key)=\($0.value)" })
    {
      let size = try size(of: volume)
      do throws(EngineError) {
        try volumeStore.remove(volume.name)
      } catch {
        // A container took it meanwhile, or another command removed it.
        if error.exitCode == 1 { continue }
        throw error
      }
      names.append(volume.name)
      bytes += size
    }
    return (names, bytes)
  }

  /// Bytes of a volume's files.
  ///
  /// - Throws: `EngineError` when they cannot be looked at.
  public func size(of volume: VolumeInfo) throws(EngineError) -> UInt64 {
    try asked("measuring \(volume.name)") { () throws(SystemError) in
      try File.treeSize(volume.mountPoint)
    }
  }
}
