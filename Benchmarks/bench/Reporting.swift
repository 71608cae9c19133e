import ArgumentParser
import BenchmarkKit
import Linux
import Measure
import Report

/// `drydock bench report`.
struct Report: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Writes the report of a result anew, or one of several results.",
    discussion: """
      The same result gives the same bytes. Of several machines' results comes one report, with a \
      column a machine.
      """)

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Where it goes (default: beside the result; of several, ./benchmark-merged).",
      valueName: "directory"))
  var out: String?

  @OptionGroup var words: LanguageOption

  @Argument(help: ArgumentHelp("What `drydock bench run` wrote.", valueName: "result.json"))
  var results: [String]

  func run() throws {
    do throws(DocumentError) {
      guard results.count == 1 else {
        let merged = try ReportFiles.merge(results)
        print(merged.text(language: words.language, plain: true))
        // Beside none of them: each has a report of its own there.
        for path in try ReportFiles.write(
          merged, to: out ?? "benchmark-merged", language: words.language)
        {
          print(path)
        }
        return
      }
      let document = try ReportFiles.read(results[0])
      let directory =
        out ?? results[0].lastIndex(of: "/").map { String(results[0][..<$0]) } ?? "."
      for path in try ReportFiles.write(document, to: directory, language: words.language) {
        print(path)
      }
    } catch { throw Complaint(error.text) }
  }
}

/// `drydock bench compare`.
struct CompareResults: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Holds a new result against an old one.",
    discussion: """
      Exit code: 0 the same, 2 worse, 4 better, 3 cannot tell, 1 an error. Results from environments \
      that differ are refused.
      """)

  @Flag(help: "Compare although the environments differ.")
  var anyEnvironment = false

  @OptionGroup var words: LanguageOption

  @Argument(help: ArgumentHelp("The earlier result.", valueName: "old.json")) var old: String
  @Argument(help: ArgumentHelp("The later result.", valueName: "new.json")) var new: String

  func run() throws {
    let outcome: Compare.Outcome
    do throws(DocumentError) {
      outcome = Compare(acceptsOtherEnvironment: anyEnvironment, language: words.language)
        .run(old: try ReportFiles.read(old), new: try ReportFiles.read(new))
    } catch { throw Complaint(error.text) }
    let text = outcome.lines.joined(separator: "\n")
    if outcome.exitCode == 1 { throw Complaint(text) }
    print(text)
    if outcome.exitCode != 0 { throw ExitCode(outcome.exitCode) }
  }
}

/// `drydock bench replay`.
struct Replay: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Runs a result's experiments again, in its orders, and compares.",
    discussion: """
      The same experiments, rounds and seed. Exit code as of compare: 0 the same, 2 worse, 4 better, \
      3 cannot tell.
      """)

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Where the new report goes.", valueName: "directory"))
  var out = "benchmark-replay"

  @Flag(help: "Compare although the environments differ.")
  var anyEnvironment = false

  @OptionGroup var words: LanguageOption

  @Argument(help: ArgumentHelp("What `drydock bench run` wrote.", valueName: "result.json"))
  var result: String

  func run() throws {
    let document: ResultDocument
    do throws(DocumentError) {
      document = try ReportFiles.read(result)
    } catch { throw Complaint(error.text) }
    guard let command = Replaying.arguments(of: document) else {
      throw Complaint("\(result) was not written by `drydock bench run`: \(document.command)")
    }
    let binary = CommandLine.arguments[0]
    let status: ExitStatus
    do throws(SystemError) {
      let child = try Child("/proc/self/exe", [binary] + command + ["--out", out])
      status = try child.wait()
    } catch { throw Complaint(error.text) }
    guard status == .exited(0) else { throw ExitCode(status.code) }
    var compare = CompareResults()
    compare.anyEnvironment = anyEnvironment
    compare.words = words
    compare.old = result
    compare.new = out + "/result.json"
    try compare.run()
  }
}

/// The command line of a result, as arguments of this program.
enum Replaying {
  /// nil where another program wrote the result.
  static func arguments(of document: ResultDocument) -> [String]? {
    let words = document.command.split(separator: " ").map { String($0) }
    guard words.starts(with: ["sudo", "drydock", "bench", "run"]) else { return nil }
    return Array(words.dropFirst(3))
  }
}
