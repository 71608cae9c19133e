internal import Images
internal import Linux

/// What an image is: `image.json` beside it.
public struct ImageManifest: Equatable, Sendable {
  /// How much there is in it.
  public var variant: String
  /// Seconds since 1970 that all its times are.
  public var epoch: Int64
  /// `sha256:…` by the file's name.
  public var digests: [String: String]

  /// The files that belong to an image.
  static let files = ["drydock.qcow2", "drydock.raw", "initrd", "packages.txt", "vmlinuz"]

  /// Describes the image in a folder.
  ///
  /// - Throws: `ClassroomError` when a file cannot be read.
  init(_ recipe: Recipe, in folder: String) throws(ClassroomError) {
    variant = recipe.variant.rawValue
    epoch = recipe.epoch
    digests = [:]
    for name in ImageManifest.files {
      digests[name] = try ClassroomError.told { () throws(SystemError) in
        try ImageManifest.digest(of: "\(folder)/\(name)")
      }
    }
  }

  private static func digest(of path: String) throws(SystemError) -> String {
    let file = try File.open(path, .readOnly)
    var hasher = Digest.Hasher()
    while true {
      let bytes = try File.readSome(file.raw, 1 << 20)
      if bytes.isEmpty { return hasher.finish().description }
      unsafe bytes.withUnsafeBytes { unsafe hasher.update($0) }
    }
  }

  /// The file's text: the same for the same image.
  public var json: String {
    let files = digests.sorted { $0.key < $1.key }.map { "    \"\($0.key)\": \"\($0.value)\"" }
    return """
      {
        "variant": "\(variant)",
        "epoch": \(epoch),
        "digests": {
      \(files.joined(separator: ",\n"))
        }
      }

      """
  }
}
