internal import CLinux

/// Directories whose names need not be text.
extension File {
  /// An entry of a directory, by its bytes: a name need not be UTF-8 (path_resolution(7)).
  public struct Entry: Sendable {
    /// The name and a NUL.
    let bytes: [CChar]
    /// The name, with replacement characters where it is no text.
    public var name: String {
      String(decoding: bytes.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }

  /// The entries of an open directory but `.` and `..`, unsorted.
  ///
  /// - Throws: `SystemError` naming the directory.
  public static func entries(_ fd: Int32, name: String) throws(SystemError) -> [Entry] {
    var entries = [Entry]()
    while true {
      // Not cleared: mostly a page of it is used.
      var got = 0
      let buffer = unsafe [UInt8](unsafeUninitializedCapacity: 32_768) { buffer, count in
        got = unsafe lx_getdents64(fd, buffer.baseAddress, buffer.count)
        count = max(0, got)
      }
      try check(got, "getdents64(2)", name)
      if got == 0 { return entries }
      // struct linux_dirent64: ino u64, off s64, reclen u16, type u8, name, NUL.
      var at = 0
      while at < got {
        let length = Int(buffer[at + 16]) | Int(buffer[at + 17]) << 8
        let bytes = buffer[(at + 19)..<(at + length)].prefix { $0 != 0 }
        if !(bytes.elementsEqual(".".utf8) || bytes.elementsEqual("..".utf8)) {
          entries.append(Entry(bytes: bytes.map { CChar(bitPattern: $0) } + [0]))
        }
        at += length
      }
    }
  }

  /// What fstatat(2) says of an entry; a link is not followed.
  ///
  /// - Throws: `SystemError` naming the entry.
  public static func status(
    of entry: Entry, at directory: Int32
  ) throws(SystemError) -> FileStatus {
    var out = lx_stat()
    // AT_SYMLINK_NOFOLLOW
    try check(unsafe lx_stat(directory, entry.bytes, 0x100, &out), "stat(2)", entry.name)
    return FileStatus(out)
  }

  /// open(2) of an entry itself: a link is an error, and nothing waits.
  ///
  /// - Throws: `SystemError` naming the entry.
  public static func open(
    _ entry: Entry, _ flags: OpenFlags, at directory: Int32
  ) throws(SystemError) -> Descriptor {
    let all = flags.union([.noFollow, .nonBlocking]).rawValue
    return Descriptor(
      owning: Int32(
        try check(unsafe lx_openat(directory, entry.bytes, all, 0), "open(2)", entry.name)))
  }

  /// Removes a directory and all below it without following links or crossing into what is not a
  /// directory.
  ///
  /// A missing path is fine.
  ///
  /// - Throws: `SystemError` naming what could not be removed.
  public static func removeTree(
    _ path: String, at directory: Int32 = currentDirectory
  ) throws(SystemError) {
    try removeTree(Entry(bytes: path.utf8.map { CChar(bitPattern: $0) } + [0]), at: directory)
  }

  private static func removeTree(_ entry: Entry, at directory: Int32) throws(SystemError) {
    let result = unsafe lx_unlinkat(directory, entry.bytes, 0)
    if result == 0 || result == -2 { return }
    guard result == -21 || result == -1 else {
      try check(result, "unlink(2)", entry.name)
      return
    }
    do throws(SystemError) {
      try emptyTree(entry, at: directory)
      // AT_REMOVEDIR
      try check(unsafe lx_unlinkat(directory, entry.bytes, 0x200), "rmdir(2)", entry.name)
    } catch {
      // Somebody else removes the same tree.
      if error.errno != .noEntry { throw error }
    }
  }

  private static func emptyTree(_ entry: Entry, at directory: Int32) throws(SystemError) {
    let folder = try open(entry, [.readOnly, .directory], at: directory)
    for inner in try entries(folder.raw, name: entry.name) {
      try removeTree(inner, at: folder.raw)
    }
  }
}
