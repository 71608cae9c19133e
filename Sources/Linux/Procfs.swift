// /proc that is really a procfs. Whoever writes to /proc/self/attr or /proc/sys by a path trusts
// that nothing was mounted over it; a file of an attacker's there would take the write, or lead it
// to another file (CVE-2019-16884, CVE-2025-52881). So: the directory's filesystem is asked for, and
// below it no mount point and no link is passed.

internal import CLinux

/// A verified handle on a procfs, looked up once and used for every write.
public struct Procfs: ~Copyable {
  private let root: Descriptor

  /// Opens /proc, or where that is not a procfs's own root, a new procfs that is attached nowhere.
  ///
  /// - Throws: `SystemError` when neither is to be had.
  public static func open() throws(SystemError) -> Procfs {
    let root = try File.open("/proc", [.path, .directory, .noFollow])
    if try isRoot(root.raw) { return Procfs(root: root) }
    return try own()
  }

  /// A procfs of this process's PID namespace that nothing is mounted over.
  static func own() throws(SystemError) -> Procfs {
    let mount = try DetachedMount.make(
      "proc", source: "proc", [.noSUID, .noDev, .noExec], data: nil)
    return Procfs(root: Descriptor(owning: mount.release()))
  }

  private init(root: consuming Descriptor) { self.root = root }

  /// PROC_ROOT_INO is 1: a directory inside a procfs, bound over /proc, is not its root.
  private static func isRoot(_ fd: Int32) throws(SystemError) -> Bool {
    guard try FileSystem.magic(of: fd, name: "/proc") == FileSystem.proc else { return false }
    return try File.status(of: fd, name: "/proc").inode == 1
  }

  /// Opens a file below /proc; a mount over it, or a link in it, is an error.
  ///
  /// - Parameters:
  ///   - path: Relative, such as `sys/net/ipv4/ip_forward`; `self` may be its first part.
  ///   - flags: As for open(2).
  /// - Returns: The open file.
  /// - Throws: `SystemError`; EXDEV when something is mounted there, ELOOP at a link.
  public func open(_ path: String, _ flags: OpenFlags) throws(SystemError) -> Descriptor {
    var path = path
    // `self` is a link, and the only one that is trusted.
    if path.hasPrefix("self/") {
      path = try File.link("self", at: root.raw) + path.dropFirst(4)
    }
    // RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH
    let fd = unsafe lx_openat2(root.raw, path, UInt64(flags.rawValue), 0, 0x01 | 0x04 | 0x08)
    return Descriptor(owning: Int32(try check(fd, "openat2(2)", "/proc/" + path)))
  }

  /// One write(2) of a value into a file below /proc.
  ///
  /// - Parameters:
  ///   - path: As for `open`.
  ///   - value: What is written.
  /// - Throws: `SystemError` naming the path and the value.
  public func set(_ path: String, _ value: String) throws(SystemError) {
    let file = try open(path, .writeOnly)
    var copy = value
    let put = copy.withUTF8 { text in
      unsafe lx_write(file.raw, text.baseAddress, text.count)
    }
    try check(put, "write(2)", "/proc/\(path) ← \(value.trimmedLine.prefix(200))")
  }

  /// Opens /proc and writes one value there; where something is mounted over the file, through a
  /// procfs of this process's own.
  ///
  /// - Throws: `SystemError` naming the path and the value.
  public static func set(_ path: String, _ value: String) throws(SystemError) {
    do throws(SystemError) {
      try open().set(path, value)
    } catch {
      guard error.errno == .crossDevice else { throw error }
      try own().set(path, value)
    }
  }
}
