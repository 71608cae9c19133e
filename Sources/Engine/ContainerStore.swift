import Linux
import OCI
import State

/// The containers' records, and the truth about them.
///
///     ROOT/lock                         held while containers are made, named and removed
///     ROOT/containers/ID/container.json the record
///     ROOT/containers/ID/{upper,work}   the writable layer
///     ROOT/containers/ID/lower          with a user namespace: the image's files, given to its ids
///     ROOT/containers/.removing-ID      being removed; the next command finishes it
///     RUNROOT/containers/ID/            the bundle: config.json and an empty rootfs
///     RUNROOT/containers/ID/alive       locked (flock(2)) by the `drydock run` and by the runtime
///                                       that it started: unlocked when both have ended
///
/// A container lives when the runtime says that its first process does, or while `alive` is
/// locked. A record alone never makes it live, and no crash can leave the lock behind.
struct ContainerStore: Sendable {
  /// `--root`.
  let root: String
  /// `--run-root`.
  let runRoot: String
  /// Asked about what lives.
  let runtime: RuntimeCommand

  /// The container's own directory.
  func directory(_ id: String) -> String { "\(root)/containers/\(id)" }
  /// The container's bundle.
  func bundle(_ id: String) -> String { "\(runRoot)/containers/\(id)" }
  private func recordPath(_ id: String) -> String { directory(id) + "/container.json" }
  private func alivePath(_ id: String) -> String { bundle(id) + "/alive" }

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

  /// Every record, newest first.
  func records() throws(EngineError) -> [Record] {
    var records = [Record]()
    for id in try ids(in: root + "/containers") {
      if let record = try Record.read(recordPath(id)) { records.append(record) }
    }
    return records.sorted { ($0.createdNs, $0.id) > ($1.createdNs, $1.id) }
  }

  /// A container's record; nil when there is none.
  func record(_ id: String) throws(EngineError) -> Record? { try Record.read(recordPath(id)) }

  private func ids(in directory: String) throws(EngineError) -> [String] {
    do throws(SystemError) {
      return try File.list(directory).filter { $0.utf8.count == 64 && Names.isIDPrefix($0) }
    } catch {
      if error.errno == .noEntry { return [] }
      throw EngineError("listing containers", error)
    }
  }

  // MARK: Looking

  /// Whether a container lives, found by looking.
  func status(_ record: Record) throws(EngineError) -> ContainerStatus {
    if let code = record.exitCode { return .exited(code: code) }
    if let pid = try runtime.state(record.id)?.livingPID { return .running(pid: pid) }
    let held = try asked("looking at \(record.name)") { () throws(SystemError) in
      try FileLock.isHeld(alivePath(record.id))
    }
    guard !held else { return .created }
    // It may have ended between the looks, and somebody may have seen how.
    if let code = try Record.read(recordPath(record.id))?.exitCode { return .exited(code: code) }
    return .exited(code: nil)
  }

  /// The one container with this name, id, or beginning of an id.
  func find(_ reference: String) throws(EngineError) -> Record {
    let records = try records()
    if let exact = records.first(where: { $0.id == reference || $0.name == reference }) {
      return exact
    }
    let matches = Names.isIDPrefix(reference) ? records.filter { $0.id.hasPrefix(reference) } : []
    guard matches.count < 2 else {
      throw EngineError("Multiple IDs found with provided prefix: \(reference)")
    }
    guard let record = matches.first else {
      throw EngineError(
        "No such container: \(reference)", hint: "`drydock ps -a` lists what there is.", exitCode: 1
      )
    }
    return record
  }

  // MARK: Making and removing

  /// A container that has been written down, and the lock that says it is being started.
  struct Made: ~Copyable {
    let record: Record
    let alive: FileLock
  }

  /// Writes a container down under a name of its own.
  ///
  /// - Parameters:
  ///   - draft: everything but the name.
  ///   - name: `--name`; nil makes one up.
  /// - Returns: the record with its name, and the lock.
  /// - Throws: `EngineError` when the name is taken or a file cannot be written.
  func make(
    _ draft: Record, name: String?, _ plan: MountPlan
  ) throws(EngineError) -> Made {
    try alone { () throws(EngineError) in
      try sweep()
      let others = try records()
      var record = draft
      record.name = try free(name, among: others)
      do throws(SystemError) {
        try File.makeDirectories(bundle(record.id) + "/rootfs", mode: 0o711)
        let alive = try FileLock(alivePath(record.id))
        try File.makeDirectory(directory(record.id), mode: 0o711)
        try File.replace(recordPath(record.id), with: record.encode(), mode: 0o600)
        try insert(plan, record)
        return Made(record: record, alive: alive)
      } catch {
        throw EngineError("writing down the container \(record.name)", error)
      }
    }
  }

  func volumes() throws(EngineError) -> VolumeStore {
    let state = try recorded { () throws(StateError) in try StateDatabase(root: root) }
    return VolumeStore(root: root, state: state)
  }

  private func insert(_ plan: MountPlan, _ record: Record) throws(SystemError) {
    guard !plan.mounts.isEmpty else { return }
    do throws(EngineError) {
      let volumes = try volumes()
      try recorded { () throws(StateError) in
        try volumes.state.write("making \(record.name)") { db in
          try ContainerTable.insert(
            ContainerRow(
              id: record.id, name: record.name, image: record.image, createdNs: record.createdNs,
              document: []), db)
          try volumes.insert(plan, of: record.id, db)
        }
      }
    } catch { throw SystemError("open(2)", Errno(5), error.message) }
  }

  private func release(_ id: String, dropAnonymous: Bool) throws(EngineError) {
    guard File.exists(root + "/state.db") else { return }
    let volumes = try volumes()
    try recorded { () throws(StateError) in
      try volumes.state.write("removing \(id)") { db in
        try VolumeTable.release(id, dropAnonymous: dropAnonymous, db)
        try ContainerTable.remove(id: id, db)
      }
    }
    try volumes.finishRemovals()
  }

  private func free(_ name: String?, among others: [Record]) throws(EngineError) -> String {
    if let name {
      guard let other = others.first(where: { $0.name == name }) else { return name }
      throw EngineError(
        "Conflict. The container name \"/\(name)\" is already in use by container "
          + "\"\(other.id)\".",
        hint: "Remove it with `drydock rm \(name)`, or choose another name.")
    }
    var attempt = 0
    while true {
      let made = Names.random(attempt: attempt)
      if !others.contains(where: { $0.name == made }) { return made }
      attempt += 1
    }
  }

  /// Notes how a container ended; with `--rm` it is removed.
  func finish(_ id: String, code: Int32) throws(EngineError) {
    try alone { () throws(EngineError) in
      guard var record = try Record.read(recordPath(id)) else { return }  // `rm -f` was faster
      if record.removeOnExit { return try discard(id, volumes: true) }
      record.exitCode = code
      record.finishedNs = Clock.wall
      try asked("noting how \(record.name) ended") { () throws(SystemError) in
        try File.replace(recordPath(id), with: record.encode(), mode: 0o600)
        try File.removeTree(bundle(id))
      }
    }
  }

  /// Removes what there is of a container, alive or not.
  func remove(_ id: String, volumes: Bool = false) throws(EngineError) {
    try alone { () throws(EngineError) in try discard(id, volumes: volumes) }
  }

  /// Finishes what commands that were killed have left: `--rm` containers that ended, directories
  /// without a record, removals that were begun.
  func tidy() throws(EngineError) {
    guard File.exists(root + "/containers") else { return }
    try alone { () throws(EngineError) in try sweep() }
  }

  /// The lock is held.
  private func sweep() throws(EngineError) {
    for id in try ids(in: root + "/containers") {
      guard let record = try Record.read(recordPath(id)) else {
        try discard(id)
        continue
      }
      if record.removeOnExit, case .exited = try status(record) {
        try discard(id, volumes: true)
      }
    }
    for id in try ids(in: runRoot + "/containers") where !File.exists(directory(id)) {
      try discard(id)
    }
    try asked("finishing a removal") { () throws(SystemError) in
      for entry in try File.list(root + "/containers") where entry.hasPrefix(".removing-") {
        try File.removeTree("\(root)/containers/\(entry)")
      }
    }
  }

  /// Removes everything of a container; the lock is held.
  func discard(_ id: String, volumes: Bool = false) throws(EngineError) {
    try runtime.delete(id)
    try asked("removing the container \(id.prefix(12))") { () throws(SystemError) in
      try File.removeTree(bundle(id))
      // Renamed first: what is half removed is no container any more.
      let doomed = "\(root)/containers/.removing-\(id)"
      if File.exists(directory(id)) { try File.move(directory(id), to: doomed) }
      try File.removeTree(doomed)
    }
    try release(id, dropAnonymous: volumes)
  }
}
