/// Text on a terminal's grid: East Asian wide characters take two columns.
public enum Columns {
  /// How many columns a text takes.
  public static func width(_ text: some StringProtocol) -> Int {
    text.unicodeScalars.reduce(0) { $0 + width($1) }
  }

  /// Two for wide and full-width characters (Unicode UAX #11, W and F), none for combining marks.
  static func width(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.value {
    case 0x0300...0x036f, 0x200b...0x200f, 0xfe00...0xfe0f: 0
    case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0x33ff, 0x3400...0x4dbf, 0x4e00...0x9fff,
      0xa000...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe4f, 0xff00...0xff60,
      0xffe0...0xffe6, 0x1f300...0x1faff, 0x20000...0x3fffd:
      2
    default: 1
    }
  }

  /// Breaks a text into lines of at most `width` columns.
  ///
  /// Lines break at blanks and between Chinese characters, but never before a closing mark or
  /// after an opening one (W3C CLREQ). A word that is too long is kept whole: a path must stay
  /// copyable.
  public static func wrap(_ text: String, width limit: Int) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { line in
      wrapLine(line, limit)
    }
  }

  private static func wrapLine(_ line: Substring, _ limit: Int) -> [String] {
    var lines = [String]()
    var current = ""
    var used = 0
    for (space, piece) in pieces(line) {
      let size = width(piece)
      let gap = space && !current.isEmpty ? 1 : 0
      if !current.isEmpty, used + gap + size > limit {
        lines.append(current)
        (current, used) = (piece, size)
      } else {
        current += (gap == 1 ? " " : "") + piece
        used += gap + size
      }
    }
    return lines + [current]
  }

  /// Pieces that must not be broken, each with whether a blank stands before it.
  private static func pieces(_ line: Substring) -> [(space: Bool, text: String)] {
    var pieces: [(space: Bool, text: String)] = []
    var space = false
    var previous: Character?
    for character in line {
      if character == " " {
        (space, previous) = (true, nil)
        continue
      }
      let joins =
        previous.map { previous in
          !(isWide(previous) || isWide(character)) || closing.contains(character)
            || opening.contains(previous)
        } ?? false
      if joins, !pieces.isEmpty {
        pieces[pieces.count - 1].text.append(character)
      } else {
        pieces.append((space, String(character)))
      }
      (space, previous) = (false, character)
    }
    return pieces
  }

  private static func isWide(_ character: Character) -> Bool { width(String(character)) > 1 }
  private static let closing: Set<Character> = [
    "，", "。", "；", "：", "？", "！", "、", "）", "》", "」", "』", "”", "’", "…", "％",
  ]
  private static let opening: Set<Character> = ["（", "《", "「", "『", "“", "‘"]

  /// A text filled with blanks to so many columns.
  public static func pad(_ text: String, _ size: Int) -> String {
    text + String(repeating: " ", count: max(0, size - width(text)))
  }
}
