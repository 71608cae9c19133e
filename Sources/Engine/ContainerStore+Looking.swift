// Whether a container lives, and how it ended: found by looking, in this order.
//
//     RUNROOT/runtime/ID/pid          its first process, with its start time (Runtime/Store.swift)
//     CGROUP/drydock/ID               whether that is frozen
//     RUNROOT/containers/ID/alive     whether somebody keeps it
//     RUNROOT/containers/ID/live      what its monitor says of it
//     ROOT/containers/.removing-ID    whether it is being removed
//     ROOT/containers/ID/exit         how it ended
//
// A file or two a container, no process: `ps` with hundreds must be quick.

import Linux
import Monitor
import OCI

extension ContainerStore {
  /// Whether a container lives.
  func status(_ record: Record) throws(EngineError) -> ContainerStatus {
    try look(record).status
  }

  /// Whether a container lives, and what its keeper tells of it.
  func look(_ record: Record) throws(EngineError) -> (status: ContainerStatus, life: Life) {
    let id = record.id
    if File.exists(bundle(id)) {
      if let pid = try runtime.living(id) {
        let life = try life(bundle(id) + "/live") ?? Life()
        return (Frozen.isFrozen(record.cgroup) ? .paused(pid: pid) : .running(pid: pid), life)
      }
      if try isHeld(id) {
        let life = try life(bundle(id) + "/live") ?? Life()
        return (life.restarting ? .restarting(code: life.code ?? 0) : .created, life)
      }
    }
    // It may have ended between the looks: what is told last is looked at last.
    if let end = try life(directory(id) + "/exit") {
      return (end.startedNs == 0 ? .created : .exited(code: end.code), end)
    }
    guard File.exists(directory(id)) else {
      let isHeld = try asked("looking at \(root)") { () throws(SystemError) in
        try FileLock.isHeld(root + "/lock")
      }
      return (isHeld ? .removing : .dead, Life())
    }
    return (.created, Life())
  }

  /// What a keeper has written; nil when the file is missing.
  ///
  /// It is not synced, since nobody waits for it, so that a power cut may leave it empty or full of
  /// zeroes. That is an end that nobody saw.
  private func life(_ path: String) throws(EngineError) -> Life? {
    let bytes: [UInt8]
    do throws(SystemError) {
      bytes = try File.read(path, limit: 1 << 20)
    } catch {
      if error.errno == .noEntry || error.errno == .notDirectory { return nil }
      throw EngineError("reading \(path)", error)
    }
    do throws(ConfigError) { return try Life.parse(bytes) } catch {
      // No reason to keep people from their other containers.
      var unseen = Life()
      unseen.startedNs = 1
      return unseen
    }
  }

  /// Notes how a container in the foreground ended; with `--rm` it is removed.
  func finish(_ record: Record, _ life: Life) throws(EngineError) {
    if record.removeOnExit { return try remove(record.id) }
    guard File.exists(directory(record.id)) else { return }  // `rm -f` was faster
    try asked("noting how \(record.name) ended") { () throws(SystemError) in
      try File.replace(directory(record.id) + "/exit", with: life.encode(), mode: 0o600)
      try File.removeTree(bundle(record.id))
    }
  }
}

/// Whether a cgroup is frozen (cgroups(7), "freezer").
enum Frozen {
  private static let tree: (path: String, isUnified: Bool)? = {
    guard let layout = try? CgroupLayout.detect() else { return nil }
    if layout.mode == .v2 { return layout.trees.first.map { ($0.mountPoint, true) } }
    return layout.tree("freezer").map { ($0.mountPoint, false) }
  }()

  static func isFrozen(_ cgroup: String) -> Bool {
    guard let tree, !cgroup.isEmpty else { return false }
    let directory = tree.path + cgroup
    if tree.isUnified {
      let events = try? File.text(directory + "/cgroup.events")
      return events?.split(separator: "\n").contains("frozen 1") ?? false
    }
    return (try? File.text(directory + "/freezer.state"))?.trimmedLine == "FROZEN"
  }
}
