internal import Linux

extension ImageStore {
  /// Makes an image of one layer from a root filesystem in a tar.
  ///
  /// - Parameters:
  ///   - path: the file, plain, by gzip or by zstd; nil for standard input.
  ///   - name: what it is to be called; nil for nothing.
  ///   - changes: `--change` lines.
  ///   - message: `-m`.
  ///   - progress: told the bytes so far.
  /// - Returns: the image.
  /// - Throws: `ImageError` when it is no tar, or hostile; nothing is left then.
  public func importFiles(
    _ path: String?, name: String?, changes: [String] = [], message: String? = nil,
    progress: (UInt64) -> Void = { _ in }
  ) throws(ImageError) -> StoredImage {
    let names = try name.map { (name) throws(ImageError) in [try Reference.forTagging(name)] } ?? []
    var config = ImageConfig()
    config.architecture = ImageStore.architecture
    config.os = "linux"
    config.created = Timestamp.text(nanoseconds: Clock.wall)
    for change in changes { try config.settings.apply(change) }
    var entry = HistoryEntry()
    entry.created = config.created
    entry.comment = message ?? "Imported from \(path ?? "-")"
    do throws(ImageError) {
      return try keeping { () throws(ImageError) in
        let layer = try storePlain(path, progress)
        return try build(layer, on: nil, config, entry, names: names)
      }
    } catch {
      // The cause is what matters; what is not collected now the next command collects.
      do throws(ImageError) { try collectIfAlone() } catch {}
      throw error
    }
  }

  /// Stores what a tar is when nothing compresses it: then the blob's digest is the DiffID too.
  private func storePlain(
    _ path: String?, _ progress: (UInt64) -> Void
  ) throws(ImageError) -> (digest: Digest, size: UInt64) {
    guard let path else { return try storePlain(0, "standard input", progress) }
    let file = try opened(path)
    return try storePlain(file.raw, path, progress)
  }

  private func storePlain(
    _ fd: Int32, _ name: String, _ progress: (UInt64) -> Void
  ) throws(ImageError) -> (digest: Digest, size: UInt64) {
    let source = FileSource(fd, name: name)
    let (plain, compression) = try Inflated.plain(source, name: name)
    var writer = try BlobWriter(blobs, name: name)
    let limits = layers.limits
    while true {
      let piece = unsafe try plain.next()
      if unsafe piece.isEmpty { break }
      unsafe try writer.write(piece)
      guard
        compression == .none || writer.size <= limits.freely
          || writer.size / limits.ratio <= source.count
      else {
        throw ImageError(
          "\(name) is refused: it grows to more than \(limits.ratio) times its bytes",
          hint: "Files do not compress so well; bombs do.")
      }
      progress(source.count)
    }
    guard writer.size > 0 else { throw ImageError("\(name) is empty") }
    return try writer.commit(expected: nil, size: nil)
  }
}
