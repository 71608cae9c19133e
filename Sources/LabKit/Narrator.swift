internal import Engine
internal import Measure

/// Shows on a screen what happens on a stage.
public final class Narrator: Audience {
  private let screen: Screen
  private let language: Language

  /// Makes a narrator for a screen.
  public init(_ screen: Screen) {
    self.screen = screen
    language = screen.language
  }

  /// A sentence about what comes next.
  public func said(_ text: Text) {
    screen.line()
    screen.paragraph(text[language])
  }

  /// The command, and the chosen steps with their shell equivalents.
  public func ran(_ run: ShownRun) {
    screen.command(run.command)
    guard !run.steps.isEmpty else { return }
    let counts = ["shown": "\(run.steps.count)", "all": "\(run.stepCount)"]
    screen.paragraph(Words.step.with(counts)[language], indent: 4, style: .faint)
    for step in run.steps {
      screen.paragraph("\(step.id)  \(step.man)", indent: 6, mark: "    -")
      if let shell = step.shell {
        screen.command(shell, indent: 6, prompt: "# ")
      } else {
        screen.paragraph(Words.noCommand[language], indent: 6, style: .faint)
      }
    }
  }

  /// The file as it is, so that it can be copied.
  public func wrote(_ path: String, _ caption: Text, _ content: String) {
    screen.line("  " + screen.styled(path, .code))
    screen.paragraph(caption[language], indent: 4, style: .faint)
    for line in content.split(separator: "\n", omittingEmptySubsequences: false) {
      if Columns.width(line) + 6 > screen.width {
        screen.paragraph(String(line), indent: 6, style: .code)
      } else {
        screen.line(line.isEmpty ? "" : "      " + screen.styled(String(line), .code))
      }
    }
  }

  /// The latest reading of a file, and at its first the path and what it shows.
  public func looked(_ exhibit: Exhibit) {
    guard let reading = exhibit.readings.last else { return }
    if exhibit.readings.count == 1 {
      screen.line("  " + screen.styled(exhibit.path, .code))
      screen.paragraph(exhibit.caption[language], indent: 4, style: .faint)
    } else {
      screen.line("  " + screen.styled(exhibit.path, .code))
    }
    let label = Narrator.label(reading.moment)[language]
    let lines = (reading.value ?? Words.absent[language]).split(
      separator: "\n", omittingEmptySubsequences: false)
    let indent = 14
    for (index, line) in lines.prefix(8).enumerated() {
      screen.paragraph(
        line.replacingTabs, indent: indent,
        mark: index == 0 ? "    " + Columns.pad(label, 8) : "")
    }
    if lines.count > 8 { screen.paragraph("… (\(lines.count))", indent: indent, style: .faint) }
  }

  static func label(_ moment: Exhibit.Moment) -> Text {
    switch moment {
    case .before: Words.before
    case .during: Words.during
    case .after: Words.after
    }
  }

  /// Findings are shown together at the end of the run.
  public func found(_ finding: Finding) {}

  /// All findings, each with its verdict in words.
  public func show(_ findings: [Finding]) {
    for finding in findings {
      let (word, style) = Narrator.word(finding.verdict)
      let verdict = screen.styled(Columns.pad(word[language], 14), style)
      let first = Columns.wrap(finding.what[language], width: screen.width - 16)
      for (index, line) in first.enumerated() {
        screen.line((index == 0 ? verdict : String(repeating: " ", count: 14)) + "  " + line)
      }
      let seen = finding.seen.isEmpty ? Words.nothing[language] : finding.seen
      let values = Words.values.with(["expected": finding.expected, "seen": seen])[language]
      screen.paragraph(values, indent: 16, style: .faint)
      if let reason = finding.verdict.reason {
        screen.paragraph(reason[language], indent: 16, style: style)
      }
    }
  }

  static func word(_ verdict: Verdict) -> (Text, Screen.Style) {
    switch verdict {
    case .pass: (Words.pass, .good)
    case .fail: (Words.fail, .bad)
    case .inconclusive: (Words.inconclusive, .doubt)
    }
  }
}

extension Substring {
  /// Blanks for tabs: a grid has no tabs.
  var replacingTabs: String { split(separator: "\t").joined(separator: " ") }
}
