// What is gone, and what makes room for something else.

internal import CLinux
internal import Linux

/// How layers say that something is gone (layer.md, "Whiteouts"), and how overlayfs does.
enum Whiteout {
  /// What deletes: `.wh.`.
  static let prefix: [CChar] = Array(".wh.".utf8).map { CChar(bitPattern: $0) }
  /// `.wh..wh.opq`, with its NUL.
  static let opaque: [CChar] = Array(".wh..wh.opq".utf8).map { CChar(bitPattern: $0) } + [0]
  static let opaqueAttribute = "trusted.overlay.opaque"

  static func isOne(_ status: FileStatus) -> Bool {
    status.mode & 0o170000 == 0o020000 && status.node == DeviceNumber(0, 0)
  }
}

extension Unpacking {
  mutating func addWhiteout(
    _ name: [CChar], _ path: TarPath, in parent: Int32
  ) throws(SystemError) {
    if name == Whiteout.opaque {
      try check(
        unsafe lx_fsetxattr(parent, Whiteout.opaqueAttribute, "y", 1), "fsetxattr(2)", path.text)
      return
    }
    let hidden = Array(name.dropFirst(Whiteout.prefix.count))
    // `.wh..wh.plnk` and its like are another union filesystem's notes (aufs), not content.
    if hidden.starts(with: Whiteout.prefix) { return }
    guard hidden.count > 1, hidden.text != ".", hidden.text != ".." else {
      refused = refusal(path, "deletes nothing that could be there")
      return
    }
    let made = unsafe lx_mknodat(parent, hidden, 0o020000, 0, 0)
    guard made == -17 else {
      try check(made, "mknod(2)", path.text)
      return
    }
    // A whiteout is about lower layers only; of what this one has, a directory hides theirs.
    if try Unpacking.status(hidden, in: parent).isDirectory {
      try Unpacking.setOpaque(hidden, in: parent)
    }
  }

  static func setOpaque(_ name: [CChar], in parent: Int32) throws(SystemError) {
    try check(
      unsafe lx_setxattrat(parent, name, Whiteout.opaqueAttribute, "y", 1), "setxattr(2)", name.text
    )
  }

  // MARK: Making room

  /// A directory on the way that the archive has not named.
  static func makeMissing(
    _ name: [CChar], in parent: Int32, _ errno: Errno
  ) throws(SystemError) {
    if errno == .notDirectory, Whiteout.isOne(try status(name, in: parent)) {
      try replaceByDirectory(name, try status(name, in: parent), in: parent)
    } else {
      guard errno == .noEntry else { throw SystemError("openat(2)", errno, name.text) }
      try check(unsafe lx_mkdirat(parent, name, 0o755), "mkdir(2)", name.text)
    }
    try check(unsafe lx_fchmodat(parent, name, 0o755), "chmod(2)", name.text)
  }

  static func replaceByDirectory(
    _ name: [CChar], _ there: FileStatus, in parent: Int32
  ) throws(SystemError) {
    try check(unsafe lx_unlinkat(parent, name, 0), "unlink(2)", name.text)
    try check(unsafe lx_mkdirat(parent, name, 0o700), "mkdir(2)", name.text)
    if Whiteout.isOne(there) { try setOpaque(name, in: parent) }
  }

  /// Makes an entry, in place of one that the archive had before under this name.
  func anew(
    _ name: [CChar], in parent: Int32, _ make: () -> (StaticString, Int)
  ) throws(SystemError) {
    var (call, result) = make()
    if result == -17 {
      if !rules.isLayer, try Unpacking.status(name, in: parent).isDirectory {
        throw SystemError("open(2)", Errno(21), name.text)  // EISDIR
      }
      if unsafe lx_unlinkat(parent, name, 0) != 0 { try File.removeTree(name.text, at: parent) }
      (call, result) = make()
    }
    try check(result, call, name.text)
  }

  static func status(_ name: [CChar], in parent: Int32) throws(SystemError) -> FileStatus {
    try File.status(name: name, at: parent)
  }
}
