// Mounts that are attached nowhere yet (open_tree(2), fsmount(2)): they are configured while nobody
// can reach them by a path, and then attached through descriptors (move_mount(2)). So nothing is
// looked up twice, and nobody sees a mount without its restrictions.

internal import CLinux

/// One call of mount_setattr(2): what a mount, or a tree of mounts, is to be like.
public struct MountChange: Equatable, Sendable {
  /// Restrictions to add; the rest of the mount's flags stay.
  public var set: MountFlags
  /// Restrictions to take away.
  public var clear: MountFlags
  /// One of the propagation types, or none to leave it.
  public var propagation: MountFlags
  /// Whether all mounts below get it too.
  public var recursive: Bool
  /// The user namespace whose maps the mount gets (MOUNT_ATTR_IDMAP), or -1.
  public var userNamespace: Int32

  /// Describes a change.
  public init(
    set: MountFlags = [], clear: MountFlags = [], propagation: MountFlags = [],
    recursive: Bool = false, userNamespace: Int32 = -1
  ) {
    self.set = set
    self.clear = clear
    self.propagation = propagation
    self.recursive = recursive
    self.userNamespace = userNamespace
  }

  /// mount_setattr(2) of what a descriptor holds.
  ///
  /// - Throws: `SystemError` naming the mount.
  public func apply(to fd: Int32, name: String) throws(SystemError) {
    var adds = set.attributes
    var takes = clear.attributes
    // The kinds of atime are one field of three bits: it is set whole or not at all.
    if !set.union(clear).isDisjoint(with: [.noATime, .strictATime, .relATime]) {
      takes = takes & ~0x70 | 0x70
    }
    if userNamespace >= 0 { adds |= 0x10_0000 }
    try check(
      lx_mount_setattr(
        fd, recursive ? 1 : 0, adds, takes, UInt64(propagation.rawValue), userNamespace),
      "mount_setattr(2)", name)
  }
}

extension MountFlags {
  /// What mount_setattr(2) can change.
  public static let changeable: MountFlags = [
    .readOnly, .noSUID, .noDev, .noExec, .noATime, .relATime, .strictATime, .noDirATime,
    .noSymFollow,
  ]

  /// The MOUNT_ATTR_ bits.
  var attributes: UInt64 {
    let rows: [(flag: MountFlags, attribute: UInt64)] = [
      (.readOnly, 0x1), (.noSUID, 0x2), (.noDev, 0x4), (.noExec, 0x8), (.noATime, 0x10),
      (.strictATime, 0x20), (.noDirATime, 0x80), (.noSymFollow, 0x20_0000),
    ]
    var bits: UInt64 = 0
    for row in rows where contains(row.flag) { bits |= row.attribute }
    return bits
  }
}

/// The owner of a mount that is attached nowhere: dropped when it goes out of scope, unless it was
/// attached.
public struct DetachedMount: ~Copyable {
  private let tree: Descriptor

  /// Takes over a descriptor of open_tree(2) or fsmount(2).
  public init(owning raw: Int32) { tree = Descriptor(owning: raw) }

  /// The descriptor.
  public var raw: Int32 { tree.raw }

  /// Gives the descriptor away: the caller closes it.
  public consuming func release() -> Int32 { tree.release() }

  /// Copies the mount at a path, or the whole tree below it (open_tree(2), OPEN_TREE_CLONE).
  ///
  /// - Throws: `SystemError` naming the path.
  public static func copy(of path: String, recursive: Bool) throws(SystemError) -> DetachedMount {
    let fd = unsafe path.withCString {
      unsafe lx_open_tree(currentDirectory, $0, recursive ? 1 : 0)
    }
    return DetachedMount(owning: Int32(try check(fd, "open_tree(2)", path)))
  }

  /// Copies what an open descriptor holds.
  ///
  /// - Throws: `SystemError` with the name.
  public static func copy(
    of fd: Int32, name: String, recursive: Bool
  ) throws(SystemError) -> DetachedMount {
    let copy = unsafe "".withCString { unsafe lx_open_tree(fd, $0, recursive ? 1 : 0) }
    return DetachedMount(owning: Int32(try check(copy, "open_tree(2)", name)))
  }

  /// A new filesystem (fsopen(2), fsconfig(2), fsmount(2)).
  ///
  /// - Parameters:
  ///   - type: The filesystem's type.
  ///   - source: Its device or name.
  ///   - flags: As for mount(2).
  ///   - data: The filesystem's options as for mount(2), each value shorter than 256 bytes.
  /// - Returns: The mount, attached nowhere.
  /// - Throws: `SystemError` naming the type or the option.
  public static func make(
    _ type: String, source: String?, _ flags: MountFlags, data: String?
  ) throws(SystemError) -> DetachedMount {
    let opened = unsafe type.withCString { unsafe lx_fsopen($0) }
    let context = Descriptor(owning: Int32(try check(opened, "fsopen(2)", type)))
    func set(_ key: String, _ value: String?) throws(SystemError) {
      let fd = context.raw
      let result = unsafe key.withCString { key in
        unsafe value.withCString { unsafe lx_fsconfig_set(fd, key, $0) }
      }
      try check(result, "fsconfig(2)", "\(type) \(key)\(value.map { "=" + $0 } ?? "")")
    }
    if let source { try set("source", source) }
    let ofFilesystem: [(MountFlags, String)] = [
      (.readOnly, "ro"), (.synchronous, "sync"), (.dirSync, "dirsync"), (.lazyTime, "lazytime"),
    ]
    for (flag, name) in ofFilesystem where flags.contains(flag) { try set(name, nil) }
    for option in (data ?? "").parts(",") where !option.isEmpty {
      let pair = option.parts("=", limit: 2)
      try set(pair[0], pair.count > 1 ? pair[1] : nil)
    }
    try check(lx_fsconfig_create(context.raw), "fsconfig(2)", "\(type) \(data ?? "")")
    let mount = lx_fsmount(context.raw, UInt32(truncatingIfNeeded: flags.attributes))
    return DetachedMount(owning: Int32(try check(mount, "fsmount(2)", type)))
  }

  /// Attaches it at what a descriptor holds (move_mount(2)).
  ///
  /// - Throws: `SystemError` naming the place.
  public borrowing func attach(to place: Int32, name: String) throws(SystemError) {
    try check(lx_move_mount(raw, place), "move_mount(2)", name)
  }
}

extension Mounts {
  /// Configures a mount that is attached already, through a descriptor of it.
  ///
  /// mount(2) with MS_REMOUNT would set all flags anew: one that was not named would be dropped,
  /// and in a user namespace dropping an inherited one is refused. That call is the fallback where
  /// mount_setattr(2) does not exist.
  ///
  /// - Throws: `SystemError` naming the mount.
  public static func change(
    _ fd: Int32, _ change: MountChange, name: String
  ) throws(SystemError) {
    do throws(SystemError) {
      return try change.apply(to: fd, name: name)
    } catch {
      // mount(2) knows neither id maps nor flags for a whole tree.
      let isKnown =
        change.userNamespace < 0 && !(change.recursive && !change.set.union(change.clear).isEmpty)
      guard error.errno == .notImplemented, isKnown else { throw error }
    }
    let path = "/proc/self/fd/\(fd)"
    if !change.set.isEmpty || !change.clear.isEmpty {
      try mount(nil, on: path, type: nil, change.set.union([.bind, .remount]), data: nil)
    }
    if !change.propagation.isEmpty {
      let recursive: MountFlags = change.recursive ? .recursive : []
      try mount(nil, on: path, type: nil, change.propagation.union(recursive), data: nil)
    }
  }
}

/// A user namespace that nobody lives in, for its maps alone.
public enum MapNamespace {
  /// Makes one and keeps it open.
  ///
  /// A child is born in it, its maps are written from here, and it is ended again. Only a process
  /// of one thread may call this.
  ///
  /// - Parameters:
  ///   - users: Lines of uid_map, user_namespaces(7).
  ///   - groups: Lines of gid_map.
  /// - Returns: A descriptor of the namespace.
  /// - Throws: `SystemError` naming the map that was refused.
  public static func make(users: String, groups: String) throws(SystemError) -> Descriptor {
    let maker = lx_getpid()
    let pid = try Processes.clone(.user)
    if pid == 0 {
      // Its maker kills it; if that one is killed first, so is this (prctl(2), PR_SET_PDEATHSIG).
      _ = lx_prctl(1, 9, 0, 0, 0)
      if lx_getppid() != maker { lx_exit(0) }
      while true { _ = lx_sleep_ns(3_600_000_000_000) }
    }
    defer {
      _ = lx_kill(pid, Signal.kill)
      _ = try? Processes.wait(pid)
    }
    try File.set("/proc/\(pid)/uid_map", users)
    try File.set("/proc/\(pid)/gid_map", groups)
    return try File.open("/proc/\(pid)/ns/user", .readOnly)
  }
}
