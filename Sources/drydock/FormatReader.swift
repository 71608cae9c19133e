import Engine

/// Takes a template apart: text and actions, actions into words.
struct FormatReader {
  /// Text, or what stands between two pairs of braces.
  struct Piece {
    var isAction: Bool
    var text: String
  }

  /// A word of an action.
  enum Word: Equatable {
    case plain(String)
    case quoted(String)
  }

  private var rest: Substring
  private var trims = false

  init(_ text: String) { rest = text[...] }

  /// The next piece; nil at the end.
  mutating func next() throws -> Piece? {
    guard !rest.isEmpty else { return nil }
    if rest.hasPrefix("{{") {
      guard let end = rest.firstRange(of: "}}") else {
        throw EngineError("template parsing error: unclosed action", hint: "}} is missing.")
      }
      var text = rest[rest.index(rest.startIndex, offsetBy: 2)..<end.lowerBound]
      rest = rest[end.upperBound...]
      // `{{-` and `-}}` take the blanks beside them.
      if text.hasPrefix("- ") { text = text.dropFirst(2) }
      trims = text.hasSuffix(" -")
      if trims { text = text.dropLast(2) }
      return Piece(isAction: true, text: String(text))
    }
    let end = rest.firstRange(of: "{{")?.lowerBound ?? rest.endIndex
    var text = rest[..<end]
    rest = rest[end...]
    if trims { text = text.drop { $0.isWhitespace } }
    trims = false
    if rest.hasPrefix("{{- ") {
      while let last = text.last, last.isWhitespace { text = text.dropLast() }
    }
    return Piece(isAction: false, text: String(text))
  }

  /// The words of an action.
  static func words(_ text: String) throws -> [Word] {
    var words = [Word]()
    var word = ""
    var rest = text[...]
    func flush() {
      if !word.isEmpty { words.append(.plain(word)) }
      word = ""
    }
    while let character = rest.popFirst() {
      switch character {
      case "\"", "`":
        flush()
        var value = ""
        while let next = rest.popFirst(), next != character {
          if next == "\\", character == "\"", let escaped = rest.popFirst() {
            value.append(escaped == "n" ? "\n" : escaped == "t" ? "\t" : escaped)
          } else {
            value.append(next)
          }
        }
        words.append(.quoted(value))
      case "|", "(", ")":
        flush()
        words.append(.plain(String(character)))
      case ",": flush()
      case _ where character.isWhitespace: flush()
      default: word.append(character)
      }
    }
    flush()
    guard !words.isEmpty else {
      throw EngineError("template parsing error: missing value for command")
    }
    return words
  }
}

/// The functions that templates call.
enum FormatFunctions {
  static func call(_ name: String, _ arguments: [FormatValue]) throws -> FormatValue {
    let first = arguments.first ?? .null
    switch name {
    case "json": return .text(first.encoded())
    case "upper": return .text(first.text.uppercased())
    case "lower": return .text(first.text.lowercased())
    case "title": return .text(first.text.prefix(1).uppercased() + first.text.dropFirst())
    case "len": return .number(count(first))
    case "println": return .text(arguments.map { $0.text }.joined(separator: " ") + "\n")
    case "print": return .text(arguments.map { $0.text }.joined())
    case "join":
      guard arguments.count == 2, case .list(let values) = first else { throw wrong(name) }
      return .text(values.map { $0.text }.joined(separator: arguments[1].text))
    case "split":
      guard arguments.count == 2 else { throw wrong(name) }
      return .list(first.text.split(separator: arguments[1].text).map { .text(String($0)) })
    case "index": return try arguments.dropFirst().reduce(first) { try index($0, $1) }
    case "eq": return .bool(arguments.dropFirst().contains(first))
    case "ne": return .bool(arguments.count == 2 && first != arguments[1])
    case "not": return .bool(!first.isTrue)
    case "and": return arguments.first { !$0.isTrue } ?? arguments.last ?? .null
    case "or": return arguments.first { $0.isTrue } ?? arguments.last ?? .null
    case "true", "false": return .bool(name == "true")
    default: throw EngineError("template parsing error: function \"\(name)\" not defined")
    }
  }

  private static func count(_ value: FormatValue) -> Int64 {
    switch value {
    case .list(let values): Int64(values.count)
    case .object(let members): Int64(members.count)
    default: Int64(value.text.utf8.count)
    }
  }

  private static func index(_ value: FormatValue, _ key: FormatValue) throws -> FormatValue {
    if case .list(let values) = value, case .number(let place) = key {
      guard values.indices.contains(Int(place)) else {
        throw EngineError("template: error calling index: index out of range: \(place)")
      }
      return values[Int(place)]
    }
    return value.field(key.text) ?? .text("")
  }

  private static func wrong(_ name: String) -> EngineError {
    EngineError("template: wrong arguments for \(name)")
  }
}

/// Prints rows by a template, or as a table when there is none.
///
/// - Parameters:
///   - format: `--format`.
///   - titles: the fields and what stands above them.
///   - rows: values in the fields' order.
func printRows(format: Format, _ titles: [(String, String)], _ rows: [[String]]) throws {
  var lines = [String]()
  if format.isTable { lines.append(try format.header(titles)) }
  for row in rows {
    lines.append(try format.filled(.row(Array(zip(titles.map { $0.0 }, row)))))
  }
  guard format.isTable else {
    for line in lines { print(line) }
    return
  }
  let cells = lines.map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
  if let header = cells.first { printTable(header, Array(cells.dropFirst())) }
}
