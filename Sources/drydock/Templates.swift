import Engine
import Format
import OCI

/// Runs a body of the module Format: its errors are a command's.
func formatting<Result>(_ body: () throws(FormatError) -> Result) throws(EngineError) -> Result {
  do throws(FormatError) { return try body() } catch {
    throw EngineError(
      error.message, hint: "--format json shows which fields there are.", exitCode: 1)
  }
}

extension Value {
  /// Reads a JSON document.
  ///
  /// - Throws: `ConfigError` with the place in it.
  init(json bytes: [UInt8]) throws(ConfigError) {
    var json = try JSONReader(bytes, limit: 64 << 20)
    self = try Value.read(&json)
    try json.finish()
  }

  private static func read(_ json: inout JSONReader) throws(ConfigError) -> Value {
    switch json.peek() {
    case UInt8(ascii: "{"):
      var members = [Member]()
      try json.beginObject()
      while try json.nextKey() {
        let key = json.keyString()
        members.append(Member(key, try read(&json)))
      }
      return .object(members)
    case UInt8(ascii: "["):
      var list = [Value]()
      try json.beginArray()
      while try json.nextElement() { list.append(try read(&json)) }
      return .list(list)
    case UInt8(ascii: "\""): return .string(try json.string())
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool(try json.bool())
    default: return .number(try json.signed())
    }
  }
}
