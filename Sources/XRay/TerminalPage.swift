public import Measure
internal import Report

/// The X-ray as text for a terminal: no cursor movement, and never wider than asked but for paths
/// that would not be copyable otherwise.
public struct TerminalPage {
  /// Which language.
  public let language: Language
  /// Columns.
  public let width: Int
  /// No colour, and no drawing signs beyond ASCII.
  public let isPlain: Bool

  /// Chooses how to draw; plain is for NO_COLOR, TERM=dumb and files.
  public init(language: Language, width: Int, isPlain: Bool) {
    self.language = language
    self.width = max(60, width)
    self.isPlain = isPlain
  }

  /// The whole page.
  public func text(_ xray: Picture) -> String {
    var lines = [paint("1", clean(xray.name)), clean(xray.facts.joined(separator: " · "))]
    if !xray.isAlive { lines += wrap(Picture.ended[language], 0).map { paint("33", $0) } }
    for page in xray.pages { lines += section(page) }
    return lines.map(trimmed).joined(separator: "\n") + "\n"
  }

  private func section(_ page: SectionPage) -> [String] {
    let title = page.title[language]
    let rule = String(
      repeating: isPlain ? "-" : "─", count: max(0, width - TextWidth.columns(title) - 1))
    var lines = ["", paint("1", title) + " " + paint("2", rule)]
    for block in page.blocks {
      switch block {
      case .table(let head, let rows, let numbers): lines += table(head, rows, numbers)
      case .facts(let facts):
        let name = facts.map { TextWidth.columns($0.0[language]) }.max() ?? 0
        for (key, value) in facts {
          let body = fold(clean(value[language]), width - name - 2)
          for (index, part) in body.enumerated() {
            lines.append(TextWidth.fit(index == 0 ? key[language] : "", name) + "  " + part)
          }
        }
      case .note(let text): lines += wrap(clean(text[language]), 0)
      }
    }
    for problem in page.problems {
      lines += wrap("! \(clean(problem.path)): \(clean(problem.reason[language]))", 2)
        .map { paint("33", $0) }
    }
    if !page.sources.isEmpty {
      let read = Bilingual(en: "read from ", zh: "读自 ")[language]
      let shown = Sources.collapsed(page.sources).joined(separator: ", ")
      lines += wrap(clean(read + shown), 2).map { paint("2", $0) }
    }
    return lines
  }

  /// Columns as wide as what is in them; the widest ones give way where there is no room, and
  /// their cells go on in the next line.
  private func table(
    _ head: [Bilingual], _ rows: [[Bilingual]], _ numbers: Set<Int>
  ) -> [String] {
    let cells = ([head] + rows).map { row in row.map { clean($0[language]) } }
    var widths = head.indices.map { column in
      cells.map { $0.count > column ? TextWidth.columns($0[column]) : 0 }.max() ?? 0
    }
    // What can be broken at a blank gives way before what has to be cut.
    let words = head.indices.map { column in
      cells.map { row in
        row.count > column
          ? row[column].split(separator: " ").map { TextWidth.columns($0) }.max() ?? 0 : 0
      }.max() ?? 0
    }
    let room = width - 2 * (widths.count - 1)
    while widths.reduce(0, +) > room {
      let soft = widths.indices.filter { widths[$0] > max(words[$0], 6) }
      let candidates = soft.isEmpty ? Array(widths.indices) : soft
      guard let at = candidates.max(by: { widths[$0] < widths[$1] }), widths[at] > 6 else { break }
      widths[at] -= 1
    }
    var lines = [String]()
    for (index, row) in cells.enumerated() {
      // The blanks before a command show its place in the tree.
      let folded = row.enumerated().map { column, cell in fold(cell, widths[column]) }
      for line in 0..<(folded.map { $0.count }.max() ?? 0) {
        let text = folded.enumerated().map { column, parts in
          TextWidth.fit(
            line < parts.count ? parts[line] : "", widths[column],
            alignRight: numbers.contains(column), plain: isPlain)
        }.joined(separator: "  ")
        lines.append(index == 0 ? paint("2", trimmed(text)) : text)
      }
    }
    return lines
  }

  /// Lines of at most so many columns: broken at blanks, and words that are longer within.
  private func fold(_ text: String, _ width: Int) -> [String] {
    guard TextWidth.columns(text) > width else { return [text] }
    let indent = String(text.prefix { $0 == " " }.prefix(max(0, width / 2)))
    let room = width - indent.count
    var lines = [String]()
    for line in TextWidth.wrap(String(text.drop { $0 == " " }), room) {
      var rest = line[...]
      while TextWidth.columns(rest) > room {
        var used = 0
        var part = rest.prefix { character in
          used += TextWidth.columns(String(character))
          return used <= room
        }
        // Behind a slash or comma, where one is near.
        if let cut = part.lastIndex(where: { $0 == "/" || $0 == "," }), cut > part.startIndex,
          part[cut...].count < 32
        {
          part = part[...cut]
        }
        lines.append(indent + part)
        rest = rest.dropFirst(max(1, part.count))
      }
      lines.append(indent + rest)
    }
    return lines
  }

  private func wrap(_ text: String, _ indent: Int) -> [String] {
    fold(text, width - indent).map { String(repeating: " ", count: indent) + $0 }
  }

  /// Without what could drive the terminal: names come from the container.
  private func clean(_ text: String) -> String {
    var out = ""
    for scalar in text.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator: out += " "
      case .format, .surrogate, .privateUse: out += "?"
      default: out.unicodeScalars.append(scalar)
      }
    }
    guard isPlain else { return out }
    for (sign, ascii) in [
      ("·", "|"), ("→", "->"), ("×", "x"), ("µ", "u"), ("–", "-"), ("≥", ">="),
    ] {
      out = out.split(separator: sign, omittingEmptySubsequences: false).joined(separator: ascii)
    }
    return out
  }

  private func trimmed(_ line: String) -> String {
    var line = line
    while line.hasSuffix(" ") { line.removeLast() }
    return line
  }

  private func paint(_ style: String, _ text: String) -> String {
    isPlain ? text : "\u{1B}[\(style)m\(text)\u{1B}[0m"
  }
}
