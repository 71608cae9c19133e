import Linux
import OCI

/// The small JSON files of the engine's state, with errors that name the file.
enum StateFile {
  /// Reads a file of the engine's state; nil when it is missing.
  ///
  /// - Throws: `EngineError` naming the file and the place in it that cannot be read.
  static func read<Value>(
    _ path: String, limit: Int = 1 << 20,
    _ parse: (inout JSONReader) throws(ConfigError) -> Value
  ) throws(EngineError) -> Value? {
    let bytes: [UInt8]
    do throws(SystemError) {
      bytes = try File.read(path, limit: limit)
    } catch {
      if error.errno == .noEntry || error.errno == .notDirectory { return nil }
      throw EngineError("reading \(path)", error)
    }
    return try parsed(bytes, name: path, limit: limit, parse)
  }

  /// Reads JSON bytes that came from `name`.
  static func parsed<Value>(
    _ bytes: [UInt8], name: String, limit: Int = 1 << 20,
    _ parse: (inout JSONReader) throws(ConfigError) -> Value
  ) throws(EngineError) -> Value {
    do throws(ConfigError) {
      var json = try JSONReader(bytes, limit: limit)
      let value = try parse(&json)
      try json.finish()
      return value
    } catch {
      throw EngineError(
        "\(name): \(error.text)", hint: "The file is damaged, or from another version.")
    }
  }
}

extension JSONReader {
  /// Reads an array of strings.
  mutating func strings() throws(ConfigError) -> [String] {
    var list = [String]()
    try beginArray()
    while try nextElement() { list.append(try string()) }
    return list
  }
}
