import Images
import Linux

/// The image that a container is made from, kept from being removed until a record names it.
struct ChosenImage: ~Copyable {
  /// What the record keeps.
  let image: StoredImage
  /// As it was asked for.
  let name: String
  /// How it is run.
  let settings: ImageSettings
  /// Its layers' directories, the topmost first, separated by colons, as overlayfs takes them.
  let lower: String
  /// Shared with others who choose.
  let lock: FileLock
}

extension Engine {
  /// Finds an image, or makes it when it is a built-in one, with all its layers unpacked.
  ///
  /// - Throws: `EngineError` when there is no such image, or a layer cannot be unpacked.
  func choose(_ reference: String) throws(EngineError) -> ChosenImage {
    let lock = try storing { () throws(ImageError) in try imageStore.keep() }
    let builtin = try builtinImages.prepare(reference)
    let found = try storing { () throws(ImageError) -> StoredImage? in
      if let builtin { return builtin }
      return try imageStore.find(reference)?.image
    }
    guard let image = found else {
      throw EngineError(
        "Unable to find image '\(reference)' locally",
        hint: "`drydock images` lists what there is; built in are "
          + ImageRecipe.names.joined(separator: ", ") + ".")
    }
    let (config, paths) = try storing { () throws(ImageError) in
      (try imageStore.config(image.id), try imageStore.directories(of: image))
    }
    return ChosenImage(
      image: image, name: reference, settings: config.settings,
      lower: paths.joined(separator: ":"), lock: lock)
  }
}
