internal import CLinux

/// A lock on a file (flock(2)): held until this value ends, or every process that inherited its
/// descriptor has ended, however they end.
public struct FileLock: ~Copyable {
  /// Kinds of lock.
  public enum Kind: Int32, Sendable {
    /// Many may hold it at once (LOCK_SH).
    case shared = 1
    /// One may hold it (LOCK_EX).
    case exclusive = 2
  }

  /// The open lock file.
  public let descriptor: Descriptor

  /// Takes a lock, waiting for it.
  ///
  /// The file is created when missing.
  ///
  /// - Throws: `SystemError` naming the path.
  public init(_ path: String, _ kind: Kind = .exclusive) throws(SystemError) {
    let file = try File.open(path, [.readOnly, .create, .noFollow], mode: 0o600)
    try check(lx_flock(file.raw, kind.rawValue), "flock(2)", path)
    descriptor = file
  }

  /// Takes a lock when nobody holds one against it; nil when somebody does.
  ///
  /// - Throws: `SystemError` naming the path.
  public init?(trying path: String, _ kind: Kind = .exclusive) throws(SystemError) {
    let file = try File.open(path, [.readOnly, .create, .noFollow], mode: 0o600)
    let result = lx_flock(file.raw, kind.rawValue | 4)  // LOCK_NB
    if result == -11 { return nil }
    try check(result, "flock(2)", path)
    descriptor = file
  }

  /// Makes a file to be written, and locks it as long as that takes.
  ///
  /// - Throws: `SystemError` naming the path; EEXIST when it is there.
  public init(writing path: String) throws(SystemError) {
    let file = try File.open(path, [.readWrite, .create, .exclusive, .noFollow], mode: 0o600)
    try check(lx_flock(file.raw, Kind.exclusive.rawValue), "flock(2)", path)
    descriptor = file
  }

  /// Takes a lock on a directory that is there, waiting for it.
  ///
  /// - Throws: `SystemError` naming the path.
  public init(directory: String) throws(SystemError) {
    let file = try File.open(directory, [.readOnly, .directory, .noFollow])
    try check(lx_flock(file.raw, Kind.exclusive.rawValue), "flock(2)", directory)
    descriptor = file
  }

  /// Ends the lock now, for every process that inherited the descriptor as well: a child that was
  /// forked meanwhile and has not reached its execve(2) yet would hold it on.
  public consuming func release() { _ = lx_flock(descriptor.raw, 8) }  // LOCK_UN

  /// Whether somebody holds a lock on a file; false when the file is missing.
  ///
  /// - Throws: `SystemError` naming the path.
  public static func isHeld(_ path: String) throws(SystemError) -> Bool {
    do throws(SystemError) {
      let file = try File.open(path, [.readOnly, .noFollow])
      let result = lx_flock(file.raw, Kind.exclusive.rawValue | 4)  // LOCK_NB
      if result == -11 { return true }
      try check(result, "flock(2)", path)
      return false
    } catch  where error.errno == .noEntry {
      return false
    }
  }
}
