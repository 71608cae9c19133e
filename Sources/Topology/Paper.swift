package import Measure
internal import Report

/// How a page is shown in a terminal.
package struct Paper: Sendable {
  /// Which language.
  package let language: Language
  /// Columns.
  package let width: Int
  /// Whether colours are used.
  package let isColoured: Bool
  /// No signs beyond ASCII, where the terminal may not have them.
  ///
  /// Chinese stays what it is.
  package let isASCII: Bool

  /// Chooses; at least 60 columns.
  package init(language: Language, width: Int, isColoured: Bool, isASCII: Bool) {
    self.language = language
    self.width = max(60, width)
    self.isColoured = isColoured
    self.isASCII = isASCII
  }

  /// A text in an SGR style.
  func paint(_ style: String, _ text: String) -> String {
    isColoured && !text.isEmpty ? "\u{1B}[\(style)m\(text)\u{1B}[0m" : text
  }

  /// Without what could drive the terminal: names come from containers, rules from others.
  func clean(_ text: String) -> String {
    var out = ""
    for scalar in text.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator: out += " "
      case .format, .surrogate, .privateUse: out += "?"
      default:
        if isASCII, let sign = Paper.signs[scalar] {
          out += sign
        } else {
          out.unicodeScalars.append(scalar)
        }
      }
    }
    return out
  }

  private static let signs: [Unicode.Scalar: String] = [
    "→": "->", "←": "<-", "…": "~", "·": "|", "×": "x", "–": "-", "─": "-", "━": "=", "│": "|",
    "┌": "+", "┐": "+", "└": "+", "┘": "+", "├": "+", "┤": "+", "┿": "+", "┥": "+", "┬": "+",
    "╌": "-", "╎": ":", "✓": "+", "✗": "x", "╭": "+", "╮": "+", "╰": "+", "╯": "+", "╪": "+",
    "┼": "+", "┾": "+", "┽": "+", "┆": ":", "═": "=", "╸": "=", "╺": "=",
  ]

  /// Lines of at most so many columns, at blanks where there are some.
  func fold(_ text: String, _ width: Int) -> [String] {
    TextWidth.wrap(text, width).flatMap { line -> [String] in
      var lines = [String]()
      var rest = line[...]
      while TextWidth.columns(rest) > width {
        var used = 0
        let part = rest.prefix { character in
          used += TextWidth.columns(String(character))
          return used <= width
        }
        lines.append(String(part))
        rest = rest.dropFirst(max(1, part.count))
      }
      return lines + [String(rest)]
    }
  }
}
