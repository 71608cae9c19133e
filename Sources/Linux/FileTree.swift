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
  public static func move(_ path: String, to target: String) throws(SystemError) {
    try check(
      unsafe lx_renameat(currentDirectory, path, currentDirectory, target), "rename(2)",
      "\(path) → \(target)")
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
  /// lchown(2): the file's owner and group; a link's own, not its target's.
  ///
  /// - Throws: `SystemError` naming the path.
  public static func setOwner(
    _ path: String, uid: UInt32, gid: UInt32, at directory: Int32 = currentDirectory
  ) throws(SystemError) {
    // AT_SYMLINK_NOFOLLOW
    try check(unsafe lx_fchownat(directory, path, uid, gid, 0x100), "lchown(2)", path)
  }

  /// A file without a name, in memory (memfd_create(2)).
  ///
  /// - Throws: `SystemError`.
  public static func memory(_ name: String) throws(SystemError) -> Descriptor {
    Descriptor(
      owning: Int32(try check(unsafe lx_memfd_create(name, 0), "memfd_create(2)", name)))
  }
}
