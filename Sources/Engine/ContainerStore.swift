import Linux
import Names
import OCI
import State
import Steps

/// The containers' records and directories: the one owner of both.
///
///     ROOT/state.db                     the records (State/ContainerTable.swift)
///     ROOT/lock                         held while directories are begun, given up and removed
///     ROOT/containers/ID/config.json    what the bundle's is made from at each start
///     ROOT/containers/ID/{upper,work}   the writable layer
///     ROOT/containers/ID/lower          with a user namespace: the image's files, given to its ids
///     ROOT/containers/ID/{log,exit}     what it wrote, and how it ended (Monitor/Log, Life)
///     ROOT/containers/.removing-ID      being removed; the next command finishes it
///     RUNROOT/containers/ID/            the bundle: config.json and an empty rootfs
///     RUNROOT/containers/ID/alive       locked (flock(2)) by who keeps it: its monitor, or the
///                                       `drydock run` and the runtime that it started
///     RUNROOT/containers/ID/{live,monitor,monitor.json}  its monitor's (Monitor/MonitorConfig)
///
/// In this order it is made: the bundle with its lock, the directory, what is in it, the record. So
/// a record names something whole; and directories without a record that nobody holds are what a
/// killed command has left. It is removed the other way round.
///
/// A container lives when the runtime says that its first process does, or while `alive` is
/// locked. A record alone never makes it live, and no crash can leave the lock behind.
struct ContainerStore: Sendable {
  /// `--root`.
  let root: String
  /// `--run-root`.
  let runRoot: String
  /// The records.
  let state: StateHandle
  /// Asked to end and to remove.
  let runtime: RuntimeCommand

  /// The container's own directory.
  func directory(_ id: String) -> String { "\(root)/containers/\(id)" }
  /// The container's bundle.
  func bundle(_ id: String) -> String { "\(runRoot)/containers/\(id)" }
  /// What it is made from at each start; only of one that may be started again.
  func keptConfig(_ id: String) -> String { directory(id) + "/config.json" }
  /// The lock of who keeps it.
  func alivePath(_ id: String) -> String { bundle(id) + "/alive" }

  /// Runs a body that no other drydock on this root runs at the same time.
  func alone<Result: ~Copyable>(
    _ body: () throws(EngineError) -> Result
  ) throws(EngineError) -> Result {
    let lock = try asked("locking \(root)") { () throws(SystemError) in
      try File.makeDirectories(root + "/containers", mode: 0o711)
      return try FileLock(root + "/lock")
    }
    let result = try body()
    _ = consume lock
    return result
  }

  /// The networks of this root.
  var networks: NetworkStore { NetworkStore(state: state) }

  /// The volumes of this root.
  var volumes: VolumeStore { VolumeStore(root: root, state: state) }

  // MARK: Records

  /// Every record, newest first.
  func records() throws(EngineError) -> [Record] {
    guard state.isThere else { return [] }
    let rows = try stated { () throws(StateError) in
      try state.open().read("listing containers") { try ContainerTable.all($0) }
    }
    var records = [Record]()
    records.reserveCapacity(rows.count)
    for row in rows { records.append(try Record(row)) }
    return records
  }

  /// A container's record; nil when there is none.
  func record(_ id: String) throws(EngineError) -> Record? {
    guard state.isThere else { return nil }
    let row = try stated { () throws(StateError) in
      try state.open().read("reading a container") { try ContainerTable.with(id: id, $0) }
    }
    guard let row else { return nil }
    return try Record(row)
  }

  /// The one container with this name, id, or beginning of an id.
  func find(_ reference: String) throws(EngineError) -> Record {
    if let record = try search(reference) { return record }
    throw EngineError(
      "No such container: \(reference)", hint: "`drydock ps -a` lists what there is.", exitCode: 1)
  }

  /// As `find`; nil when there is none.
  func search(_ reference: String) throws(EngineError) -> Record? {
    // `docker inspect` writes names so.
    let name = reference.hasPrefix("/") ? String(reference.dropFirst()) : reference
    var rows = [ContainerRow]()
    if state.isThere {
      rows = try stated { () throws(StateError) in
        try state.open().read("looking for a container") { db in
          if let row = try ContainerTable.with(name: name, db) { return [row] }
          guard Names.isIDPrefix(reference) else { return [] }
          return try ContainerTable.with(prefix: reference, db)
        }
      }
    }
    guard rows.count < 2 else {
      throw EngineError(
        "Multiple IDs found with provided prefix: \(reference)",
        hint: "Type more of it: `drydock ps -a --no-trunc`.", exitCode: 1)
    }
    guard let row = rows.first else { return nil }
    return try Record(row)
  }

  /// Replaces a record; one that is gone meanwhile is an error.
  func update(_ record: Record) throws(EngineError) {
    let found = try stated { () throws(StateError) in
      try state.open().write(.containerUpdate, "writing down the container \(record.name)") {
        try ContainerTable.update(record.row, $0)
      }
    }
    guard found else {
      throw EngineError("No such container: \(record.id.prefix(12))", exitCode: 1)
    }
  }

  /// Gives a container another name.
  func rename(_ record: Record, to name: String) throws(EngineError) {
    try Names.check(name)
    var renamed = record
    renamed.name = name
    do throws(StateError) {
      _ = try state.open().write(.containerRename, "renaming \(record.name)") {
        try ContainerTable.update(renamed.row, $0)
      }
    } catch  where error.isConflict {
      throw try taken(name)
    } catch { throw EngineError(error) }
  }

  private func taken(_ name: String) throws(EngineError) -> EngineError {
    let other = try stated { () throws(StateError) in
      try state.open().read("looking for a name") { try ContainerTable.with(name: name, $0) }
    }
    return EngineError(
      "Conflict. The container name \"/\(name)\" is already in use by container "
        + "\"\(other?.id ?? "?")\".",
      hint: "Remove it with `drydock rm \(name)`, or choose another name.")
  }

  // MARK: Making

  /// Begins a container's directories, and takes the lock that says that somebody is at it.
  func begin(_ id: String) throws(EngineError) -> FileLock {
    let alive = try hold(id)
    try asked("making a container") { () throws(SystemError) in
      try Point.pass("store.begin")
      try File.makeDirectory(directory(id), mode: 0o711)
    }
    return alive
  }

  /// Makes the bundle's directory and takes its lock; somebody who has it already is an error.
  func hold(_ id: String) throws(EngineError) -> FileLock {
    try alone { () throws(EngineError) in
      let isHeld = try asked("looking at \(id)") { () throws(SystemError) in
        try FileLock.isHeld(alivePath(id))
      }
      guard !isHeld else { throw EngineError("container \(id) is being started", exitCode: 1) }
      return try asked("making the bundle") { () throws(SystemError) in
        try File.makeDirectories(bundle(id) + "/rootfs", mode: 0o711)
        return try FileLock(alivePath(id))
      }
    }
  }

  /// Lets a container's directory reach the disk, before the record that outlives a power cut.
  ///
  /// What the container writes itself is its own to sync.
  ///
  /// - Parameters:
  ///   - id: the container.
  ///   - hasCopy: whether it has all the image's files, too many to be synced one by one.
  /// - Throws: `SystemError` naming the path.
  func settle(_ id: String, hasCopy: Bool) throws(SystemError) {
    if hasCopy {
      let folder = try File.open(directory(id), [.readOnly, .directory])
      return try File.sync(folder.raw, name: directory(id))
    }
    for name in WritableLayer.engineFiles { try File.sync("\(directory(id))/upper/\(name)") }
    for path in [keptConfig(id), directory(id), root + "/containers"] { try File.sync(path) }
  }

  /// Writes a container down whose directory is whole.
  ///
  /// - Parameters:
  ///   - draft: everything but the name.
  ///   - name: `--name`; nil makes one up.
  ///   - plan: its mounts.
  ///   - places: its networks.
  /// - Returns: the record with its name.
  /// - Throws: `EngineError` when the name is taken.
  func commit(
    _ draft: Record, name: String?, _ plan: MountPlan, _ places: [NetworkPlace]
  ) throws(EngineError) -> Record {
    var record = draft
    var attempt = 0
    var isShort = true
    try point("store.commit")
    while true {
      record.name = name ?? Names.random(attempt: attempt)
      do throws(StateError) {
        // What ends with its command or the machine's uptime need not wait for the disk.
        try state.open().write(
          .containerAdd, "writing down the container \(record.name)",
          durable: !record.removeOnExit
        ) { db in
          try ContainerTable.insert(record.row, db)
          try volumes.insert(plan, of: record.id, db)
          for (position, place) in places.enumerated() {
            try NetworkStore.connect(
              record.id, to: place.network, position: position, place.settings, db)
          }
        }
        return record
      } catch  where error.isConflict && name == nil {
        attempt += 1
      } catch  where error.isConflict {
        throw try taken(record.name)
      } catch  where error.code == NetworkStore.isShort {
        for place in places {
          if try networks.reclaim(place.network, isLiving: lives) { isShort = false }
        }
        if isShort { throw EngineError(error) }
        isShort = true
      } catch { throw EngineError(error) }
    }
  }

  /// Whether a container lives, or somebody is at it.
  func lives(_ id: String) throws(EngineError) -> Bool {
    if try runtime.living(id) != nil { return true }
    return try isHeld(id)
  }

  // MARK: Removing

  /// Removes what there is of a container, alive or not.
  ///
  /// Files before the record: on a full disk nothing could be written else. With `dropsVolumes` its
  /// volumes without a name go too; with `--rm` they always do.
  func remove(_ id: String, dropsVolumes: Bool = false) throws(EngineError) {
    try alone { () throws(EngineError) in try discard(id) }
    try clear(".removing-" + id)
    try forget(id, dropsVolumes: dropsVolumes)
    try volumes.finishRemovals()
  }

  /// Takes everything from a container but its files, which `clear` removes, and its record, which
  /// `forget` does; the lock is held.
  func discard(_ id: String) throws(EngineError) {
    try runtime.delete(id)
    try letGo(id)
    let networks = NamePlaces.networks(runRoot)
    for network in try names(networks) where Names.isIDPrefix(network) {
      try asked("forgetting the names of \(id.prefix(12))") { () throws(SystemError) in
        try File.removeTree(NamePlaces.container(runRoot, network, id))
      }
    }
    try asked("removing the container \(id.prefix(12))") { () throws(SystemError) in
      try Point.pass("store.bundle")
      try File.removeTree(bundle(id))
      // Renamed first: what is half removed is no container any more.
      if File.exists(directory(id)) {
        try Point.pass("store.rename")
        try File.move(directory(id), to: "\(root)/containers/.removing-\(id)")
      }
    }
  }

  private func forget(_ id: String, dropsVolumes: Bool = false) throws(EngineError) {
    guard let record = try record(id) else { return }
    try point("store.forget")
    try stated { () throws(StateError) in
      try state.open().write(
        .containerForget, "forgetting the container \(id.prefix(12))", durable: false
      ) { db in
        try VolumeTable.release(id, dropAnonymous: dropsVolumes || record.removeOnExit, db)
        try ContainerTable.remove(id: id, db)
      }
    }
  }

  /// Waits until its monitor, which sees the end now, has let go of it.
  private func letGo(_ id: String) throws(EngineError) {
    let deadline = Clock.now + 10_000_000_000
    guard File.exists(bundle(id) + "/monitor") else { return }
    while Clock.now < deadline {
      let isHeld = try asked("looking at \(id)") { () throws(SystemError) in
        try FileLock.isHeld(alivePath(id))
      }
      if !isHeld { return }
      Clock.sleep(1_000_000)
    }
    throw EngineError("the monitor of \(id.prefix(12)) does not let go of it", exitCode: 1)
  }

  private func clear(_ doomed: String) throws(EngineError) {
    try asked("removing \(doomed)") { () throws(SystemError) in
      try Point.pass("store.clear")
      try File.removeTree("\(root)/containers/\(doomed)")
    }
  }

  /// Finishes what commands that were killed have left: `--rm` containers that ended, directories
  /// without a record, removals that were begun.
  func tidy() throws(EngineError) {
    guard try !untidy().isEmpty else { return }
    let ids = try alone { () throws(EngineError) in
      // A fresh look: nobody begins anything meanwhile.
      let ids = try untidy()
      for id in ids { try discard(id) }
      return ids
    }
    for entry in try names(root + "/containers") where entry.hasPrefix(".removing-") {
      try clear(entry)
    }
    for id in ids { try forget(id) }
    try volumes.finishRemovals()
  }

  /// Ids of which something is left that nobody needs.
  private func untidy() throws(EngineError) -> [String] {
    let records = try records()
    let known = Set(records.map { $0.id })
    let directories = try names(root + "/containers")
    var found = [String]()
    for id in Set(directories + (try names(runRoot + "/containers"))) where !known.contains(id) {
      if id.hasPrefix(".removing-") {
        found.append(String(id.dropFirst(10)))
      } else if id.utf8.count == 64, Names.isIDPrefix(id), try !isHeld(id),
        try runtime.living(id) == nil
      {
        found.append(id)
      }
    }
    let there = Set(directories)
    for record in records {
      if !there.contains(record.id) {
        found.append(record.id)
      } else if record.removeOnExit, try isOver(record) {
        found.append(record.id)
      }
    }
    return found
  }

  /// Whether a container that does not live never will.
  ///
  /// A `--rm` container has ended, or belonged to a command that is gone: then nothing is kept to
  /// start it from.
  func isOver(_ record: Record) throws(EngineError) -> Bool {
    switch try status(record) {
    case .exited, .dead: return true
    case .created:
      let isHeld = try isHeld(record.id)
      return !isHeld && !File.exists(keptConfig(record.id))
    case .running, .paused, .restarting, .removing: return false
    }
  }

  /// Whether somebody keeps it.
  func isHeld(_ id: String) throws(EngineError) -> Bool {
    try asked("looking at \(id)") { () throws(SystemError) in
      try FileLock.isHeld(alivePath(id))
    }
  }

  private func names(_ directory: String) throws(EngineError) -> [String] {
    do throws(SystemError) {
      return try File.list(directory)
    } catch {
      if error.errno == .noEntry { return [] }
      throw EngineError("listing containers", error)
    }
  }
}

extension EngineError {
  /// A failure of the state.
  init(_ error: StateError) {
    self.init(error.message, hint: error.hint)
  }
}

/// A moment at which a test can make this process die, or fail.
func point(_ id: String) throws(EngineError) {
  try asked("at \(id)") { () throws(SystemError) in try Point.pass(id) }
}

/// Uses the state on behalf of the engine.
func stated<Result>(_ body: () throws(StateError) -> Result) throws(EngineError) -> Result {
  do throws(StateError) { return try body() } catch { throw EngineError(error) }
}
