// Manifests and indexes: the OCI ones (image specification, manifest.md and image-index.md) and
// Docker's of the same shape (distribution, manifest-v2-2.md).
//
// Only what is needed is read. The bytes themselves are kept as blobs, unknown fields and all, so
// that no digest ever changes.

internal import OCI

/// Where content is and what it is (OCI image specification, descriptor.md).
public struct ContentDescriptor: Equatable, Sendable {
  /// What the content is.
  public var mediaType: String
  /// Its digest.
  public var digest: Digest
  /// Its bytes.
  public var size: UInt64
  /// In an index: `amd64`; nil when it does not say.
  public var architecture: String?
  /// In an index: `linux`; nil when it does not say.
  public var os: String?
  /// In the index of a layout: the tag (annotations.md), or the whole name as containerd has it.
  public var name: String?

  /// Makes a descriptor.
  public init(mediaType: String, digest: Digest, size: UInt64) {
    self.mediaType = mediaType
    self.digest = digest
    self.size = size
  }

  init(_ json: inout JSONReader) throws(ConfigError) {
    var mediaType = ""
    var digest: Digest?
    var size: UInt64?
    var platform: (architecture: String?, os: String?)
    var names: (ref: String?, image: String?)
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("mediaType") {
        mediaType = try json.string()
      } else if json.keyIs("digest") {
        digest = try json.digest()
      } else if json.keyIs("size") {
        size = try json.unsigned(upTo: UInt64(Int64.max))
      } else if json.keyIs("platform") {
        try json.beginObject()
        while try json.nextKey() {
          if json.keyIs("architecture") {
            platform.architecture = try json.string()
          } else if json.keyIs("os") {
            platform.os = try json.string()
          } else {
            try json.skip()
          }
        }
      } else if json.keyIs("annotations") {
        try json.beginObject()
        while try json.nextKey() {
          if json.keyIs("org.opencontainers.image.ref.name") {
            names.ref = try json.string()
          } else if json.keyIs("io.containerd.image.name") {
            names.image = try json.string()
          } else {
            try json.skip()
          }
        }
      } else {
        try json.skip()
      }
    }
    guard let digest else { throw json.missing("digest") }
    guard let size else { throw json.missing("size") }
    self.init(mediaType: mediaType, digest: digest, size: size)
    architecture = platform.architecture
    os = platform.os
    name = names.image ?? names.ref
  }

  func write(to json: inout JSONWriter) {
    json.beginObject()
    json.member("mediaType", mediaType)
    json.member("digest", "\(digest)")
    json.member("size", size)
    if let name {
      json.member("annotations", [KeyValue("org.opencontainers.image.ref.name", name)])
    }
    json.endObject()
  }
}

/// The media types that are written; others are read by what they contain.
public enum MediaType {
  /// An OCI index.
  public static let index = "application/vnd.oci.image.index.v1+json"
  /// An OCI manifest.
  public static let manifest = "application/vnd.oci.image.manifest.v1+json"
  /// An image's configuration.
  public static let config = "application/vnd.oci.image.config.v1+json"
  /// A layer's plain tar.
  public static let layer = "application/vnd.oci.image.layer.v1.tar"
  /// A layer by gzip.
  public static let layerGzip = "application/vnd.oci.image.layer.v1.tar+gzip"
  /// A layer by zstd.
  public static let layerZstd = "application/vnd.oci.image.layer.v1.tar+zstd"

  static func layer(_ compression: Compression) -> String {
    switch compression {
    case .none: layer
    case .gzip: layerGzip
    case .zstd: layerZstd
    }
  }
}

/// What an image consists of: its configuration and its layers, the lowest first.
public struct Manifest: Equatable, Sendable {
  /// A manifest may have so many bytes, as registries limit it.
  public static let largest = 4 << 20
  /// More layers than this no overlay carries.
  public static let mostLayers = 500

  /// The image's configuration.
  public var config: ContentDescriptor
  /// The layers, the lowest first.
  public var layers: [ContentDescriptor]

  /// Makes a manifest.
  public init(config: ContentDescriptor, layers: [ContentDescriptor]) {
    self.config = config
    self.layers = layers
  }

  /// The document: deterministic, without white space.
  public func encode() -> [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.member("schemaVersion", Int64(2))
    json.member("mediaType", MediaType.manifest)
    json.key("config")
    config.write(to: &json)
    json.key("layers")
    json.beginArray()
    for layer in layers { layer.write(to: &json) }
    json.endArray()
    json.endObject()
    return json.bytes
  }
}

/// A document that is a manifest, or an index of some.
enum ManifestDocument: Equatable {
  case manifest(Manifest)
  case index([ContentDescriptor])

  /// Reads a document by what it contains: `layers` or `manifests`.
  ///
  /// - Throws: `ImageError` with the place in the document.
  static func parse(_ bytes: [UInt8], name: String) throws(ImageError) -> ManifestDocument {
    do throws(ConfigError) {
      var json = try JSONReader(bytes, limit: Manifest.largest)
      let document = try parse(&json)
      try json.finish()
      return document
    } catch {
      throw ImageError(name, error)
    }
  }

  private static func parse(_ json: inout JSONReader) throws(ConfigError) -> ManifestDocument {
    var config: ContentDescriptor?
    var layers: [ContentDescriptor]?
    var manifests: [ContentDescriptor]?
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("schemaVersion") {
        let version = try json.unsigned()
        guard version == 2 else {
          throw json.error("version \(version) of manifests is not supported: it is 2")
        }
      } else if json.keyIs("config") {
        config = try ContentDescriptor(&json)
      } else if json.keyIs("layers") {
        layers = try descriptors(&json, most: Manifest.mostLayers, "layers")
      } else if json.keyIs("manifests") {
        manifests = try descriptors(&json, most: 10_000, "manifests")
      } else {
        try json.skip()
      }
    }
    if let manifests {
      // The specification forbids it, since readers would differ in what they take it for.
      guard config == nil && layers == nil else {
        throw json.error("is a manifest and an index at once")
      }
      return .index(manifests)
    }
    guard let config else { throw json.missing("config") }
    guard let layers else { throw json.missing("layers") }
    return .manifest(Manifest(config: config, layers: layers))
  }

  private static func descriptors(
    _ json: inout JSONReader, most: Int, _ what: String
  ) throws(ConfigError) -> [ContentDescriptor] {
    var list = [ContentDescriptor]()
    try json.beginArray()
    while try json.nextElement() {
      guard list.count < most else { throw json.error("more than \(most) \(what)") }
      list.append(try ContentDescriptor(&json))
    }
    return list
  }
}

extension JSONReader {
  /// Reads a digest.
  mutating func digest() throws(ConfigError) -> Digest {
    let text = try string()
    guard let digest = Digest(text) else {
      throw error("\"\(text.prefix(100))\" is no digest: write sha256: and 64 hexadecimal digits")
    }
    return digest
  }

  /// Reads an array of strings.
  mutating func strings() throws(ConfigError) -> [String] {
    var list = [String]()
    try beginArray()
    while try nextElement() { list.append(try string()) }
    return list
  }

  /// Reads the names of an object's members, whatever their values.
  mutating func keys() throws(ConfigError) -> [String] {
    var list = [String]()
    try beginObject()
    while try nextKey() {
      list.append(keyString())
      try skip()
    }
    return list.sorted()
  }

  /// Reads an object of strings, sorted by name.
  mutating func pairs() throws(ConfigError) -> [KeyValue] {
    var list = [KeyValue]()
    try beginObject()
    while try nextKey() { list.append(KeyValue(keyString(), try string())) }
    return list.sorted { $0.key < $1.key }
  }
}
