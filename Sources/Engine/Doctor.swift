// What commands that were killed have left, found by looking and removed exactly.
//
// Nothing here remembers anything: a container is what has a directory in one of the engine's
// places (ContainerStore.swift) or in the runtime's, and it lives when its first process does or
// while somebody holds its lock. Everything else that carries its id is left over:
//
//     RUNROOT/runtime/ID       the runtime's state (Runtime/Store.swift), and with it cgroups
//     CGROUP/drydock/ID        cgroups whose state is gone
//     RUNROOT/containers/ID    a bundle
//     ROOT/containers/ID       a writable layer without a record, or of a `--rm` container
//     mounts beneath these     in this mount namespace; the container's own end with it
//     ROOT/blobs/ingest/…      content that nobody is writing any more
//     ROOT/layers/.making-…    a layer that nobody is unpacking any more
//
// The record of a container that ended without `--rm` is no leftover: `drydock ps -a` shows it.

import Images
import Linux
import OCI
import State

/// Something that a killed command has left.
public struct Leftover: Equatable, Sendable {
  /// What it belongs to: `container web (0123456789ab)`, `image busybox`.
  public let owner: String
  /// The directories and mounts, as the kernel names them.
  public let places: [String]

  /// The id of the container, nil for an image.
  let id: String?
  /// Whether the container's record goes too.
  let removesRecord: Bool
  /// Whether it is a volume's directory.
  var isVolume = false
}

extension Engine {
  /// Looks for what killed commands have left, without changing anything.
  ///
  /// - Returns: one entry a container or image.
  /// - Throws: `EngineError` when a place cannot be read, or the state itself is damaged.
  public func leftovers() throws(EngineError) -> [Leftover] {
    try checkState()
    let doctor = Doctor(store: store, images: imageStore)
    let first = try doctor.look()
    guard !first.isEmpty else { return [] }
    // What is being made or removed at this moment looks half-done, and does not a moment later.
    Clock.sleep(Doctor.pause)
    let second = try doctor.look()
    return first.filter { second.contains($0) }
  }

  private func checkState() throws(EngineError) {
    guard store.state.isThere else { return }
    let faults = try stated { () throws(StateError) in try store.state.open().faults() }
    guard let first = faults.first else { return }
    throw EngineError(
      "\(root)/state.db is damaged: \(first)"
        + (faults.count > 1 ? ", and \(faults.count - 1) more like it" : ""),
      hint:
        "The disk lost or changed bytes; see dmesg(1). sqlite3(1) may save most with `.recover`.",
      exitCode: 1)
  }

  /// Removes a leftover; what lives again by now is not touched.
  ///
  /// - Throws: `EngineError` naming what could not be removed.
  public func remove(_ leftover: Leftover) throws(EngineError) {
    try Doctor(store: store, images: imageStore).remove(leftover)
  }
}

/// Looks and removes.
struct Doctor {
  let store: ContainerStore
  let images: ImageStore

  /// How far apart the two looks are, in nanoseconds.
  static let pause: UInt64 = 100_000_000

  /// One look.
  func look() throws(EngineError) -> [Leftover] {
    var found = [Leftover]()
    for id in try ids() {
      if let leftover = try container(id) { found.append(leftover) }
    }
    for entry in try names(store.root + "/containers") where entry.hasPrefix(".removing-") {
      let id = String(entry.dropFirst(10))
      found.append(
        Leftover(
          owner: "container \(id.prefix(12))", places: ["\(store.root)/containers/\(entry)"],
          id: id, removesRecord: true))
    }
    return found + (try halfMadeImages()) + (try volumes())
  }

  /// Removes what a fresh look still finds of it.
  func remove(_ leftover: Leftover) throws(EngineError) {
    if leftover.isVolume { return try store.volumes.removeAbandoned(store.isHeld) }
    guard let id = leftover.id else {
      return try storing { () throws(ImageError) in _ = try images.collect() }
    }
    try store.alone { () throws(EngineError) in
      // Made or started again since: then it is somebody's.
      if try ids().contains(id) {
        guard let now = try container(id) else { return }
        for place in now.places.reversed() where isMount(place) {
          try asked("unmounting \(place)") { () throws(SystemError) in
            try Mounts.unmount(place, detached: true)
          }
        }
        try store.runtime.delete(id)
        for cgroup in try cgroups(id, try store.record(id)) { try removeCgroup(cgroup) }
        if !now.removesRecord {
          try asked("removing \(store.bundle(id))") { () throws(SystemError) in
            try File.removeTree(store.bundle(id))
          }
          return
        }
      }
      try store.discard(id)
    }
    try store.tidy()
  }

  // MARK: looking

  /// Whatever has a directory somewhere.
  private func ids() throws(EngineError) -> [String] {
    var ids = Set<String>()
    for place in [store.root + "/containers", store.runRoot + "/containers", store.runtime.root] {
      ids.formUnion(try names(place).filter { !$0.hasPrefix(".") })
    }
    return ids.sorted()
  }

  private func names(_ directory: String) throws(EngineError) -> [String] {
    do throws(SystemError) {
      return try File.list(directory).sorted()
    } catch {
      if error.errno == .noEntry { return [] }
      throw EngineError("looking for what was left", error)
    }
  }

  /// What is left of a container that does not live.
  private func container(_ id: String) throws(EngineError) -> Leftover? {
    let record = try store.record(id)
    if try lives(id, record) { return nil }
    var removesRecord = true
    if let record {
      let isOver = try store.isOver(record)
      removesRecord = record.removeOnExit && isOver
    }
    var directories = ["\(store.runtime.root)/\(id)", store.bundle(id)]
    if removesRecord { directories.append(store.directory(id)) }
    var places = directories.filter { File.exists($0) } + (try cgroups(id, record))
    for mount in try mounts() where directories.contains(where: { mount.hasPrefix($0 + "/") }) {
      places.append(mount)
    }
    guard !places.isEmpty else { return nil }
    let name = record.map { "\($0.name) (\(id.prefix(12)))" } ?? String(id.prefix(12))
    return Leftover(
      owner: "container \(name)", places: places, id: id, removesRecord: removesRecord)
  }

  private func lives(_ id: String, _ record: Record?) throws(EngineError) -> Bool {
    let state = try store.runtime.state(id)
    // What the runtime is making or ending is locked by it; then its first process may be yet to
    // come. One that is only half made has nobody who would wait for it.
    let isHeld = try asked("looking at \(id)") { () throws(SystemError) in
      if try FileLock.isHeld("\(store.runtime.root)/\(id)") { return true }
      return try FileLock.isHeld(store.bundle(id) + "/alive")
    }
    if isHeld { return true }
    switch state?.status {
    case .created, .running, .paused: return state?.pid != nil
    case .creating, .stopped, nil: return false
    }
  }

  /// The cgroups that the state names, and those that would be the container's by its id.
  private func cgroups(_ id: String, _ record: Record?) throws(EngineError) -> [String] {
    var paths = try store.runtime.state(id)?.cgroups.map { $0.path } ?? []
    let layout = try asked("looking for cgroups") { () throws(SystemError) in
      try CgroupLayout.detect()
    }
    if id.utf8.count == 64 {
      for tree in layout.trees {
        let path = tree.mountPoint + (record?.cgroup ?? ContainerConfig.cgroupPath(id))
        if !paths.contains(path) { paths.append(path) }
      }
    }
    return paths.filter { File.exists($0) }
  }

  private func mounts() throws(EngineError) -> [String] {
    try asked("looking for mounts") { () throws(SystemError) in
      try MountInfo.list().map { $0.target }
    }
  }

  private func isMount(_ place: String) -> Bool {
    ((try? mounts()) ?? []).contains(place)
  }

  private func halfMadeImages() throws(EngineError) -> [Leftover] {
    try storing { () throws(ImageError) in
      try images.blobs.abandoned() + images.layers.abandoned()
    }.map { Leftover(owner: "an image", places: [$0], id: nil, removesRecord: false) }
  }

  private func volumes() throws(EngineError) -> [Leftover] {
    var found = [Leftover]()
    for path in try store.volumes.abandoned(store.isHeld) {
      var leftover = Leftover(owner: "a volume", places: [path], id: nil, removesRecord: false)
      leftover.isVolume = true
      found.append(leftover)
    }
    return found
  }

  // MARK: removing

  /// Kills what is in a cgroup whose container is gone, and removes it, those inside first.
  private func removeCgroup(_ path: String) throws(EngineError) {
    for entry in try names(path) {
      let inside = path + "/" + entry
      if (try? File.status(inside, follow: false))?.isDirectory == true { try removeCgroup(inside) }
    }
    try asked("removing the cgroup \(path)") { () throws(SystemError) in
      var pause: UInt64 = 1_000_000
      while File.exists(path) {
        let text = try File.text(path + "/cgroup.procs")
        for pid in text.split(separator: "\n").compactMap({ Int32($0) }) where pid > 0 {
          do throws(SystemError) {
            try Processes.kill(pid, Signal.kill)
          } catch { if error.errno != .noProcess { throw error } }
        }
        do throws(SystemError) {
          try File.removeDirectory(path)
        } catch {
          // A killed process leaves its cgroup when it has been reaped.
          guard error.errno == .busy, pause < 500_000_000 else { throw error }
          Clock.sleep(pause)
          pause *= 2
        }
      }
    }
  }
}
