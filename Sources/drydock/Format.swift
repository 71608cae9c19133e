// `--format`: the part of Go's text/template that people use with Docker.
//
//     {{.Name}}  {{.State.Status}}  {{json .Config.Env}}  {{index .Labels "a"}}  {{join .Cmd " "}}
//     {{range .Mounts}}{{.Source}} {{end}}  {{range $k, $v := .Labels}}…{{end}}
//     {{if .Running}}…{{else}}…{{end}}  {{with .Health}}…{{end}}  {{.Size | upper}}
//     functions: json index join len upper lower title split println print eq ne not and or
//
// `table TEMPLATE` prints a header and aligned columns, `json` a JSON object a line.

import Engine
import OCI

/// What a template is filled with.
indirect enum FormatValue: Equatable {
  case null
  case bool(Bool)
  case number(Int64)
  case text(String)
  case list([FormatValue])
  case object([FormatMember])

  /// A field of an object, in its order.
  struct FormatMember: Equatable {
    var key: String
    var value: FormatValue
  }

  /// An object of texts, as the lists of `ps` and `images` are.
  static func row(_ columns: [(String, String)]) -> FormatValue {
    .object(columns.map { FormatMember(key: $0.0, value: .text($0.1)) })
  }

  /// Reads a JSON document.
  static func json(_ bytes: [UInt8]) throws -> FormatValue {
    do throws(ConfigError) {
      var json = try JSONReader(bytes, limit: 64 << 20)
      let value = try read(&json)
      try json.finish()
      return value
    } catch {
      throw EngineError("reading JSON: \(error.text)")
    }
  }

  private static func read(_ json: inout JSONReader) throws(ConfigError) -> FormatValue {
    switch json.peek() {
    case UInt8(ascii: "{"):
      var members = [FormatMember]()
      try json.beginObject()
      while try json.nextKey() {
        let key = json.keyString()
        members.append(FormatMember(key: key, value: try read(&json)))
      }
      return .object(members)
    case UInt8(ascii: "["):
      var list = [FormatValue]()
      try json.beginArray()
      while try json.nextElement() { list.append(try read(&json)) }
      return .list(list)
    case UInt8(ascii: "\""): return .text(try json.string())
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool(try json.bool())
    case UInt8(ascii: "n"):
      try json.skip()
      return .null
    default: return .number(try json.signed())
    }
  }

  /// A field; nil when there is none.
  func field(_ name: String) -> FormatValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == name }?.value
  }

  /// As Go prints it.
  var text: String {
    switch self {
    case .null: "<no value>"
    case .bool(let value): "\(value)"
    case .number(let value): "\(value)"
    case .text(let value): value
    case .list(let values): "[" + values.map { $0.text }.joined(separator: " ") + "]"
    case .object(let members):
      "map[" + members.map { "\($0.key):\($0.value.text)" }.joined(separator: " ") + "]"
    }
  }

  /// Whether `if` takes it for true.
  var isTrue: Bool {
    switch self {
    case .null: false
    case .bool(let value): value
    case .number(let value): value != 0
    case .text(let value): !value.isEmpty
    case .list(let values): !values.isEmpty
    case .object(let members): !members.isEmpty
    }
  }

  /// As JSON, in one line or several.
  func encoded(pretty: Bool = false) -> String {
    var json = JSONWriter(pretty: pretty)
    write(to: &json)
    return String(decoding: json.bytes, as: UTF8.self)
  }

  private func write(to json: inout JSONWriter) {
    switch self {
    case .null: json.null()
    case .bool(let value): json.bool(value)
    case .number(let value): json.number(value)
    case .text(let value): json.string(value)
    case .list(let values):
      json.beginArray()
      for value in values { value.write(to: &json) }
      json.endArray()
    case .object(let members):
      json.beginObject()
      for member in members {
        json.key(member.key)
        member.value.write(to: &json)
      }
      json.endObject()
    }
  }
}

/// A template that has been read.
struct Format {
  private indirect enum Node {
    case text(String)
    case action([[Term]])
    case branch(Keyword, [[Term]], variables: [String], [Node], otherwise: [Node])
  }
  private enum Keyword: String { case range, condition = "if", with }
  private enum Term: Equatable {
    case word(String)
    case text(String)
    case path(variable: String?, [String])
    case group([[Term]])
  }

  private let nodes: [Node]
  /// Whether a header is wanted.
  let isTable: Bool
  /// Whether `json` alone was asked for.
  let isJSON: Bool

  /// Reads a template.
  ///
  /// - Throws: `EngineError` in Docker's words for one that cannot be read.
  init(_ text: String) throws {
    isJSON = text == "json"
    isTable = text.hasPrefix("table ")
    var body = isTable ? String(text.dropFirst(6)) : text
    // A shell hands these on as they are.
    body = body.replacing("\\t", with: "\t").replacing("\\n", with: "\n")
    var reader = FormatReader(body)
    nodes = isJSON ? [] : try Format.nodes(&reader, isInner: false).nodes
  }

  /// Fills it in.
  ///
  /// - Throws: `EngineError` for a field that is not there.
  func filled(_ value: FormatValue) throws -> String {
    if isJSON { return value.encoded() }
    var output = ""
    try Format.run(nodes, value, ["$": value], into: &output)
    return output
  }

  /// The names of the fields as a header: `{{.ID}}\t{{.Names}}` becomes `ID\tNames`.
  func header(_ titles: [(String, String)]) throws -> String {
    try filled(.row(titles))
  }

  // MARK: Reading

  private static func nodes(
    _ reader: inout FormatReader, isInner: Bool
  ) throws -> (nodes: [Node], end: String) {
    var nodes = [Node]()
    while let piece = try reader.next() {
      guard piece.isAction else {
        if !piece.text.isEmpty { nodes.append(.text(piece.text)) }
        continue
      }
      let words = try FormatReader.words(piece.text)
      switch words.first {
      case .plain("end"), .plain("else"):
        guard isInner else { throw invalid(piece.text) }
        return (nodes, words == [.plain("end")] ? "end" : "else")
      case .plain(let word):
        guard let keyword = Keyword(rawValue: word) else { fallthrough }
        var rest = Array(words.dropFirst())
        var variables = [String]()
        if let place = rest.firstIndex(of: .plain(":=")) {
          variables = rest[..<place].compactMap { if case .plain(let name) = $0 { name } else { nil } }
            .filter { $0.hasPrefix("$") }
          rest = Array(rest[(place + 1)...])
        }
        let inner = try self.nodes(&reader, isInner: true)
        var otherwise = [Node]()
        if inner.end == "else" { otherwise = try self.nodes(&reader, isInner: true).nodes }
        nodes.append(
          .branch(
            keyword, try pipeline(rest, piece.text), variables: variables, inner.nodes,
            otherwise: otherwise))
      default: nodes.append(.action(try pipeline(words, piece.text)))
      }
    }
    if isInner { throw EngineError("template parsing error: unexpected EOF", hint: "{{end}} is missing.") }
    return (nodes, "")
  }

  private static func pipeline(
    _ words: [FormatReader.Word], _ text: String
  ) throws -> [[Term]] {
    var stages: [[Term]] = [[]]
    var rest = words[...]
    while let word = rest.popFirst() {
      switch word {
      case .plain("|"): stages.append([])
      case .plain("("):
        var depth = 1
        var inner = [FormatReader.Word]()
        while depth > 0 {
          guard let word = rest.popFirst() else { throw invalid(text) }
          if word == .plain("(") { depth += 1 }
          if word == .plain(")") { depth -= 1 }
          if depth > 0 { inner.append(word) }
        }
        stages[stages.count - 1].append(.group(try pipeline(inner, text)))
      case .quoted(let value): stages[stages.count - 1].append(.text(value))
      case .plain(let word):
        guard word.hasPrefix(".") || word.hasPrefix("$") else {
          stages[stages.count - 1].append(.word(word))
          continue
        }
        var parts = word.split(separator: ".").map { String($0) }
        let variable = word.hasPrefix("$") ? parts.removeFirst() : nil
        stages[stages.count - 1].append(.path(variable: variable, parts))
      }
    }
    guard stages.allSatisfy({ !$0.isEmpty }) else { throw invalid(text) }
    return stages
  }

  private static func invalid(_ text: String) -> EngineError {
    EngineError(
      "template parsing error: {{\(text)}}",
      hint: "Fields are written {{.Name}}; --format json shows which there are.")
  }

  // MARK: Filling in

  private static func run(
    _ nodes: [Node], _ dot: FormatValue, _ variables: [String: FormatValue],
    into output: inout String
  ) throws {
    for node in nodes {
      switch node {
      case .text(let text): output += text
      case .action(let stages): output += try value(stages, dot, variables).text
      case .branch(let keyword, let stages, let names, let inner, let otherwise):
        let found = try value(stages, dot, variables)
        guard found.isTrue else {
          try run(otherwise, dot, variables, into: &output)
          continue
        }
        guard keyword == .range else {
          try run(inner, keyword == .with ? found : dot, variables, into: &output)
          continue
        }
        for (key, item) in items(found) {
          var inside = variables
          if names.count == 2 { inside[names[0]] = key }
          if let last = names.last { inside[last] = item }
          try run(inner, item, inside, into: &output)
        }
      }
    }
  }

  private static func items(_ value: FormatValue) -> [(FormatValue, FormatValue)] {
    switch value {
    case .list(let values): values.enumerated().map { (.number(Int64($0.offset)), $0.element) }
    case .object(let members): members.map { (.text($0.key), $0.value) }
    default: []
    }
  }

  private static func value(
    _ stages: [[Term]], _ dot: FormatValue, _ variables: [String: FormatValue]
  ) throws -> FormatValue {
    var result: FormatValue?
    for terms in stages {
      var arguments = [FormatValue]()
      for term in terms {
        if case .word(let name) = term, Int64(name) == nil, term == terms[0] { continue }
        arguments.append(try value(term, dot, variables))
      }
      // What comes through a pipe is the last argument.
      if let result { arguments.append(result) }
      if case .word(let name) = terms[0], Int64(name) == nil {
        result = try FormatFunctions.call(name, arguments)
      } else {
        result = arguments.first
      }
    }
    return result ?? .null
  }

  private static func value(
    _ term: Term, _ dot: FormatValue, _ variables: [String: FormatValue]
  ) throws -> FormatValue {
    switch term {
    case .text(let text): return .text(text)
    case .group(let stages): return try value(stages, dot, variables)
    case .word(let word):
      if let number = Int64(word) { return .number(number) }
      return word == "true" ? .bool(true) : word == "false" ? .bool(false) : .null
    case .path(let variable, let parts):
      var found = variable.map { variables[$0] ?? .null } ?? dot
      for part in parts {
        guard let next = found.field(part) else {
          // In a map a key that is missing has no value; in a structure it is a mistake.
          if case .object = found, part.first?.isLowercase ?? true { return .null }
          throw EngineError(
            "template: can't evaluate field \(part)",
            hint: "--format json shows which fields there are.", exitCode: 1)
        }
        found = next
      }
      return found
    }
  }
}
