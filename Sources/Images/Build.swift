internal import Linux

extension ImageStore {
  /// Makes an image of one layer from an open directory, or of another image and one more layer.
  ///
  /// The layers are filled into the configuration here, and one more line of history. The same files
  /// and settings give the same image.
  func build(
    _ directory: Int32, _ rules: PackingRules, on base: StoredImage?, _ config: ImageConfig,
    _ entry: HistoryEntry, names: [Reference]
  ) throws(ImageError) -> StoredImage {
    let writer = try Packing(try BlobWriter(blobs, name: "the layer"), rules).pack(directory)
    let layer = try writer.commit(expected: nil, size: nil)
    return try build(layer, on: base, config, entry, names: names)
  }

  /// As above, of a layer whose plain tar is in the store.
  func build(
    _ layer: (digest: Digest, size: UInt64), on base: StoredImage?, _ config: ImageConfig,
    _ entry: HistoryEntry, names: [Reference]
  ) throws(ImageError) -> StoredImage {
    var descriptors = [ContentDescriptor]()
    if let base {
      guard
        case .manifest(let manifest) = try ManifestDocument.parse(
          try blobs.read(base.manifest, limit: Manifest.largest),
          name: "the manifest \(base.manifest)")
      else { throw ImageError("the manifest \(base.manifest) is an index") }
      descriptors = manifest.layers
    }
    descriptors.append(
      ContentDescriptor(mediaType: MediaType.layer, digest: layer.digest, size: layer.size))
    var config = config
    config.diffIDs = (base?.layers.map { $0.diffID } ?? []) + [layer.digest]
    config.history.append(entry)
    let document = config.encode()
    let id = try blobs.store(document)
    let manifest = Manifest(
      config: ContentDescriptor(
        mediaType: MediaType.config, digest: id, size: UInt64(document.count)),
      layers: descriptors)
    return try add(manifest, manifest.encode(), names: names)
  }
}
