import Linux

/// The volumes' directories.
///
///     ROOT/volumes/NAME/_data     the files, seen in containers
///     ROOT/volumes/NAME/maker     of one without a name of its own: the id of the container that it is
///                                 made for, which its record waits for
///     ROOT/volumes/NAME/filling   a copy of the image's files, being made: counts for nothing
///     ROOT/volumes/NAME/filled    the copy, complete and on the disk: its entries go to _data one
///                                 by one
///     ROOT/volumes/.removing-…    being removed; the next command that removes something finishes it
///
/// A volume is filled under a lock (flock(2)) on NAME. Whoever comes next, after a kill anywhere,
/// drops `filling` and finishes `filled` before anything else, so that an interrupted filling is
/// either repeated or completed. `_data` itself stays the same directory all the time: a container
/// may have it mounted already.
struct VolumeFiles: Sendable {
  /// `ROOT/volumes`.
  let root: String

  /// The volume's directory.
  func home(_ name: String) -> String { "\(root)/\(name)" }
  /// Its files.
  func data(_ name: String) -> String { "\(root)/\(name)/_data" }

  /// Makes what is missing of the directories.
  func make(_ name: String) throws(SystemError) {
    // Others' ids pass, since a container with a user namespace goes through here.
    guard !File.exists(data(name)) else { return }
    try File.makeDirectories(home(name), mode: 0o711)
    try File.makeDirectories(data(name), mode: 0o755)
  }

  /// Notes which container a volume is made for.
  func note(_ name: String, maker: String) throws(SystemError) {
    try File.replace(home(name) + "/maker", with: maker.utf8, mode: 0o600)
  }

  /// The volumes that are made for containers, and these containers.
  func made() throws(SystemError) -> [(name: String, maker: String)] {
    guard File.exists(root) else { return [] }
    var list: [(name: String, maker: String)] = []
    for name in try File.list(root).sorted() where File.exists(home(name) + "/maker") {
      list.append((name, try File.text(home(name) + "/maker")))
    }
    return list
  }

  /// Moves the directory away; what is moved counts for nothing any more.
  func discard(_ name: String) throws(SystemError) {
    guard File.exists(home(name)) else { return }
    try File.move(home(name), to: "\(root)/.removing-\(Names.newID().prefix(16))")
  }

  /// Removes what was moved away.
  func clear() throws(SystemError) {
    guard File.exists(root) else { return }
    for entry in try File.list(root) where entry.hasPrefix(".removing-") {
      try File.removeTree("\(root)/\(entry)")
    }
  }

  /// Fills a volume with what an image has at a path, when it is still empty; finishes a filling
  /// that was interrupted.
  ///
  /// - Parameters:
  ///   - name: the volume, whose directories are there.
  ///   - path: in the image.
  ///   - lower: the image's layers, the top one first, separated by colons.
  ///   - owner: of the files of an empty volume for which the image has nothing: root's ids outside
  ///     when there is a user namespace.
  ///   - isLasting: whether it outlives a power cut, for which the disk is waited for.
  /// - Throws: `SystemError` naming what could not be copied.
  func fill(
    _ name: String, from path: String, lower: String, owner: (uid: UInt32, gid: UInt32)?,
    isLasting: Bool = true
  ) throws(SystemError) {
    let lock = try FileLock(directory: home(name))
    let home = lock.descriptor.raw
    let data = try File.open("_data", [.readOnly, .directory, .noFollow], at: home)
    try settle(home, data.raw)
    guard try File.list(data.raw, name: name).isEmpty else { return }
    let image = try ImageView(lower: lower)
    guard let source = try image.directory(path) else {
      if let owner { try File.setOwner(self.data(name), uid: owner.uid, gid: owner.gid) }
      return
    }
    try File.makeDirectory("filling", mode: 0o700, at: home)
    do throws(SystemError) {
      let filling = try File.open("filling", [.readOnly, .directory, .noFollow], at: home)
      try TreeCopy.copy(from: source.raw, to: filling.raw)
      // On the disk before it counts: a name can outlive a power cut that its content did not.
      if isLasting { try File.sync(filling.raw, name: name) }
    } catch {
      // On a full disk above all, half a copy must not stay. The cause is what matters.
      do { try File.removeTree("filling", at: home) } catch {}
      throw error
    }
    try File.move("filling", to: "filled", at: home)
    try settle(home, data.raw)
    _ = consume lock
  }

  /// Finishes a filling that was interrupted.
  func settle(_ name: String) throws(SystemError) {
    // Without either there is nothing to lock for.
    let isOpen = File.exists(home(name) + "/filling") || File.exists(home(name) + "/filled")
    guard isOpen else { return }
    let lock = try FileLock(directory: home(name))
    let data = try File.open(
      "_data", [.readOnly, .directory, .noFollow], at: lock.descriptor.raw)
    try settle(lock.descriptor.raw, data.raw)
    _ = consume lock
  }

  /// The same; the lock is held.
  private func settle(_ home: Int32, _ data: Int32) throws(SystemError) {
    try File.removeTree("filling", at: home)
    guard File.exists("filled", at: home) else { return }
    let filled = try File.open("filled", [.readOnly, .directory, .noFollow], at: home)
    for entry in try File.list(filled.raw, name: "filled") {
      // What somebody has put there meanwhile stays.
      _ = try File.moveNew(
        "/proc/self/fd/\(filled.raw)/\(entry)", to: "/proc/self/fd/\(data)/\(entry)")
    }
    try TreeCopy.copyOwner(from: filled.raw, to: data)
    try File.removeTree("filled", at: home)
  }
}
