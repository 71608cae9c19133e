// What images are carried in:
//
//     docker save        manifest.json: [{Config, RepoTags, Layers}], whose values name other files.
//                        Newer ones are an OCI layout beside that, older ones have links in them
//     OCI layout         oci-layout, index.json, blobs/sha256/HEX (image-layout.md), as a tar or a
//                        directory
//
// A tar is read once, from its beginning to its end, since it may come through a pipe: every file in
// it that could be content is stored as a blob, its digest taken on the way; what turns out to be
// needed by no image is collected later. Names in the archive are only names here, never places.

internal import Linux
internal import OCI

/// A source of documents and blobs.
protocol Archive {
  /// A small file, by its path in the archive; nil when it is not there.
  mutating func document(_ path: String, limit: Int) throws(ImageError) -> [UInt8]?
  /// Makes sure that a file is in the store, and tells its digest and size.
  mutating func blob(_ path: String) throws(ImageError) -> (digest: Digest, size: UInt64)
}

extension Archive {
  /// A blob of an OCI layout, which must have the digest it is named by.
  mutating func blob(_ descriptor: ContentDescriptor) throws(ImageError) {
    let found = try blob("blobs/sha256/\(descriptor.digest.hex)")
    guard found.digest == descriptor.digest else {
      throw ImageError(
        "the blob \(descriptor.digest) is damaged: its bytes have the digest \(found.digest)",
        hint: "The archive was changed or damaged: get it again.")
    }
    guard found.size == descriptor.size else {
      throw ImageError(
        "the blob \(descriptor.digest) has \(found.size) bytes instead of \(descriptor.size)",
        hint: "The manifest was changed or made by a broken program.")
    }
  }
}

/// A tar of either kind, read to its end already.
struct TarArchive: Archive {
  private let store: ContentStore
  private var files: [String: (digest: Digest, size: UInt64)] = [:]
  private var links: [String: String] = [:]

  /// No archive of images has so many entries.
  private static let mostEntries = 200_000

  /// Reads the whole archive, plain, by gzip or by zstd.
  ///
  /// `progress` is told the bytes so far.
  ///
  /// - Throws: `ImageError` when it is damaged, cut off, or no tar.
  init(
    _ source: FileSource, name: String, store: ContentStore, progress: (UInt64) -> Void
  ) throws(ImageError) {
    self.store = store
    let reader = try TarReader(try Inflated.plain(source, name: name).source, name: name)
    var entries = 0
    while let entry = try reader.next() {
      entries += 1
      guard entries <= TarArchive.mostEntries else {
        throw ImageError("\(name) has more than \(TarArchive.mostEntries) entries")
      }
      let path = entry.path
      guard path.fault == nil else {
        throw ImageError("\(name): the entry '\(path.text)' \(path.fault ?? "")")
      }
      let place = path.parts.map { $0.text }.joined(separator: "/")
      switch entry.kind {
      case .file:
        // What was there for Docker 1.9 and before.
        if place.hasSuffix("/VERSION") || place.hasSuffix("/json") || place == "repositories" {
          continue
        }
        var writer = try BlobWriter(store, name: "\(name): \(place)")
        while let block = unsafe try reader.nextBlock() {
          unsafe try writer.write(block.bytes)
          progress(source.count)
        }
        let expected =
          place.hasPrefix("blobs/sha256/") ? Digest(hex: String(place.dropFirst(13))) : nil
        files[place] = try writer.commit(expected: expected, size: UInt64(entry.size))
      case .link: links[place] = TarArchive.beside(place, entry.link.text)
      case .hardLink: links[place] = entry.hardLink.parts.map { $0.text }.joined(separator: "/")
      default: continue
      }
    }
    guard entries > 0 else { throw ImageError("\(name) is empty") }
  }

  /// Where a link leads, as a path in the archive; a `..` too many ends nowhere.
  private static func beside(_ path: String, _ target: String) -> String {
    var parts =
      target.hasPrefix("/") ? [] : path.split(separator: "/").dropLast().map { String($0) }
    for part in target.split(separator: "/") where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(String(part)) }
    }
    return parts.joined(separator: "/")
  }

  private func file(_ path: String) -> (digest: Digest, size: UInt64)? {
    var place = path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    // Links to links: as many as the kernel would follow.
    for _ in 0..<40 {
      if let file = files[place] { return file }
      guard let next = links[place] else { return nil }
      place = next
    }
    return nil
  }

  func document(_ path: String, limit: Int) throws(ImageError) -> [UInt8]? {
    guard let file = file(path) else { return nil }
    return try store.read(file.digest, limit: limit)
  }

  func blob(_ path: String) throws(ImageError) -> (digest: Digest, size: UInt64) {
    if let file = file(path) { return file }
    // Archives may leave out what the reader is known to have.
    if path.hasPrefix("blobs/sha256/"), let digest = Digest(hex: String(path.dropFirst(13))),
      store.contains(digest)
    {
      let file = try store.open(digest)
      let size = try doing("looking at a blob") { () throws(SystemError) in
        try File.status(of: file.raw).size
      }
      return (digest, size)
    }
    throw ImageError("the archive has no '\(path)'", hint: "It is incomplete: was it cut off?")
  }
}

/// An OCI layout in a directory, whose blobs are stored as they are asked for.
struct LayoutDirectory: Archive {
  private let store: ContentStore
  private let path: String

  init(_ path: String, store: ContentStore) {
    self.path = path
    self.store = store
  }

  private func open(_ name: String) throws(ImageError) -> Descriptor? {
    do throws(SystemError) {
      let root = try File.open(path, [.path, .directory])
      // The directory may be somebody else's: nothing in it may lead out.
      let file = try File.open(name, beneath: root.raw, [.readOnly, .noFollow, .nonBlocking])
      guard try File.status(of: file.raw).isRegular else {
        throw SystemError("openat2(2)", .invalid, "\(name): no file")
      }
      return file
    } catch {
      if error.errno == .noEntry { return nil }
      throw ImageError("reading \(path)", error)
    }
  }

  func document(_ name: String, limit: Int) throws(ImageError) -> [UInt8]? {
    guard let file = try open(name) else { return nil }
    return try doing("reading \(path)/\(name)") { () throws(SystemError) in
      try File.read(file.raw, limit: limit, name: name)
    }
  }

  func blob(_ name: String) throws(ImageError) -> (digest: Digest, size: UInt64) {
    guard let file = try open(name) else {
      throw ImageError("\(path) has no '\(name)'", hint: "The layout is incomplete.")
    }
    var writer = try BlobWriter(store, name: "\(path)/\(name)")
    let source = FileSource(file.raw, name: name)
    while true {
      let piece = unsafe try source.next()
      if unsafe piece.isEmpty { break }
      unsafe try writer.write(piece)
    }
    return try writer.commit(expected: nil, size: nil)
  }
}
