import ArgumentParser
import BenchmarkExperiments
import BenchmarkKit
import Linux
import Measure

/// `drydock bench list`.
struct List: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "The experiments, and which profile has them.")

  @OptionGroup var words: LanguageOption

  func run() {
    var rows = [["experiment", "smoke", "quick", "full", "title"]]
    for declaration in Suite.all {
      rows.append(
        [declaration.id] + Profile.allCases.map { declaration.rounds[$0].map(String.init) ?? "-" }
          + [declaration.title[words.language]])
    }
    let widths = (0..<4).map { column in (rows.map { $0[column].count }.max() ?? 0) + 2 }
    for row in rows {
      let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
      print(cells.joined() + row[4])
    }
    let seconds = Profile.allCases.map { profile in
      let sum = Suite.all.map { $0.seconds(in: profile) }.reduce(0, +)
      return
        "\(profile.rawValue) about \(Progress.time(sum)) of at most \(Progress.time(profile.seconds))"
    }
    print("\nNumbers are rounds. Two CPUs need: \(seconds.joined(separator: "; ")).")
  }
}

/// In which language people read.
struct LanguageOption: ParsableArguments {
  @Option(name: .customLong("lang"), help: "Language: en or zh (default: LANG's).")
  var name: String?

  var language: Language {
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap { variable in
      Processes.environment.first { $0.hasPrefix(variable + "=") }?.dropFirst(variable.count + 1)
    }.first { !$0.isEmpty }
    return Language(locale: name ?? locale.map { String($0) } ?? "en")
  }
}
