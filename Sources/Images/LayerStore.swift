// Layers by their DiffID, the digest of their plain tar (OCI image specification, config.md).
//
//     ROOT/layers/HEX/diff/        the files, in the form that overlayfs takes (Unpacking.swift)
//     ROOT/layers/HEX/layer.json   bytes and entries, and when it may be trusted (below)
//     ROOT/layers/.making-HEX      being unpacked by who holds .lock-HEX; else anybody may remove it
//     ROOT/layers/.removing-HEX    being removed; the next one finishes it
//     ROOT/layers/.lock-HEX        flock(2): two that want the same layer unpack it once
//
// A layer is a cache of its blob, which is durable. So its files are not synced one by one: that
// would take longer than unpacking. The rule instead: a layer may be trusted when it was unpacked in
// this boot of the machine, since then everybody sees the kernel's own copy of it, or when it was
// synced as a whole afterwards (syncfs(2)), which commands that take long anyway do. Otherwise the
// machine may have lost power before the files reached the disk, and it is unpacked again.

internal import CLinux
internal import Linux
internal import OCI

/// A layer that is ready to be a lower directory of an overlay.
public struct Layer: Equatable, Sendable {
  /// The digest of its plain tar.
  public let diffID: Digest
  /// The directory with its files.
  public let path: String
  /// What is in it.
  public let content: LayerContent
}

/// Unpacked layers.
public struct LayerStore: Sendable {
  /// `ROOT/layers`.
  public let directory: String
  /// Where their blobs are.
  public let blobs: ContentStore
  /// How much a layer may have.
  public var limits = LayerLimits()

  private let boot: String

  /// A store in a directory, which is made when the first layer comes.
  ///
  /// - Throws: `ImageError` when the kernel does not tell which boot this is.
  public init(directory: String, blobs: ContentStore) throws(ImageError) {
    self.directory = directory
    self.blobs = blobs
    // proc_sys_kernel(5)
    boot = try doing("asking for the boot") { () throws(SystemError) in
      try File.text("/proc/sys/kernel/random/boot_id").trimmedLine
    }
  }

  private func home(_ diffID: Digest) -> String { "\(directory)/\(diffID.hex)" }

  /// The layer, when it is unpacked and may be trusted.
  ///
  /// - Throws: `ImageError` when it cannot be looked at.
  public func layer(_ diffID: Digest) throws(ImageError) -> Layer? {
    guard let note = try note(diffID), note.isSynced || note.boot == boot else { return nil }
    return Layer(diffID: diffID, path: home(diffID) + "/diff", content: note.content)
  }

  /// The layer, unpacked from its blob when it is not there yet.
  ///
  /// - Parameters:
  ///   - diffID: what the plain tar must be.
  ///   - blob: the tar, plain or compressed.
  /// - Returns: the layer.
  /// - Throws: `ImageError` naming the entry that cannot be unpacked; nothing is left then.
  public func ready(_ diffID: Digest, blob: Digest) throws(ImageError) -> Layer {
    if let layer = try layer(diffID) { return layer }
    let file = try blobs.open(blob)
    let compressed = try doing("looking at the layer") { () throws(SystemError) in
      try File.status(of: file.raw).size
    }
    return try made(diffID, from: FileSource(file.raw, name: "the layer \(blob)"), compressed)
  }

  /// Unpacks under the layer's lock, unless somebody was faster.
  private func made(
    _ diffID: Digest, from source: FileSource, _ compressed: UInt64
  ) throws(ImageError) -> Layer {
    let lock = try locked(diffID)
    if let layer = try layer(diffID) { return layer }
    let making = "\(directory)/.making-\(diffID.hex)"
    let name = "the layer \(diffID)"
    do throws(ImageError) {
      try doing("unpacking \(name)") { () throws(SystemError) in
        try File.removeTree(making)
        try File.makeDirectories(making + "/diff")
      }
      let content = try unpack(diffID, source, compressed, into: making + "/diff", name)
      try write(Note(boot: boot, isSynced: false, content: content), to: making)
      try place(making, as: diffID, name)
    } catch {
      // The cause is what matters; what cannot be removed now the next one removes.
      do throws(SystemError) { try File.removeTree(making) } catch {}
      throw error
    }
    _ = consume lock
    guard let layer = try layer(diffID) else {
      throw ImageError("\(name) went away while it was being made", hint: "Try again.")
    }
    return layer
  }

  private func unpack(
    _ diffID: Digest, _ source: FileSource, _ compressed: UInt64, into path: String, _ name: String
  ) throws(ImageError) -> LayerContent {
    let limits = limits
    let (plain, _) = try Inflated.plain(source, name: name)
    let measured = Measured(plain) { (count) throws(ImageError) in
      guard count <= limits.bytes else {
        throw ImageError("\(name) has more than the \(limits.bytes) bytes it may have")
      }
      guard count <= limits.freely || count / limits.ratio <= compressed else {
        throw ImageError(
          "\(name) is refused: it grows to more than \(limits.ratio) times its \(compressed) bytes",
          hint: "Layers do not compress so well; bombs do.")
      }
    }
    let root = try doing("unpacking \(name)") { () throws(SystemError) in
      try File.open(path, [.readOnly, .directory, .noFollow])
    }
    let reader = try TarReader(measured, name: name)
    let content = try Unpacking(root: root.raw, name: name, limits: limits).unpack(reader)
    let found = try measured.finish()
    guard found == diffID else {
      throw ImageError(
        "the layer \(diffID) has other bytes: their digest is \(found)",
        hint: "The image's configuration and its layers do not belong together: get it again.")
    }
    return content
  }

  /// Gives the directory its name; one that may not be trusted makes way.
  private func place(_ making: String, as diffID: Digest, _ name: String) throws(ImageError) {
    try doing("unpacking \(name)") { () throws(SystemError) in
      try setAside(diffID)
      try File.rename(making, to: home(diffID))
      try File.removeTree(removing(diffID))
    }
  }

  private func removing(_ diffID: Digest) -> String { "\(directory)/.removing-\(diffID.hex)" }

  private func setAside(_ diffID: Digest) throws(SystemError) {
    try File.removeTree(removing(diffID))
    if File.exists(home(diffID)) { try File.rename(home(diffID), to: removing(diffID)) }
  }

  /// The lock on one layer.
  private func locked(_ diffID: Digest) throws(ImageError) -> FileLock {
    try doing("locking the layer \(diffID)") { () throws(SystemError) in
      // Others' ids have no business here: files of layers may be set-user-ID.
      try File.makeDirectories(directory, mode: 0o700)
      return try FileLock("\(directory)/.lock-\(diffID.hex)")
    }
  }

  // MARK: Keeping house

  /// Every layer that is unpacked.
  ///
  /// - Throws: `ImageError` when the directory cannot be read.
  public func list() throws(ImageError) -> [Digest] {
    try names().compactMap { Digest(hex: $0) }
  }

  private func names() throws(ImageError) -> [String] {
    guard File.exists(directory) else { return [] }
    return try doing("listing layers") { () throws(SystemError) in try File.list(directory) }
  }

  /// Removes a layer that no image and no container has; one that is not there is fine.
  ///
  /// - Throws: `ImageError` when it cannot be removed.
  public func remove(_ diffID: Digest) throws(ImageError) {
    let lock = try locked(diffID)
    try doing("removing the layer \(diffID)") { () throws(SystemError) in
      // Renamed first: what is half removed has no name that anybody would use.
      try setAside(diffID)
      try File.removeTree(removing(diffID))
      try File.remove("\(directory)/.lock-\(diffID.hex)")
    }
    _ = consume lock
  }

  /// What killed commands left: directories that nobody makes or removes any more.
  ///
  /// - Throws: `ImageError` when the directory cannot be read.
  public func abandoned() throws(ImageError) -> [String] {
    var found = [String]()
    for name in try names() {
      for prefix in [".making-", ".removing-"] where name.hasPrefix(prefix) {
        let lock = "\(directory)/.lock-\(name.dropFirst(prefix.count))"
        let held = try doing("looking at \(name)") { () throws(SystemError) in
          try FileLock.isHeld(lock)
        }
        if !held { found.append("\(directory)/\(name)") }
      }
    }
    return found
  }

  /// Lets what was unpacked in this boot reach the disk, so that the next boot can trust it.
  ///
  /// - Throws: `ImageError` when the disk fails.
  public func settle() throws(ImageError) {
    var fresh = [(Digest, Note)]()
    for diffID in try list() {
      if let note = try note(diffID), !note.isSynced, note.boot == boot {
        fresh.append((diffID, note))
      }
    }
    guard !fresh.isEmpty else { return }
    try doing("syncing layers") { () throws(SystemError) in
      let folder = try File.open(directory, [.readOnly, .directory])
      try check(lx_syncfs(folder.raw), "syncfs(2)", directory)
    }
    for (diffID, note) in fresh {
      let lock = try locked(diffID)
      if File.exists(home(diffID)) {
        try write(Note(boot: note.boot, isSynced: true, content: note.content), to: home(diffID))
      }
      _ = consume lock
    }
  }

  // MARK: layer.json

  private struct Note {
    var boot = ""
    var isSynced = false
    var content = LayerContent()
  }

  private func note(_ diffID: Digest) throws(ImageError) -> Note? {
    let path = home(diffID) + "/layer.json"
    let bytes: [UInt8]
    do throws(SystemError) { bytes = try File.read(path, limit: 4096) } catch {
      if error.errno == .noEntry { return nil }
      throw ImageError("looking at the layer \(diffID)", error)
    }
    // After a power cut it may be empty or worse: then the layer is not to be trusted.
    return try? parse(bytes)
  }

  private func parse(_ bytes: [UInt8]) throws(ConfigError) -> Note {
    var json = try JSONReader(bytes)
    var note = Note()
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("boot") {
        note.boot = try json.string()
      } else if json.keyIs("synced") {
        note.isSynced = try json.bool()
      } else if json.keyIs("size") {
        note.content.size = try json.unsigned()
      } else if json.keyIs("entries") {
        note.content.entries = Int(try json.unsigned(upTo: 1 << 40))
      } else {
        try json.skip()
      }
    }
    try json.finish()
    return note
  }

  private func write(_ note: Note, to home: String) throws(ImageError) {
    var json = JSONWriter()
    json.beginObject()
    json.member("schema", Int64(1))
    json.member("boot", note.boot)
    json.member("synced", note.isSynced)
    json.member("size", note.content.size)
    json.member("entries", UInt64(note.content.entries))
    json.endObject()
    try doing("noting the layer") { () throws(SystemError) in
      try File.replace(home + "/layer.json", with: json.bytes)
    }
  }
}
