// The options of `mounts` (config.md, "Mounts"; mount(8)): some are flags of mount(2), some change
// propagation, the rest belong to the filesystem.

internal import Linux
internal import OCI

/// A mount's options, sorted into what mount(2) wants.
struct MountOptions: Equatable {
  var flags: MountFlags = []
  var propagation: [MountFlags] = []
  var data: [String] = []

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
  ]

  /// Options that change propagation, in a call of their own.
  static let propagations: [(name: StaticString, flags: MountFlags)] = [
    ("private", .private), ("rprivate", [.private, .recursive]), ("slave", .slave),
    ("rslave", [.slave, .recursive]), ("shared", .shared), ("rshared", [.shared, .recursive]),
    ("unbindable", .unbindable), ("runbindable", [.unbindable, .recursive]),
  ]

  /// Options of other runtimes that this one does not have yet: refused, not handed to the kernel.
  static let refused: [StaticString] = [
    "tmpcopyup", "idmap", "ridmap", "rro", "rrw", "rnosuid", "rsuid", "rnodev", "rdev", "rnoexec",
    "rexec", "rnoatime", "ratime", "rrelatime", "rnorelatime", "rstrictatime", "rnostrictatime",
    "rnodiratime", "rdiratime", "rnosymfollow", "rsymfollow",
  ]

  /// Sorts them.
  ///
  /// - Throws: `RuntimeError` naming the mount and the option.
  init(_ mount: Mount) throws(RuntimeError) {
    if mount.type == "bind" { flags = .bind }
    next: for option in mount.options {
      for row in MountOptions.table where row.name.equals(option) {
        flags.insert(row.set)
        flags.remove(row.clear)
        continue next
      }
      for row in MountOptions.propagations where row.name.equals(option) {
        propagation.append(row.flags)
        continue next
      }
      for name in MountOptions.refused where name.equals(option) {
        throw RuntimeError(
          "mounts[\(mount.destination)]: the option \"\(option)\" is not honoured yet")
      }
      data.append(option)
    }
    if isBind, let first = data.first {
      throw RuntimeError(
        "mounts[\(mount.destination)]: a bind mount has no option \"\(first)\"",
        hint: "the kernel would ignore it silently")
    }
    guard joined.utf8.count < 4096 else {
      throw RuntimeError("mounts[\(mount.destination)]: options longer than 4095 bytes")
    }
  }

  var isBind: Bool { flags.contains(.bind) }

  /// What a bind mount takes only in a second call (mount(2), "Remounting an existing mount").
  var restrictions: MountFlags {
    flags.subtracting([.bind, .recursive, .remount, .silent])
  }

  var joined: String { data.list(",") }

  /// `rslave` and its kin, of linux.rootfsPropagation.
  static func propagation(named name: String) -> MountFlags? {
    for row in propagations where row.name.equals(name) { return row.flags }
    return nil
  }

  /// The names `features` lists.
  static var names: [String] {
    (table.map { "\($0.name)" } + propagations.map { "\($0.name)" }).sorted()
  }
}
