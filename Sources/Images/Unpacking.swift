// A layer's tar becomes a directory in the form that overlayfs takes as a lower one
// (Documentation/filesystems/overlayfs.rst; OCI image specification, layer.md).
//
//     .wh.NAME         character device 0,0 called NAME: what lower layers have there is gone
//     .wh..wh.opq      trusted.overlay.opaque=y on its directory: lower layers do not shine through
//     all others       as they are: owner, mode, times to the nanosecond, attributes, holes, nodes
//
// The archive is hostile until proven otherwise. Refused, with the entry's name: absolute paths and
// `..`; a path through anything but directories; a hard link to what is not in the layer; attributes
// and nodes by which overlayfs itself takes notes; more entries, bytes or depth than any image has.

internal import CLinux
internal import Linux

/// How much a layer may have.
public struct LayerLimits: Sendable {
  /// Bytes of the plain tar, and of all files together.
  public var bytes: UInt64 = 64 << 30
  /// Entries.
  public var entries = 4 << 20
  /// Plain bytes for each compressed one, once there are more than `freely` plain bytes.
  public var ratio: UInt64 = 250
  /// Plain bytes that need no justification.
  public var freely: UInt64 = 1 << 30

  /// What images have.
  public init() {}
}

/// What was made of a layer.
public struct LayerContent: Equatable, Sendable {
  /// Bytes of all files.
  public internal(set) var size: UInt64 = 0
  /// Files, directories, links, nodes and whiteouts.
  public internal(set) var entries = 0
}

/// How an archive is laid out.
struct UnpackingRules {
  /// Whether names such as `.wh.x` mean that something is gone, and whatever is in the way is
  /// replaced; an archive of plain files has neither.
  var isLayer = true
  /// Whose a file of this owner becomes; nil when there is no such owner.
  var uid: (UInt32) -> UInt32? = { $0 }
  /// The same of groups.
  var gid: (UInt32) -> UInt32? = { $0 }
}

/// Lays out the entries of one layer beneath one directory.
struct Unpacking: ~Copyable {
  /// The layer, for people.
  let name: String
  let root: Int32
  let limits: LayerLimits
  let rules: UnpackingRules
  var chain: DirectoryChain
  var content = LayerContent()
  /// Directories get their times in the end: each entry made in them changes them.
  var directories: [(path: TarPath, accessed: FileTime, modified: FileTime)] = []

  /// Lays out beneath an open directory: a layer's is empty, and nobody else writes to it.
  init(root: Int32, name: String, limits: LayerLimits, rules: UnpackingRules = UnpackingRules()) {
    self.root = root
    self.rules = rules
    self.name = name
    self.limits = limits
    chain = DirectoryChain(root: root)
  }

  /// Lays out everything that a reader gives.
  ///
  /// - Throws: `ImageError` naming the entry.
  consuming func unpack(_ reader: TarReader) throws(ImageError) -> LayerContent {
    while let entry = try reader.next() {
      content.entries += 1
      guard content.entries <= limits.entries else {
        throw ImageError("\(name) has more than the \(limits.entries) entries it may have")
      }
      let path = entry.path
      if let fault = path.fault { throw refusal(path, fault) }
      do throws(SystemError) {
        try add(entry, path, reader)
      } catch {
        throw explained(path, error)
      }
      if let refused {
        throw refused
      }
    }
    for directory in directories.reversed() { try setTimes(directory) }
    return content
  }

  /// Set where only a `SystemError` can be thrown.
  var refused: ImageError?

  func refusal(_ path: TarPath, _ fault: String) -> ImageError {
    ImageError(
      "\(name) is refused: its entry '\(path.text)' \(fault)",
      hint: rules.isLayer ? "The image was made to do harm, or by a broken program." : "")
  }

  private func explained(_ path: TarPath, _ error: SystemError) -> ImageError {
    switch error.errno {
    case .loop, .notDirectory:
      return refusal(
        path, "leads through '\(error.object)', which is no directory but a link or file")
    default:
      return ImageError("unpacking '\(path.text)' of \(name)", error)
    }
  }

  // MARK: Entries

  private mutating func add(
    _ entry: TarEntry, _ path: TarPath, _ reader: TarReader
  ) throws(SystemError) {
    guard let last = path.parts.last else {
      // `./`: the root itself.
      guard entry.kind == .directory else {
        refused = refusal(path, "is the root, and no directory")
        return
      }
      try describe(entry, path, root, nil)
      directories.append((path, entry.accessed, entry.modified))
      return
    }
    let parent = try chain.enter(path.parts.dropLast()) {
      (parent, part, errno) throws(SystemError) in
      try Unpacking.makeMissing(part, in: parent, errno)
    }
    if rules.isLayer, last.starts(with: Whiteout.prefix) {
      try addWhiteout(last, path, in: parent)
      return
    }
    switch entry.kind {
    case .file: try addFile(entry, path, last, in: parent, reader)
    case .directory: try addDirectory(entry, path, last, in: parent)
    case .hardLink: try addHardLink(entry, path, last, in: parent)
    case .link:
      let target = entry.link
      try anew(last, in: parent) { () in
        ("symlink(2)", unsafe lx_symlinkat(target, parent, last))
      }
      try describe(entry, path, parent, last)
    case .fifo:
      try anew(last, in: parent) { () in
        ("mknod(2)", unsafe lx_mknodat(parent, last, 0o010000, 0, 0))
      }
      try describe(entry, path, parent, last)
    case .device(let block, let major, let minor):
      guard block || major != 0 || minor != 0 else {
        refused = refusal(path, "is the device 0,0, which means a deleted file to an overlay")
        return
      }
      try anew(last, in: parent) { () in
        (
          "mknod(2)",
          unsafe lx_mknodat(parent, last, block ? 0o060000 : 0o020000, major, minor)
        )
      }
      try describe(entry, path, parent, last)
    case .other: refused = refusal(path, "is of a kind that no layer has")
    }
  }

  private mutating func addFile(
    _ entry: TarEntry, _ path: TarPath, _ name: [CChar], in parent: Int32, _ reader: TarReader
  ) throws(SystemError) {
    let size = entry.size
    guard size >= 0, UInt64(size) <= limits.bytes - content.size else {
      refused = refusal(path, "makes it larger than the \(limits.bytes) bytes it may have")
      return
    }
    content.size += UInt64(size)
    let flags: OpenFlags = [.writeOnly, .create, .exclusive, .noFollow]
    var fd = 0
    try anew(name, in: parent) { () in
      fd = unsafe lx_openat(parent, name, flags.rawValue, 0o600)
      return ("openat(2)", fd)
    }
    let file = Descriptor(owning: Int32(fd))
    var end: Int64 = 0
    do throws(ImageError) {
      while let block = unsafe try reader.nextBlock() {
        var done = 0
        while unsafe done < block.bytes.count {
          let put = unsafe lx_pwrite(
            file.raw, block.bytes.baseAddress?.advanced(by: done), block.bytes.count - done,
            block.offset + Int64(done))
          guard put > 0 else {
            throw ImageError(
              "unpacking '\(path.text)' of \(self.name)",
              SystemError("write(2)", Errno(Int32(put < 0 ? -put : 5)), path.text))
          }
          done += put
        }
        end = unsafe block.offset + Int64(block.bytes.count)
      }
    } catch {
      refused = error
      return
    }
    // A hole at the end.
    if end < size { try check(lx_ftruncate(file.raw, size), "ftruncate(2)", path.text) }
    try describe(entry, path, file.raw, nil)
    let (accessed, modified) = (entry.accessed, entry.modified)
    try check(
      lx_set_times(
        file.raw, nil, accessed.seconds, accessed.nanoseconds, modified.seconds,
        modified.nanoseconds), "futimens(3)", path.text)
  }

  private mutating func addDirectory(
    _ entry: TarEntry, _ path: TarPath, _ name: [CChar], in parent: Int32
  ) throws(SystemError) {
    let made = unsafe lx_mkdirat(parent, name, 0o700)
    if made == -17 {
      let there = try Unpacking.status(name, in: parent)
      guard rules.isLayer || there.isDirectory else {
        refused = refusal(path, "is a directory, and what is there is none")
        return
      }
      if !there.isDirectory { try Unpacking.replaceByDirectory(name, there, in: parent) }
    } else {
      try check(made, "mkdir(2)", path.text)
    }
    let directory = try chain.enter(path.parts[...]) { (_, part, errno) throws(SystemError) in
      throw SystemError("openat(2)", errno, part.text)
    }
    try describe(entry, path, directory, nil)
    directories.append((path, entry.accessed, entry.modified))
  }

  private mutating func addHardLink(
    _ entry: TarEntry, _ path: TarPath, _ name: [CChar], in parent: Int32
  ) throws(SystemError) {
    let target = entry.hardLink
    guard target.fault == nil, let last = target.parts.last else {
      refused = refusal(path, "is a hard link to '\(target.text)', outside of the layer")
      return
    }
    do throws(SystemError) {
      // The kernel's own check, since this one is a path: beneath the root and through no link.
      let directory = try folder(of: target)
      let there = try Unpacking.status(last, in: directory.raw)
      guard there.isRegular || !there.isDirectory && !Whiteout.isOne(there) else {
        refused = refusal(path, "is a hard link to '\(target.text)', which cannot have two names")
        return
      }
      try anew(name, in: parent) { () in
        ("linkat(2)", unsafe lx_linkat(directory.raw, last, parent, name))
      }
    } catch {
      switch error.errno {
      case .noEntry, .loop, .notDirectory, .crossDevice:
        refused = refusal(
          path, "is a hard link to '\(target.text)', which this layer does not have")
      default: throw error
      }
    }
  }

  /// The directory that a path of the archive is in.
  private func folder(of path: TarPath) throws(SystemError) -> Descriptor {
    var directory = try File.open(".", [.path, .directory], at: root)
    for part in path.parts.dropLast() {
      let flags: OpenFlags = [.path, .directory, .noFollow]
      let fd = unsafe lx_openat(directory.raw, part, flags.rawValue, 0)
      directory = Descriptor(owning: Int32(try check(fd, "openat(2)", part.text)))
    }
    return directory
  }
}
