import Linux

/// The built-in images, kept in one directory.
///
///     images/lock                        held shared while an image is chosen for a container,
///                                        exclusively while one is made or removed
///     images/busybox.json                which of the directories is the current one, and what
///                                        its sources looked like (size, inode, mtime), so that
///                                        they need not be read again each time
///     images/busybox-0123456789ab/rootfs the files; never changed once it has this name
///     images/.making-busybox             being made; whoever holds the lock may remove it
///
/// An image is made under `.making-NAME` and renamed (rename(2)): it is there as a whole or not at
/// all. The digest covers the recipe's version and the sources' bytes.
struct Images {
  /// `ROOT/images`.
  let directory: String
  /// What the images are made from.
  let sources: ImageSources

  /// The version of the recipe in ImageRecipe.swift: raise it when that changes.
  static let recipe = 1

  /// An image that is ready, and the lock that keeps it so until a container's record names it.
  struct Ready: ~Copyable {
    let image: Image
    let lock: FileLock
  }

  /// The image of that name, made first when it is missing or its sources have changed.
  ///
  /// - Parameters:
  ///   - reference: `busybox`, `stress`, `probe`, or one of them with `:latest`.
  ///   - inUse: directories that containers' records name; older versions that are not among them
  ///     are removed when a new one is made.
  /// - Returns: the image, kept in place by a shared lock.
  /// - Throws: `EngineError` when there is no such image or it cannot be made.
  func prepare(
    _ reference: String, inUse: () throws(EngineError) -> Set<String>
  ) throws(EngineError) -> Ready {
    let name = try Images.name(reference)
    try asked("making the images' directory") { () throws(SystemError) in
      try File.makeDirectories(directory)
    }
    while true {
      let lock = try locked(.shared)
      if let image = try current(name) { return Ready(image: image, lock: lock) }
      _ = consume lock
      let exclusive = try locked(.exclusive)
      try make(name, inUse: inUse)
      _ = consume exclusive
    }
  }

  /// The images that are there, without making any.
  func list() throws(EngineError) -> [Image] {
    guard File.exists(directory) else { return [] }
    let lock = try locked(.shared)
    var images = [Image]()
    for name in ImageRecipe.names {
      if let image = try Image.read(indexPath(name)) { images.append(image) }
    }
    _ = consume lock
    return images
  }

  /// Images that a killed command was making: nobody holds the lock, so nobody is at it.
  func halfMade() throws(EngineError) -> [String] {
    guard File.exists(directory) else { return [] }
    return try asked("looking at the images") { () throws(SystemError) in
      if try FileLock.isHeld(directory + "/lock") { return [] }
      return try File.list(directory).filter { $0.hasPrefix(".making-") }
        .map { "\(directory)/\($0)" }
    }
  }

  /// Removes them.
  func removeHalfMade() throws(EngineError) {
    let exclusive = try locked(.exclusive)
    try asked("removing half an image") { () throws(SystemError) in
      for entry in try File.list(directory) where entry.hasPrefix(".making-") {
        try File.removeTree("\(directory)/\(entry)")
      }
    }
    _ = consume exclusive
  }

  /// `busybox` of `busybox` and `busybox:latest`.
  static func name(_ reference: String) throws(EngineError) -> String {
    let name = reference.hasSuffix(":latest") ? String(reference.dropLast(7)) : reference
    guard ImageRecipe.names.contains(name) else {
      throw EngineError(
        "no such image: \(reference)",
        hint: "There are the images \(ImageRecipe.names.joined(separator: ", ")).")
    }
    return name
  }

  private func locked(_ kind: FileLock.Kind) throws(EngineError) -> FileLock {
    try asked("locking the images") { () throws(SystemError) in
      try FileLock(directory + "/lock", kind)
    }
  }

  private func indexPath(_ name: String) -> String { "\(directory)/\(name).json" }

  /// The image in the index, when it is there and its sources still look as they did.
  private func current(_ name: String) throws(EngineError) -> Image? {
    guard let image = try Image.read(indexPath(name)), File.exists(image.rootfs),
      image.rootfs.hasPrefix(directory + "/"), image.stamps == (try sources.stamps(name))
    else { return nil }
    return image
  }

  /// Makes the image unless another process just did; the exclusive lock is held.
  private func make(
    _ name: String, inUse: () throws(EngineError) -> Set<String>
  ) throws(EngineError) {
    if try current(name) != nil { return }
    // Stamps before bytes: a source that changes meanwhile is seen as changed the next time.
    let stamps = try sources.stamps(name)
    let files = try sources.read(name)
    var hash = SHA256()
    hash.update(Array("drydock image \(name) recipe \(Images.recipe)\n".utf8))
    for file in files {
      hash.update(Array("\(file.target) \(file.bytes.count)\n".utf8))
      hash.update(file.bytes)
    }
    let digest = hash.digest()
    let home = "\(directory)/\(name)-\(digest.prefix(12))"
    var size = UInt64(0)
    for file in files { size += UInt64(file.bytes.count) }

    if !File.exists(home) {
      let making = "\(directory)/.making-\(name)"
      try asked("making the image \(name)") { () throws(SystemError) in
        try File.removeTree(making)
        do throws(SystemError) {
          try ImageRecipe.lay(name, files, applets: sources.applets, at: making + "/rootfs")
          try File.move(making, to: home)
        } catch {
          // On a full disk above all, half an image must not stay.
          do { try File.removeTree(making) } catch {}
          throw error
        }
      }
    }
    let image = Image(
      name: name, digest: digest, rootfs: home + "/rootfs", createdNs: Clock.wall, size: size,
      stamps: stamps)
    let kept = try inUse()
    try asked("recording the image \(name)") { () throws(SystemError) in
      try File.replace(indexPath(name), with: image.encode())
      for entry in try File.list(directory)
      where entry.hasPrefix(name + "-") && !kept.contains("\(directory)/\(entry)/rootfs")
        && "\(directory)/\(entry)" != home
      {
        // Renamed first: what is half removed has no name that anybody would use.
        let doomed = "\(directory)/.making-\(name)"
        try File.removeTree(doomed)
        try File.move("\(directory)/\(entry)", to: doomed)
        try File.removeTree(doomed)
      }
    }
  }
}
