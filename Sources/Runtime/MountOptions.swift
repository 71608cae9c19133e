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

  /// An option, with the flags it sets and clears.
  struct Row {
    let name: StaticString
    let set: MountFlags
    let clear: MountFlags

    init(_ name: StaticString, _ set: MountFlags, _ clear: MountFlags) {
      self.name = name
      self.set = set
      self.clear = clear
    }
  }

  /// Every option with a meaning here.
  ///
  /// The tables lie in line: an array's type is made when the first array of it is, which takes as
  /// long as reading about a dozen options.
  static let table: [32 of Row] = [
    Row("defaults", [], []), Row("bind", .bind, []), Row("rbind", [.bind, .recursive], []),
    Row("ro", .readOnly, []), Row("rw", [], .readOnly), Row("suid", [], .noSUID),
    Row("nosuid", .noSUID, []),
    Row("dev", [], .noDev), Row("nodev", .noDev, []), Row("exec", [], .noExec),
    Row("noexec", .noExec, []),
    Row("sync", .synchronous, []), Row("async", [], .synchronous), Row("dirsync", .dirSync, []),
    Row("remount", .remount, []), Row("atime", [], .noATime), Row("noatime", .noATime, []),
    Row("diratime", [], .noDirATime), Row("nodiratime", .noDirATime, []),
    Row("relatime", .relATime, []),
    Row("norelatime", [], .relATime), Row("strictatime", .strictATime, []),
    Row("nostrictatime", [], .strictATime), Row("lazytime", .lazyTime, []),
    Row("nolazytime", [], .lazyTime), Row("nosymfollow", .noSymFollow, []),
    Row("symfollow", [], .noSymFollow), Row("silent", .silent, []), Row("loud", [], .silent),
    Row("iversion", .iVersion, []), Row("noiversion", [], .iVersion), Row("nomand", [], []),
  ]

  /// Options for a mount and all mounts below it, mount_setattr(2) with AT_RECURSIVE.
  static let treeTable: [18 of Row] = [
    Row("rro", .readOnly, []), Row("rrw", [], .readOnly), Row("rnosuid", .noSUID, []),
    Row("rsuid", [], .noSUID), Row("rnodev", .noDev, []), Row("rdev", [], .noDev),
    Row("rnoexec", .noExec, []), Row("rexec", [], .noExec), Row("rnoatime", .noATime, []),
    Row("ratime", [], .noATime), Row("rrelatime", .relATime, []), Row("rnorelatime", [], .relATime),
    Row("rstrictatime", .strictATime, []), Row("rnostrictatime", [], .strictATime),
    Row("rnodiratime", .noDirATime, []), Row("rdiratime", [], .noDirATime),
    Row("rnosymfollow", .noSymFollow, []), Row("rsymfollow", [], .noSymFollow),
  ]

  /// Options that change propagation.
  static let propagations: [8 of Row] = [
    Row("private", .private, []), Row("rprivate", [.private, .recursive], []),
    Row("slave", .slave, []),
    Row("rslave", [.slave, .recursive], []), Row("shared", .shared, []),
    Row("rshared", [.shared, .recursive], []),
    Row("unbindable", .unbindable, []), Row("runbindable", [.unbindable, .recursive], []),
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
    // What mount(2) takes; layers that are given one by one go by fsconfig(2) (MountCall.swift).
    guard
      data.reduce(0, { $0 + $1.utf8.count + 1 }) <= 4096
        || data.contains(where: { $0.hasPrefix("lowerdir+=") })
    else {
      throw MountOptions.refusal(mount, "options longer than 4095 bytes")
    }
  }

  /// Takes an option; false when it is the filesystem's.
  private mutating func take(_ option: String) -> Bool {
    if let row = MountOptions.row(option, of: MountOptions.table.span) {
      MountOptions.take(row.set, row.clear, &flags, &cleared)
      return true
    }
    if let row = MountOptions.row(option, of: MountOptions.treeTable.span) {
      MountOptions.take(row.set, row.clear, &treeFlags, &treeCleared)
      return true
    }
    if let row = MountOptions.row(option, of: MountOptions.propagations.span) {
      propagation.append(row.set)
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

  private static func row(_ name: String, of table: Span<Row>) -> Row? {
    for index in table.indices where table[index].name.equals(name) { return table[index] }
    return nil
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
    row(name, of: propagations.span)?.set
  }

  /// The names `features` lists.
  static var names: [String] {
    func names(_ table: Span<Row>) -> [String] { table.indices.map { "\(table[$0].name)" } }
    return
      (names(table.span) + names(treeTable.span) + names(propagations.span)
      + others.map { "\($0)" }).sorted()
  }
}
