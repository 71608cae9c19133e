import Images
import Linux

/// The built-in images: ordinary images of the store, made on demand from programs on this machine.
///
/// What the programs looked like is kept beside the name (State/ImageTable.swift, `builtin`), so that
/// they need not be read again each time. The same programs give the same image everywhere. Somebody
/// who loads another image under the name keeps that.
struct BuiltinImages {
  /// Where images are kept.
  let store: ImageStore
  /// What the images are made from.
  let sources: ImageSources

  /// The version of the recipe in ImageRecipe.swift: raise it when that changes.
  static let recipe = 2

  /// The image of a name, made first when it is missing or its sources have changed.
  ///
  /// The caller keeps images from being removed.
  ///
  /// - Parameter reference: `busybox`, `stress`, `probe`, or one of them with `:latest`.
  /// - Returns: the image; nil when the name is no built-in image's, or is somebody's own.
  /// - Throws: `EngineError` when it cannot be made.
  func prepare(_ reference: String) throws(EngineError) -> StoredImage? {
    let name = reference.hasSuffix(":latest") ? String(reference.dropLast(7)) : reference
    guard ImageRecipe.names.contains(name) else { return nil }
    if try storing({ () throws(ImageError) in try store.isOverridden(name) }) { return nil }
    // Stamps before bytes: a source that changes meanwhile is seen as changed the next time.
    let stamps = "\(BuiltinImages.recipe) " + (try sources.stamps(name)).joined(separator: ", ")
    let current = try storing { () throws(ImageError) in
      try store.builtin(name, stamps: stamps)
    }
    if let current { return current }
    return try make(name, stamps)
  }

  private func make(_ name: String, _ stamps: String) throws(EngineError) -> StoredImage {
    let files = try sources.read(name)
    // Beside the blobs being written, and like them gone with whoever holds the lock.
    let making = "\(store.blobs.directory)/ingest/\(name)-\(Names.newID().prefix(16))"
    let lock = try asked("making the image \(name)") { () throws(SystemError) in
      try File.makeDirectories(making, mode: 0o700)
      return try FileLock(directory: making)
    }
    do throws(EngineError) {
      try asked("making the image \(name)") { () throws(SystemError) in
        try ImageRecipe.lay(name, files, applets: sources.applets, at: making + "/rootfs")
      }
      let image = try storing { () throws(ImageError) in
        try store.makeBuiltin(
          name, from: making + "/rootfs", ImageRecipe.settings(name), stamps: stamps)
      }
      try asked("making the image \(name)") { () throws(SystemError) in
        try File.removeTree(making)
      }
      _ = consume lock
      return image
    } catch {
      // On a full disk above all, half an image must not stay.
      do throws(SystemError) { try File.removeTree(making) } catch {}
      throw error
    }
  }
}

/// Runs a body of the module Images: its errors are the engine's.
///
/// The exit code is 125 where a container was asked for, else 1.
func storing<Result: ~Copyable>(
  exitCode: Int32 = 125, _ body: () throws(ImageError) -> Result
) throws(EngineError) -> Result {
  do throws(ImageError) { return try body() } catch {
    throw EngineError(error.message, hint: error.hint, exitCode: exitCode)
  }
}
