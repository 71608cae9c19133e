internal import Linux

/// What a layer's directory holds, and what of it is still to be seen from above.
///
/// In an overlay's layer a whiteout, a character device 0,0, says that the name is gone from the
/// layers below; so does, in a directory with the attribute `overlay.opaque` = `x`, an empty file
/// with `overlay.whiteout`. `overlay.opaque` = `y` hides the whole directory of that name below.
struct LayerWalk {
  /// More is not counted: a container must not keep its onlooker busy for ever.
  static let mostEntries = 1_000_000
  /// A directory deeper than this is not entered: each takes a descriptor.
  static let deepest = 256

  /// What is above, by path: whether it hides all below it (else it is a directory to be merged).
  private var above: [String: Bool] = [:]
  private var entriesLeft: Int

  init(limit: Int = LayerWalk.mostEntries) { entriesLeft = limit }

  /// Counts a layer; layers come from the top down.
  ///
  /// - Throws: `SystemError` when the layer cannot be opened.
  mutating func count(_ path: String) throws(SystemError) -> LayerContent {
    let root = try File.open(path, [.readOnly, .directory])
    var content = LayerContent()
    var own: [String: Bool] = [:]
    var links = Set<UInt64>()
    walk(root.raw, "", depth: 0, hidden: false, &content, &own, &links)
    above.merge(own) { old, new in old || new }
    return content
  }

  private mutating func walk(
    _ directory: Int32, _ prefix: String, depth: Int, hidden: Bool, _ content: inout LayerContent,
    _ own: inout [String: Bool], _ links: inout Set<UInt64>
  ) {
    let entries: [File.Entry]
    do throws(SystemError) {
      entries = try File.entries(directory, name: prefix)
    } catch {
      content.fail(prefix.isEmpty ? "/" : prefix, error)
      return
    }
    let mark = LayerWalk.mark(directory)
    for entry in entries {
      guard entriesLeft > 0 else {
        content.isComplete = false
        return
      }
      entriesLeft -= 1
      let path = prefix + "/" + entry.name
      let status: FileStatus
      do throws(SystemError) {
        status = try File.status(of: entry, at: directory)
      } catch {
        content.fail(path, error)
        continue
      }
      if LayerWalk.isWhiteout(entry, status, in: directory, mark: mark) {
        content.whiteouts += 1
        own[path] = true
        continue
      }
      let isHidden = hidden || (status.isDirectory ? above[path] == true : above[path] != nil)
      guard status.isDirectory else {
        let isFirst = status.links < 2 || links.insert(status.inode).inserted
        content.add(status, bytes: isFirst ? status.size : 0, isHidden: isHidden)
        own[path] = true
        continue
      }
      content.directories += 1
      guard depth < LayerWalk.deepest else {
        content.isComplete = false
        continue
      }
      do throws(SystemError) {
        let inner = try File.open(entry, [.readOnly, .directory], at: directory)
        let isOpaque = LayerWalk.mark(inner.raw) == UInt8(ascii: "y")
        if isOpaque { content.opaque += 1 }
        own[path] = isOpaque
        walk(
          inner.raw, path, depth: depth + 1, hidden: isHidden, &content, &own, &links)
      } catch {
        content.fail(path, error)
      }
    }
  }

  /// The value of a directory's `overlay.opaque`: `y`, `x` or nothing.
  private static func mark(_ directory: Int32) -> UInt8? {
    // `user.` with the mount option userxattr. A filesystem without attributes has no marks.
    for name in ["trusted.overlay.opaque", "user.overlay.opaque"] {
      if let value = try? File.attribute(name, of: directory) { return value.first }
    }
    return nil
  }

  private static func isWhiteout(
    _ entry: File.Entry, _ status: FileStatus, in directory: Int32, mark: UInt8?
  ) -> Bool {
    if status.mode & 0o170000 == 0o020000 { return status.node == DeviceNumber(0, 0) }
    guard mark == UInt8(ascii: "x"), status.isRegular, status.size == 0,
      let file = try? File.open(entry, .readOnly, at: directory)
    else { return false }
    return ["trusted.overlay.whiteout", "user.overlay.whiteout"].contains { name in
      (try? File.attribute(name, of: file.raw)) != nil
    }
  }
}

/// What was counted in a layer.
struct LayerContent: Equatable, Sendable {
  /// Regular files, by their names.
  var files = 0
  /// Directories but the root.
  var directories = 0
  /// Symbolic links, devices, sockets and FIFOs.
  var others = 0
  /// Names that the layer removes.
  var whiteouts = 0
  /// Directories that hide what is below them.
  var opaque = 0
  /// Bytes of the regular files; one with several names counts once.
  var bytes: UInt64 = 0
  /// Regular files that nothing above hides.
  var visibleFiles = 0
  /// Bytes of those.
  var visibleBytes: UInt64 = 0
  /// False when there was too much to count all.
  var isComplete = true
  /// The first thing that could not be read.
  var failure: String?

  mutating func add(_ status: FileStatus, bytes size: UInt64, isHidden: Bool) {
    guard status.isRegular else {
      others += 1
      return
    }
    files += 1
    bytes &+= size
    if !isHidden {
      visibleFiles += 1
      visibleBytes &+= size
    }
  }

  mutating func fail(_ path: String, _ error: SystemError) {
    // What was removed while we looked is no failure.
    guard error.errno != .noEntry else { return }
    isComplete = false
    if failure == nil { failure = "\(path): \(error.errno.message) (\(error.errno.name))" }
  }
}
