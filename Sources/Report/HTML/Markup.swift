/// A piece of XML that is well-formed by construction: texts and attributes are always escaped.
package struct Markup {
  /// The piece as written.
  package private(set) var source: String

  /// A text: whatever it holds, it stays one.
  package static func text(_ text: String) -> Markup { Markup(source: escape(text)) }

  /// Trusted source, such as the style sheet.
  package static func raw(_ source: String) -> Markup { Markup(source: source) }

  package static func + (a: Markup, b: Markup) -> Markup { Markup(source: a.source + b.source) }
  package static func += (a: inout Markup, b: Markup) { a.source += b.source }

  /// Nothing.
  package static let empty = Markup(source: "")

  /// Replaces what XML gives a meaning.
  ///
  /// Characters that XML 1.0 cannot hold at all (section 2.2)
  /// become U+FFFD.
  package static func escape(_ text: String) -> String {
    var out = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "\"": out += "&quot;"
      case "'": out += "&#39;"
      case "\n", "\t": out.unicodeScalars.append(scalar)
      case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF:
        out += "\u{FFFD}"
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out
  }
}

/// An element: `tag("td", ["class": "number"], .text("1.5"))`.
package func tag(
  _ name: StaticString, _ attributes: KeyValuePairs<String, String> = [:], _ children: Markup...
) -> Markup {
  var source = "<\(name)"
  for (key, value) in attributes { source += " \(key)=\"\(Markup.escape(value))\"" }
  // Only these are empty in HTML; all others need an end tag there, and may have one in XML.
  let isVoid = ["meta", "br", "hr", "col"].contains("\(name)")
  if isVoid { return .raw(source + "/>") }
  source += ">"
  for child in children { source += child.source }
  return .raw(source + "</\(name)>")
}

/// Many elements in a row.
package func join(_ parts: some Sequence<Markup>) -> Markup {
  parts.reduce(into: Markup.empty) { $0 += $1 }
}

/// A table, with the columns of figures set to the right.
package func table(
  _ head: [String], _ rows: [[Markup]], numbers: Set<Int> = [], caption: String? = nil
) -> Markup {
  func cell(_ name: StaticString, _ index: Int, _ content: Markup) -> Markup {
    tag(name, numbers.contains(index) ? ["class": "number"] : [:], content)
  }
  let headRow = tag(
    "tr", [:], join(head.enumerated().map { cell("th", $0.offset, .text($0.element)) }))
  let body = rows.map { row in
    tag("tr", [:], join(row.enumerated().map { cell("td", $0.offset, $0.element) }))
  }
  let captionMarkup = caption.map { tag("caption", [:], .text($0)) } ?? .empty
  return tag(
    "div", ["class": "scroll"],
    tag("table", [:], captionMarkup, tag("thead", [:], headRow), tag("tbody", [:], join(body))))
}
