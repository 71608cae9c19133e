// Places beneath an open root, where symbolic links lead only inside (openat2(2), RESOLVE_IN_ROOT).
//
//   open      the whole path in one lookup by the kernel; a race with a rename is answered EAGAIN
//             and tried again
//   missing   the parent in the same way, then the last part in it, by its descriptor
//   dangling  a link at the end that leads to nothing: what it leads to is made, inside

internal import CLinux

extension Mounts {
  private static let inRoot: UInt64 = 0x10
  private static let noSymlinks: UInt64 = 0x04
  private static let noMagicLinks: UInt64 = 0x02

  /// As many links as the kernel follows (path_resolution(7)).
  private static let mostLinks = 40

  /// Opens `path` beneath `root` as a handle, making what is missing: directories on the way and at
  /// the end a directory or an empty file.
  ///
  /// Symbolic links are followed inside the root only; a path that leads out ends inside.
  ///
  /// - Parameters:
  ///   - path: The path inside.
  ///   - root: An open directory.
  ///   - directory: Whether a directory is made at the end, or a file.
  ///   - follow: Whether links are followed at all; if not, one on the way is ELOOP.
  /// - Returns: A handle of O_PATH.
  /// - Throws: `SystemError` naming the path.
  public static func place(
    _ path: String, beneath root: Int32, directory: Bool, follow: Bool = true
  ) throws(SystemError) -> Descriptor {
    try place(path, root, directory: directory, follow: follow, links: 0)
  }

  private static func place(
    _ path: String, _ root: Int32, directory: Bool, follow: Bool, links: Int
  ) throws(SystemError) -> Descriptor {
    let fd = handle(path, root, follow: follow)
    if fd >= 0 { return Descriptor(owning: Int32(fd)) }
    guard fd == -2 else { throw SystemError("openat2(2)", Errno(Int32(-fd)), path) }

    // Only a link that leads nowhere is missing and there at once.
    var target: String?
    try inParent(of: path, beneath: root, follow: follow, links: links) {
      (parent, name) throws(SystemError) in
      if directory {
        let made = unsafe name.withCString { unsafe lx_mkdirat(parent, $0, 0o755) }
        if made == -17 { target = try? File.link(name, at: parent) }
        if made != -17 { try check(made, "mkdir(2)", path) }
      } else {
        let flags: OpenFlags = [.writeOnly, .create, .exclusive, .noFollow]
        let made = unsafe lx_openat(parent, name, flags.rawValue, 0o644)
        if made == -17 { target = try? File.link(name, at: parent) }
        if made != -17 { _ = lx_close(Int32(try check(made, "open(2)", path))) }
      }
    }
    if follow, let target {
      guard links < mostLinks else { throw SystemError("openat2(2)", .loop, path) }
      return try place(
        beside(path, target), root, directory: directory, follow: follow, links: links + 1)
    }
    let made = handle(path, root, follow: follow)
    return Descriptor(owning: Int32(try check(made, "openat2(2)", path)))
  }

  /// Where a link leads, as a path in the root.
  private static func beside(_ path: String, _ target: String) -> String {
    if target.hasPrefix("/") { return target }
    var parts = path.parts("/")
    parts.removeAll { $0.isEmpty }
    parts.removeLast()
    return "/" + parts.list("/") + "/" + target
  }

  /// openat2(2) of a handle; while somebody renames on the way the kernel says EAGAIN.
  private static func handle(_ path: String, _ root: Int32, follow: Bool) -> Int {
    let resolve = inRoot | noMagicLinks | (follow ? 0 : noSymlinks)
    for _ in 0..<1000 {
      let fd = unsafe path.withCString {
        unsafe lx_openat2(root, $0, UInt64(OpenFlags.path.rawValue), 0, resolve)
      }
      if fd != -11 { return fd }
    }
    return -11
  }

  /// Calls `body` with a descriptor of the directory that a path is in, made when missing, and
  /// with the name there.
  ///
  /// - Throws: `SystemError` of the body, or when the path has no name.
  static func inParent(
    of path: String, beneath root: Int32, follow: Bool = true, links: Int = 0,
    _ body: (_ parent: Int32, _ name: String) throws(SystemError) -> Void
  ) throws(SystemError) {
    var parts = path.parts("/")
    parts.removeAll { $0.isEmpty }
    guard let name = parts.popLast(), name != "..", name != "." else {
      throw SystemError("openat2(2)", .invalid, path)
    }
    // In the root itself nothing need be looked up.
    if parts.isEmpty { return try body(root, name) }
    let parent = try place(
      "/" + parts.list("/"), root, directory: true, follow: follow, links: links)
    try body(parent.raw, name)
  }
}

extension File {
  /// A handle on the host's /dev/null, which is verified to be that device.
  ///
  /// - Throws: `SystemError`; ENODEV when it is something else.
  public static func openNull() throws(SystemError) -> Descriptor {
    let null = try open("/dev/null", [.path, .noFollow])
    let status = try status(of: null.raw, name: "/dev/null")
    guard status.mode & 0o170000 == 0o020000, status.node == DeviceNumber(1, 3) else {
      throw SystemError("open(2)", .noDevice, "/dev/null, which is another device")
    }
    return null
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
      let made = unsafe name.withCString {
        unsafe lx_mknodat(parent, $0, kind | mode, major, minor)
      }
      if made == -17 {
        let there = try File.status(name, follow: false, at: parent)
        let same =
          there.mode & 0o170000 == kind && (type == "p" || there.node == DeviceNumber(major, minor))
        guard same else { throw SystemError("mknod(2)", .exists, path) }
      } else {
        try check(made, "mknod(2)", path)
      }
      // The umask cut the mode; owner first, since chown(2) clears bits.
      let owned = unsafe name.withCString { unsafe lx_fchownat(parent, $0, uid, gid, 0x100) }
      try check(owned, "chown(2)", path)
      let changed = unsafe name.withCString { unsafe lx_fchmodat(parent, $0, mode) }
      try check(changed, "chmod(2)", path)
    }
  }

  /// symlink(2); what is there already stays.
  ///
  /// - Throws: `SystemError` naming the path.
  public static func link(
    _ path: String, beneath root: Int32, to target: String
  ) throws(SystemError) {
    try Mounts.inParent(of: path, beneath: root) { (parent, name) throws(SystemError) in
      let made = unsafe target.withCString { target in
        unsafe name.withCString { unsafe lx_symlinkat(target, parent, $0) }
      }
      if made != -17 { try check(made, "symlink(2)", path) }
    }
  }
}
