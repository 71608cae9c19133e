extension Template {
  /// Reads `{{…}}` into nodes.
  struct Parser {
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
          if character == "|" || character == "(" { words.append(String(character)) }
          // What follows at once belongs to it: `).Source`.
          if character == ")" { word = ")" }
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
      var rest = words[...]
      let pipeline = try pipeline(&rest)
      guard rest.isEmpty else { throw FormatError(message: "template: :1: unexpected right paren") }
      return pipeline
    }

    /// Up to the end, or to the parenthesis that closes.
    private static func pipeline(_ rest: inout ArraySlice<String>) throws(FormatError) -> Pipeline {
      let missing = FormatError(message: "template: :1: missing value for command")
      var pipeline: Pipeline = []
      var terms: [Term] = []
      while let word = rest.first, !word.hasPrefix(")") {
        rest = rest.dropFirst()
        if word == "|" {
          guard !terms.isEmpty else { throw missing }
          pipeline.append(terms)
          terms = []
        } else if word == "(" {
          let inner = try self.pipeline(&rest)
          guard let close = rest.popFirst() else {
            throw FormatError(message: "template: :1: unclosed left paren")
          }
          terms.append(
            .group(inner, close.dropFirst().split(separator: ".").map { String($0) }))
        } else {
          terms.append(try term(word, isFirst: terms.isEmpty))
        }
      }
      guard !terms.isEmpty else { throw missing }
      return pipeline + [terms]
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
