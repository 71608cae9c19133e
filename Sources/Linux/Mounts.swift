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
  /// MS_MOVE.
  public static let move = MountFlags(rawValue: 8192)
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
  /// MS_I_VERSION.
  public static let iVersion = MountFlags(rawValue: 1 << 23)
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
    let mounted = unsafe source.withCString { source in
      unsafe target.withCString { target in
        unsafe type.withCString { type in
          unsafe data.withCString { unsafe lx_mount(source, target, type, flags.rawValue, $0) }
        }
      }
    }
    try check(mounted, "mount(2)", "\(source ?? "none") on \(target)")
  }

  /// umount2(2).
  ///
  /// Detached (MNT_DETACH) means: gone from the tree now, freed when unused.
  ///
  /// - Throws: `SystemError` naming the target.
  public static func unmount(_ target: String, detached: Bool) throws(SystemError) {
    let result = unsafe target.withCString { unsafe lx_umount2($0, detached ? 2 | 8 : 8) }
    try check(result, "umount2(2)", target)
  }

  /// pivot_root(2).
  ///
  /// - Throws: `SystemError` naming both places.
  public static func pivot(to newRoot: String, old: String) throws(SystemError) {
    let result = unsafe newRoot.withCString { newRoot in
      unsafe old.withCString { unsafe lx_pivot_root(newRoot, $0) }
    }
    try check(result, "pivot_root(2)", "\(newRoot) \(old)")
  }

  /// pivot_root(".", ".") in an open directory: the old root ends on top of the new one, to be
  /// detached next (pivot_root(2), NOTES).
  ///
  /// - Throws: `SystemError`.
  public static func pivot(into root: Int32) throws(SystemError) {
    try check(lx_fchdir(root), "fchdir(2)", "new root")
    try pivot(to: ".", old: ".")
  }

  /// Moves the mount that is the open directory onto `/` and makes it this process's root
  /// (mount(2), MS_MOVE; chroot(2)): for a root that pivot_root(2) refuses.
  ///
  /// - Throws: `SystemError`.
  public static func move(ontoRoot root: Int32) throws(SystemError) {
    try check(lx_fchdir(root), "fchdir(2)", "new root")
    try mount(".", on: "/", type: nil, .move, data: nil)
    try check(unsafe lx_chroot("."), "chroot(2)", "new root")
  }

  /// Puts a copy of the whole tree of mounts over `/` and makes it this process's root.
  ///
  /// The first root of all, an initramfs, has no parent, and pivot_root(2) refuses to replace it;
  /// the copy has one.
  ///
  /// - Throws: `SystemError`.
  public static func stackRoot() throws(SystemError) {
    let tree = try DetachedMount.copy(of: "/", recursive: true)
    let root = try File.open("/", [.path, .directory])
    try tree.attach(to: root.raw, name: "/")
    try check(lx_fchdir(tree.raw), "fchdir(2)", "/")
    try check(unsafe lx_chroot("."), "chroot(2)", "/")
  }

  /// Whether `/` is the first root of all (kernel Documentation/filesystems/ramfs-rootfs-initramfs).
  ///
  /// - Throws: `SystemError` when mountinfo cannot be read.
  public static func rootIsInitramfs() throws(SystemError) -> Bool {
    let root = try File.open("/", [.path, .directory])
    let magic = try FileSystem.magic(of: root.raw, name: "/")
    guard magic == FileSystem.ramfs || magic == FileSystem.tmpfs else { return false }
    return try MountInfo.list().contains { $0.target == "/" && $0.type == "rootfs" }
  }
}

/// What kind of filesystem something is on (statfs(2)).
public enum FileSystem {
  /// PROC_SUPER_MAGIC.
  public static let proc: UInt64 = 0x9fa0
  /// DEVPTS_SUPER_MAGIC.
  public static let devpts: UInt64 = 0x1cd1
  /// RAMFS_MAGIC.
  public static let ramfs: UInt64 = 0x8584_58f6
  /// TMPFS_MAGIC.
  public static let tmpfs: UInt64 = 0x0102_1994

  /// The filesystem's magic number.
  ///
  /// - Throws: `SystemError` naming the object.
  public static func magic(of fd: Int32, name: String) throws(SystemError) -> UInt64 {
    var magic: UInt64 = 0
    try check(unsafe lx_fs_magic(fd, &magic), "fstatfs(2)", name)
    return magic
  }

  /// Asks the kernel for a filesystem type, which loads its module where that is possible
  /// (fsopen(2)).
  ///
  /// - Throws: `SystemError`; ENODEV when there is none of that name.
  public static func probe(_ type: String) throws(SystemError) {
    _ = Descriptor(owning: Int32(try check(unsafe lx_fsopen(type), "fsopen(2)", type)))
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
    // By bytes: a space and a combining accent behind it are one character, and two fields.
    let line = Substring(line)
    let fields = line.utf8.split(separator: UInt8(ascii: " "))
    let dash = fields.firstIndex { $0.first == UInt8(ascii: "-") && $0.dropFirst().isEmpty }
    guard let dash, dash >= 6, fields.count >= dash + 3 else { return nil }
    root = MountInfo.unescape(fields[3])
    target = MountInfo.unescape(fields[4])
    options = String(Substring(fields[5]))
    propagation = fields[6..<dash].map { String(Substring($0)) }.joined(separator: " ")
    type = String(Substring(fields[dash + 1]))
    source = MountInfo.unescape(fields[dash + 2])
    superOptions = fields.count > dash + 3 ? String(Substring(fields[dash + 3])) : ""
    self.line = String(line)
  }

  /// All mounts a process sees.
  ///
  /// - Throws: `SystemError` when its mountinfo cannot be read.
  public static func list(of pid: String = "self") throws(SystemError) -> [MountInfo] {
    list(parsing: try File.text("/proc/\(pid)/mountinfo", limit: 64 << 20))
  }

  /// The mounts that a mountinfo file tells, without what are no lines of one.
  package static func list(parsing text: String) -> [MountInfo] {
    text.utf8.split(separator: UInt8(ascii: "\n")).compactMap { MountInfo(Substring($0)) }
  }

  /// Undoes the octal escapes of space, tab, line feed and backslash.
  private static func unescape(_ field: Substring.UTF8View) -> String {
    guard field.contains(UInt8(ascii: "\\")) else { return String(Substring(field)) }
    var result = [UInt8]()
    var rest = field
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

/// The working directory.
public enum Directory {
  /// chdir(2).
  ///
  /// - Throws: `SystemError` naming the path.
  public static func change(_ path: String) throws(SystemError) {
    try check(unsafe path.withCString { unsafe lx_chdir($0) }, "chdir(2)", path)
  }

  /// fchdir(2).
  ///
  /// - Throws: `SystemError`.
  public static func change(to directory: Int32) throws(SystemError) {
    try check(lx_fchdir(directory), "fchdir(2)", "descriptor \(directory)")
  }

  /// getcwd(2); it starts with `(unreachable)` when the directory is outside the root.
  ///
  /// - Throws: `SystemError`.
  public static func current() throws(SystemError) -> String {
    var path = ""
    let result = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { buffer in
      guard let start = buffer.baseAddress else { return 0 }
      let length = unsafe lx_getcwd(start, buffer.count)
      if length >= 0 { path = unsafe String(cString: start) }
      return length
    }
    try check(result, "getcwd(2)", "working directory")
    return path
  }
}
