public import OCI

/// All that is known of an image.
public struct ImageDetails: Sendable {
  /// Ids, layers, size.
  public let image: StoredImage
  /// Its configuration.
  public let config: ImageConfig
  /// As people see them.
  public let names: [String]
  /// Bytes of the files in each layer, the lowest first.
  public let layerSizes: [UInt64]

  /// One line of `history`: the newest first.
  public struct Line: Equatable, Sendable {
    /// The image's id for the newest; nil for the others, of which no image is kept.
    public var id: Digest?
    /// Where it came from.
    public var entry: HistoryEntry
    /// Bytes of the files in its layer; 0 when it made none.
    public var size: UInt64
  }

  /// How the image came about, the newest first.
  public var history: [Line] {
    var sizes = layerSizes[...]
    var lines = [Line]()
    var entries = config.history
    // A configuration need not tell of every layer.
    let told = entries.count { !$0.isEmpty }
    for _ in 0..<max(0, layerSizes.count - told) { entries.append(HistoryEntry()) }
    for entry in entries {
      lines.append(Line(entry: entry, size: entry.isEmpty ? 0 : sizes.popFirst() ?? 0))
    }
    if !lines.isEmpty { lines[lines.count - 1].id = image.id }
    return lines.reversed()
  }

  /// Each repository that a name is in, with the manifest's digest: what a pull could ask for.
  public var repositoryDigests: [String] {
    var list = [String]()
    for name in names {
      guard let reference = try? Reference(name) else { continue }
      let digest = "\(reference.familiar)@\(image.manifest)"
      if !list.contains(digest) { list.append(digest) }
    }
    return list
  }

  /// The document of `image inspect`, with Docker's names.
  public func write(to json: inout JSONWriter) {
    json.beginObject()
    json.member("Id", "\(image.id)")
    json.member("RepoTags", names)
    json.member("RepoDigests", repositoryDigests)
    json.member("Parent", "")
    json.member("Comment", config.comment)
    json.member("Created", config.created ?? "")
    json.member("DockerVersion", config.dockerVersion)
    json.member("Author", config.author)
    json.key("Config")
    config.settings.write(to: &json)
    json.member("Architecture", config.architecture)
    if let variant = config.variant { json.member("Variant", variant) }
    json.member("Os", config.os)
    json.member("Size", image.size)
    json.key("GraphDriver")
    json.beginObject()
    json.member("Name", "overlay2")
    json.endObject()
    json.key("RootFS")
    json.beginObject()
    json.member("Type", "layers")
    json.member("Layers", config.diffIDs.map { "\($0)" })
    json.endObject()
    json.key("Descriptor")
    json.beginObject()
    json.member("digest", "\(image.manifest)")
    json.endObject()
    json.endObject()
  }
}

extension ImageStore {
  /// All that is known of an image.
  ///
  /// - Throws: `ImageError` when there is no such image.
  public func details(_ text: String) throws(ImageError) -> ImageDetails {
    let image = try existing(text).image
    let config = try config(image.id)
    var sizes = [UInt64]()
    for layer in image.layers {
      sizes.append(try layers.ready(layer.diffID, blob: layer.blob).content.size)
    }
    let names = try names().filter { $0.image == image.id.hex }.map { $0.name.text }
    return ImageDetails(image: image, config: config, names: names, layerSizes: sizes)
  }
}
