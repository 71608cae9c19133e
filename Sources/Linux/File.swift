internal import CLinux

/// Flags of open(2), the ones used here.
public struct OpenFlags: OptionSet, Sendable {
  /// The bits of `<fcntl.h>` on x86-64 and arm64 alike, but for O_DIRECTORY and O_NOFOLLOW.
  public let rawValue: Int32
  /// Wraps the bits.
  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// Reading only.
  public static let readOnly: OpenFlags = []
  /// Writing only.
  public static let writeOnly = OpenFlags(rawValue: 0o1)
  /// Reading and writing.
  public static let readWrite = OpenFlags(rawValue: 0o2)
  /// Create when missing.
  public static let create = OpenFlags(rawValue: 0o100)
  /// With `create`: fail when it exists.
  public static let exclusive = OpenFlags(rawValue: 0o200)
  /// Cut to no bytes.
  public static let truncate = OpenFlags(rawValue: 0o1000)
  /// Write at the end.
  public static let append = OpenFlags(rawValue: 0o2000)
  /// Do not wait.
  public static let nonBlocking = OpenFlags(rawValue: 0o4000)
  #if arch(arm64)
    /// Fail unless it is a directory.
    public static let directory = OpenFlags(rawValue: 0o40000)
    /// Fail when the last component is a symbolic link.
    public static let noFollow = OpenFlags(rawValue: 0o100000)
  #else
    /// Fail unless it is a directory.
    public static let directory = OpenFlags(rawValue: 0o200000)
    /// Fail when the last component is a symbolic link.
    public static let noFollow = OpenFlags(rawValue: 0o400000)
  #endif
  /// Only a handle on the place, no access to the content (open(2), O_PATH).
  public static let path = OpenFlags(rawValue: 0o10000000)
}

/// The directory that relative paths start from: the process's own (openat(2), AT_FDCWD).
public let currentDirectory: Int32 = -100

/// Whole-file operations, and opening.
///
/// Everything is close-on-exec.
public enum File {
  /// open(2), from a directory descriptor or the current directory.
  ///
  /// - Throws: `SystemError` naming the path.
  public static func open(
    _ path: String, _ flags: OpenFlags, mode: UInt32 = 0o600, at directory: Int32 = currentDirectory
  ) throws(SystemError) -> Descriptor {
    let fd = unsafe path.withCString { unsafe lx_openat(directory, $0, flags.rawValue, mode) }
    return Descriptor(owning: Int32(try check(fd, "open(2)", path)))
  }

  /// Opens a path so that no symbolic link and no `..` leads out of `root`: what would leave is
  /// followed as if `root` were `/` (openat2(2), RESOLVE_IN_ROOT).
  ///
  /// - Throws: `SystemError` naming the path.
  public static func open(
    _ path: String, inRoot root: Int32, _ flags: OpenFlags, mode: UInt32 = 0
  ) throws(SystemError) -> Descriptor {
    // RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS; EAGAIN while somebody renames on the way.
    var fd = -11
    for _ in 0..<1000 where fd == -11 {
      fd = unsafe path.withCString {
        unsafe lx_openat2(root, $0, UInt64(flags.rawValue), UInt64(mode), 0x10 | 0x02)
      }
    }
    return Descriptor(owning: Int32(try check(fd, "openat2(2)", path)))
  }

  /// Opens a path that must stay beneath `directory`; leaving it by a link or `..` is an error
  /// (openat2(2), RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS).
  ///
  /// - Throws: `SystemError` naming the path; EXDEV or ELOOP when it would leave.
  public static func open(
    _ path: String, beneath directory: Int32, _ flags: OpenFlags, mode: UInt32 = 0
  ) throws(SystemError) -> Descriptor {
    let fd = unsafe lx_openat2(directory, path, UInt64(flags.rawValue), UInt64(mode), 0x08 | 0x04)
    return Descriptor(owning: Int32(try check(fd, "openat2(2)", path)))
  }

  /// A file without a place, in memory (memfd_create(2)).
  ///
  /// - Throws: `SystemError` with the name.
  public static func anonymous(_ name: String) throws(SystemError) -> Descriptor {
    Descriptor(
      owning: Int32(try check(unsafe lx_memfd_create(name, 0), "memfd_create(2)", name)))
  }

  /// A file in memory with a content, to be read from its beginning.
  ///
  /// - Throws: `SystemError` with the name.
  public static func anonymous(
    _ name: String, _ content: [UInt8]
  ) throws(SystemError) -> Descriptor {
    let file = try anonymous(name)
    try write(file.raw, content, name: name)
    try check(lx_rewind(file.raw), "lseek(2)", name)
    return file
  }

  /// Reads everything, up to a limit.
  ///
  /// - Throws: `SystemError`; EFBIG when there is more than `limit` bytes.
  public static func read(
    _ path: String, limit: Int = 16 << 20, at directory: Int32 = currentDirectory
  ) throws(SystemError) -> [UInt8] {
    let file = try open(path, .readOnly, at: directory)
    return try read(file.raw, limit: limit, name: path)
  }

  /// Reads an open descriptor to its end, up to a limit.
  ///
  /// - Throws: `SystemError`; EFBIG when there is more than `limit` bytes.
  public static func read(_ fd: Int32, limit: Int, name: String) throws(SystemError) -> [UInt8] {
    // Most files are small: one buffer, not cleared, takes them and the end behind them.
    var bytes = [UInt8]()
    var chunk = 8192
    while true {
      var got = 0
      let piece = unsafe [UInt8](unsafeUninitializedCapacity: chunk) { buffer, count in
        repeat {
          got = unsafe lx_read(fd, buffer.baseAddress?.advanced(by: count), chunk - count)
          count += max(0, got)
        } while got > 0 && count < chunk
      }
      guard got >= 0 else { throw SystemError("read(2)", Errno(Int32(-got)), name) }
      if bytes.isEmpty { bytes = piece } else { bytes += piece }
      guard bytes.count <= limit else { throw SystemError("read(2)", Errno(27), name) }
      if got == 0 { return bytes }
      if chunk < 1 << 20 { chunk *= 2 }
    }
  }

  /// Reads a text file (UTF-8; broken bytes become replacement characters).
  ///
  /// - Throws: `SystemError` naming the path.
  public static func text(
    _ path: String, limit: Int = 16 << 20, at directory: Int32 = currentDirectory
  ) throws(SystemError) -> String {
    String(decoding: try read(path, limit: limit, at: directory), as: UTF8.self)
  }

  /// Writes as much as goes now; returns how much that was.
  ///
  /// - Throws: `SystemError`; EAGAIN when nothing goes on a descriptor that does not wait.
  public static func writeSome(
    _ fd: Int32, _ bytes: [UInt8], name: String
  ) throws(SystemError) -> Int {
    let put = unsafe bytes.withUnsafeBytes { unsafe lx_write(fd, $0.baseAddress, $0.count) }
    return try check(put, "write(2)", name)
  }

  /// Writes all bytes to an open descriptor, waiting where it is one that does not wait.
  ///
  /// - Throws: `SystemError` naming the object.
  public static func write(
    _ fd: Int32, _ bytes: some Collection<UInt8>, name: String
  ) throws(SystemError) {
    let array = Array(bytes)
    var offset = 0
    while offset < array.count {
      let put = unsafe array.withUnsafeBytes { buffer in
        unsafe lx_write(fd, buffer.baseAddress?.advanced(by: offset), buffer.count - offset)
      }
      if put == -11 {
        try check(lx_poll_out(fd), "poll(2)", name)
        continue
      }
      guard put > 0 else { throw SystemError("write(2)", Errno(Int32(put < 0 ? -put : 5)), name) }
      offset += put
    }
  }

  /// Writes a value in one write(2), as the files of cgroups and /proc want it.
  ///
  /// - Throws: `SystemError` naming the path and the value.
  public static func set(
    _ path: String, _ value: String, at directory: Int32 = currentDirectory
  ) throws(SystemError) {
    try set(try open(path, .writeOnly, at: directory), value, name: path)
  }

  /// Writes several values into a file that takes one a write(2).
  ///
  /// - Throws: `SystemError` naming the path and the value that was refused.
  public static func set(_ path: String, each values: [String]) throws(SystemError) {
    let file = try open(path, .writeOnly)
    for value in values { try set(file, value, name: path) }
  }

  private static func set(
    _ file: borrowing Descriptor, _ value: String, name: String
  ) throws(SystemError) {
    var copy = value
    let raw = file.raw
    let put = copy.withUTF8 { unsafe lx_write(raw, $0.baseAddress, $0.count) }
    guard put >= 0 else {
      // A list of id maps would leave no room for why it was refused.
      throw SystemError(
        "write(2)", Errno(Int32(-put)), "\(name) ← \(value.trimmedLine.prefix(200))")
    }
  }

  /// Replaces a file whole: a reader sees the old or the new content, never a part (rename(2)).
  ///
  /// - Throws: `SystemError` naming the path.
  public static func replace(
    _ path: String, with bytes: some Collection<UInt8>, mode: UInt32 = 0o644,
    at directory: Int32 = currentDirectory
  ) throws(SystemError) {
    let temporary = "\(path).\(lx_getpid()).tmp"
    do throws(SystemError) {
      let file = try open(
        temporary, [.writeOnly, .create, .truncate, .noFollow], mode: mode, at: directory)
      try write(file.raw, bytes, name: path)
      try check(renameat(temporary, path, at: directory), "rename(2)", path)
    } catch {
      _ = unsafe lx_unlinkat(directory, temporary, 0)
      throw error
    }
  }

  /// rename(2).
  ///
  /// - Throws: `SystemError` naming both paths.
  public static func rename(_ from: String, to: String) throws(SystemError) {
    try check(renameat(from, to, at: currentDirectory), "rename(2)", "\(from) → \(to)")
  }

  private static func renameat(_ from: String, _ to: String, at directory: Int32) -> Int {
    unsafe from.withCString { from in
      unsafe to.withCString { unsafe lx_renameat(directory, from, directory, $0) }
    }
  }

  /// mkdir(2).
  ///
  /// - Throws: `SystemError` naming the path.
  public static func makeDirectory(
    _ path: String, mode: UInt32 = 0o755, at directory: Int32 = currentDirectory
  ) throws(SystemError) {
    let made = unsafe path.withCString { unsafe lx_mkdirat(directory, $0, mode) }
    try check(made, "mkdir(2)", path)
  }

  /// Makes a directory and its missing parents, as `mkdir -p`.
  ///
  /// The parents can be passed by everybody, whatever the mode: others' directories may come to lie
  /// in them.
  ///
  /// - Throws: `SystemError` naming the path.
  public static func makeDirectories(_ path: String, mode: UInt32 = 0o755) throws(SystemError) {
    let result = unsafe path.withCString { unsafe lx_mkdirat(currentDirectory, $0, mode) }
    if result == 0 || result == -17 { return }
    guard result == -2, let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
      try check(result, "mkdir(2)", path)
      return
    }
    try makeDirectories(String(path[..<slash]), mode: mode | 0o011)
    let again = unsafe lx_mkdirat(currentDirectory, path, mode)
    if again != -17 { try check(again, "mkdir(2)", path) }
  }

  /// rmdir(2).
  ///
  /// - Throws: `SystemError` naming the path.
  public static func removeDirectory(
    _ path: String, at directory: Int32 = currentDirectory
  ) throws(SystemError) {
    let removed = unsafe path.withCString { unsafe lx_unlinkat(directory, $0, 0x200) }
    try check(removed, "rmdir(2)", path)
  }

  /// unlink(2).
  ///
  /// - Throws: `SystemError` naming the path.
  public static func remove(
    _ path: String, at directory: Int32 = currentDirectory
  ) throws(SystemError) {
    try check(unsafe lx_unlinkat(directory, path, 0), "unlink(2)", path)
  }

  /// Reads one byte; nil at the end.
  ///
  /// - Throws: `SystemError`.
  public static func readByte(_ fd: Int32) throws(SystemError) -> UInt8? {
    var byte: UInt8 = 0
    let got = unsafe lx_read(fd, &byte, 1)
    try check(got, "read(2)", "descriptor \(fd)")
    return got == 0 ? nil : byte
  }

  /// Reads what is there, at most `limit` bytes; nothing at the end.
  ///
  /// - Throws: `SystemError`.
  public static func readSome(_ fd: Int32, _ limit: Int) throws(SystemError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: limit)
    let got = unsafe bytes.withUnsafeMutableBytes { unsafe lx_read(fd, $0.baseAddress, limit) }
    try check(got, "read(2)", "descriptor \(fd)")
    bytes.removeLast(limit - got)
    return bytes
  }

  /// Writes a line or more to standard error; when that is closed there is nobody to tell.
  public static func report(_ text: String) {
    do {
      try write(2, text.utf8, name: "standard error")
    } catch {}
  }

  /// The names in an open directory but `.` and `..`, unsorted (getdents64(2)).
  ///
  /// - Throws: `SystemError` naming the directory.
  public static func list(_ fd: Int32, name: String) throws(SystemError) -> [String] {
    var names = [String]()
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = buffer.count
      let got = unsafe buffer.withUnsafeMutableBytes {
        unsafe lx_getdents64(fd, $0.baseAddress, count)
      }
      try check(got, "getdents64(2)", name)
      if got == 0 { return names }
      // struct linux_dirent64: ino u64, off s64, reclen u16, type u8, name, NUL.
      var at = 0
      while at < got {
        let length = Int(buffer[at + 16]) | Int(buffer[at + 17]) << 8
        var end = at + 19
        while end < at + length && buffer[end] != 0 { end += 1 }
        let entry = String(decoding: buffer[(at + 19)..<end], as: UTF8.self)
        if entry != "." && entry != ".." { names.append(entry) }
        at += length
      }
    }
  }

  /// The names in a directory, sorted.
  ///
  /// - Throws: `SystemError` naming the directory.
  public static func list(
    _ path: String, at directory: Int32 = currentDirectory
  ) throws(SystemError) -> [String] {
    let folder = try open(path, [.readOnly, .directory], at: directory)
    return try list(folder.raw, name: path).sorted()
  }

  /// Whether anything is there (a dangling link counts).
  public static func exists(_ path: String, at directory: Int32 = currentDirectory) -> Bool {
    var out = lx_stat()
    return unsafe path.withCString { unsafe lx_stat(directory, $0, 0x100, &out) } == 0
  }

  /// What fstatat(2) says; links are followed unless told otherwise.
  ///
  /// - Throws: `SystemError` naming the path.
  public static func status(
    _ path: String, follow: Bool = true, at directory: Int32 = currentDirectory
  ) throws(SystemError) -> FileStatus {
    var out = lx_stat()
    let flags: Int32 = (follow ? 0 : 0x100) | 0x1000
    let result = unsafe path.withCString { unsafe lx_stat(directory, $0, flags, &out) }
    try check(result, "stat(2)", path)
    return FileStatus(out)
  }

  /// What fstat(2) says of an open descriptor.
  ///
  /// - Throws: `SystemError` naming the descriptor.
  public static func status(of fd: Int32) throws(SystemError) -> FileStatus {
    var out = lx_stat()
    // AT_EMPTY_PATH: the descriptor itself.
    let result = unsafe "".withCString { unsafe lx_stat(fd, $0, 0x1000, &out) }
    try check(result, "stat(2)", "descriptor \(fd)")
    return FileStatus(out)
  }

  /// What fstat(2) says of an open descriptor.
  ///
  /// - Throws: `SystemError` naming the file.
  public static func status(of fd: Int32, name: String) throws(SystemError) -> FileStatus {
    var out = lx_stat()
    let result = unsafe "".withCString { unsafe lx_stat(fd, $0, 0x1000, &out) }  // AT_EMPTY_PATH
    try check(result, "fstat(2)", name)
    return FileStatus(out)
  }

  /// The target of a symbolic link (readlink(2)), such as `net:[4026531840]` of /proc/PID/ns/net.
  ///
  /// - Throws: `SystemError` naming the path.
  public static func link(
    _ path: String, at directory: Int32 = currentDirectory
  ) throws(SystemError) -> String {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let got = unsafe buffer.withUnsafeMutableBytes {
      unsafe lx_readlinkat(directory, path, $0.baseAddress, 4096)
    }
    try check(got, "readlink(2)", path)
    return String(decoding: buffer[..<got], as: UTF8.self)
  }
}

/// Permission as the running user has it (faccessat(2), AT_EACCESS).
extension File {
  /// Whether the file may be written to, or entries be made in the directory.
  public static func isWritable(_ path: String) -> Bool {
    unsafe lx_faccessat(currentDirectory, path, 2) == 0
  }

  /// Whether the file may be executed.
  public static func isExecutable(_ path: String) -> Bool {
    unsafe lx_faccessat(currentDirectory, path, 1) == 0
  }
}
