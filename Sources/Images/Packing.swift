// A directory becomes a tar: the other way of Unpacking.swift, for commit, import and export.
//
// From a container's upper directory a layer comes: character devices 0,0 are whiteouts, an opaque
// directory gets .wh..wh.opq. Entries are sorted by their bytes, names of one file beyond the first
// are hard links, sockets are left out (they mean nothing without who listens).

internal import CLinux
internal import Linux

/// How a directory is packed.
struct PackingRules {
  /// Whether the notes of overlayfs are told as a layer's, or are no business of the reader's.
  var isUpper = false
  /// Paths that are left out, such as `etc/hosts`.
  var without: Set<String> = []
  /// Which id an owner has inside; nil when it has none.
  var uid: (UInt32) -> UInt32? = { $0 }
  /// Which id a group has inside; nil when it has none.
  var gid: (UInt32) -> UInt32? = { $0 }
  /// The one time that all files get; nil for their own.
  var time: FileTime?
}

/// Packs one directory into one tar.
struct Packing<Sink: TarSink & ~Copyable>: ~Copyable {
  private var tar: TarWriter<Sink>
  private let rules: PackingRules
  /// Where a file with several names was seen first, by its inode.
  private var seen: [UInt64: [UInt8]] = [:]
  private var buffer = [UInt8](repeating: 0, count: 256 << 10)

  init(_ sink: consuming Sink, _ rules: PackingRules) {
    tar = TarWriter(sink)
    self.rules = rules
  }

  /// Packs everything beneath an open directory; its own entry is left out, as Docker does.
  consuming func pack(_ root: Int32) throws(ImageError) -> Sink {
    try directory(root, [], depth: 0)
    return try tar.finish()
  }

  /// Packs one entry of an open directory and everything beneath it.
  consuming func pack(
    _ name: String, in parent: Int32, as newName: String
  ) throws(ImageError) -> Sink {
    let bytes = name.utf8.map { CChar(bitPattern: $0) } + [0]
    do throws(SystemError) {
      let status = try File.status(name: bytes, at: parent)
      if let failure = try entry(parent, bytes, Array(newName.utf8), status, depth: 0) {
        throw failure.cause
      }
    } catch {
      if let failure { throw failure }
      throw ImageError("packing \(name)", error)
    }
    return try tar.finish()
  }

  private mutating func directory(
    _ fd: Int32, _ prefix: [UInt8], depth: Int
  ) throws(ImageError) {
    guard depth < TarPath.deepest else {
      throw ImageError("\(text(prefix)) lies more than \(TarPath.deepest) directories deep")
    }
    let names = try doing("reading \(text(prefix))") { () throws(SystemError) in
      try File.names(fd, name: text(prefix))
    }
    for name in names {
      let path = prefix + name.dropLast().map { UInt8(bitPattern: $0) }
      if rules.without.contains(text(path)) { continue }
      do throws(SystemError) {
        let status = try File.status(name: name, at: fd)
        if let failure = try entry(fd, name, path, status, depth: depth) { throw failure.cause }
      } catch {
        if let failure = self.failure { throw failure }
        // A container that runs removes files while they are read.
        if error.errno == .noEntry { continue }
        throw ImageError("packing \(text(path))", error)
      }
    }
  }

  /// An error that is no system call's.
  private var failure: ImageError?

  private struct Failed: Error {
    let cause = SystemError("write(2)", Errno(125), "archive")
  }

  /// Writes one entry; what it returns says that `failure` is set.
  private mutating func entry(
    _ parent: Int32, _ name: [CChar], _ path: [UInt8], _ status: FileStatus, depth: Int
  ) throws(SystemError) -> Failed? {
    if rules.isUpper, Whiteout.isOne(status) {
      return whiteout(path, status)
    }
    guard var header = try header(parent, name, path, status) else { return nil }
    do throws(ImageError) {
      if status.links > 1, !status.isDirectory {
        if let first = seen[status.inode] {
          header.kind = .hardLink
          header.target = first
          header.attributes = []
          try tar.begin(header)
          return nil
        }
        seen[status.inode] = path
      }
      guard header.kind == .file || header.kind == .directory else {
        try tar.begin(header)
        return nil
      }
      if header.kind == .file {
        try file(parent, name, header)
        return nil
      }
      let inner = try doing("reading \(text(path))") { () throws(SystemError) in
        Descriptor(
          owning: Int32(
            try check(
              unsafe lx_openat(
                parent, name,
                (OpenFlags.directory.union(.noFollow)).rawValue, 0), "openat(2)", text(path))))
      }
      try tar.begin(header)
      if rules.isUpper, try isOpaque(parent, name, path) {
        try tar.file(
          TarHeader(path: path + Array("/.wh..wh.opq".utf8), kind: .file, mode: 0), [])
      }
      try directory(inner.raw, path + [UInt8(ascii: "/")], depth: depth + 1)
      return nil
    } catch {
      failure = error
      return Failed()
    }
  }

  private mutating func whiteout(_ path: [UInt8], _ status: FileStatus) -> Failed? {
    let slash = path.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
    do throws(ImageError) {
      let marker = Array(path[..<slash]) + Array(".wh.".utf8) + Array(path[slash...])
      try tar.file(TarHeader(path: marker, kind: .file, mode: 0), [])
      return nil
    } catch {
      failure = error
      return Failed()
    }
  }

  private mutating func file(
    _ parent: Int32, _ name: [CChar], _ header: TarHeader
  ) throws(ImageError) {
    let what = text(header.path)
    let flags: OpenFlags = [.readOnly, .noFollow, .nonBlocking]
    let file = try doing("packing \(what)") { () throws(SystemError) in
      Descriptor(
        owning: Int32(
          try check(unsafe lx_openat(parent, name, flags.rawValue, 0), "openat(2)", what)))
    }
    try tar.begin(header)
    var rest = header.size
    while rest > 0 {
      let wanted = Int(min(rest, UInt64(buffer.count)))
      let got = unsafe buffer.withUnsafeMutableBytes { all in
        unsafe lx_read(file.raw, all.baseAddress, wanted)
      }
      guard got >= 0 else {
        throw ImageError("packing \(what)", SystemError("read(2)", Errno(Int32(-got)), what))
      }
      // It became shorter while it was read: the header stands already, so zeros follow.
      if got == 0 { for place in 0..<wanted { buffer[place] = 0 } }
      let count = got == 0 ? wanted : got
      var failed: ImageError?
      unsafe buffer.withUnsafeBytes { all in
        do throws(ImageError) {
          unsafe try tar.content(UnsafeRawBufferPointer(rebasing: all[..<count]))
        } catch { failed = error }
      }
      if let failed { throw failed }
      rest -= UInt64(count)
    }
    try tar.end()
  }

  // MARK: Headers

  private func header(
    _ parent: Int32, _ name: [CChar], _ path: [UInt8], _ status: FileStatus
  ) throws(SystemError) -> TarHeader? {
    let kind: TarHeader.Kind
    switch status.mode & 0o170000 {
    case 0o100000: kind = .file
    case 0o040000: kind = .directory
    case 0o120000: kind = .link
    case 0o020000: kind = .character
    case 0o060000: kind = .block
    case 0o010000: kind = .fifo
    default: return nil
    }
    guard let uid = rules.uid(status.uid), let gid = rules.gid(status.gid) else {
      throw SystemError("getuid(2)", Errno(75), "\(text(path)) of \(status.uid):\(status.gid)")
    }
    var header = TarHeader(
      path: kind == .directory ? path + [UInt8(ascii: "/")] : path, kind: kind,
      mode: status.mode & 0o7777, uid: uid, gid: gid)
    if kind == .file { header.size = status.size }
    if kind == .character || kind == .block {
      header.device = (status.node.major, status.node.minor)
    }
    if kind == .link { header.target = try target(parent, name) }
    var modified: [Int64] = [0, 0]
    var changed: [Int64] = [0, 0]
    try check(unsafe lx_times(parent, name, &modified, &changed), "stat(2)", text(path))
    header.modified = rules.time ?? FileTime(seconds: modified[0], nanoseconds: modified[1])
    for attribute in try Attributes.list(parent, name) {
      if attribute.hasPrefix("trusted.overlay.") || attribute.hasPrefix("user.overlay.") {
        guard !attribute.hasSuffix(".redirect"), !attribute.hasSuffix(".metacopy") else {
          throw SystemError("getxattr(2)", .invalid, "\(text(path)): \(attribute), part of another")
        }
        continue
      }
      if attribute == "security.selinux" { continue }
      header.attributes.append((attribute, try Attributes.value(attribute, parent, name)))
    }
    return header
  }

  private func target(_ parent: Int32, _ name: [CChar]) throws(SystemError) -> [UInt8] {
    var buffer = [CChar](repeating: 0, count: 4096)
    let got = try check(
      unsafe lx_readlinkat(parent, name, &buffer, 4096), "readlink(2)", name.text)
    return buffer[..<got].map { UInt8(bitPattern: $0) }
  }

  private func isOpaque(
    _ parent: Int32, _ name: [CChar], _ path: [UInt8]
  ) throws(ImageError) -> Bool {
    try doing("reading \(text(path))") { () throws(SystemError) in
      try Attributes.isOpaque(parent, name)
    }
  }

  private func text(_ path: [UInt8]) -> String { String(decoding: path, as: UTF8.self) }
}

/// Extended attributes of a name in a directory (xattr(7)).
enum Attributes {
  /// Their names, sorted.
  static func list(_ parent: Int32, _ name: [CChar]) throws(SystemError) -> [String] {
    var names = [CChar](repeating: 0, count: 1024)
    var got = unsafe lx_listxattrat(parent, name, &names, names.count)
    if got == -34 {  // ERANGE: 64 KiB is the most there can be.
      names = [CChar](repeating: 0, count: 65_536)
      got = unsafe lx_listxattrat(parent, name, &names, names.count)
    }
    if got == -95 || got == 0 { return [] }
    try check(got, "listxattr(2)", name.text)
    return names[..<got].split(separator: 0).map { ($0 + [0]).map { $0 }.text }.sorted()
  }

  static func value(
    _ attribute: String, _ parent: Int32, _ name: [CChar]
  ) throws(SystemError) -> [UInt8] {
    var value = [UInt8](repeating: 0, count: 65_536)
    let got = try check(
      unsafe lx_getxattrat(parent, name, attribute, &value, value.count), "getxattr(2)",
      "\(name.text) \(attribute)")
    return Array(value[..<got])
  }

  /// Whether a directory hides what lower layers have in it; in a user namespace overlayfs takes
  /// its notes as user.* attributes.
  static func isOpaque(_ parent: Int32, _ name: [CChar]) throws(SystemError) -> Bool {
    for attribute in [Whiteout.opaqueAttribute, "user.overlay.opaque"] {
      var value = [UInt8](repeating: 0, count: 4)
      let got = unsafe lx_getxattrat(parent, name, attribute, &value, value.count)
      if got == 1, value[0] == UInt8(ascii: "y") { return true }
      // ENODATA, EOPNOTSUPP, ERANGE: no, or something else.
      if got < 0, got != -61, got != -95, got != -34 { try check(got, "getxattr(2)", name.text) }
    }
    return false
  }
}
