public import Images
import Linux

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
    let (images, names) = try storing { () throws(ImageError) in
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
    try storing { () throws(ImageError) in try imageStore.load(path, progress: progress) }
  }
}
