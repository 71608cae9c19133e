internal import CLinux

/// Copies a file or a directory tree into a directory in which there may be something already:
/// directories that are there stay, everything else is replaced.
///
/// Names are looked up in open directories and no link is followed, on neither side: whoever
/// changes one of the trees meanwhile gets a wrong copy, never one of or into something else.
public enum TreeMerge {
  /// Deeper than this is no directory tree of people's.
  private static let deepest = 200

  /// Copies one entry and all below it.
  ///
  /// - Parameters:
  ///   - name: in the source directory.
  ///   - source: the directory it is in.
  ///   - target: the directory it goes into.
  ///   - newName: what it is called there; `.` for a directory's content.
  ///   - owner: whose everything becomes; nil keeps the owners.
  /// - Throws: `SystemError` naming the entry; ENOTDIR or EISDIR when one kind is where the other
  ///   is to go.
  public static func copy(
    _ name: String, from source: Int32, to target: Int32, as newName: String,
    owner: (uid: UInt32, gid: UInt32)?
  ) throws(SystemError) {
    try copy(name, from: source, to: target, as: newName, owner: owner, depth: 0)
  }

  private static func copy(
    _ name: String, from source: Int32, to target: Int32, as newName: String,
    owner: (uid: UInt32, gid: UInt32)?, depth: Int
  ) throws(SystemError) {
    guard depth < deepest else { throw SystemError("mkdir(2)", .loop, name) }
    let status = try File.status(name, follow: false, at: source)
    var isThere = File.exists(newName, at: target)
    let isThereAsDirectory =
      isThere ? try File.status(newName, follow: false, at: target).isDirectory : false
    if status.isDirectory {
      if isThere, !isThereAsDirectory { throw SystemError("mkdir(2)", .notDirectory, newName) }
      if !isThere { try File.makeDirectory(newName, mode: 0o700, at: target) }
      let inner = try File.open(name, [.readOnly, .directory, .noFollow], at: source)
      let copy = try File.open(newName, [.readOnly, .directory, .noFollow], at: target)
      for entry in try File.list(inner.raw, name: name) {
        try self.copy(
          entry, from: inner.raw, to: copy.raw, as: entry, owner: owner, depth: depth + 1)
      }
      // What was there before keeps its own.
      if isThere { return }
    } else {
      if isThereAsDirectory { throw SystemError("open(2)", Errno(21), newName) }
      if isThere {
        try File.remove(newName, at: target)
        isThere = false
      }
      try node(name, status, from: source, to: target, as: newName)
    }
    // Owner first, since chown(2) clears bits of the mode; times last.
    try File.setOwner(
      newName, uid: owner?.uid ?? status.uid, gid: owner?.gid ?? status.gid, at: target)
    if !status.isLink { try File.setMode(newName, status.mode & 0o7777, at: target) }
    // After the owner, since chown(2) takes capabilities away.
    try TreeCopy.copyAttributes(of: name, from: source, to: target, as: newName)
    try check(unsafe lx_copy_times(source, name, target, newName), "utimensat(2)", newName)
  }

  private static func node(
    _ name: String, _ status: FileStatus, from source: Int32, to target: Int32, as newName: String
  ) throws(SystemError) {
    if status.isLink {
      try File.makeLink(newName, to: try File.link(name, at: source), at: target)
    } else if status.isRegular {
      let input = try File.open(name, [.readOnly, .noFollow, .nonBlocking], at: source)
      let output = try File.open(
        newName, [.writeOnly, .create, .exclusive, .noFollow], mode: 0o600, at: target)
      try check(lx_copy_data(input.raw, output.raw, status.size), "copy_file_range(2)", newName)
    } else {
      try check(
        unsafe lx_mknodat(target, newName, status.mode, status.node.major, status.node.minor),
        "mknod(2)", newName)
    }
  }
}
