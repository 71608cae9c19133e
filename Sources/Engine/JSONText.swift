import Linux
import OCI

/// The small JSON files of the engine's state: written with these, read with `JSONReader`.
enum JSONText {
  /// A string in double quotes (RFC 8259, section 7).
  static func string(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": out += "\\\(scalar)"
      case "\n": out += "\\n"
      case "\u{0}"..<" ":
        out += "\\u" + "0000".dropLast(scalar.value > 15 ? 2 : 1)
        out += String(scalar.value, radix: 16)
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  }

  /// An object of one level, from names and values that are JSON already.
  static func object(_ members: [(String, String)]) -> String {
    "{" + members.map { "\(string($0.0)):\($0.1)" }.joined(separator: ",") + "}"
  }

  /// An array of values that are JSON already.
  static func array(_ elements: [String]) -> String {
    "[" + elements.joined(separator: ",") + "]"
  }

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
      throw EngineError("\(name): \(error.text)", hint: "The file is damaged, or from another version.")
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
