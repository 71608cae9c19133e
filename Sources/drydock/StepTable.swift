import ArgumentParser
import Steps

/// `drydock steps`: the table of steps, from the same data as `--explain`.
struct StepTable: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "steps", abstract: "List every step in the making of a container.")

  @Flag(help: "As a Markdown table.")
  var markdown = false

  @Option(help: "en or zh.")
  var lang = "en"

  func run() {
    let language = ExplainLanguage(locale: lang)
    if markdown { print("| step | phase | manual | undone by | meaning |\n|---|---|---|---|---|") }
    for step in StepID.allCases {
      let info = step.info
      let meaning = language == .zh ? "\(info.chinese)" : "\(info.english)"
      let undo = info.undo?.rawValue ?? ""
      if markdown {
        print(
          "| `\(step.rawValue)` | \(info.phase.rawValue) | \(info.man) | "
            + "\(undo.isEmpty ? "" : "`\(undo)`") | \(meaning) |")
      } else {
        print("\(step.rawValue)  \(info.phase.rawValue)  \(info.man)\n    \(meaning)")
      }
    }
  }
}
