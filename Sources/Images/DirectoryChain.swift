internal import CLinux
internal import Linux

/// The open directories from a layer's root down to where entries are being made.
///
/// Every one is opened by a single name in its parent without following links (O_NOFOLLOW): no name
/// of an archive is ever looked up as a path, so nothing in it can lead outside. Entries come sorted
/// by directory, so most need no lookup at all.
struct DirectoryChain: ~Copyable {
  private let root: Int32
  private var names: [[CChar]] = []
  private var open: [Int32] = []

  /// - Parameter root: stays the caller's.
  init(root: Int32) { self.root = root }

  deinit { for fd in open { _ = lx_close(fd) } }

  /// Opens the directory with these parts.
  ///
  /// `missing` makes a directory that is not there, or replaces what is there; it is called with the
  /// parent, the name and the errno.
  ///
  /// - Returns: its descriptor, which stays the chain's.
  /// - Throws: `SystemError` naming the part, or what `missing` throws.
  mutating func enter(
    _ parts: ArraySlice<[CChar]>,
    missing: (Int32, [CChar], Errno) throws(SystemError) -> Void
  ) throws(SystemError) -> Int32 {
    var depth = 0
    for part in parts {
      if depth < names.count, names[depth] == part {
        depth += 1
        continue
      }
      leave(to: depth)
      let parent = open.last ?? root
      var fd = openDirectory(part, parent)
      if fd < 0 {
        try missing(parent, part, Errno(Int32(-fd)))
        fd = openDirectory(part, parent)
      }
      guard fd >= 0 else { throw SystemError("openat(2)", Errno(Int32(-fd)), part.text) }
      names.append(part)
      open.append(Int32(fd))
      depth += 1
    }
    leave(to: depth)
    return open.last ?? root
  }

  private func openDirectory(_ name: [CChar], _ parent: Int32) -> Int {
    let flags: OpenFlags = [.readOnly, .directory, .noFollow]
    return unsafe lx_openat(parent, name, flags.rawValue, 0)
  }

  private mutating func leave(to depth: Int) {
    while open.count > depth {
      _ = lx_close(open.removeLast())
      names.removeLast()
    }
  }
}

extension [CChar] {
  /// A name for people, without the NUL.
  var text: String { File.text(of: self) }
}
