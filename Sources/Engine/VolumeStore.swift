import Linux
import OCI
import State

/// Volumes: their records (VolumeTable.swift of the module State) and their directories
/// (VolumeFiles.swift) together.
///
/// A record comes before its directory, which every start makes again when it is missing; a record
/// goes after its directory. So a name without files is an empty volume, and files are never there
/// for a name that somebody else takes next.
struct VolumeStore: Sendable {
  let files: VolumeFiles
  let state: StateHandle

  init(root: String, state: StateHandle) {
    files = VolumeFiles(root: root + "/volumes")
    self.state = state
  }

  /// How a volume is mounted.
  static func mount(
    _ volume: VolumeRecord, at target: String, _ access: String, _ data: String
  ) -> MountRecord {
    var mount = MountRecord(
      kind: "volume", volume: volume.name, source: data, target: target,
      options: ["rbind", access, "rprivate"])
    guard let device = volume.options["device"] else { return mount }
    mount.source = device
    let own = (volume.options["o"] ?? "").split(separator: ",").map { String($0) }
    if VolumeSettings(options: volume.options).isBind {
      mount.options = own.filter { $0 != "rw" } + [access, "rprivate"]
    } else {
      mount.type = volume.options["type"] ?? ""
      mount.options = own.filter { $0 != "rw" } + [access]
    }
    return mount
  }

  // MARK: Looking

  func all() throws(EngineError) -> [VolumeRecord] {
    guard state.isThere else { return [] }
    return try stated { () throws(StateError) in
      try state.open().read("listing volumes") { try VolumeTable.all($0) }
    }
  }

  func find(_ name: String) throws(EngineError) -> VolumeRecord? {
    guard state.isThere else { return nil }
    return try stated { () throws(StateError) in
      try state.open().read("looking for the volume \(name)") { try VolumeTable.find(name, $0) }
    }
  }

  func users(of name: String) throws(EngineError) -> [String] {
    try stated { () throws(StateError) in
      try state.open().read("looking who uses the volume \(name)") {
        try VolumeTable.users(of: name, $0)
      }
    }
  }

  func mounts(of container: String) throws(EngineError) -> [MountRecord] {
    try stated { () throws(StateError) in
      try state.open().read("looking for mounts") { try VolumeTable.mounts(of: container, $0) }
    }
  }

  // MARK: Making

  /// Makes a volume; one that is there already, with the same options, is fine.
  func create(_ volume: VolumeRecord) throws(EngineError) {
    let found = try stated { () throws(StateError) in
      try state.open().write(.volumeAdd, "making the volume \(volume.name)") { db in
        try settle(db)
        try VolumeTable.insert(volume, db)
        return try VolumeTable.find(volume.name, db)
      }
    }
    guard found?.options == volume.options else {
      throw EngineError(
        "a volume named \(volume.name) already exists with other options",
        hint: "`drydock volume inspect \(volume.name)` shows them.", exitCode: 1)
    }
    try asked("making the volume \(volume.name)") { () throws(SystemError) in
      try files.make(volume.name)
      // Of an older one with this name, whose removal was finished here.
      try files.clear()
    }
  }

  /// Makes a new container's volumes ready.
  ///
  /// That is their directories, the image's files in them, and the records of those with a name.
  /// The others have theirs with the container's.
  ///
  /// - Parameters:
  ///   - plan: what the container gets.
  ///   - container: its id.
  ///   - lower: the image's layers, as overlayfs names them.
  ///   - owner: of a volume for which the image has nothing; nil leaves it to root.
  /// - Throws: `EngineError`, or `SystemError` naming what could not be copied.
  func prepare(
    _ plan: MountPlan, for container: String, lower: String, owner: (uid: UInt32, gid: UInt32)?
  ) throws {
    for volume in plan.volumes where !volume.isAnonymous { try create(volume) }
    try makeDirectories(plan.mounts)
    for volume in plan.volumes where volume.isAnonymous {
      try files.note(volume.name, maker: container)
    }
    for filling in plan.filled {
      try files.fill(
        filling.volume, from: filling.target, lower: lower, owner: owner,
        isLasting: filling.isLasting)
    }
  }

  /// Writes down a container's mounts, and its volumes without a name.
  ///
  /// Part of the transaction that makes the container.
  func insert(_ plan: MountPlan, of container: String, _ db: StateTransaction) throws {
    for volume in plan.volumes where volume.isAnonymous { try VolumeTable.insert(volume, db) }
    for name in plan.mounts.compactMap(\.volume) where try VolumeTable.find(name, db) == nil {
      throw StateError("the volume \(name) was removed meanwhile", code: 0)
    }
    try VolumeTable.insert(plan.mounts, of: container, db)
  }

  /// Removes the directories of volumes without a name, for a container that was not made.
  func abandon(_ plan: MountPlan) throws(EngineError) {
    for volume in plan.volumes where volume.isAnonymous {
      guard try find(volume.name) == nil else { continue }
      try asked("removing a volume") { () throws(SystemError) in
        try files.discard(volume.name)
        try files.clear()
      }
    }
  }

  /// Makes an old container's volumes ready, before each start.
  func ready(_ container: String) throws(EngineError) {
    let mounts = try mounts(of: container)
    try asked("making volumes ready") { () throws(SystemError) in try makeDirectories(mounts) }
  }

  private func makeDirectories(_ mounts: [MountRecord]) throws(SystemError) {
    for mount in mounts {
      guard let name = mount.volume, mount.source == files.data(name) else { continue }
      try files.make(name)
      try files.settle(name)
    }
  }

  // MARK: Removing

  /// Removes a volume that no container has mounted.
  ///
  /// - Throws: `EngineError` in Docker's words.
  func remove(_ name: String) throws(EngineError) {
    let (isHidden, users) = try stated { () throws(StateError) in
      try state.open().write(.volumeHide, "removing the volume \(name)") { db in
        (try VolumeTable.hide(name, db), try VolumeTable.users(of: name, db))
      }
    }
    guard isHidden else {
      if users.isEmpty { throw VolumeStore.missing(name) }
      throw EngineError(
        "remove \(name): volume is in use - [\(users.joined(separator: ", "))]",
        hint: "Remove the container first: drydock rm \(users[0].prefix(12))", exitCode: 1)
    }
    try finishRemovals()
  }

  static func missing(_ name: String) -> EngineError {
    EngineError(
      "get \(name): no such volume", hint: "`drydock volume ls` lists what there is.", exitCode: 1)
  }

  /// Removes what was hidden, by whomever.
  func finishRemovals() throws(EngineError) {
    guard state.isThere else { return }
    let waiting = try stated { () throws(StateError) in
      try state.open().read("looking for volumes to remove") { try VolumeTable.removing($0) }
    }
    guard !waiting.isEmpty else { return }
    try stated { () throws(StateError) in
      try state.open().write(.volumeForget, "removing volumes") { try settle($0) }
    }
    try clear()
  }

  private func clear() throws(EngineError) {
    try asked("removing a volume's files") { () throws(SystemError) in try files.clear() }
  }

  /// Directories that a killed command has left.
  ///
  /// They are of volumes that are to be removed, and of those made for a container that never came
  /// to be.
  ///
  /// - Parameter isHeld: whether somebody is at a container.
  /// - Returns: their paths.
  /// - Throws: `EngineError` when a place cannot be read.
  func abandoned(
    _ isHeld: (String) throws(EngineError) -> Bool
  ) throws(EngineError) -> [String] {
    guard state.isThere else { return [] }
    var names = try stated { () throws(StateError) in
      try state.open().read("looking for volumes to remove") { try VolumeTable.removing($0) }
    }
    let made = try asked("looking for volumes") { () throws(SystemError) in try files.made() }
    for (name, maker) in made where try find(name) == nil && !names.contains(name) {
      if try !isHeld(maker) { names.append(name) }
    }
    let entries = try asked("looking for volumes") { () throws(SystemError) in
      File.exists(files.root) ? try File.list(files.root) : []
    }
    return (names + entries.filter { $0.hasPrefix(".removing-") }).map { "\(files.root)/\($0)" }
  }

  /// Removes what a fresh look finds of them.
  func removeAbandoned(_ isHeld: (String) throws(EngineError) -> Bool) throws(EngineError) {
    for path in try abandoned(isHeld) {
      let name = String(path.dropFirst(files.root.utf8.count + 1))
      guard !name.hasPrefix("."), try find(name) == nil else { continue }
      try asked("removing the volume \(name)") { () throws(SystemError) in try files.discard(name) }
    }
    try finishRemovals()
    try clear()
  }

  /// The second half of every removal.
  ///
  /// Nobody makes a volume meanwhile: that takes a transaction.
  private func settle(_ db: StateTransaction) throws {
    for name in try VolumeTable.removing(db) {
      try files.discard(name)
      try VolumeTable.delete(name, db)
    }
  }
}
