internal import CLinux

/// Flags of mount(2).
public struct MountFlags: OptionSet, Sendable {
  /// The MS_ bits.
  public let rawValue: UInt
  /// Wraps the bits.
  public init(rawValue: UInt) { self.rawValue = rawValue }

  /// MS_RDONLY.
  public static let readOnly = MountFlags(rawValue: 1)
  /// MS_NOSUID.
  public static let noSUID = MountFlags(rawValue: 2)
  /// MS_NODEV.
  public static let noDev = MountFlags(rawValue: 4)
  /// MS_NOEXEC.
  public static let noExec = MountFlags(rawValue: 8)
  /// MS_SYNCHRONOUS.
  public static let synchronous = MountFlags(rawValue: 16)
  /// MS_REMOUNT.
  public static let remount = MountFlags(rawValue: 32)
  /// MS_DIRSYNC.
  public static let dirSync = MountFlags(rawValue: 128)
  /// MS_NOSYMFOLLOW.
  public static let noSymFollow = MountFlags(rawValue: 256)
  /// MS_NOATIME.
  public static let noATime = MountFlags(rawValue: 1024)
  /// MS_NODIRATIME.
  public static let noDirATime = MountFlags(rawValue: 2048)
  /// MS_BIND.
  public static let bind = MountFlags(rawValue: 4096)
  /// MS_REC.
  public static let recursive = MountFlags(rawValue: 16384)
  /// MS_SILENT.
  public static let silent = MountFlags(rawValue: 32768)
  /// MS_UNBINDABLE.
  public static let unbindable = MountFlags(rawValue: 1 << 17)
  /// MS_PRIVATE.
  public static let `private` = MountFlags(rawValue: 1 << 18)
  /// MS_SLAVE.
  public static let slave = MountFlags(rawValue: 1 << 19)
  /// MS_SHARED.
  public static let shared = MountFlags(rawValue: 1 << 20)
  /// MS_RELATIME.
  public static let relATime = MountFlags(rawValue: 1 << 21)
  /// MS_STRICTATIME.
  public static let strictATime = MountFlags(rawValue: 1 << 24)
  /// MS_LAZYTIME.
  public static let lazyTime = MountFlags(rawValue: 1 << 25)

  /// The four propagation types.
  public static let propagation: MountFlags = [.unbindable, .private, .slave, .shared]
}

/// Mounting, always onto what a descriptor holds, so that nobody can swap the path meanwhile.
public enum Mounts {
  /// mount(2).
  ///
  /// - Throws: `SystemError` naming the target.
  public static func mount(
    _ source: String?, on target: String, type: String?, _ flags: MountFlags, data: String?
  ) throws(SystemError) {
    try check(
      unsafe lx_mount(source, target, type, flags.rawValue, data), "mount(2)",
      "\(source ?? "none") on \(target)")
  }

  /// Adds restrictions to a mount and keeps those it has (mount_setattr(2)).
  ///
  /// mount(2) with MS_REMOUNT would set all flags anew: one that was not named would be dropped,
  /// and in a user namespace dropping an inherited one is refused. That call is the fallback for
  /// kernels before 5.12.
  ///
  /// - Throws: `SystemError` naming the target.
  public static func restrict(_ target: String, _ flags: MountFlags) throws(SystemError) {
    let attributes: [(flag: MountFlags, set: UInt64)] = [
      (.readOnly, 0x1), (.noSUID, 0x2), (.noDev, 0x4), (.noExec, 0x8), (.noATime, 0x10),
      (.strictATime, 0x20), (.noDirATime, 0x80), (.noSymFollow, 0x20_0000),
    ]
    var set: UInt64 = 0
    for row in attributes where flags.contains(row.flag) { set |= row.set }
    // The kinds of atime are one field of three bits: it is set whole or not at all.
    let clear: UInt64 = flags.isDisjoint(with: [.noATime, .strictATime, .relATime]) ? 0 : 0x70
    let result = unsafe lx_mount_setattr(currentDirectory, target, 0, set, clear, 0)
    if result == -38 {
      try mount(nil, on: target, type: nil, flags, data: nil)
    } else {
      try check(result, "mount_setattr(2)", target)
    }
  }

  /// umount2(2).
  ///
  /// Detached (MNT_DETACH) means: gone from the tree now, freed when unused.
  ///
  /// - Throws: `SystemError` naming the target.
  public static func unmount(_ target: String, detached: Bool) throws(SystemError) {
    try check(unsafe lx_umount2(target, detached ? 2 | 8 : 8), "umount2(2)", target)
  }

  /// pivot_root(2).
  ///
  /// - Throws: `SystemError` naming both places.
  public static func pivot(to newRoot: String, old: String) throws(SystemError) {
    try check(unsafe lx_pivot_root(newRoot, old), "pivot_root(2)", "\(newRoot) \(old)")
  }

  /// Opens `path` beneath `root` as a handle, making what is missing: directories on the way and at
  /// the end a directory or an empty file.
  ///
  /// Symbolic links are followed inside the root only (openat2(2), RESOLVE_IN_ROOT); a path that
  /// leads out ends inside.
  ///
  /// - Throws: `SystemError` naming the path.
  public static func place(
    _ path: String, beneath root: Int32, directory: Bool
  ) throws(SystemError) -> Descriptor {
    let fd = unsafe lx_openat2(root, path, UInt64(OpenFlags.path.rawValue), 0, 0x10 | 0x02)
    if fd >= 0 { return Descriptor(owning: Int32(fd)) }
    guard fd == -2 else { throw SystemError("openat2(2)", Errno(Int32(-fd)), path) }

    // Something is missing: the parent, made in the same way, then the last part in it. Each is
    // resolved in the root, so that a link in the middle (`/var/run` → `/run`) is followed as the
    // container would see it.
    try inParent(of: path, beneath: root) { (parent, name) throws(SystemError) in
      if directory {
        let made = unsafe lx_mkdirat(parent, name, 0o755)
        if made != -17 { try check(made, "mkdir(2)", path) }
      } else {
        let flags: OpenFlags = [.writeOnly, .create, .exclusive, .noFollow]
        let made = unsafe lx_openat(parent, name, flags.rawValue, 0o644)
        if made != -17 { _ = lx_close(Int32(try check(made, "open(2)", path))) }
      }
    }
    return try File.open(path, inRoot: root, .path)
  }

  /// Calls `body` with a descriptor of the directory that a path is in, made when missing, and
  /// with the name there.
  ///
  /// - Throws: `SystemError` of the body, or when the path has no name.
  static func inParent(
    of path: String, beneath root: Int32,
    _ body: (_ parent: Int32, _ name: String) throws(SystemError) -> Void
  ) throws(SystemError) {
    var parts = path.parts("/")
    parts.removeAll { $0.isEmpty }
    guard let name = parts.popLast(), name != "..", name != "." else {
      throw SystemError("openat2(2)", .invalid, path)
    }
    // In the root itself nothing need be looked up.
    if parts.isEmpty { return try body(root, name) }
    let parent = try place("/" + parts.list("/"), beneath: root, directory: true)
    try body(parent.raw, name)
  }
}

/// One line of /proc/PID/mountinfo (proc_pid_mountinfo(5)).
public struct MountInfo: Equatable, Sendable {
  /// Where it is mounted.
  public let target: String
  /// The part of the filesystem that is mounted.
  public let root: String
  /// Filesystem type.
  public let type: String
  /// Device or name.
  public let source: String
  /// The mount's own options.
  public let options: String
  /// The filesystem's options.
  public let superOptions: String
  /// `shared:1`, `master:2`, …; empty when private.
  public let propagation: String
  /// The whole line.
  public let line: String

  /// Parses one line; nil when it is not one.
  public init?(_ line: some StringProtocol) {
    let fields = line.split(separator: " ", omittingEmptySubsequences: true)
    guard let dash = fields.firstIndex(of: "-"), dash >= 6, fields.count >= dash + 3 else {
      return nil
    }
    root = MountInfo.unescape(fields[3])
    target = MountInfo.unescape(fields[4])
    options = String(fields[5])
    propagation = fields[6..<dash].joined(separator: " ")
    type = String(fields[dash + 1])
    source = MountInfo.unescape(fields[dash + 2])
    superOptions = fields.count > dash + 3 ? String(fields[dash + 3]) : ""
    self.line = String(line)
  }

  /// All mounts a process sees.
  ///
  /// - Throws: `SystemError` when its mountinfo cannot be read.
  public static func list(of pid: String = "self") throws(SystemError) -> [MountInfo] {
    let text = try File.text("/proc/\(pid)/mountinfo", limit: 64 << 20)
    return text.split(separator: "\n").compactMap { MountInfo($0) }
  }

  /// Undoes the octal escapes of space, tab, line feed and backslash.
  private static func unescape(_ field: some StringProtocol) -> String {
    guard field.contains("\\") else { return String(field) }
    var result = [UInt8]()
    var rest = field.utf8[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\\"), rest.count >= 3,
        let code = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
      {
        result.append(code)
        rest.removeFirst(3)
      } else {
        result.append(byte)
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}

extension Mounts {
  /// pivot_root(".", ".") in an open directory: the old root ends on top of the new one, to be
  /// detached next (pivot_root(2), NOTES).
  ///
  /// - Throws: `SystemError`.
  public static func pivot(into root: Int32) throws(SystemError) {
    try check(lx_fchdir(root), "fchdir(2)", "new root")
    try pivot(to: ".", old: ".")
  }
}

/// Nodes and links made beneath a root.
public enum Nodes {
  /// mknod(2) with owner and mode, in place of nothing.
  ///
  /// What is there already stays when it is the same device.
  ///
  /// - Throws: `SystemError` naming the path.
  public static func make(
    _ path: String, beneath root: Int32, type: String, major: UInt32, minor: UInt32, mode: UInt32,
    uid: UInt32, gid: UInt32
  ) throws(SystemError) {
    let kind: UInt32 =
      switch type {
      case "b": 0o060000
      case "p": 0o010000
      default: 0o020000
      }
    try Mounts.inParent(of: path, beneath: root) { (parent, name) throws(SystemError) in
      let made = unsafe lx_mknodat(parent, name, kind | mode, major, minor)
      if made == -17 {
        let there = try File.status(name, follow: false, at: parent)
        let same = there.mode & 0o170000 == kind && (type == "p" || there.node == [major, minor])
        guard same else { throw SystemError("mknod(2)", .exists, path) }
      } else {
        try check(made, "mknod(2)", path)
      }
      // The umask cut the mode; owner first, since chown(2) clears bits.
      try check(unsafe lx_fchownat(parent, name, uid, gid, 0x100), "chown(2)", path)
      try check(unsafe lx_fchmodat(parent, name, mode), "chmod(2)", path)
    }
  }

  /// symlink(2); what is there already stays.
  ///
  /// - Throws: `SystemError` naming the path.
  public static func link(
    _ path: String, beneath root: Int32, to target: String
  ) throws(SystemError) {
    try Mounts.inParent(of: path, beneath: root) { (parent, name) throws(SystemError) in
      let made = unsafe lx_symlinkat(target, parent, name)
      if made != -17 { try check(made, "symlink(2)", path) }
    }
  }
}

/// The working directory.
public enum Directory {
  /// chdir(2).
  ///
  /// - Throws: `SystemError` naming the path.
  public static func change(_ path: String) throws(SystemError) {
    try check(unsafe lx_chdir(path), "chdir(2)", path)
  }

  /// getcwd(2); it starts with `(unreachable)` when the directory is outside the root.
  ///
  /// - Throws: `SystemError`.
  public static func current() throws(SystemError) -> String {
    var buffer = [CChar](repeating: 0, count: 4096)
    try check(unsafe lx_getcwd(&buffer, 4096), "getcwd(2)", "working directory")
    return String(
      decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
