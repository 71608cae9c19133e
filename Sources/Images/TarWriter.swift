// tar as POSIX has it (pax(1), "pax Interchange Format"; tar(5)): a header of 512 bytes, and before
// it an extended one where the header has no room: long names, names that are not ASCII, times
// between seconds, large files and ids, extended attributes (SCHILY.xattr.NAME).
//
// The same files give the same bytes: order is the caller's, and nothing of this machine or moment
// goes in. libarchive's writer would do, but pulls every format it knows into each of our programs.

/// What takes the bytes.
protocol TarSink: ~Copyable {
  mutating func write(_ bytes: UnsafeRawBufferPointer) throws(ImageError)
}

extension BlobWriter: TarSink {}

/// The header of an entry to be written.
struct TarHeader {
  enum Kind: UInt8 {
    case file = 48, hardLink, link, character, block, directory, fifo
  }

  /// Bytes, relative to the root, no NUL; a directory's ends in a slash.
  var path: [UInt8]
  var kind: Kind
  var mode: UInt32 = 0o644
  var uid: UInt32 = 0
  var gid: UInt32 = 0
  var size: UInt64 = 0
  var modified = FileTime(seconds: 0, nanoseconds: 0)
  /// What a hard link is a name of, or what a symbolic one says.
  var target: [UInt8] = []
  var device: (major: UInt32, minor: UInt32) = (0, 0)
  /// Sorted by name.
  var attributes: [(name: String, value: [UInt8])] = []
}

/// Writes entries into a sink.
struct TarWriter<Sink: TarSink & ~Copyable>: ~Copyable {
  private var sink: Sink
  /// Of the entry being written.
  private var rest: UInt64 = 0
  private var size: UInt64 = 0

  init(_ sink: consuming Sink) { self.sink = sink }

  /// Begins an entry, whose content comes next when it has any.
  mutating func begin(_ header: TarHeader) throws(ImageError) {
    let records = TarWriter.records(header)
    if !records.isEmpty {
      var extended = TarHeader(path: Array("PaxHeaders/entry".utf8), kind: .file)
      extended.size = UInt64(records.count)
      try put(TarWriter.block(extended, flag: UInt8(ascii: "x")))
      try put(records + TarWriter.padding(records.count))
    }
    try put(TarWriter.block(header, flag: header.kind.rawValue))
    size = header.kind == .file ? header.size : 0
    rest = size
  }

  /// Adds content; all of it must come to the size in the header.
  mutating func content(_ bytes: UnsafeRawBufferPointer) throws(ImageError) {
    precondition(UInt64(bytes.count) <= rest, "more content than the header promised")
    unsafe try sink.write(bytes)
    rest -= UInt64(bytes.count)
  }

  /// Ends an entry with content.
  mutating func end() throws(ImageError) {
    precondition(rest == 0, "less content than the header promised")
    try put(TarWriter.padding(Int(size % 512)))
  }

  /// An entry whose content is at hand.
  mutating func file(_ header: TarHeader, _ bytes: [UInt8]) throws(ImageError) {
    var header = header
    header.size = UInt64(bytes.count)
    try begin(header)
    try put(bytes)
    rest = 0
    try end()
  }

  /// Ends the archive with two empty blocks, and gives the sink back.
  consuming func finish() throws(ImageError) -> Sink {
    try put([UInt8](repeating: 0, count: 1024))
    return sink
  }

  private mutating func put(_ bytes: [UInt8]) throws(ImageError) {
    var failure: ImageError?
    unsafe bytes.withUnsafeBytes { all in
      do throws(ImageError) { unsafe try sink.write(all) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  private static func padding(_ count: Int) -> [UInt8] {
    [UInt8](repeating: 0, count: (512 - count % 512) % 512)
  }

  // MARK: Headers

  /// What the plain header has no room for.
  private static func records(_ header: TarHeader) -> [UInt8] {
    var records = [UInt8]()
    if !fits(header.path) { records += record("path", header.path) }
    if !fits(header.target) { records += record("linkpath", header.target) }
    if header.size > largestSize { records += record("size", Array("\(header.size)".utf8)) }
    if header.uid > largestID { records += record("uid", Array("\(header.uid)".utf8)) }
    if header.gid > largestID { records += record("gid", Array("\(header.gid)".utf8)) }
    if header.modified.nanoseconds != 0 || header.modified.seconds < 0
      || UInt64(header.modified.seconds) > largestSize
    {
      records += record("mtime", Array(text(header.modified).utf8))
    }
    for attribute in header.attributes {
      records += record("SCHILY.xattr." + attribute.name, attribute.value)
    }
    return records
  }

  /// 11 and 7 octal digits.
  private static var largestSize: UInt64 { 0o77777777777 }
  private static var largestID: UInt32 { 0o7777777 }

  private static func fits(_ name: [UInt8]) -> Bool {
    name.count <= 100 && name.allSatisfy { $0 < 0x80 }
  }

  /// Seconds since 1970 with a fraction; before that the fraction counts backwards, too.
  private static func text(_ time: FileTime) -> String {
    var (seconds, nanoseconds) = (time.seconds, time.nanoseconds)
    var sign = ""
    if seconds < 0 {
      sign = "-"
      seconds = nanoseconds > 0 ? -(seconds + 1) : -seconds
      if nanoseconds > 0 { nanoseconds = 1_000_000_000 - nanoseconds }
    }
    guard nanoseconds > 0 else { return "\(sign)\(seconds)" }
    let digits = "\(nanoseconds)"
    var fraction = String(repeating: "0", count: 9 - digits.count) + digits
    while fraction.hasSuffix("0") { fraction.removeLast() }
    return "\(sign)\(seconds).\(fraction)"
  }

  /// `LENGTH KEY=VALUE\n`, where the length counts its own digits.
  private static func record(_ key: String, _ value: [UInt8]) -> [UInt8] {
    let body = Array(" \(key)=".utf8) + value + [UInt8(ascii: "\n")]
    var length = body.count + 1
    while "\(length)".utf8.count + body.count != length {
      length = "\(length)".utf8.count + body.count
    }
    return Array("\(length)".utf8) + body
  }

  private static func block(_ header: TarHeader, flag: UInt8) -> [UInt8] {
    var block = [UInt8](repeating: 0, count: 512)
    func set(_ at: Int, _ bytes: some Collection<UInt8>) {
      for (place, byte) in zip(at..., bytes) { block[place] = byte }
    }
    func octal(_ at: Int, _ digits: Int, _ value: UInt64) {
      let text = String(value, radix: 8)
      set(at, (String(repeating: "0", count: max(0, digits - text.count)) + text).utf8)
    }
    // What does not fit stands in the extended header; here is what old readers make do with.
    set(0, header.path.suffix(100))
    octal(100, 7, UInt64(header.mode))
    octal(108, 7, UInt64(min(header.uid, largestID)))
    octal(116, 7, UInt64(min(header.gid, largestID)))
    let size = flag == UInt8(ascii: "0") || flag == UInt8(ascii: "x") ? header.size : 0
    octal(124, 11, min(size, largestSize))
    octal(136, 11, UInt64(clamping: max(0, header.modified.seconds)) & largestSize)
    block[156] = flag
    set(157, header.target.prefix(100))
    set(257, Array("ustar".utf8) + [0, 48, 48])
    if header.kind == .character || header.kind == .block {
      octal(329, 7, UInt64(header.device.major))
      octal(337, 7, UInt64(header.device.minor))
    }
    set(148, Array("        ".utf8))
    octal(148, 6, block.reduce(0) { $0 + UInt64($1) })
    block[154] = 0
    block[155] = UInt8(ascii: " ")
    return block
  }
}
