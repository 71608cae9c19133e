import OCI

/// What the engine remembers of a container: `ROOT/containers/ID/container.json`.
///
/// The file never says that a container lives; that is found by looking. It does say how it ended,
/// once somebody saw that.
struct Record: Equatable, Sendable {
  /// 64 hexadecimal digits.
  var id: String
  /// Unique among the containers of a root.
  var name = ""
  /// The image's name.
  var image = ""
  /// The image's directory, which must stay as long as the container.
  var rootfs = ""
  /// The whole argv.
  var command: [String] = []
  /// CLOCK_REALTIME.
  var createdNs: UInt64 = 0
  /// `--rm`.
  var removeOnExit = false
  /// How it ended, as `drydock run` told it.
  var exitCode: Int32?
  /// When that was.
  var finishedNs: UInt64?

  /// The file's content.
  func encode() -> [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.member("schema", Int64(1))
    json.member("id", id)
    json.member("name", name)
    json.member("image", image)
    json.member("rootfs", rootfs)
    json.member("command", command)
    json.member("created_ns", createdNs)
    json.member("remove_on_exit", removeOnExit)
    if let exitCode { json.member("exit_code", Int64(exitCode)) }
    if let finishedNs { json.member("finished_ns", finishedNs) }
    json.endObject()
    return json.bytes
  }

  /// Reads the file; nil when it is missing.
  static func read(_ path: String) throws(EngineError) -> Record? {
    try StateFile.read(path) { (json) throws(ConfigError) in
      var record = Record(id: "")
      try json.beginObject()
      while try json.nextKey() {
        if json.keyIs("id") {
          record.id = try json.string()
        } else if json.keyIs("name") {
          record.name = try json.string()
        } else if json.keyIs("image") {
          record.image = try json.string()
        } else if json.keyIs("rootfs") {
          record.rootfs = try json.string()
        } else if json.keyIs("command") {
          record.command = try json.strings()
        } else if json.keyIs("created_ns") {
          record.createdNs = try json.unsigned()
        } else if json.keyIs("remove_on_exit") {
          record.removeOnExit = try json.bool()
        } else if json.keyIs("exit_code") {
          record.exitCode = Int32(truncatingIfNeeded: try json.signed(0...255))
        } else if json.keyIs("finished_ns") {
          record.finishedNs = try json.unsigned()
        } else {
          try json.skip()
        }
      }
      return record
    }
  }
}
