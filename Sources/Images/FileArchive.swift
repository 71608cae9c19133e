internal import Linux

/// Files as a tar stream, with nothing that layers mean by it: what `cp -` reads and writes.
public enum FileArchive {
  /// Whose files are in the archive.
  public struct Owners: Sendable {
    /// Which id an owner has on the other side; nil when it has none.
    public var uid: @Sendable (UInt32) -> UInt32? = { $0 }
    /// The same of groups.
    public var gid: @Sendable (UInt32) -> UInt32? = { $0 }

    /// The same on both sides.
    public init() {}
  }

  /// Writes one file or directory with all that is in it.
  ///
  /// - Parameters:
  ///   - name: in the directory.
  ///   - parent: an open directory.
  ///   - newName: what it is called in the archive; `.` for what is in it alone.
  ///   - owners: from the files' ids to the archive's.
  ///   - fd: where the archive goes; stays the caller's.
  /// - Throws: `ImageError` naming what cannot be read or written.
  public static func write(
    _ name: String, in parent: Int32, as newName: String, owners: Owners, to fd: Int32
  ) throws(ImageError) {
    var rules = PackingRules()
    rules.uid = owners.uid
    rules.gid = owners.gid
    let packing = Packing(FileSink(fd, name: "the archive"), rules)
    guard newName == "." else {
      var sink = try packing.pack(name, in: parent, as: newName)
      return try sink.flush()
    }
    // A handle of O_PATH cannot be listed.
    let folder = try doing("opening \(name)") { () throws(SystemError) in
      try File.open(name, [.readOnly, .directory, .noFollow], at: parent)
    }
    var sink = try packing.pack(folder.raw)
    try sink.flush()
  }

  /// Lays files out beneath an open directory.
  ///
  /// No name is looked up as a path and no link is followed, so nothing comes to lie elsewhere.
  ///
  /// - Parameters:
  ///   - fd: a tar, plain, by gzip or by zstd; stays the caller's.
  ///   - name: what that is to people.
  ///   - root: the directory.
  ///   - owners: from the archive's ids to the files'.
  /// - Throws: `ImageError` naming the entry that cannot be laid out; what came before it stays.
  public static func extract(
    _ fd: Int32, name: String, beneath root: Int32, owners: Owners
  ) throws(ImageError) {
    var rules = UnpackingRules()
    rules.isLayer = false
    rules.uid = owners.uid
    rules.gid = owners.gid
    let (plain, _) = try Inflated.plain(FileSource(fd, name: name), name: name)
    _ = try Unpacking(root: root, name: name, limits: LayerLimits(), rules: rules)
      .unpack(TarReader(plain, name: name))
  }
}
