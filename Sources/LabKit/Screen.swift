internal import CLinux
internal import Linux
public import Measure

/// Where a lab is shown: a terminal of any kind, a pipe, or a text that a test looks at.
///
/// Nothing moves the cursor: what has been shown can be scrolled back to, logged and read aloud.
public final class Screen {
  /// The language of everything shown.
  public let language: Language
  /// Columns to fill.
  public let width: Int
  /// Whether colours are used.
  public let isColoured: Bool
  /// What has been shown, when it is kept instead of written.
  public private(set) var kept = ""
  private let output: Int32?
  private let quiet: Bool

  /// What a stretch of text means.
  public enum Style: Sendable {
    /// A heading.
    case strong
    /// Less important.
    case faint
    /// Right, passed.
    case good
    /// Wrong, failed.
    case bad
    /// Undecided.
    case doubt
    /// A command or a path.
    case code

    var sequence: String {
      switch self {
      case .strong: "1"
      case .faint: "2"
      case .good: "32"
      case .bad: "31"
      case .doubt: "33"
      case .code: "36"
      }
    }
  }

  /// Makes a screen that keeps what is shown, for tests.
  public init(language: Language, width: Int = 80, isColoured: Bool = false) {
    self.language = language
    self.width = width
    self.isColoured = isColoured
    output = nil
    quiet = false
  }

  /// Makes a screen on a descriptor: colours and size as the terminal and the environment
  /// (NO_COLOR, TERM, COLUMNS) have them.
  public init(output: Int32, language: Language, environment: [String: String], quiet: Bool) {
    self.language = language
    self.output = output
    self.quiet = quiet
    let terminal = lx_isatty(output) == 1
    isColoured =
      terminal && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
    var rows: UInt16 = 0
    var columns: UInt16 = 0
    if terminal { _ = unsafe lx_tty_size(output, &rows, &columns) }
    let told = columns > 0 ? Int(columns) : environment["COLUMNS"].flatMap { Int($0) } ?? 80
    width = min(max(told, 40), 100)
  }

  /// A text in a style.
  public func styled(_ text: String, _ style: Style) -> String {
    isColoured ? "\u{1b}[\(style.sequence)m\(text)\u{1b}[0m" : text
  }

  /// Writes a line as it is.
  public func line(_ text: String = "") { put(text + "\n") }

  /// Writes a paragraph, wrapped and indented.
  ///
  /// - Parameters:
  ///   - text: may have several lines.
  ///   - indent: blanks before every line.
  ///   - mark: stands before the first line, within the indent.
  ///   - style: of the whole paragraph.
  public func paragraph(
    _ text: String, indent: Int = 0, mark: String = "", style: Style? = nil
  ) {
    let blanks = String(repeating: " ", count: indent)
    for (index, part) in Columns.wrap(text, width: width - indent).enumerated() {
      let head = index == 0 && !mark.isEmpty ? Columns.pad(mark, indent) : blanks
      let body = style.map { styled(part, $0) } ?? part
      line(part.isEmpty ? "" : head + body)
    }
  }

  /// Writes a command, which is broken at blanks with a backslash, so that it can be copied; never
  /// within quotes, where a backslash would be part of the text.
  public func command(_ text: String, indent: Int = 2, prompt: String = "$ ") {
    let room = width - indent - prompt.count - 4
    var lines = [""]
    for word in Screen.shellWords(text) {
      let last = lines[lines.count - 1]
      if !last.isEmpty, Columns.width(last) + 1 + Columns.width(word) > room {
        lines.append(word)
      } else {
        lines[lines.count - 1] += (last.isEmpty ? "" : " ") + word
      }
    }
    for (index, part) in lines.enumerated() {
      let head = String(repeating: " ", count: indent) + (index == 0 ? prompt : "    ")
      line(head + styled(part, .code) + (index == lines.count - 1 ? "" : " \\"))
    }
  }

  /// The words of a command line; a quoted stretch is never parted.
  static func shellWords(_ text: String) -> [String] {
    var words = [""]
    var quote: Character?
    var isEscaped = false
    for character in text {
      if isEscaped {
        isEscaped = false
      } else if character == "\\", quote != "'" {
        isEscaped = true
      } else if let open = quote {
        if character == open { quote = nil }
      } else if character == "'" || character == "\"" {
        quote = character
      } else if character == " " {
        if !words[words.count - 1].isEmpty { words.append("") }
        continue
      }
      words[words.count - 1].append(character)
    }
    return words.filter { !$0.isEmpty }
  }

  /// Writes a heading with an empty line before it.
  public func heading(_ text: String) {
    line()
    line(
      styled("== \(text) ", .strong)
        + styled(String(repeating: "=", count: max(0, width - 4 - Columns.width(text))), .faint))
  }

  /// Asks and reads a line; nil at the end of the input.
  ///
  /// - Throws: `Interrupted` on Ctrl-C.
  public func ask(_ prompt: String) throws -> String? {
    put(prompt)
    var bytes = [UInt8]()
    while true {
      try Interrupt.check()
      var byte: UInt8 = 0
      let got = unsafe lx_read(0, &byte, 1)
      if got == -4 { continue }
      if got <= 0 { return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self) }
      if byte == UInt8(ascii: "\n") { return String(decoding: bytes, as: UTF8.self) }
      bytes.append(byte)
    }
  }

  private func put(_ text: String) {
    guard !quiet else { return }
    guard let output else {
      kept += text
      return
    }
    do throws(SystemError) {
      try File.write(output, Array(text.utf8), name: "standard output")
    } catch {
      // Nobody reads any more (EPIPE): the lab still ends and cleans up in order.
    }
  }
}
