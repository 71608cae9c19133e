// tar through libarchive(3): ustar, GNU and pax (tar(5)), with long names, holes and attributes.
//
// The same class reads a compressed stream ("raw"), which to libarchive is an archive of one entry.

internal import CArchive
internal import Linux

#if canImport(Glibc)
  internal import Glibc
#endif

/// Reads the entries of a tar stream one after another.
@safe final class TarReader {
  private let archive: OpaquePointer
  private let source: any ByteSource
  private let name: String
  private let isRaw: Bool
  /// What the source threw: libarchive only knows that something went wrong.
  private var failure: ImageError?

  /// Names are bytes.
  ///
  /// libarchive converts those of pax headers from UTF-8 to the locale's, and gives
  /// up in "C" at the first letter that is not ASCII.
  private static let utf8: Bool = unsafe setlocale(LC_CTYPE, "C.UTF-8") != nil

  /// Begins to read.
  ///
  /// - Parameters:
  ///   - source: the plain tar, or with `raw` something compressed.
  ///   - name: what it is to people, in errors.
  ///   - raw: whether to decompress instead of reading tar.
  /// - Throws: `ImageError` when it is neither.
  init(_ source: any ByteSource, name: String, raw: Bool = false) throws(ImageError) {
    // Without that locale only archives with other letters are refused, by libarchive.
    _ = TarReader.utf8
    guard let archive = unsafe archive_read_new() else {
      throw ImageError("reading \(name): no memory")
    }
    unsafe self.archive = archive
    self.source = source
    self.name = name
    isRaw = raw
    unsafe archive_read_set_callback_data(archive, Unmanaged.passUnretained(self).toOpaque())
    unsafe archive_read_set_read_callback(archive) { _, data, buffer in
      guard let data = unsafe data, let buffer = unsafe buffer else { return -1 }
      return unsafe Unmanaged<TarReader>.fromOpaque(data).takeUnretainedValue().lend(buffer)
    }
    if raw {
      unsafe archive_read_support_filter_gzip(archive)
      unsafe archive_read_support_filter_zstd(archive)
      unsafe archive_read_support_format_raw(archive)
      unsafe archive_read_support_format_empty(archive)
    } else {
      unsafe archive_read_support_format_tar(archive)
      unsafe archive_read_support_format_empty(archive)
    }
    try accept(unsafe archive_read_open1(archive))
    guard raw else { return }
    // The filters, and the source itself.
    guard unsafe archive_filter_count(archive) <= 2 else {
      throw ImageError("\(name) is compressed more than once, as bombs are")
    }
    var entry: OpaquePointer?
    let result = unsafe archive_read_next_header(archive, &entry)
    if result != ARCHIVE_EOF { try accept(result) }
  }

  deinit { unsafe archive_read_free(archive) }

  private func lend(_ buffer: UnsafeMutablePointer<UnsafeRawPointer?>) -> Int {
    do throws(ImageError) {
      let piece = unsafe try source.next()
      unsafe buffer.pointee = piece.baseAddress
      return piece.count
    } catch {
      failure = error
      return -1
    }
  }

  /// Moves to the next entry; nil at the end.
  ///
  /// - Throws: `ImageError` when the stream is damaged or cut off.
  func next() throws(ImageError) -> TarEntry? {
    var entry: OpaquePointer?
    let result = unsafe archive_read_next_header(archive, &entry)
    if result == ARCHIVE_EOF { return nil }
    // A name that is not UTF-8 comes as its bytes, with a warning.
    if result != ARCHIVE_WARN || !said.contains("can't be converted") { try accept(result) }
    guard let entry = unsafe entry else { return nil }
    return unsafe TarEntry(entry)
  }

  /// The next bytes of the entry and where in the file they are; nil at its end.
  ///
  /// - Throws: `ImageError` when the stream is damaged or cut off.
  func nextBlock() throws(ImageError) -> (bytes: UnsafeRawBufferPointer, offset: Int64)? {
    var start: UnsafeRawPointer?
    var size = 0
    var offset: la_int64_t = 0
    let result = unsafe archive_read_data_block(archive, &start, &size, &offset)
    if result == ARCHIVE_EOF { return nil }
    try accept(result)
    return unsafe (UnsafeRawBufferPointer(start: start, count: size), offset)
  }

  /// The whole content of the entry, up to a limit.
  ///
  /// - Throws: `ImageError` when there is more, or the stream is damaged.
  func content(limit: Int, of entry: String) throws(ImageError) -> [UInt8] {
    var bytes = [UInt8]()
    while let block = unsafe try nextBlock() {
      guard unsafe block.bytes.count <= limit - bytes.count else {
        throw ImageError("\(name): \(entry) has more than the \(limit) bytes it may have")
      }
      unsafe bytes += Array(block.bytes)
    }
    return bytes
  }

  /// libarchive's last words.
  private var said: String {
    unsafe archive_error_string(archive).map { unsafe String(cString: $0) } ?? "unknown error"
  }

  private func accept(_ result: Int32) throws(ImageError) {
    if result == ARCHIVE_OK { return }
    if let failure { throw failure }
    throw ImageError(
      "\(name) cannot be read: \(said)",
      hint: isRaw
        ? "It is damaged, or was cut off." : "It is no tar archive, is damaged, or was cut off.")
  }
}

/// One entry, valid until the reader moves on.
@safe struct TarEntry {
  private let entry: OpaquePointer

  /// What an entry is (tar(5), typeflag).
  enum Kind: Equatable {
    case file, directory, link, fifo
    case device(block: Bool, major: UInt32, minor: UInt32)
    case hardLink
    case other
  }

  init(_ entry: OpaquePointer) { unsafe self.entry = entry }

  var kind: Kind {
    if unsafe archive_entry_hardlink(entry) != nil { return .hardLink }
    switch unsafe archive_entry_filetype(entry) & 0o170000 {
    case 0o100000: return .file
    case 0o040000: return .directory
    case 0o120000: return .link
    case 0o010000: return .fifo
    case 0o020000: return device(block: false)
    case 0o060000: return device(block: true)
    default: return .other
    }
  }

  private func device(block: Bool) -> Kind {
    .device(
      block: block, major: UInt32(truncatingIfNeeded: unsafe archive_entry_rdevmajor(entry)),
      minor: UInt32(truncatingIfNeeded: unsafe archive_entry_rdevminor(entry)))
  }

  /// The name as it stands in the archive: bytes, not always UTF-8.
  var path: TarPath { unsafe TarPath(archive_entry_pathname(entry)) }
  /// What a hard link is a name of.
  var hardLink: TarPath { unsafe TarPath(archive_entry_hardlink(entry)) }
  /// What a symbolic link says, with a NUL at its end.
  var link: [CChar] { unsafe TarPath.bytes(archive_entry_symlink(entry)) }

  var size: Int64 { unsafe archive_entry_size(entry) }
  var mode: UInt32 { unsafe archive_entry_perm(entry) & 0o7777 }
  var uid: Int64 { unsafe archive_entry_uid(entry) }
  var gid: Int64 { unsafe archive_entry_gid(entry) }

  /// Nanoseconds are 0 where the archive has none.
  var modified: FileTime {
    unsafe TarEntry.time(archive_entry_mtime(entry), archive_entry_mtime_nsec(entry))
  }
  /// As `modified` where the archive does not say.
  var accessed: FileTime {
    guard unsafe archive_entry_atime_is_set(entry) != 0 else { return modified }
    return unsafe TarEntry.time(archive_entry_atime(entry), archive_entry_atime_nsec(entry))
  }

  /// Before 1970 libarchive leaves the fraction as it stands behind the point, where it counts
  /// backwards; the kernel's always counts forwards.
  private static func time(_ seconds: Int, _ nanoseconds: Int) -> FileTime {
    guard seconds < 0, nanoseconds > 0 else {
      return FileTime(seconds: Int64(seconds), nanoseconds: Int64(nanoseconds))
    }
    return FileTime(seconds: Int64(seconds) - 1, nanoseconds: 1_000_000_000 - Int64(nanoseconds))
  }

  /// Calls `body` with each extended attribute (xattr(7)).
  func eachAttribute<Failure: Error>(
    _ body: (_ name: String, _ value: UnsafeRawBufferPointer) throws(Failure) -> Void
  ) throws(Failure) {
    guard unsafe archive_entry_xattr_reset(entry) > 0 else { return }
    var name: UnsafePointer<CChar>?
    var value: UnsafeRawPointer?
    var size = 0
    while unsafe archive_entry_xattr_next(entry, &name, &value, &size) == ARCHIVE_OK {
      guard let name = unsafe name else { continue }
      unsafe try body(String(cString: name), UnsafeRawBufferPointer(start: value, count: size))
    }
  }
}

/// A moment, as files have it.
struct FileTime: Equatable, Hashable {
  var seconds: Int64
  var nanoseconds: Int64
}
