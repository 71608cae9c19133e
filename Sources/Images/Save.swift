// `docker save` as Docker 25 and later write it: an OCI layout in a tar, with a manifest.json beside
// it that names the same blobs. What reads either format reads this.

internal import CLinux
internal import Linux
internal import OCI

/// A file, a pipe or standard output that an archive goes to.
struct FileSink: TarSink, ~Copyable {
  private let fd: Int32
  private let name: String
  private var buffer: [UInt8] = []

  /// Writes to `fd`, which stays the caller's; `name` is for errors.
  init(_ fd: Int32, name: String) {
    self.fd = fd
    self.name = name
    buffer.reserveCapacity(1 << 20)
  }

  mutating func write(_ bytes: UnsafeRawBufferPointer) throws(ImageError) {
    unsafe buffer.append(contentsOf: bytes)
    if buffer.count >= 1 << 20 { try flush() }
  }

  /// Writes out what has been gathered.
  mutating func flush() throws(ImageError) {
    try doing("writing \(name)") { () throws(SystemError) in
      try File.write(fd, buffer, name: name)
    }
    buffer.removeAll(keepingCapacity: true)
  }
}

/// Where an archive goes.
enum Output {
  /// Runs a body with a descriptor of a file that replaces what is there when all has been written,
  /// or of standard output.
  ///
  /// - Throws: `ImageError`; a file that was begun is removed.
  static func write(
    to path: String?, _ body: (Int32, String) throws(ImageError) -> Void
  ) throws(ImageError) {
    guard let path else { return try body(1, "standard output") }
    let isSpecial = (try? File.status(path)).map { !$0.isRegular } ?? false
    if isSpecial {
      let file = try doing("writing \(path)") { () throws(SystemError) in
        try File.open(path, .writeOnly)
      }
      return try body(file.raw, path)
    }
    let making = "\(path).\(Processes.current).tmp"
    do throws(ImageError) {
      let file = try doing("writing \(path)") { () throws(SystemError) in
        try File.open(making, [.writeOnly, .create, .truncate, .noFollow], mode: 0o644)
      }
      try body(file.raw, path)
      try doing("writing \(path)") { () throws(SystemError) in try File.rename(making, to: path) }
    } catch {
      _ = unsafe lx_unlinkat(currentDirectory, making, 0)
      throw error
    }
  }
}

extension ImageStore {
  /// Writes images into one archive.
  ///
  /// - Parameters:
  ///   - texts: names, ids, or repositories, of which every tag is meant.
  ///   - path: the file; nil for standard output.
  ///   - progress: told the bytes so far.
  /// - Throws: `ImageError` when an image does not exist or the archive cannot be written.
  public func save(
    _ texts: [String], to path: String?, progress: (UInt64) -> Void = { _ in }
  ) throws(ImageError) {
    try keeping { () throws(ImageError) in
      var saved = [(image: StoredImage, names: [Reference])]()
      for text in texts {
        for (image, name) in try meant(by: text) {
          let place = saved.firstIndex { $0.image == image }
          let names = name.map { [$0] } ?? []
          if let place {
            saved[place].names += names.filter { !saved[place].names.contains($0) }
          } else {
            saved.append((image, names))
          }
        }
      }
      try Output.write(to: path) { (fd, name) throws(ImageError) in
        try save(saved, fd, name, progress)
      }
    }
  }

  private func meant(by text: String) throws(ImageError) -> [(StoredImage, Reference?)] {
    if let reference = try? Reference(text), reference.tag == nil, reference.digest == nil {
      let all = try names().filter { $0.name.repository == reference.repository }
      if !all.isEmpty {
        var found = [(StoredImage, Reference?)]()
        for (name, _) in all { found.append((try existing(name.key).image, name)) }
        return found
      }
    }
    let found = try existing(text)
    return [(found.image, found.name?.digest == nil ? found.name : nil)]
  }

  private func save(
    _ images: [(image: StoredImage, names: [Reference])], _ fd: Int32, _ name: String,
    _ progress: (UInt64) -> Void
  ) throws(ImageError) {
    var tar = TarWriter(FileSink(fd, name: name))
    var done: Set<Digest> = []
    var bytes: UInt64 = 0
    for directory in ["blobs/", "blobs/sha256/"] {
      try tar.begin(TarHeader(path: Array(directory.utf8), kind: .directory, mode: 0o755))
    }
    for (image, _) in images {
      let digests = image.layers.map { $0.blob } + [image.id, image.manifest]
      for digest in digests where done.insert(digest).inserted {
        try copy(digest, into: &tar) {
          bytes += $0
          progress(bytes)
        }
      }
    }
    try tar.file(
      TarHeader(path: Array("index.json".utf8), kind: .file), try index(images))
    try tar.file(TarHeader(path: Array("manifest.json".utf8), kind: .file), list(images))
    try tar.file(
      TarHeader(path: Array("oci-layout".utf8), kind: .file),
      Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8))
    var sink = try tar.finish()
    try sink.flush()
  }

  private func copy(
    _ digest: Digest, into tar: inout TarWriter<FileSink>, _ wrote: (UInt64) -> Void
  ) throws(ImageError) {
    let file = try blobs.open(digest)
    var header = TarHeader(path: Array("blobs/sha256/\(digest.hex)".utf8), kind: .file)
    header.mode = 0o444
    header.size = try doing("reading the blob \(digest)") { () throws(SystemError) in
      try File.status(of: file.raw).size
    }
    try tar.begin(header)
    let source = Measured(FileSource(file.raw, name: "the blob \(digest)")) { _ in }
    while true {
      let piece = unsafe try source.next()
      if unsafe piece.isEmpty { break }
      unsafe try tar.content(piece)
      wrote(UInt64(piece.count))
    }
    // What is handed on is what was taken in.
    guard try source.finish() == digest else {
      throw ImageError(
        "the blob \(digest) is damaged", hint: "Remove the image, then load or pull it again.")
    }
    try tar.end()
  }

  private func index(
    _ images: [(image: StoredImage, names: [Reference])]
  ) throws(ImageError) -> [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.member("schemaVersion", Int64(2))
    json.member("mediaType", MediaType.index)
    json.key("manifests")
    json.beginArray()
    for (image, names) in images {
      let bytes = try blobs.read(image.manifest, limit: Manifest.largest)
      for name in names.isEmpty ? [nil] : names.map({ Optional($0) }) {
        json.beginObject()
        json.member("mediaType", ManifestDocument.mediaType(bytes))
        json.member("digest", "\(image.manifest)")
        json.member("size", UInt64(bytes.count))
        if let name {
          json.member(
            "annotations",
            [
              KeyValue("io.containerd.image.name", name.key),
              KeyValue("org.opencontainers.image.ref.name", name.tag ?? "latest"),
            ])
        }
        json.endObject()
      }
    }
    json.endArray()
    json.endObject()
    return json.bytes
  }

  private func list(_ images: [(image: StoredImage, names: [Reference])]) -> [UInt8] {
    var json = JSONWriter()
    json.beginArray()
    for (image, names) in images {
      json.beginObject()
      json.member("Config", "blobs/sha256/\(image.id.hex)")
      json.member("RepoTags", names.map { $0.text })
      json.member("Layers", image.layers.map { "blobs/sha256/\($0.blob.hex)" })
      json.endObject()
    }
    json.endArray()
    return json.bytes
  }
}

extension ManifestDocument {
  /// What a manifest says that it is; an OCI one need not say so.
  static func mediaType(_ bytes: [UInt8]) -> String {
    func find() throws(ConfigError) -> String? {
      var json = try JSONReader(bytes, limit: Manifest.largest)
      try json.beginObject()
      while try json.nextKey() {
        if json.keyIs("mediaType") { return try json.string() }
        try json.skip()
      }
      return nil
    }
    return ((try? find()) ?? nil) ?? MediaType.manifest
  }
}
