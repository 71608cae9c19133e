internal import Linux
internal import OCI

/// One check of a container's health that is over.
public struct HealthProbe: Equatable, Sendable {
  /// How many are kept, as Docker does.
  static let most = 5
  /// So much of what a check writes is kept, in bytes.
  static let mostOutput = 4096

  /// When it began (CLOCK_REALTIME).
  public var begunNs: UInt64 = 0
  /// When it ended.
  public var endedNs: UInt64 = 0
  /// Its exit code; -1 when it took too long or could not be run.
  public var code: Int32 = -1
  /// What it wrote.
  public var output = ""

  /// One that begins now.
  init() { begunNs = Clock.wall }

  /// Writes it as an object.
  func write(_ json: inout JSONWriter) {
    json.beginObject()
    json.member("begun_ns", begunNs)
    json.member("ended_ns", endedNs)
    json.member("code", Int64(code))
    json.member("output", output)
    json.endObject()
  }

  /// Reads the object.
  ///
  /// - Throws: `ConfigError` naming the place that cannot be read.
  init(_ json: inout JSONReader) throws(ConfigError) {
    begunNs = 0
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("begun_ns") {
        begunNs = try json.unsigned()
      } else if json.keyIs("ended_ns") {
        endedNs = try json.unsigned()
      } else if json.keyIs("code") {
        code = Int32(truncatingIfNeeded: try json.signed(-1...255))
      } else if json.keyIs("output") {
        output = try json.string()
      } else {
        try json.skip()
      }
    }
  }
}
