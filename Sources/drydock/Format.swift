// `--format` on the command line: the module Format, with the engine's way to say what is wrong.

import Engine
import Format
import OCI

extension Template {
  /// Reads what was typed; `json` stands for the whole as JSON.
  static func read(_ text: String) throws(EngineError) -> Template {
    do throws(FormatError) {
      return try Template(text == "json" ? "{{json .}}" : text)
    } catch { throw EngineError("template parsing error: \(error.message)", exitCode: 1) }
  }

  /// Fills it.
  func filled(_ value: Value) throws(EngineError) -> String {
    do throws(FormatError) { return try fill(value) } catch {
      throw EngineError("template parsing error: \(error.message)", exitCode: 1)
    }
  }
}

/// Prints a list in its columns, or as `--format` says.
///
/// - Parameters:
///   - format: `--format`.
///   - columns: the usual ones, from left to right.
///   - headings: further fields and what stands above them.
///   - rows: an object each.
/// - Throws: `EngineError` when the format is no template.
func printList(
  _ format: String?, _ columns: [Listing.Column], _ headings: [Listing.Column] = [],
  _ rows: [Value]
) throws(EngineError) {
  do throws(FormatError) {
    var text = ""
    for line in try Listing.lines(format, columns: columns, headings: headings, rows) {
      text += line + "\n"
    }
    print(text, terminator: "")
  } catch { throw EngineError("template parsing error: \(error.message)", exitCode: 1) }
}

extension Value {
  /// Reads a JSON document.
  static func json(_ bytes: [UInt8]) throws(EngineError) -> Value {
    do throws(ConfigError) {
      var json = try JSONReader(bytes, limit: 64 << 20)
      let value = try read(&json)
      try json.finish()
      return value
    } catch { throw EngineError("reading JSON: \(error.text)") }
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
    case UInt8(ascii: "n"):
      try json.skip()
      return .null
    default: return .number(try json.signed())
    }
  }
}
