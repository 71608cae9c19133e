public import Images
import Linux
import OCI
import State

/// One line of `drydock images`.
public struct ImageInfo: Equatable, Sendable {
  /// `busybox`; nil for an image without a name.
  public var repository: String?
  /// `latest`; nil for an image without a name.
  public var tag: String?
  /// The configuration's digest, 64 hexadecimal digits.
  public var id: String
  /// The manifest's digest, `sha256:…`.
  public var digest: String
  /// When it was made, in nanoseconds since 1970; 0 when it does not say.
  public var createdNs: Int64
  /// Bytes of the files in all its layers.
  public var size: UInt64
}

/// Images: listed, loaded, named.
extension Engine {
  /// The images, newest first, one entry a name.
  ///
  /// - Throws: `EngineError` when the records cannot be read.
  public func images() throws(EngineError) -> [ImageInfo] {
    guard File.exists(root + "/state.db") else { return [] }
    let (images, names) = try storing(exitCode: 1) { () throws(ImageError) in
      (try imageStore.list(), try imageStore.names())
    }
    var list = [ImageInfo]()
    for image in images {
      var info = ImageInfo(
        id: image.id.hex, digest: "\(image.manifest)", createdNs: image.createdNs,
        size: image.size)
      let own = names.filter { $0.image == image.id.hex }
      if own.isEmpty { list.append(info) }
      for (name, _) in own {
        info.repository = name.familiar
        info.tag = name.tag
        list.append(info)
      }
    }
    return list
  }

  /// Makes a built-in image ready, so that the first `run` need not.
  ///
  /// - Throws: `EngineError` when what it is made from is missing.
  public func prepareImage(_ name: String) throws(EngineError) {
    _ = try choose(name)
  }

  /// Loads an archive of `docker save` or an OCI layout.
  ///
  /// - Parameters:
  ///   - path: a file, a directory with an OCI layout, or nil for standard input.
  ///   - progress: told the bytes so far.
  /// - Returns: the images.
  /// - Throws: `EngineError` when one cannot be loaded.
  public func load(
    _ path: String?, progress: (UInt64) -> Void
  ) throws(EngineError) -> [LoadedImage] {
    try storing(exitCode: 1) { () throws(ImageError) in
      try imageStore.load(path, progress: progress)
    }
  }

  /// Writes images into one archive.
  ///
  /// - Parameters:
  ///   - images: names, ids, or repositories, of which every tag is meant.
  ///   - path: the file; nil for standard output.
  ///   - progress: told the bytes so far.
  /// - Throws: `EngineError` when an image does not exist or the archive cannot be written.
  public func save(
    _ images: [String], to path: String?, progress: (UInt64) -> Void
  ) throws(EngineError) {
    let lock = try storing(exitCode: 1) { () throws(ImageError) in try imageStore.keep() }
    for image in images { _ = try builtinImages.prepare(image) }
    try storing(exitCode: 1) { () throws(ImageError) in
      try imageStore.save(images, to: path, progress: progress)
    }
    _ = consume lock
  }

  /// Makes an image of one layer from a root filesystem in a tar.
  ///
  /// - Parameters:
  ///   - path: the file; nil for standard input.
  ///   - name: what it is to be called; nil for nothing.
  ///   - changes: `-c`, lines of a Dockerfile.
  ///   - message: `-m`.
  ///   - progress: told the bytes so far.
  /// - Returns: the image.
  /// - Throws: `EngineError` when it is no tar, or hostile.
  public func importFiles(
    _ path: String?, name: String?, changes: [String], message: String?,
    progress: (UInt64) -> Void
  ) throws(EngineError) -> StoredImage {
    try storing(exitCode: 1) { () throws(ImageError) in
      try imageStore.importFiles(
        path, name: name, changes: changes, message: message, progress: progress)
    }
  }

  /// Gives an image one more name, which another one may lose.
  ///
  /// - Throws: `EngineError` when there is no such image or the name is none.
  public func tag(_ image: String, as name: String) throws(EngineError) {
    let lock = try storing(exitCode: 1) { () throws(ImageError) in try imageStore.keep() }
    _ = try builtinImages.prepare(image)
    try storing(exitCode: 1) { () throws(ImageError) in try imageStore.tag(image, as: name) }
    _ = consume lock
  }

  /// An image with its configuration and its names.
  ///
  /// - Throws: `EngineError` when there is no such image.
  public func image(_ text: String) throws(EngineError) -> ImageDetails {
    let lock = try storing(exitCode: 1) { () throws(ImageError) in try imageStore.keep() }
    _ = try builtinImages.prepare(text)
    let details = try storing(exitCode: 1) { () throws(ImageError) in try imageStore.details(text) }
    _ = consume lock
    return details
  }

  /// Takes a name away, and the image with its last name.
  ///
  /// - Returns: what was done.
  /// - Throws: `EngineError` when there is no such image or it is in use.
  public func removeImage(_ text: String, force: Bool) throws(EngineError) -> [Removal] {
    do throws(ImageError) {
      return try imageStore.remove(text, force: force) { (id) throws(ImageError) in
        try users(id)
      }
    } catch {
      throw EngineError(error.message, hint: error.hint, exitCode: 1)
    }
  }

  /// Removes images that nobody needs.
  ///
  /// - Parameters:
  ///   - all: those with a name too, when no container is made of them.
  ///   - filter: only these.
  /// - Returns: what was done, and the bytes that became free.
  /// - Throws: `EngineError` naming what cannot be removed.
  public func pruneImages(
    all: Bool, _ filter: PruneFilter = PruneFilter()
  ) throws(EngineError) -> (removals: [Removal], bytes: UInt64) {
    try storing(exitCode: 1) { () throws(ImageError) in
      try imageStore.prune(
        all: all,
        isWanted: { (image) throws(ImageError) in
          let labels = try imageStore.config(image.id).settings.labels
          return filter.matches(
            createdNs: UInt64(clamping: image.createdNs),
            labels: labels.map { "\($0.key)=\($0.value)" })
        },
        users: { (id) throws(ImageError) in try users(id) })
    }
  }

  /// The containers made of an image.
  private func users(_ image: Digest) throws(ImageError) -> [ImageUser] {
    do throws(EngineError) {
      var users = [ImageUser]()
      for record in try store.records() where record.imageID == image.hex {
        let isRunning: Bool
        switch try store.status(record) {
        case .running, .paused, .restarting: isRunning = true
        case .created, .exited, .dead, .removing: isRunning = false
        }
        users.append(ImageUser(id: record.id, isRunning: isRunning))
      }
      return users
    } catch {
      throw ImageError(error.message, hint: error.hint)
    }
  }
}
