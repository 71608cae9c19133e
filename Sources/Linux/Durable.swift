// What shall outlive a power cut.
//
// write(2) and rename(2) return when the kernel knows; the disk knows after fsync(2), of the file for
// its bytes and of the directory for its name. A file that was never synced can be found empty, or
// full of zeroes, or not at all.

internal import CLinux

extension File {
  /// fsync(2) of a file or a directory.
  ///
  /// - Throws: `SystemError` naming the path.
  public static func sync(_ path: String) throws(SystemError) {
    let file = try open(path, [.readOnly, .noFollow])
    try check(lx_fsync(file.raw), "fsync(2)", path)
  }

  /// As `replace`; a power cut, too, leaves the old or the new content.
  ///
  /// - Throws: `SystemError` naming the path.
  public static func replaceDurably(
    _ path: String, with bytes: some Collection<UInt8>, mode: UInt32 = 0o644
  ) throws(SystemError) {
    let temporary = "\(path).\(lx_getpid()).new"
    do throws(SystemError) {
      try replace(temporary, with: bytes, mode: mode)
      try sync(temporary)
      try rename(temporary, to: path)
      try sync(String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]))
    } catch {
      _ = unsafe lx_unlinkat(currentDirectory, temporary, 0)
      throw error
    }
  }
}
