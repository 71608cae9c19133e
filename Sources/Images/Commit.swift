// From a container back to images: its writable layer as one more layer, its whole tree as a tar, and
// what it has changed.

internal import CLinux
internal import Linux

/// A container's files, as the engine knows them.
public struct ContainerFiles: Sendable {
  /// The upper directory of its overlay.
  public var upper: String
  /// Files that the engine put there and that are no part of it, such as `etc/hosts`.
  public var engineFiles: [String]
  /// Which id an owner has inside; nil when it has none.
  public var uid: @Sendable (UInt32) -> UInt32? = { $0 }
  /// Which id a group has inside; nil when it has none.
  public var gid: @Sendable (UInt32) -> UInt32? = { $0 }

  /// The files of a container without a user namespace.
  public init(upper: String, engineFiles: [String]) {
    self.upper = upper
    self.engineFiles = engineFiles
  }

  func rules(isUpper: Bool) -> PackingRules {
    var rules = PackingRules()
    rules.isUpper = isUpper
    rules.without = Set(engineFiles)
    rules.uid = uid
    rules.gid = gid
    return rules
  }
}

extension ImageStore {
  /// Makes an image of another one and a container's writable layer.
  ///
  /// - Parameters:
  ///   - files: the container's.
  ///   - base: the id of the image it was made from.
  ///   - settings: how the new image is run, before the changes.
  ///   - changes: `--change` lines.
  ///   - entry: what history tells of it, but for the time.
  ///   - name: what it is to be called; nil for nothing.
  /// - Returns: the image.
  /// - Throws: `ImageError` naming what cannot be packed.
  public func commit(
    _ files: ContainerFiles, on base: String, settings: ImageSettings, changes: [String],
    entry: HistoryEntry, name: String?
  ) throws(ImageError) -> StoredImage {
    let names = try name.map { (name) throws(ImageError) in [try Reference.forTagging(name)] } ?? []
    return try keeping { () throws(ImageError) in
      let image = try existing(base).image
      var config = try self.config(image.id)
      config.settings = settings
      for change in changes { try config.settings.apply(change) }
      config.created = Timestamp.text(nanoseconds: Clock.wall)
      config.author = entry.author
      config.comment = entry.comment
      var entry = entry
      entry.created = config.created
      let upper = try doing("opening the container's files") { () throws(SystemError) in
        try File.open(files.upper, [.readOnly, .directory, .noFollow])
      }
      return try build(
        upper.raw, files.rules(isUpper: true), on: image, config, entry, names: names)
    }
  }

  /// Writes a container's whole tree as a tar.
  ///
  /// - Parameters:
  ///   - root: the tree, all layers together.
  ///   - files: the container's.
  ///   - path: the file; nil for standard output.
  /// - Throws: `ImageError` naming what cannot be packed or written.
  public static func export(
    _ root: Int32, _ files: ContainerFiles, to path: String?
  ) throws(ImageError) {
    // A handle may be one of O_PATH, which cannot be listed.
    let folder = try doing("opening the container's files") { () throws(SystemError) in
      try File.open(".", [.readOnly, .directory], at: root)
    }
    try Output.write(to: path) { (fd, name) throws(ImageError) in
      var sink = try Packing(FileSink(fd, name: name), files.rules(isUpper: false))
        .pack(folder.raw)
      try sink.flush()
    }
  }
}

/// One thing that a container has changed.
public struct FileChange: Equatable, Sendable {
  /// What happened to it, in Docker's letters.
  public enum Kind: String, Sendable {
    /// Was not in the image.
    case added = "A"
    /// Has other content, owner, mode; or, a directory, something in it has.
    case changed = "C"
    /// Is no longer there.
    case deleted = "D"
  }

  /// What happened.
  public let kind: Kind
  /// From the root.
  public let path: String

  /// What a container has changed, by its upper directory alone: sorted by path.
  ///
  /// - Parameters:
  ///   - files: the container's.
  ///   - image: the image's tree, all layers together.
  /// - Returns: one entry a path.
  /// - Throws: `ImageError` naming what cannot be read.
  public static func list(
    _ files: ContainerFiles, over image: Int32
  ) throws(ImageError) -> [FileChange] {
    try doing("comparing the container's files") { () throws(SystemError) in
      let upper = try File.open(files.upper, [.readOnly, .directory, .noFollow])
      var changes = [FileChange]()
      let walk = Walk(image: image, without: Set(files.engineFiles))
      try walk.compare(upper.raw, "", isNew: false, into: &changes)
      return changes.sorted { $0.path < $1.path }
    }
  }

  private struct Walk {
    let image: Int32
    let without: Set<String>

    /// The image's entry at a path, links not followed.
    private func lower(_ path: String) throws(SystemError) -> FileStatus? {
      do throws(SystemError) {
        return try File.status(path, follow: false, at: image)
      } catch  where [.noEntry, .notDirectory].contains(error.errno) {
        return nil
      }
    }

    func compare(
      _ directory: Int32, _ prefix: String, isNew: Bool, into changes: inout [FileChange]
    ) throws(SystemError) {
      for name in try File.names(directory, name: prefix) {
        let path = prefix + name.text
        if without.contains(path) { continue }
        let status = try File.status(name: name, at: directory)
        let before = isNew ? nil : try lower(path)
        if Whiteout.isOne(status) {
          if before != nil { changes.append(FileChange(kind: .deleted, path: "/" + path)) }
          continue
        }
        let flags: OpenFlags = [.directory, .noFollow]
        guard status.isDirectory else {
          changes.append(FileChange(kind: before == nil ? .added : .changed, path: "/" + path))
          continue
        }
        let fd = try check(
          unsafe lx_openat(directory, name, flags.rawValue, 0), "openat(2)", path)
        let inner = Descriptor(owning: Int32(fd))
        let isOpaque = try Attributes.isOpaque(directory, name)
        var inside = [FileChange]()
        let wasDirectory = before?.isDirectory ?? false
        try compare(
          inner.raw, path + "/", isNew: !wasDirectory || isOpaque, into: &inside)
        if isOpaque, wasDirectory { try addHidden(path, inner.raw, into: &inside) }
        if let before, wasDirectory {
          let isSame =
            before.mode == status.mode && before.uid == status.uid && before.gid == status.gid
          if !isSame || !inside.isEmpty || isOpaque {
            changes.append(FileChange(kind: .changed, path: "/" + path))
          }
        } else {
          changes.append(FileChange(kind: before == nil ? .added : .changed, path: "/" + path))
        }
        changes += inside
      }
    }

    /// What an opaque directory hides of the image's.
    private func addHidden(
      _ path: String, _ upper: Int32, into changes: inout [FileChange]
    ) throws(SystemError) {
      let folder = try File.open(path, beneath: image, [.readOnly, .directory, .noFollow])
      for name in try File.names(folder.raw, name: path)
      where !File.exists(name.text, at: upper) {
        changes.append(FileChange(kind: .deleted, path: "/\(path)/\(name.text)"))
      }
    }
  }
}
