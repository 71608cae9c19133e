/// How many columns a text takes in a terminal, where Chinese characters are two columns wide.
package enum TextWidth {
  /// Columns of a text without control characters.
  package static func columns(_ text: some StringProtocol) -> Int {
    text.unicodeScalars.reduce(0) { $0 + columns($1) }
  }

  /// Columns of one scalar, as wcwidth(3) has it.
  ///
  /// Unicode's East Asian Width W and F are two (UAX #11), combining marks none. Ambiguous ones such as `±` are one, as terminals show them.
  package static func columns(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default: break
    }
    switch scalar.value {
    case 0x1100...0x115F,  // Hangul Jamo
      0x2E80...0x303E, 0x3041...0x33FF,  // radicals, punctuation, kana
      0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,  // ideographs, Yi
      0xAC00...0xD7A3, 0xF900...0xFAFF,  // Hangul, compatibility ideographs
      0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6,  // full-width forms
      0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
      return 2
    default: return 1
    }
  }

  /// Fills with spaces to a width; a text that is too long is cut, with `…` (or `~` in ASCII).
  package static func fit(
    _ text: String, _ width: Int, alignRight: Bool = false, plain: Bool = false
  ) -> String {
    var cut = text
    if columns(text) > width {
      cut = ""
      var used = 0
      for character in text {
        let next = columns(String(character))
        guard used + next <= width - 1 else { break }
        cut.append(character)
        used += next
      }
      cut += plain ? "~" : "…"
    }
    let fill = String(repeating: " ", count: max(0, width - columns(cut)))
    return alignRight ? fill + cut : cut + fill
  }

  /// Breaks a text into lines: at spaces, and between Chinese characters, though not before
  /// closing punctuation.
  package static func wrap(_ text: String, _ width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    var used = 0
    for piece in pieces(text) {
      let size = columns(piece)
      let visible = columns(piece.hasSuffix(" ") ? String(piece.dropLast()) : piece)
      if used > 0 && used + visible > width {
        lines.append(trimmed(line))
        line = ""
        used = 0
      }
      line += piece
      used += size
    }
    if !line.isEmpty { lines.append(trimmed(line)) }
    return lines
  }

  private static func trimmed(_ line: String) -> String {
    var line = line
    while line.hasSuffix(" ") { line.removeLast() }
    return line
  }

  /// What must stay together: words with the space behind them, single wide characters with the
  /// punctuation behind them.
  private static func pieces(_ text: String) -> [String] {
    var pieces: [String] = []
    var current = ""
    for character in text {
      let isWide = columns(String(character)) == 2
      let closes = "，。；：、）！？」』”》".contains(character)
      let opens = current.last.map { "（「『“《".contains($0) } ?? false
      if isWide && !closes && !opens && !current.isEmpty {
        pieces.append(current)
        current = ""
      } else if !isWide, let last = current.last, last == " " || isPlainWide(last) {
        pieces.append(current)
        current = ""
      }
      current.append(character)
    }
    if !current.isEmpty { pieces.append(current) }
    return pieces
  }

  private static func isPlainWide(_ character: Character) -> Bool {
    columns(String(character)) == 2 && !"（「『“《".contains(character)
  }
}
