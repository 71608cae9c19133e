// The options of `mounts` (runtime-spec 1.2 config.md, "Linux mount options"; mount(8)): some are
// flags of one mount, some of a whole tree of mounts (mount_setattr(2)), some change propagation,
// the rest belong to the filesystem.
//
// A later option undoes an earlier one: `nosuid` and then `suid` leaves suid. On a bind mount, whose
// source has restrictions of its own, `suid` also takes away the source's; what no option names
// stays as the source has it.

internal import Linux
package import OCI

/// A mount's options, sorted into what the kernel wants.
package struct MountOptions: Equatable {
  /// Flags of mount(2).
  var flags: MountFlags = []
  /// Restrictions that were undone by name.
  var cleared: MountFlags = []
  /// The same for the whole tree.
  var treeFlags: MountFlags = []
  var treeCleared: MountFlags = []
  var propagation: [MountFlags] = []
  var data: [String] = []
  /// `tmpcopyup`.
  var copiesUp = false
  /// `idmap` or `ridmap`.
  var idMap: IDMap?

  /// How far an id map reaches.
  enum IDMap { case mount, tree }

  /// Every option with a meaning here, with the flags it sets and clears.
  static let table: [(name: StaticString, set: MountFlags, clear: MountFlags)] = [
    ("defaults", [], []), ("bind", .bind, []), ("rbind", [.bind, .recursive], []),
    ("ro", .readOnly, []), ("rw", [], .readOnly), ("suid", [], .noSUID), ("nosuid", .noSUID, []),
    ("dev", [], .noDev), ("nodev", .noDev, []), ("exec", [], .noExec), ("noexec", .noExec, []),
    ("sync", .synchronous, []), ("async", [], .synchronous), ("dirsync", .dirSync, []),
    ("remount", .remount, []), ("atime", [], .noATime), ("noatime", .noATime, []),
    ("diratime", [], .noDirATime), ("nodiratime", .noDirATime, []), ("relatime", .relATime, []),
    ("norelatime", [], .relATime), ("strictatime", .strictATime, []),
    ("nostrictatime", [], .strictATime), ("lazytime", .lazyTime, []),
    ("nolazytime", [], .lazyTime), ("nosymfollow", .noSymFollow, []),
    ("symfollow", [], .noSymFollow), ("silent", .silent, []), ("loud", [], .silent),
    ("iversion", .iVersion, []), ("noiversion", [], .iVersion), ("nomand", [], []),
  ]

  /// Options for a mount and all mounts below it, mount_setattr(2) with AT_RECURSIVE.
  static let treeTable: [(name: StaticString, set: MountFlags, clear: MountFlags)] = [
    ("rro", .readOnly, []), ("rrw", [], .readOnly), ("rnosuid", .noSUID, []),
    ("rsuid", [], .noSUID), ("rnodev", .noDev, []), ("rdev", [], .noDev),
    ("rnoexec", .noExec, []), ("rexec", [], .noExec), ("rnoatime", .noATime, []),
    ("ratime", [], .noATime), ("rrelatime", .relATime, []), ("rnorelatime", [], .relATime),
    ("rstrictatime", .strictATime, []), ("rnostrictatime", [], .strictATime),
    ("rnodiratime", .noDirATime, []), ("rdiratime", [], .noDirATime),
    ("rnosymfollow", .noSymFollow, []), ("rsymfollow", [], .noSymFollow),
  ]

  /// Options that change propagation.
  static let propagations: [(name: StaticString, flags: MountFlags)] = [
    ("private", .private), ("rprivate", [.private, .recursive]), ("slave", .slave),
    ("rslave", [.slave, .recursive]), ("shared", .shared), ("rshared", [.shared, .recursive]),
    ("unbindable", .unbindable), ("runbindable", [.unbindable, .recursive]),
  ]

  /// Options of this runtime's own kind.
  static let others: [StaticString] = ["tmpcopyup", "idmap", "ridmap"]

  /// The kinds of atime: the last one named counts.
  private static let accessTimes: MountFlags = [.noATime, .relATime, .strictATime]

  /// Sorts them.
  ///
  /// - Throws: `RuntimeError` naming the mount and the option.
  package init(_ mount: Mount) throws(RuntimeError) {
    if mount.type == "bind" { flags = .bind }
    for option in mount.options where !take(option) {
      if option == "mand" {
        throw MountOptions.refusal(
          mount, "the option \"mand\": Linux has no mandatory locks since 5.15")
      }
      data.append(option)
    }
    if isBind, let first = data.first {
      throw MountOptions.refusal(
        mount, "a bind mount has no option \"\(first)\"",
        hint: "the kernel would ignore it silently")
    }
    let ofFilesystem: MountFlags = [.synchronous, .dirSync, .lazyTime, .iVersion]
    if isBind, !flags.isDisjoint(with: ofFilesystem) {
      throw MountOptions.refusal(
        mount, "sync, dirsync, lazytime and iversion belong to a filesystem, not to a bind mount",
        hint: "the kernel would ignore them silently")
    }
    if copiesUp, mount.type != "tmpfs" {
      throw MountOptions.refusal(mount, "tmpcopyup is for a tmpfs, not for \"\(mount.type)\"")
    }
    if idMap == nil, !mount.uidMappings.isEmpty || !mount.gidMappings.isEmpty { idMap = .mount }
    if idMap != nil, !isBind {
      throw MountOptions.refusal(mount, "only bind mounts can have id maps here")
    }
    guard joined.utf8.count < 4096 else {
      throw MountOptions.refusal(mount, "options longer than 4095 bytes")
    }
  }

  /// Takes an option; false when it is the filesystem's.
  private mutating func take(_ option: String) -> Bool {
    for row in MountOptions.table where row.name.equals(option) {
      MountOptions.take(row.set, row.clear, &flags, &cleared)
      return true
    }
    for row in MountOptions.treeTable where row.name.equals(option) {
      MountOptions.take(row.set, row.clear, &treeFlags, &treeCleared)
      return true
    }
    for row in MountOptions.propagations where row.name.equals(option) {
      propagation.append(row.flags)
      return true
    }
    switch option {
    case "tmpcopyup": copiesUp = true
    case "idmap": idMap = .mount
    case "ridmap": idMap = .tree
    default: return false
    }
    return true
  }

  private static func take(
    _ set: MountFlags, _ clear: MountFlags, _ flags: inout MountFlags, _ cleared: inout MountFlags
  ) {
    if !set.isDisjoint(with: accessTimes) {
      flags.subtract(accessTimes)
      cleared.subtract(accessTimes)
    }
    flags.formUnion(set)
    flags.subtract(clear)
    cleared.subtract(set)
    cleared.formUnion(clear.intersection(.changeable))
  }

  private static func refusal(
    _ mount: Mount, _ text: String, hint: String = ""
  ) -> RuntimeError {
    RuntimeError("mounts[\(mount.destination)]: " + text, hint: hint)
  }

  var isBind: Bool { flags.contains(.bind) }

  /// Whether something that is mounted already is changed.
  var isRemount: Bool { flags.contains(.remount) }

  /// What mount(2) makes of it: a bind takes no restrictions.
  var mountFlags: MountFlags {
    isBind ? flags.intersection([.bind, .recursive, .remount]) : flags
  }

  /// What is configured before the mount is attached, in as few calls as there can be: one for the
  /// mount, one for its tree, and propagation with whichever it fits.
  var changes: [MountChange] {
    var changes = [MountChange]()
    if isBind {
      let set = flags.intersection(.changeable)
      if !set.isEmpty || !cleared.isEmpty { changes.append(MountChange(set: set, clear: cleared)) }
    }
    if !treeFlags.isEmpty || !treeCleared.isEmpty {
      changes.append(MountChange(set: treeFlags, clear: treeCleared, recursive: true))
    }
    for flags in propagation {
      let recursive = flags.contains(.recursive)
      let kind = flags.intersection(.propagation)
      // A kind after another of the same reach is a call of its own: slave, then shared.
      if let last = changes.indices.last, changes[last].recursive == recursive,
        changes[last].propagation.isEmpty
      {
        changes[last].propagation = kind
      } else {
        changes.append(MountChange(propagation: kind, recursive: recursive))
      }
    }
    return changes
  }

  var joined: String { data.list(",") }

  /// `rslave` and its kin, of linux.rootfsPropagation.
  static func propagation(named name: String) -> MountFlags? {
    for row in propagations where row.name.equals(name) { return row.flags }
    return nil
  }

  /// The names `features` lists.
  static var names: [String] {
    (table.map { "\($0.name)" } + treeTable.map { "\($0.name)" }
      + propagations.map { "\($0.name)" } + others.map { "\($0)" }).sorted()
  }
}
