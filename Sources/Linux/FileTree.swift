internal import CLinux

/// What it takes to lay out a directory tree.
extension File {
  /// symlink(2).
  ///
  /// - Throws: `SystemError` naming the path.
  public static func makeLink(
    _ path: String, to target: String, at directory: Int32 = currentDirectory
  ) throws(SystemError) {
    try check(unsafe lx_symlinkat(target, directory, path), "symlink(2)", path)
  }

  /// rename(2): what was at the new path is replaced in one moment.
  ///
  /// - Throws: `SystemError` naming both paths.
  public static func move(
    _ path: String, to target: String, at directory: Int32 = currentDirectory
  ) throws(SystemError) {
    try check(
      unsafe lx_renameat(directory, path, directory, target), "rename(2)",
      "\(path) → \(target)")
  }

  /// lchown(2): the file's owner and group; a link's own, not its target's.
  ///
  /// - Throws: `SystemError` naming the path.
  public static func setOwner(
    _ path: String, uid: UInt32, gid: UInt32, at directory: Int32 = currentDirectory
  ) throws(SystemError) {
    // AT_SYMLINK_NOFOLLOW
    try check(unsafe lx_fchownat(directory, path, uid, gid, 0x100), "lchown(2)", path)
  }

  /// chmod(2): the mode as given, whatever the umask.
  ///
  /// - Throws: `SystemError` naming the path.
  public static func setMode(
    _ path: String, _ mode: UInt32, at directory: Int32 = currentDirectory
  ) throws(SystemError) {
    try check(unsafe lx_fchmodat(directory, path, mode), "chmod(2)", path)
  }
}

extension File {
  /// A file without a name, in memory (memfd_create(2)).
  ///
  /// - Throws: `SystemError`.
  public static func memory(_ name: String) throws(SystemError) -> Descriptor {
    Descriptor(
      owning: Int32(try check(unsafe lx_memfd_create(name, 0), "memfd_create(2)", name)))
  }
}

extension File {
  /// Deeper than this is no directory tree of an image.
  private static let deepest = 100

  /// Copies what is in one open directory into another: directories, files, links and nodes with
  /// their owners and modes; no link is followed.
  ///
  /// - Throws: `SystemError` naming the entry.
  public static func copyTree(from source: Int32, to target: Int32) throws(SystemError) {
    try copyTree(from: source, to: target, depth: 0)
  }

  private static func copyTree(
    from source: Int32, to target: Int32, depth: Int
  ) throws(SystemError) {
    guard depth < deepest else { throw SystemError("mkdir(2)", .loop, "copy of a directory") }
    // The handle may be one of O_PATH, which cannot be listed.
    let folder = try open(".", [.readOnly, .directory], at: source)
    for name in try list(folder.raw, name: "directory to copy") {
      let status = try status(name, follow: false, at: folder.raw)
      if status.isDirectory {
        try makeDirectory(name, mode: 0o700, at: target)
        let inner = try open(name, [.readOnly, .directory, .noFollow], at: folder.raw)
        let copy = try open(name, [.readOnly, .directory, .noFollow], at: target)
        try copyTree(from: inner.raw, to: copy.raw, depth: depth + 1)
      } else if status.isLink {
        try makeLink(name, to: try link(name, at: folder.raw), at: target)
      } else if status.isRegular {
        try copyFile(name, from: folder.raw, to: target)
      } else {
        try check(
          unsafe lx_mknodat(target, name, status.mode, status.node.major, status.node.minor),
          "mknod(2)",
          name)
      }
      try own(name, status, at: target)
    }
  }

  /// Owner first, since chown(2) clears bits of the mode.
  private static func own(
    _ name: String, _ status: FileStatus, at directory: Int32
  ) throws(SystemError) {
    try setOwner(name, uid: status.uid, gid: status.gid, at: directory)
    if !status.isLink { try setMode(name, status.mode & 0o7777, at: directory) }
  }

  private static func copyFile(
    _ name: String, from source: Int32, to target: Int32
  ) throws(SystemError) {
    let input = try open(name, [.readOnly, .noFollow, .nonBlocking], at: source)
    let output = try open(
      name, [.writeOnly, .create, .exclusive, .noFollow], mode: 0o600, at: target)
    try copy(input.raw, to: output.raw, name: name)
  }

  /// Copies what is left to read of one open file into another.
  ///
  /// - Throws: `SystemError` with the name.
  public static func copy(
    _ source: Int32, to target: Int32, name: String
  ) throws(SystemError) {
    while true {
      let piece = try readSome(source, 1 << 16)
      if piece.isEmpty { return }
      try write(target, piece, name: name)
    }
  }
}
