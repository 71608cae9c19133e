// `--format`: the part of Go's text/template that people type.
//
//     {{.ID}} {{.State.Running}} {{.}}       a field, a field's field, the whole
//     {{json .}} {{json .Mounts}}            as JSON
//     {{len .Mounts}} {{upper .ID}} {{lower .ID}} {{title .Name}} {{join .Args " "}}
//     {{index .Config.Labels "key"}} {{index .Args 0}} {{println .ID}}
//     {{range .Mounts}}…{{else}}…{{end}}     for each of a list, or of an object's values
//     {{range $key, $value := .Labels}}{{$key}}{{end}}
//     {{if .State.Running}}…{{else}}…{{end}} {{with .Health}}…{{end}}
//     {{.Names | upper}}                     what is left of the bar is the last argument
//
// `\t` and `\n` outside of braces are a tab and a new line, as Docker reads them.

/// Why a template cannot be used.
public struct FormatError: Error, Equatable, Sendable {
  /// In the words of Go's package.
  public let message: String
}

/// A template that was read.
public struct Template: Sendable {
  private indirect enum Node: Sendable {
    case text(String)
    case show(Pipeline)
    case range(Pipeline, names: [String], [Node], otherwise: [Node])
    case choice(Pipeline, [Node], otherwise: [Node], setsDot: Bool)
  }

  /// Calls, each of which gets what the one before gave as its last argument.
  private typealias Pipeline = [[Term]]

  private enum Term: Sendable {
    case field([String])
    case variable(String, [String])
    case literal(Value)
    case function(String)
  }

  private let nodes: [Node]

  /// Reads a template.
  ///
  /// - Throws: `FormatError` naming the place.
  public init(_ text: String) throws(FormatError) {
    var parser = try Parser(text)
    nodes = try parser.nodes(until: [])
  }

  /// Fills it.
  ///
  /// - Throws: `FormatError` naming a field that there is not.
  public func fill(_ value: Value) throws(FormatError) -> String {
    var output = ""
    try Template.fill(nodes, value, ["": value], &output)
    return output
  }

  /// The fields it shows one by one, for the header of a table.
  var fields: [String] {
    nodes.compactMap { node in
      guard case .show(let pipeline) = node else { return nil }
      for term in pipeline.joined() { if case .field(let path) = term { return path.last ?? "" } }
      return ""
    }
  }

  /// The same with names in place of the fields.
  func header(_ name: (String) -> String) -> String {
    nodes.map { node -> String in
      switch node {
      case .text(let text): return text
      case .show(let pipeline):
        for term in pipeline.joined() {
          if case .field(let path) = term { return name(path.last ?? "") }
        }
        return ""
      default: return ""
      }
    }.joined()
  }

  // MARK: filling

  private static func fill(
    _ nodes: [Node], _ dot: Value, _ variables: [String: Value], _ output: inout String
  ) throws(FormatError) {
    for node in nodes {
      switch node {
      case .text(let text): output += text
      case .show(let pipeline): output += try evaluate(pipeline, dot, variables).text
      case .choice(let pipeline, let body, let otherwise, let setsDot):
        let value = try evaluate(pipeline, dot, variables)
        if value.isTrue {
          try fill(body, setsDot ? value : dot, variables, &output)
        } else {
          try fill(otherwise, dot, variables, &output)
        }
      case .range(let pipeline, let names, let body, let otherwise):
        let entries = try entries(of: evaluate(pipeline, dot, variables))
        if entries.isEmpty { try fill(otherwise, dot, variables, &output) }
        for (key, value) in entries {
          var inner = variables
          if names.count == 2 { inner[names[0]] = key }
          if let last = names.last { inner[last] = value }
          try fill(body, value, inner, &output)
        }
      }
    }
  }

  private static func entries(of value: Value) throws(FormatError) -> [(Value, Value)] {
    switch value {
    case .list(let list): return list.enumerated().map { (.number(Int64($0.offset)), $0.element) }
    case .object(let members): return members.map { (.string($0.key), $0.value) }
    case .null: return []
    default: throw FormatError(message: "range can't iterate over \(value.text)")
    }
  }

  private static func evaluate(
    _ pipeline: Pipeline, _ dot: Value, _ variables: [String: Value]
  ) throws(FormatError) -> Value {
    var last: Value?
    for call in pipeline {
      var values = [Value]()
      for term in call {
        switch term {
        case .field(let path): values.append(try look(dot, path))
        case .variable(let name, let path):
          guard let value = variables[name] else {
            throw FormatError(message: "undefined variable \"$\(name)\"")
          }
          values.append(try look(value, path))
        case .literal(let value): values.append(value)
        case .function: break
        }
      }
      if let last { values.append(last) }
      if case .function(let name)? = call.first {
        last = try apply(name, values)
      } else {
        guard values.count == 1 else {
          throw FormatError(message: "can't give argument to non-function")
        }
        last = values[0]
      }
    }
    return last ?? .null
  }

  private static func look(_ value: Value, _ path: [String]) throws(FormatError) -> Value {
    var value = value
    for key in path {
      guard let inner = value[key] else {
        // As Go: a field of nothing is nothing, one that there is not is a mistake.
        if case .null = value { return .null }
        throw FormatError(
          message: "template: :1: executing \"\" at <.\(path.joined(separator: "."))>: "
            + "can't evaluate field \(key)")
      }
      value = inner
    }
    return value
  }

  private static func apply(_ name: String, _ values: [Value]) throws(FormatError) -> Value {
    func need(_ count: Int) throws(FormatError) {
      guard values.count == count else {
        throw FormatError(
          message: "wrong number of args for \(name): want \(count) got \(values.count)")
      }
    }
    switch name {
    case "json":
      try need(1)
      return .string(values[0].json())
    case "len":
      try need(1)
      switch values[0] {
      case .list(let list): return .number(Int64(list.count))
      case .object(let members): return .number(Int64(members.count))
      default: return .number(Int64(values[0].text.utf8.count))
      }
    case "upper", "lower", "title":
      try need(1)
      let text = values[0].text
      if name == "upper" { return .string(text.uppercased()) }
      if name == "lower" { return .string(text.lowercased()) }
      return .string(text.prefix(1).uppercased() + text.dropFirst())
    case "join":
      try need(2)
      guard case .list(let list) = values[0] else {
        throw FormatError(message: "join wants a list")
      }
      return .string(list.map { $0.text }.joined(separator: values[1].text))
    case "index":
      var value = values.first ?? .null
      for key in values.dropFirst() {
        if case .list(let list) = value, case .number(let place) = key {
          guard list.indices.contains(Int(place)) else {
            throw FormatError(message: "error calling index: index out of range: \(place)")
          }
          value = list[Int(place)]
        } else {
          value = value[key.text] ?? .string("")
        }
      }
      return value
    case "print": return .string(values.map { $0.text }.joined())
    case "println": return .string(values.map { $0.text }.joined(separator: " ") + "\n")
    case "not":
      try need(1)
      return .bool(!values[0].isTrue)
    case "eq":
      try need(2)
      return .bool(values[0].text == values[1].text)
    case "ne":
      try need(2)
      return .bool(values[0].text != values[1].text)
    default: throw FormatError(message: "template: :1: function \"\(name)\" not defined")
    }
  }

  // MARK: reading

  private struct Parser {
    /// Text, and what stands between braces, by turns.
    private var pieces: [(text: String, isAction: Bool)] = []
    private var next = 0
    /// The word that ended the last block.
    private var stop = ""

    init(_ text: String) throws(FormatError) {
      var rest = text[...]
      while let open = rest.firstRange(of: "{{") {
        pieces.append((Parser.unescaped(rest[..<open.lowerBound]), false))
        rest = rest[open.upperBound...]
        guard let close = rest.firstRange(of: "}}") else {
          throw FormatError(message: "template: :1: unclosed action")
        }
        pieces.append((String(rest[..<close.lowerBound]), true))
        rest = rest[close.upperBound...]
      }
      pieces.append((Parser.unescaped(rest), false))
    }

    private static func unescaped(_ text: Substring) -> String {
      var result = ""
      var isEscaped = false
      for character in text {
        if isEscaped {
          result += character == "t" ? "\t" : character == "n" ? "\n" : "\\\(character)"
          isEscaped = false
        } else if character == "\\" {
          isEscaped = true
        } else {
          result.append(character)
        }
      }
      return isEscaped ? result + "\\" : result
    }

    mutating func nodes(until stops: [String]) throws(FormatError) -> [Node] {
      var nodes = [Node]()
      while next < pieces.count {
        let piece = pieces[next]
        next += 1
        guard piece.isAction else {
          if !piece.text.isEmpty { nodes.append(.text(piece.text)) }
          continue
        }
        var words = try Parser.words(piece.text)
        guard let first = words.first else {
          throw FormatError(message: "template: :1: missing value for command")
        }
        switch first {
        case "end", "else":
          guard stops.contains(first) else {
            throw FormatError(message: "template: :1: unexpected {{\(first)}}")
          }
          stop = first
          return nodes
        case "if", "with", "range":
          words.removeFirst()
          var names = [String]()
          if first == "range", let assignment = words.firstIndex(of: ":=") {
            names = words[..<assignment].filter { $0 != "," }
              .map { String($0.drop { $0 == "$" }.filter { $0 != "," }) }
            words = Array(words[(assignment + 1)...])
          }
          let pipeline = try Parser.pipeline(words)
          let body = try self.nodes(until: ["end", "else"])
          let otherwise = stop == "else" ? try self.nodes(until: ["end"]) : []
          nodes.append(
            first == "range"
              ? .range(pipeline, names: names, body, otherwise: otherwise)
              : .choice(pipeline, body, otherwise: otherwise, setsDot: first == "with"))
        default: nodes.append(.show(try Parser.pipeline(words)))
        }
      }
      guard stops.isEmpty else { throw FormatError(message: "template: :1: unexpected EOF") }
      return nodes
    }

    /// Words between blanks; strings in quotes are one each, with their opening quote.
    private static func words(_ text: String) throws(FormatError) -> [String] {
      var words = [String]()
      var word = ""
      var quote: Character?
      for character in text {
        if let open = quote {
          if character == open {
            words.append(word)
            word = ""
            quote = nil
          } else {
            word.append(character)
          }
        } else if character == "\"" || character == "`" {
          if !word.isEmpty { words.append(word) }
          word = "\""
          quote = character
        } else if " \t\n()|".contains(character) {
          if !word.isEmpty { words.append(word) }
          word = ""
          if character == "|" { words.append("|") }
        } else {
          word.append(character)
        }
      }
      guard quote == nil else {
        throw FormatError(message: "template: :1: unterminated quoted string")
      }
      if !word.isEmpty { words.append(word) }
      return words
    }

    private static func pipeline(_ words: [String]) throws(FormatError) -> Pipeline {
      var pipeline: Pipeline = []
      for call in words.split(separator: "|", omittingEmptySubsequences: false) {
        var terms = [Term]()
        for word in call { terms.append(try term(word, isFirst: terms.isEmpty)) }
        guard !terms.isEmpty else {
          throw FormatError(message: "template: :1: missing value for command")
        }
        pipeline.append(terms)
      }
      return pipeline
    }

    private static func term(_ word: String, isFirst: Bool) throws(FormatError) -> Term {
      if word.hasPrefix("\"") { return .literal(.string(String(word.dropFirst()))) }
      if word.hasPrefix(".") {
        return .field(word.split(separator: ".").map { String($0) })
      }
      if word.hasPrefix("$") {
        let parts = word.dropFirst().split(separator: ".", omittingEmptySubsequences: false)
        return .variable(String(parts[0]), parts.dropFirst().map { String($0) })
      }
      if let number = Int64(word) { return .literal(.number(number)) }
      if word == "true" || word == "false" { return .literal(.bool(word == "true")) }
      guard isFirst else {
        throw FormatError(message: "template: :1: function \"\(word)\" not defined")
      }
      return .function(word)
    }
  }
}
