// Bytes on their way: from a file, through a decompressor, past a digest, into a reader of tar.
//
//   FileSource → [Inflated] → Measured → TarReader
//
// Each piece is lent: valid until the next one is asked for.

internal import CLinux
internal import Linux

/// Gives bytes piece by piece.
protocol ByteSource: AnyObject {
  /// The next bytes, valid until the next call; none at the end.
  func next() throws(ImageError) -> UnsafeRawBufferPointer
}

/// An open file, or what comes through a pipe.
@safe final class FileSource: ByteSource {
  private let fd: Int32
  private let name: String
  private let buffer: UnsafeMutableRawBufferPointer
  /// Bytes lent so far.
  private(set) var count: UInt64 = 0

  /// Reads `fd`, which stays the caller's and open; `name` is for errors.
  init(_ fd: Int32, name: String, piece: Int = 256 << 10) {
    self.fd = fd
    self.name = name
    unsafe buffer = .allocate(byteCount: piece, alignment: 4096)
  }

  deinit { unsafe buffer.deallocate() }

  func next() throws(ImageError) -> UnsafeRawBufferPointer {
    var got = -4
    while got == -4 { got = unsafe lx_read(fd, buffer.baseAddress, buffer.count) }  // EINTR
    guard got >= 0 else {
      throw ImageError("reading \(name)", SystemError("read(2)", Errno(Int32(-got)), name))
    }
    count += UInt64(got)
    return unsafe UnsafeRawBufferPointer(rebasing: buffer[..<got])
  }
}

/// Bytes at hand, then those of another source.
@safe final class Prefixed: ByteSource {
  private let rest: any ByteSource
  private let first: UnsafeMutableRawBufferPointer
  private var isFirst = true

  init(_ first: [UInt8], then rest: any ByteSource) {
    self.rest = rest
    unsafe self.first = .allocate(byteCount: first.count, alignment: 1)
    unsafe self.first.copyBytes(from: first)
  }

  deinit { unsafe first.deallocate() }

  func next() throws(ImageError) -> UnsafeRawBufferPointer {
    if isFirst {
      isFirst = false
      if unsafe !first.isEmpty { return unsafe UnsafeRawBufferPointer(first) }
    }
    return unsafe try rest.next()
  }
}

/// Takes the digest of what passes, and refuses what is too much.
final class Measured: ByteSource {
  private let source: any ByteSource
  private var hasher = Digest.Hasher()
  private let limit: (UInt64) throws(ImageError) -> Void
  /// Bytes that have passed.
  private(set) var count: UInt64 = 0

  /// `limit` is asked with the bytes so far after each piece, and throws when they are too many.
  init(_ source: any ByteSource, limit: @escaping (UInt64) throws(ImageError) -> Void) {
    self.source = source
    self.limit = limit
  }

  func next() throws(ImageError) -> UnsafeRawBufferPointer {
    let piece = unsafe try source.next()
    count += UInt64(piece.count)
    try limit(count)
    unsafe hasher.update(piece)
    return unsafe piece
  }

  /// Lets the rest pass, and tells the digest of all.
  func finish() throws(ImageError) -> Digest {
    while unsafe try !next().isEmpty {}
    return hasher.finish()
  }
}

/// How bytes are compressed, by their first ones.
public enum Compression: Equatable, Sendable {
  /// Not at all.
  case none
  /// RFC 1952.
  case gzip
  /// RFC 8878.
  case zstd

  /// Looks at the beginning of a file.
  ///
  /// - Throws: `ImageError` for a compression that images may not have.
  init(magic: [UInt8], name: String) throws(ImageError) {
    if magic.starts(with: [0x1f, 0x8b]) {
      self = .gzip
    } else if magic.starts(with: [0x28, 0xb5, 0x2f, 0xfd]) {
      self = .zstd
    } else if magic.starts(with: [0xfd, 0x37, 0x7a, 0x58, 0x5a])
      || magic.starts(with: [0x42, 0x5a, 0x68])
    {
      throw ImageError(
        "\(name) is compressed with \(magic[0] == 0x42 ? "bzip2" : "xz"): "
          + "layers are plain, gzip or zstd",
        hint: "Pipe it through \(magic[0] == 0x42 ? "bunzip2" : "xz -dc").")
    } else {
      self = .none
    }
  }
}

/// What comes out of a decompressor.
final class Inflated: ByteSource {
  private let reader: TarReader

  /// - Throws: `ImageError` when it cannot be decompressed, or is compressed twice.
  init(_ source: any ByteSource, name: String) throws(ImageError) {
    reader = try TarReader(source, name: name, raw: true)
  }

  func next() throws(ImageError) -> UnsafeRawBufferPointer {
    unsafe try reader.nextBlock()?.bytes ?? UnsafeRawBufferPointer(start: nil, count: 0)
  }

  /// The plain bytes of a source, whichever way it is compressed.
  ///
  /// - Throws: `ImageError` when it cannot be read.
  static func plain(
    _ source: any ByteSource, name: String
  ) throws(ImageError) -> (source: any ByteSource, compression: Compression) {
    var magic = [UInt8]()
    while magic.count < 6 {
      let piece = unsafe try source.next()
      if unsafe piece.isEmpty { break }
      unsafe magic += Array(piece)
    }
    let compression = try Compression(magic: Array(magic.prefix(6)), name: name)
    let whole = Prefixed(magic, then: source)
    if compression == .none { return (whole, compression) }
    return (try Inflated(whole, name: name), compression)
  }
}
