internal import CLinux

/// A true copy of a directory tree: owners, modes, times, extended attributes, holes, links of both
/// kinds and device nodes.
///
/// Names are looked up in open directories, and no link is followed: whoever changes the source
/// meanwhile gets a wrong copy, never a copy of something else.
public struct TreeCopy {
  /// A file by its place on a disk, to find its second name.
  private struct Inode: Hashable {
    let device: DeviceNumber
    let number: UInt64
  }

  /// Files with more names than one, and where the first copy is.
  private var copies: [Inode: String] = [:]
  private let target: Int32
  /// Deeper than this is no directory tree of an image.
  private static let deepest = 200

  /// Copies what is in an open directory, and the directory's own owner, mode, times and
  /// attributes, into another one.
  ///
  /// - Throws: `SystemError` naming the entry.
  public static func copy(from source: Int32, to target: Int32) throws(SystemError) {
    var copy = TreeCopy(target: target)
    // The handle may be one of O_PATH, which cannot be listed.
    let folder = try File.open(".", [.readOnly, .directory], at: source)
    try copy.contents(folder.raw, target, "", 0)
    try copyOwner(from: source, to: target)
  }

  /// Gives an open directory the owner, mode, times and attributes of another one.
  ///
  /// - Throws: `SystemError`.
  public static func copyOwner(from source: Int32, to target: Int32) throws(SystemError) {
    try copyOwn(".", try File.status(".", at: source), from: source, to: target)
  }

  private mutating func contents(
    _ source: Int32, _ directory: Int32, _ path: String, _ depth: Int
  ) throws(SystemError) {
    guard depth < TreeCopy.deepest else { throw SystemError("mkdir(2)", .loop, path) }
    for name in try File.list(source, name: path) {
      let status = try File.status(name, follow: false, at: source)
      let place = path.isEmpty ? name : "\(path)/\(name)"
      if status.isDirectory {
        try File.makeDirectory(name, mode: 0o700, at: directory)
        let inner = try File.open(name, [.readOnly, .directory, .noFollow], at: source)
        let copy = try File.open(name, [.readOnly, .directory, .noFollow], at: directory)
        try contents(inner.raw, copy.raw, place, depth + 1)
      } else if let first = copies[Inode(device: status.device, number: status.inode)] {
        try check(unsafe lx_linkat(target, first, directory, name), "link(2)", place)
        continue
      } else {
        try single(name, status, source, directory)
        if status.links > 1 {
          copies[Inode(device: status.device, number: status.inode)] = place
        }
      }
      try TreeCopy.copyOwn(name, status, from: source, to: directory)
    }
  }

  private func single(
    _ name: String, _ status: FileStatus, _ source: Int32, _ directory: Int32
  ) throws(SystemError) {
    if status.isLink {
      try File.makeLink(name, to: try File.link(name, at: source), at: directory)
    } else if status.isRegular {
      let input = try File.open(name, [.readOnly, .noFollow, .nonBlocking], at: source)
      let output = try File.open(
        name, [.writeOnly, .create, .exclusive, .noFollow], mode: 0o600, at: directory)
      try check(lx_copy_data(input.raw, output.raw, status.size), "copy_file_range(2)", name)
    } else {
      try check(
        unsafe lx_mknodat(directory, name, status.mode, status.node.major, status.node.minor),
        "mknod(2)", name)
    }
  }

  /// Owner first, since chown(2) clears bits of the mode and capabilities; times last.
  private static func copyOwn(
    _ name: String, _ status: FileStatus, from source: Int32, to target: Int32
  ) throws(SystemError) {
    try File.setOwner(name, uid: status.uid, gid: status.gid, at: target)
    if !status.isLink { try File.setMode(name, status.mode & 0o7777, at: target) }
    try copyAttributes(of: name, from: source, to: target)
    try check(unsafe lx_copy_times(source, name, target, name), "utimensat(2)", name)
  }

  /// xattr(7); what overlayfs notes about layers is not the files' own.
  ///
  /// With `newName` the copy is called so, and it is fine that its filesystem has none.
  static func copyAttributes(
    of file: String, from source: Int32, to target: Int32, as newName: String? = nil
  ) throws(SystemError) {
    let length = unsafe lx_listxattrat(source, file, nil, 0)
    if length == 0 || length == -95 { return }  // EOPNOTSUPP: none on this filesystem
    var names = [CChar](repeating: 0, count: try check(length, "llistxattr(2)", file))
    let listed = try check(
      unsafe lx_listxattrat(source, file, &names, names.count), "llistxattr(2)", file)
    for part in names[..<listed].split(separator: 0) {
      let name = String(decoding: part.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      if name.hasPrefix("trusted.overlay.") || name.hasPrefix("user.overlay.") { continue }
      var value = [UInt8](repeating: 0, count: 1 << 16)  // XATTR_SIZE_MAX
      let size = try check(
        unsafe lx_getxattrat(source, file, name, &value, value.count), "lgetxattr(2)", file)
      let set = unsafe lx_setxattrat(target, newName ?? file, name, value, size)
      if newName != nil, set == -95 { continue }
      try check(set, "lsetxattr(2)", file)
    }
  }
}

extension File {
  /// Bytes of the files below a directory, as written in them; no link is followed.
  ///
  /// A directory that is missing has none.
  ///
  /// - Throws: `SystemError` naming what cannot be looked at.
  public static func treeSize(_ path: String) throws(SystemError) -> UInt64 {
    do throws(SystemError) {
      let status = try status(path, follow: false)
      guard status.isDirectory else { return status.isRegular ? status.size : 0 }
      var size: UInt64 = 0
      for name in try list(path) { size += try treeSize("\(path)/\(name)") }
      return size
    } catch  where error.errno == .noEntry {
      return 0
    }
  }

  /// renameat2(2), RENAME_NOREPLACE.
  ///
  /// - Returns: false when something has the new name already.
  /// - Throws: `SystemError` naming both paths.
  public static func moveNew(_ path: String, to target: String) throws(SystemError) -> Bool {
    let result = unsafe lx_rename_new(path, target)
    if result == -17 { return false }
    try check(result, "renameat2(2)", "\(path) → \(target)")
    return true
  }

  /// syncfs(2): everything written to the filesystem of an open file is on the disk.
  ///
  /// - Throws: `SystemError` naming the file.
  public static func sync(_ fd: Int32, name: String) throws(SystemError) {
    try check(lx_syncfs(fd), "syncfs(2)", name)
  }
}
