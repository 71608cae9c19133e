internal import Linux
internal import State

/// Images that are made on demand from programs of the host.
extension ImageStore {
  /// The image that was made for a name, when its sources still look as they did then and the name
  /// still means it.
  ///
  /// - Parameters:
  ///   - name: `busybox`.
  ///   - stamps: what the sources look like.
  /// - Returns: the image; nil when one is to be made.
  /// - Throws: `ImageError` when the records cannot be read.
  public func builtin(_ name: String, stamps: String) throws(ImageError) -> StoredImage? {
    let key = try Reference(name).key
    let row = try asked { () throws(StateError) in
      try state.open().read("looking for the image \(name)") { db -> ImageRow? in
        guard let made = try ImageTable.builtin(name, db), made.stamps == stamps,
          let row = try ImageTable.tagged(key, db), row.id == made.image
        else { return nil }
        return row
      }
    }
    return try row.map { (row) throws(ImageError) in try StoredImage(row) }
  }

  /// Whether a name means an image that people have put there: theirs stays.
  ///
  /// - Throws: `ImageError` when the records cannot be read.
  public func isOverridden(_ name: String) throws(ImageError) -> Bool {
    let key = try Reference(name).key
    return try asked { () throws(StateError) in
      try state.open().read("looking for the image \(name)") { db in
        guard let row = try ImageTable.tagged(key, db) else { return false }
        return try ImageTable.builtin(name, db)?.image != row.id
      }
    }
  }

  /// Makes the built-in image of a name from a directory.
  ///
  /// - Parameters:
  ///   - name: `busybox`; an earlier image loses it.
  ///   - directory: its files.
  ///   - settings: how it is run.
  ///   - stamps: what its sources looked like before they were read.
  /// - Returns: the image; the same files give the same one on every machine.
  /// - Throws: `ImageError` naming what cannot be packed or stored.
  public func makeBuiltin(
    _ name: String, from directory: String, _ settings: ImageSettings, stamps: String
  ) throws(ImageError) -> StoredImage {
    let files = try doing("packing the image \(name)") { () throws(SystemError) in
      try File.open(directory, [.readOnly, .directory])
    }
    var config = ImageConfig()
    config.architecture = ImageStore.architecture
    config.os = "linux"
    config.settings = settings
    var entry = HistoryEntry()
    entry.createdBy = "drydock: built in"
    var rules = PackingRules()
    rules.time = FileTime(seconds: 0, nanoseconds: 0)
    let image = try build(
      files.raw, rules, on: nil, config, entry, names: [try Reference(name)])
    try asked { () throws(StateError) in
      try state.open().write(.imageNote, "noting the image \(name)") {
        try ImageTable.setBuiltin(name, image: image.id.hex, stamps: stamps, $0)
      }
    }
    return image
  }
}
