// Content by its digest.
//
//     ROOT/blobs/sha256/HEX       content; its bytes have this digest. Never changed
//     ROOT/blobs/ingest/PID-N     being written, flock(2) held by who writes it. Whoever finds one
//                                 that nobody holds may remove it
//
// A blob is written under ingest/, its digest taken on the way, compared with what was promised,
// fsync(2)ed, renamed (rename(2)), and the directory is fsync(2)ed: it is there as a whole or not at
// all, after a power cut too. Two that store the same blob at once rename one over the other, which
// is the same. Writing out begins while more is still coming (sync_file_range(2)), so that fsync has
// little left to wait for.

internal import CLinux
public import Linux

/// Blobs, each visible only when complete and verified.
public struct ContentStore: Sendable {
  /// `ROOT/blobs`.
  public let directory: String

  /// Bytes of the largest blob taken: no layer is larger, and disks are not endless.
  public static let largest: UInt64 = 64 << 30

  /// A store in a directory, which is made when the first blob comes.
  public init(directory: String) { self.directory = directory }

  /// Where a blob is, or would be.
  public func path(_ digest: Digest) -> String { "\(directory)/sha256/\(digest.hex)" }

  /// Whether a blob is there.
  public func contains(_ digest: Digest) -> Bool { File.exists(path(digest)) }

  /// Opens a blob for reading.
  ///
  /// - Throws: `ImageError` when it is not there.
  public func open(_ digest: Digest) throws(ImageError) -> Descriptor {
    do throws(SystemError) {
      return try File.open(path(digest), [.readOnly, .noFollow])
    } catch {
      guard error.errno == .noEntry else { throw ImageError("opening the blob", error) }
      throw ImageError(
        "the blob \(digest) is missing", hint: "Load or pull the image again: it is incomplete.")
    }
  }

  /// Reads a small blob whole, a manifest or a configuration, and verifies it.
  ///
  /// - Throws: `ImageError` when it is missing, larger than `limit` bytes, or damaged.
  public func read(_ digest: Digest, limit: Int) throws(ImageError) -> [UInt8] {
    let file = try open(digest)
    let bytes = try doing("reading the blob \(digest)") { () throws(SystemError) in
      try File.read(file.raw, limit: limit, name: path(digest))
    }
    guard Digest(of: bytes) == digest else {
      throw ImageError(
        "the blob \(digest) is damaged: its bytes have the digest \(Digest(of: bytes))",
        hint: "The disk lost or changed bytes. Remove the image, then load it again.")
    }
    return bytes
  }

  /// Stores bytes that are at hand.
  ///
  /// - Throws: `ImageError` when they cannot be written, or are not what `expected` says.
  @discardableResult
  public func store(_ bytes: [UInt8], expected: Digest? = nil) throws(ImageError) -> Digest {
    var writer = try BlobWriter(self, name: expected.map { "\($0)" } ?? "a document")
    try writer.write(bytes)
    return try writer.commit(expected: expected, size: nil).digest
  }

  /// Every blob that is there.
  ///
  /// - Throws: `ImageError` when the directory cannot be read.
  public func list() throws(ImageError) -> [Digest] {
    let place = directory + "/sha256"
    guard File.exists(place) else { return [] }
    return try doing("listing blobs") { () throws(SystemError) in
      try File.list(place).compactMap { Digest(hex: $0) }
    }
  }

  /// Removes a blob; one that is not there is fine.
  ///
  /// - Throws: `ImageError` when it cannot be removed.
  public func remove(_ digest: Digest) throws(ImageError) {
    try doing("removing the blob \(digest)") { () throws(SystemError) in
      do throws(SystemError) { try File.remove(path(digest)) } catch {
        if error.errno != .noEntry { throw error }
      }
    }
  }

  /// Files under ingest/ that nobody writes any more.
  ///
  /// - Throws: `ImageError` when the directory cannot be read.
  public func abandoned() throws(ImageError) -> [String] {
    let place = directory + "/ingest"
    guard File.exists(place) else { return [] }
    return try doing("looking at \(place)") { () throws(SystemError) in
      var found = [String]()
      for name in try File.list(place) where try !FileLock.isHeld("\(place)/\(name)") {
        found.append("\(place)/\(name)")
      }
      return found
    }
  }
}

/// A blob being written: gone when it is not committed.
public struct BlobWriter: ~Copyable {
  private let store: ContentStore
  /// What it is to people.
  private let name: String
  private let place: String
  private let file: FileLock
  private let limit: UInt64
  private var hasher = Digest.Hasher()
  /// Bytes so far.
  public private(set) var size: UInt64 = 0
  private var writtenOut: UInt64 = 0

  /// How much comes between two beginnings of writing out.
  private static let stride: UInt64 = 8 << 20

  /// Begins a blob.
  ///
  /// - Parameters:
  ///   - store: where it will be.
  ///   - name: what it is to people, in errors.
  ///   - limit: more bytes than this are refused while they come.
  /// - Throws: `ImageError` when the file cannot be made.
  public init(
    _ store: ContentStore, name: String, limit: UInt64 = ContentStore.largest
  ) throws(ImageError) {
    self.store = store
    self.name = name
    self.limit = limit
    let unique = "\(Processes.current)-\(UInt64.random(in: 0...UInt64.max))"
    let place = "\(store.directory)/ingest/\(unique)"
    self.place = place
    file = try doing("storing \(name)") { () throws(SystemError) in
      try File.makeDirectories(store.directory + "/ingest", mode: 0o700)
      try File.makeDirectories(store.directory + "/sha256", mode: 0o700)
      return try FileLock(writing: place)
    }
  }

  deinit { _ = unsafe lx_unlinkat(currentDirectory, place, 0) }

  /// Adds bytes.
  ///
  /// - Throws: `ImageError` when they cannot be written, or are more than the limit.
  public mutating func write(_ bytes: [UInt8]) throws(ImageError) {
    var failure: ImageError?
    unsafe bytes.withUnsafeBytes { all in
      do throws(ImageError) { try unsafe write(all) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  /// Adds bytes.
  ///
  /// - Throws: `ImageError` when they cannot be written, or are more than the limit.
  public mutating func write(_ bytes: UnsafeRawBufferPointer) throws(ImageError) {
    guard UInt64(bytes.count) <= limit - size else {
      throw ImageError("\(name) has more than the \(limit) bytes it may have")
    }
    unsafe hasher.update(bytes)
    var done = 0
    while done < bytes.count {
      let put = unsafe lx_pwrite(
        file.descriptor.raw, bytes.baseAddress?.advanced(by: done), bytes.count - done,
        Int64(size) + Int64(done))
      guard put > 0 else {
        throw ImageError(
          "storing \(name)", SystemError("write(2)", Errno(Int32(put < 0 ? -put : 5)), place))
      }
      done += put
    }
    size += UInt64(bytes.count)
    if size - writtenOut >= BlobWriter.stride {
      // Only a beginning: what fails here fails in fsync(2) too.
      _ = lx_write_out(file.descriptor.raw, Int64(writtenOut), Int64(size - writtenOut))
      writtenOut = size
    }
  }

  /// Verifies what was written and makes it visible.
  ///
  /// - Parameters:
  ///   - expected: the promised digest.
  ///   - promised: the promised size in bytes.
  /// - Returns: digest and size.
  /// - Throws: `ImageError` when a promise was not kept; nothing is left then.
  public consuming func commit(
    expected: Digest?, size promised: UInt64?
  ) throws(ImageError) -> (digest: Digest, size: UInt64) {
    if let promised, promised != size {
      throw ImageError(
        "\(name) has \(size) bytes instead of the \(promised) that were promised",
        hint: "It was cut off or changed on its way: get it again.")
    }
    let digest = hasher.finish()
    if let expected, expected != digest {
      throw ImageError(
        "\(name) has the digest \(digest) instead of \(expected)",
        hint: "It was damaged or changed on its way: get it again.")
    }
    let place = self.place
    let store = self.store
    let fd = file.descriptor.raw
    try doing("storing \(name)") { () throws(SystemError) in
      let final = store.path(digest)
      // It has these bytes: whoever renamed it here verified that and synced it.
      if File.exists(final) { return }
      try check(lx_fsync(fd), "fsync(2)", place)
      try File.rename(place, to: final)
      try File.sync(store.directory + "/sha256")
    }
    return (digest, size)
  }
}
