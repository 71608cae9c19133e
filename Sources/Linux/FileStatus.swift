internal import CLinux

/// The two halves of a device's number (makedev(3)).
public struct DeviceNumber: Hashable, Sendable {
  /// Which driver.
  public let major: UInt32
  /// Which of its devices.
  public let minor: UInt32

  /// Puts the halves together.
  public init(_ major: UInt32, _ minor: UInt32) {
    self.major = major
    self.minor = minor
  }
}

/// What stat(2) tells of a file.
public struct FileStatus: Equatable, Sendable {
  /// The inode number: a namespace's identity in /proc/PID/ns.
  public let inode: UInt64
  /// Bytes.
  public let size: UInt64
  /// Bytes that the file takes on disk: less than `size` when it has holes.
  public let allocated: UInt64
  /// When the content changed last, in seconds since 1970.
  public let modified: Int64
  /// Type and permission bits.
  public let mode: UInt32
  /// Owner.
  public let uid: UInt32
  /// Group.
  public let gid: UInt32
  /// The device the file is on.
  public let device: DeviceNumber
  /// How many names it has; a directory of cgroups has two and one for each inside.
  public let links: UInt32
  /// For a device node: which device.
  public let node: DeviceNumber

  init(_ raw: lx_stat) {
    inode = raw.inode
    size = raw.size
    allocated = raw.blocks &* 512
    modified = raw.mtime_s
    mode = raw.mode
    uid = raw.uid
    gid = raw.gid
    links = raw.links
    device = DeviceNumber(raw.dev_major, raw.dev_minor)
    node = DeviceNumber(raw.rdev_major, raw.rdev_minor)
  }

  /// Whether it is a directory.
  public var isDirectory: Bool { mode & 0o170000 == 0o040000 }
  /// Whether it is a symbolic link.
  public var isLink: Bool { mode & 0o170000 == 0o120000 }
  /// Whether it is a regular file.
  public var isRegular: Bool { mode & 0o170000 == 0o100000 }
  /// Whether it is a socket.
  public var isSocket: Bool { mode & 0o170000 == 0o140000 }
}

extension File {
  /// What fstatat(2) says of a name in a directory, of a link itself.
  ///
  /// The name is bytes, which need not be UTF-8, with a NUL at their end.
  ///
  /// - Throws: `SystemError` naming it.
  public static func status(
    name: [CChar], at directory: Int32
  ) throws(SystemError) -> FileStatus {
    var out = lx_stat()
    try check(unsafe lx_stat(directory, name, 0x100, &out), "stat(2)", text(of: name))
    return FileStatus(out)
  }

  /// A name for people, without the NUL.
  public static func text(of name: [CChar]) -> String {
    String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// The names in an open directory but `.` and `..`, sorted by their bytes, each with a NUL at its
  /// end.
  ///
  /// - Throws: `SystemError` naming the directory.
  public static func names(_ fd: Int32, name: String) throws(SystemError) -> [[CChar]] {
    try entries(fd, name: name).map { $0.bytes }.sorted { a, b in
      a.lexicographicallyPrecedes(b) { UInt8(bitPattern: $0) < UInt8(bitPattern: $1) }
    }
  }
}
