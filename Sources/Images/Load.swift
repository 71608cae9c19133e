internal import Linux
internal import OCI

/// An image that was loaded.
public struct LoadedImage: Equatable, Sendable {
  /// What it is.
  public let image: StoredImage
  /// As people see its names; none when the archive names none.
  public let names: [String]
}

extension ImageStore {
  /// Loads the images of an archive of `docker save`, or of an OCI layout.
  ///
  /// - Parameters:
  ///   - path: a file, a directory with an OCI layout, or nil for standard input.
  ///   - progress: told the bytes so far.
  /// - Returns: the images, in the archive's order.
  /// - Throws: `ImageError` when one cannot be loaded; those before it stay, of it nothing does.
  public func load(
    _ path: String?, progress: (UInt64) -> Void = { _ in }
  ) throws(ImageError) -> [LoadedImage] {
    do throws(ImageError) {
      let loaded = try keeping { () throws(ImageError) in try read(path, progress) }
      // What an archive has beside its images.
      try collectIfAlone()
      return loaded
    } catch {
      // The cause is what matters; what is not collected now the next command collects.
      do throws(ImageError) { try collectIfAlone() } catch {}
      throw error
    }
  }

  private func read(
    _ path: String?, _ progress: (UInt64) -> Void
  ) throws(ImageError) -> [LoadedImage] {
    guard let path else { return try read(0, "standard input", progress) }
    let file = try opened(path)
    let isDirectory = try doing("looking at \(path)") { () throws(SystemError) in
      try File.status(of: file.raw).isDirectory
    }
    if isDirectory { return try load(LayoutDirectory(path, store: blobs), name: path) }
    return try read(file.raw, path, progress)
  }

  func opened(_ path: String) throws(ImageError) -> Descriptor {
    do throws(SystemError) { return try File.open(path, .readOnly) } catch {
      throw ImageError("open \(path): \(error.errno.message)")
    }
  }

  private func read(
    _ fd: Int32, _ name: String, _ progress: (UInt64) -> Void
  ) throws(ImageError) -> [LoadedImage] {
    let archive = try TarArchive(
      FileSource(fd, name: name), name: name, store: blobs, progress: progress)
    return try load(archive, name: name)
  }

  private func load(
    _ archive: some Archive, name: String
  ) throws(ImageError) -> [LoadedImage] {
    var archive = archive
    let index = try archive.document("index.json", limit: Manifest.largest)
    let list = try archive.document("manifest.json", limit: Manifest.largest)
    let saved = try list.map { (bytes) throws(ImageError) in
      try SavedImage.parse(bytes, name: "\(name): manifest.json")
    }
    if let index {
      return try load(index, &archive, saved ?? [], name: name)
    }
    guard let saved else {
      throw ImageError(
        "\(name) is neither an archive of `docker save` nor an OCI layout",
        hint: "It has no manifest.json and no index.json. For a root filesystem: drydock import.")
    }
    var loaded = [LoadedImage]()
    for image in saved { loaded.append(try load(image, &archive)) }
    return loaded
  }

  // MARK: docker save

  private func load(
    _ saved: SavedImage, _ archive: inout some Archive
  ) throws(ImageError) -> LoadedImage {
    let config = try archive.blob(saved.config)
    var layers = [ContentDescriptor]()
    for path in saved.layers {
      let layer = try archive.blob(path)
      layers.append(
        ContentDescriptor(
          mediaType: MediaType.layer(try compression(layer.digest)), digest: layer.digest,
          size: layer.size))
    }
    let manifest = Manifest(
      config: ContentDescriptor(
        mediaType: MediaType.config, digest: config.digest, size: config.size),
      layers: layers)
    let image = try add(manifest, manifest.encode(), names: saved.names)
    return LoadedImage(image: image, names: saved.names.map { $0.text })
  }

  private func compression(_ blob: Digest) throws(ImageError) -> Compression {
    let file = try blobs.open(blob)
    let magic = try doing("reading the layer \(blob)") { () throws(SystemError) in
      try File.readSome(file.raw, 6)
    }
    return try Compression(magic: magic, name: "the layer \(blob)")
  }

  // MARK: OCI

  private func load(
    _ index: [UInt8], _ archive: inout some Archive, _ saved: [SavedImage], name: String
  ) throws(ImageError) -> [LoadedImage] {
    guard case .index(let entries) = try ManifestDocument.parse(index, name: "\(name): index.json")
    else { throw ImageError("\(name): index.json is no index") }
    guard !entries.isEmpty else { throw ImageError("\(name) has no images in it") }
    var loaded = [LoadedImage]()
    for entry in entries {
      guard let (manifest, bytes) = try resolve(entry, &archive, depth: 0) else { continue }
      try archive.blob(manifest.config)
      for layer in manifest.layers { try archive.blob(layer) }
      var names = [Reference]()
      // A tag alone names no repository.
      if let text = entry.name, text.contains(where: { ":/".contains($0) }) {
        names.append(try Reference.forTagging(text))
      }
      for image in saved where image.config.hasSuffix(manifest.config.digest.hex) {
        names += image.names.filter { !names.contains($0) }
      }
      let image = try add(manifest, bytes, names: names)
      loaded.append(LoadedImage(image: image, names: names.map { $0.text }))
    }
    guard !loaded.isEmpty else {
      throw ImageError("\(name) has no image for linux/\(ImageStore.architecture)")
    }
    return loaded
  }

  /// The manifest that a descriptor leads to: the first for this machine where it is an index.
  private func resolve(
    _ descriptor: ContentDescriptor, _ archive: inout some Archive, depth: Int
  ) throws(ImageError) -> (Manifest, [UInt8])? {
    guard depth < 4 else { throw ImageError("indexes nest deeper than any image's do") }
    guard descriptor.size <= UInt64(Manifest.largest) else {
      throw ImageError("the manifest \(descriptor.digest) has \(descriptor.size) bytes: too many")
    }
    try archive.blob(descriptor)
    let bytes = try blobs.read(descriptor.digest, limit: Manifest.largest)
    switch try ManifestDocument.parse(bytes, name: "the manifest \(descriptor.digest)") {
    case .manifest(let manifest): return (manifest, bytes)
    case .index(let entries):
      for entry in entries
      where entry.os == nil
        || entry.os == "linux"
          && (entry.architecture == nil || entry.architecture == ImageStore.architecture)
      {
        if let found = try resolve(entry, &archive, depth: depth + 1) { return found }
      }
      return nil
    }
  }

  /// This machine's, as images name it.
  public static var architecture: String {
    #if arch(x86_64)
      "amd64"
    #else
      "arm64"
    #endif
  }
}

/// An entry of manifest.json.
struct SavedImage: Equatable {
  var config = ""
  var names: [Reference] = []
  var layers: [String] = []

  static func parse(_ bytes: [UInt8], name: String) throws(ImageError) -> [SavedImage] {
    var texts = [(SavedImage, [String])]()
    do throws(ConfigError) {
      var json = try JSONReader(bytes, limit: Manifest.largest)
      try json.beginArray()
      while try json.nextElement() {
        var image = SavedImage()
        var tags = [String]()
        try json.beginObject()
        while try json.nextKey() {
          if json.keyIs("Config") {
            image.config = try json.string()
          } else if json.keyIs("RepoTags") {
            tags = try json.strings()
          } else if json.keyIs("Layers") {
            image.layers = try json.strings()
          } else {
            try json.skip()
          }
        }
        guard !image.config.isEmpty else { throw json.missing("Config") }
        guard image.layers.count <= Manifest.mostLayers else {
          throw json.error("more than \(Manifest.mostLayers) layers", in: "Layers")
        }
        texts.append((image, tags))
      }
      try json.finish()
    } catch {
      throw ImageError(name, error)
    }
    var images = [SavedImage]()
    for (image, tags) in texts {
      var image = image
      for tag in tags { image.names.append(try Reference.forTagging(tag)) }
      images.append(image)
    }
    guard !images.isEmpty else { throw ImageError("\(name) has no images in it") }
    return images
  }
}
