// The images of one root: names and records in state.db, content in blobs/, files in layers/.
//
//     ROOT/images.lock   held shared while images are added, and while one is chosen for a container
//                        until its record names it; exclusively while any are removed
//
// The order of adding: blobs (synced), layers, then one durable transaction with the image and its
// names. The order of removing is the reverse: records first, then what no record needs any more.
// Whatever is killed in between leaves blobs and layers that nobody names; `collect` removes them.

public import Linux
public import State

/// An image that is complete.
public struct StoredImage: Equatable, Sendable {
  /// The digest of its configuration: what people call the image's id.
  public let id: Digest
  /// The digest of its manifest.
  public let manifest: Digest
  /// Bytes of the files in all its layers.
  public let size: UInt64
  /// When it was made, in nanoseconds since 1970; 0 when it does not say.
  public let createdNs: Int64
  /// Its layers: the digest of the plain tar and the blob, the lowest first.
  public let layers: [(diffID: Digest, blob: Digest)]

  init(_ row: ImageRow) throws(ImageError) {
    guard let id = Digest(hex: row.id), let manifest = Digest(hex: row.manifest) else {
      throw StoredImage.damaged(row.id)
    }
    self.id = id
    self.manifest = manifest
    size = row.size
    createdNs = row.createdNs
    var layers = [(diffID: Digest, blob: Digest)]()
    for layer in row.layers {
      guard let diffID = Digest(hex: layer.diffID), let blob = Digest(hex: layer.blob) else {
        throw StoredImage.damaged(row.id)
      }
      layers.append((diffID, blob))
    }
    self.layers = layers
  }

  private static func damaged(_ id: String) -> ImageError {
    ImageError("the record of the image \(id) is damaged", hint: "state.db was changed by hand?")
  }

  /// Two are the same when their ids and manifests are.
  public static func == (a: StoredImage, b: StoredImage) -> Bool {
    a.id == b.id && a.manifest == b.manifest
  }
}

/// Images: added, found, named, removed.
public struct ImageStore: Sendable {
  /// `--root`.
  public let root: String
  /// Content by digest.
  public let blobs: ContentStore
  /// Unpacked layers.
  public let layers: LayerStore
  let state: StateHandle

  /// The store of a root, whose directories are made when first needed.
  ///
  /// - Throws: `ImageError` when the kernel does not tell which boot this is.
  public init(root: String, state: StateHandle) throws(ImageError) {
    self.root = root
    self.state = state
    blobs = ContentStore(directory: root + "/blobs")
    layers = try LayerStore(directory: root + "/layers", blobs: blobs)
  }

  /// Keeps images from being removed as long as the lock lives; many may hold it.
  ///
  /// - Throws: `ImageError` when the lock file cannot be made.
  public func keep() throws(ImageError) -> FileLock {
    try doing("locking images") { () throws(SystemError) in
      try File.makeDirectories(root, mode: 0o711)
      return try FileLock(root + "/images.lock", .shared)
    }
  }

  /// Runs a body while no image is removed.
  func keeping<Result>(_ body: () throws(ImageError) -> Result) throws(ImageError) -> Result {
    try holding(try keep(), body)
  }

  /// Runs a body while nobody adds or removes images, or chooses one for a container.
  func alone<Result: ~Copyable>(
    _ body: () throws(ImageError) -> Result
  ) throws(ImageError) -> Result {
    let lock = try doing("locking images") { () throws(SystemError) in
      try File.makeDirectories(root, mode: 0o711)
      return try FileLock(root + "/images.lock", .exclusive)
    }
    return try holding(lock, body)
  }

  /// Runs a body, then releases a lock, whatever comes of the body.
  func holding<Result: ~Copyable>(
    _ lock: consuming FileLock, _ body: () throws(ImageError) -> Result
  ) throws(ImageError) -> Result {
    do throws(ImageError) {
      let result = try body()
      lock.release()
      return result
    } catch {
      lock.release()
      throw error
    }
  }

  func asked<Result>(_ body: () throws(StateError) -> Result) throws(ImageError) -> Result {
    do throws(StateError) { return try body() } catch {
      throw ImageError(error.message, hint: error.hint)
    }
  }

  // MARK: Adding

  /// Adds an image whose blobs are in the store; the caller holds the lock of `keep`.
  ///
  /// - Parameters:
  ///   - manifest: what it consists of, whose descriptors must be true.
  ///   - bytes: the manifest as it came; its digest is kept.
  ///   - names: what it is to be called; another image loses these names.
  /// - Returns: the image, its layers unpacked.
  /// - Throws: `ImageError` for what is missing, damaged or hostile.
  public func add(
    _ manifest: Manifest, _ bytes: [UInt8], names: [Reference]
  ) throws(ImageError) -> StoredImage {
    let id = manifest.config.digest
    for descriptor in [manifest.config] + manifest.layers { try verifySize(descriptor) }
    let config = try self.config(id)
    guard config.diffIDs.count == manifest.layers.count else {
      throw ImageError(
        "the image \(id) has \(manifest.layers.count) layers, "
          + "but its configuration names \(config.diffIDs.count)",
        hint: "The manifest and the configuration do not belong together.")
    }
    let digest = try blobs.store(bytes)
    var row = ImageRow(
      id: id.hex, manifest: digest.hex, size: 0,
      createdNs: config.created.flatMap { Timestamp.nanoseconds($0) } ?? 0, addedNs: Clock.wall,
      layers: [])
    for (diffID, descriptor) in zip(config.diffIDs, manifest.layers) {
      let layer = try layers.ready(diffID, blob: descriptor.digest)
      row.size += layer.content.size
      row.layers.append(ImageLayerRow(diffID: diffID.hex, blob: descriptor.digest.hex))
    }
    let keys = names.map { $0.key }
    try asked { () throws(StateError) in
      try state.open().write(.imageAdd, "adding the image \(id)") { db in
        try ImageTable.insert(row, db)
        for key in keys { try ImageTable.tag(key, row.id, db) }
      }
    }
    return try StoredImage(row)
  }

  private func verifySize(_ descriptor: ContentDescriptor) throws(ImageError) {
    let file = try blobs.open(descriptor.digest)
    let size = try doing("looking at a blob") { () throws(SystemError) in
      try File.status(of: file.raw).size
    }
    guard size == descriptor.size else {
      throw ImageError(
        "the manifest says that \(descriptor.digest) has \(descriptor.size) bytes; it has \(size)",
        hint: "The manifest was changed or made by a broken program.")
    }
  }

  // MARK: Reading

  /// An image's configuration.
  ///
  /// - Throws: `ImageError` when it is missing or damaged.
  public func config(_ id: Digest) throws(ImageError) -> ImageConfig {
    try ImageConfig(
      try blobs.read(id, limit: ImageConfig.largest), name: "the configuration \(id)")
  }

  /// An image's layers, unpacked again where the machine may have lost them; the topmost first, as
  /// overlays name them.
  ///
  /// - Throws: `ImageError` when one cannot be unpacked.
  public func directories(of image: StoredImage) throws(ImageError) -> [String] {
    var paths = [String]()
    for layer in image.layers.reversed() {
      paths.append(try layers.ready(layer.diffID, blob: layer.blob).path)
    }
    return paths
  }

  /// Every image, newest first.
  ///
  /// - Throws: `ImageError` when the records cannot be read.
  public func list() throws(ImageError) -> [StoredImage] {
    var images = [StoredImage]()
    for row in try asked({ () throws(StateError) in
      try state.open().read("listing images") { try ImageTable.all($0) }
    }) { images.append(try StoredImage(row)) }
    return images
  }

  /// Every name, in order, and its image's id.
  ///
  /// - Throws: `ImageError` when the records cannot be read.
  public func names() throws(ImageError) -> [(name: Reference, image: String)] {
    let rows = try asked { () throws(StateError) in
      try state.open().read("listing names of images") { try ImageTable.tags($0) }
    }
    var names = [(name: Reference, image: String)]()
    for row in rows { names.append((try Reference(row.name), row.image)) }
    return names
  }

  /// Finds an image by a name, a digest, an id, or the beginning of an id.
  ///
  /// - Returns: the image, and whether a name was what it was found by; nil when there is none.
  /// - Throws: `ImageError` when several ids begin so, or the text can be no name.
  public func find(_ text: String) throws(ImageError) -> (image: StoredImage, name: Reference?)? {
    let reference: Reference?
    let isID = ImageStore.idDigits(text)
    do throws(ImageError) { reference = try Reference(text) } catch {
      guard isID != nil else { throw error }
      reference = nil
    }
    let rows = try asked { () throws(StateError) in
      try state.open().read("looking for the image \(text)") { db -> (ImageRow?, [ImageRow]) in
        if let digest = reference?.digest {
          return (nil, try ImageTable.with(manifest: digest.hex, db))
        }
        if let reference, let row = try ImageTable.tagged(reference.key, db) { return (row, []) }
        return (nil, try isID.map { try ImageTable.with(prefix: $0, db) } ?? [])
      }
    }
    if let row = rows.0 {
      var name = reference
      if name?.tag == nil { name?.tag = "latest" }
      return (try StoredImage(row), name)
    }
    guard rows.1.count <= 1 else {
      throw ImageError(
        "multiple IDs found with provided prefix: \(text)", hint: "Write more digits.")
    }
    guard let row = rows.1.first else { return nil }
    return (try StoredImage(row), nil)
  }

  /// As `find`; nothing found is an error.
  ///
  /// - Throws: `ImageError` with Docker's words.
  public func existing(
    _ text: String
  ) throws(ImageError) -> (image: StoredImage, name: Reference?) {
    if let found = try find(text) { return found }
    // As Docker has it: with the tag that was looked for.
    let name = (try? Reference(text)).flatMap {
      $0.digest == nil ? "\($0.familiar):\($0.tag ?? "latest")" : nil
    }
    throw ImageError(
      "No such image: \(name ?? text)", hint: "`drydock images` lists what there is.")
  }

  /// The digits of `sha256:DIGITS` or of a text that could begin an id; nil for others.
  private static func idDigits(_ text: String) -> String? {
    let digits = text.hasPrefix("sha256:") ? String(text.dropFirst(7)) : text
    let isHex = digits.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    return isHex && (1...64).contains(digits.utf8.count) ? digits : nil
  }

  /// Gives an image one more name, which another one may lose.
  ///
  /// - Throws: `ImageError` when there is no such image or the name is none.
  public func tag(_ source: String, as target: String) throws(ImageError) {
    let reference = try Reference.forTagging(target)
    try keeping { () throws(ImageError) in
      let image = try existing(source).image
      try asked { () throws(StateError) in
        try state.open().write(.imageTag, "naming the image \(reference.text)") {
          try ImageTable.tag(reference.key, image.id.hex, $0)
        }
      }
    }
  }
}
