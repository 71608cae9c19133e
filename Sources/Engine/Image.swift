import Linux
import OCI

/// A prepared image.
struct Image: Equatable, Sendable {
  /// `busybox`, `stress` or `probe`.
  var name: String
  /// SHA-256 of the recipe and the sources, 64 hexadecimal digits.
  var digest: String
  /// The directory with its files.
  var rootfs: String
  /// When it was made (CLOCK_REALTIME).
  var createdNs: UInt64
  /// Bytes of its files.
  var size: UInt64
  /// What its sources looked like.
  var stamps: [String]

  /// What an image says about how it is run.
  var settings: ImageSettings { ImageRecipe.settings(name) }

  /// The file in the index.
  func encode() -> [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.member("schema", Int64(1))
    json.member("name", name)
    json.member("digest", digest)
    json.member("rootfs", rootfs)
    json.member("created_ns", createdNs)
    json.member("size", size)
    json.member("stamps", stamps)
    json.endObject()
    return json.bytes
  }

  /// Reads a file of the index; nil when it is missing.
  static func read(_ path: String) throws(EngineError) -> Image? {
    try StateFile.read(path) { (json) throws(ConfigError) in
      var image = Image(name: "", digest: "", rootfs: "", createdNs: 0, size: 0, stamps: [])
      try json.beginObject()
      while try json.nextKey() {
        if json.keyIs("name") {
          image.name = try json.string()
        } else if json.keyIs("digest") {
          image.digest = try json.string()
        } else if json.keyIs("rootfs") {
          image.rootfs = try json.string()
        } else if json.keyIs("created_ns") {
          image.createdNs = try json.unsigned()
        } else if json.keyIs("size") {
          image.size = try json.unsigned()
        } else if json.keyIs("stamps") {
          image.stamps = try json.strings()
        } else {
          try json.skip()
        }
      }
      return image
    }
  }
}

/// What an image says about how it is run (the OCI image specification's `config`).
struct ImageSettings: Equatable, Sendable {
  /// Always run, with the command's words behind it.
  var entrypoint: [String] = []
  /// Run, or given to the entrypoint, when the command line names nothing.
  var command: [String] = []
  /// `NAME=value`.
  var environment = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
  /// Where the program starts.
  var workingDirectory = "/"
  /// Who it runs as.
  var user: String?
  /// Places that get a volume of their own.
  var volumes: [String] = []

  /// The whole argv for what was written behind the image's name.
  func arguments(_ words: [String]) -> [String] { entrypoint + (words.isEmpty ? command : words) }
}
