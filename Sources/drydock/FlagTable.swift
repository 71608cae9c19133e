// Flags as Docker's callers type them, where ArgumentParser knows less:
//
//     --rm=false  -d=true  --sig-proxy=0     a flag without a value may be given one (Go's ParseBool)
//     --memroy                               which one was meant
//
// What flags a command has is read from its help, and only when one of these is there.

import ArgumentParser
import Engine

/// The flags of one command.
struct FlagTable {
  /// One flag and its names.
  private struct Flag {
    var names: [String]
    var takesValue: Bool
    /// `--no-pause` of `--pause`.
    var negation: String?
  }

  private var flags: [Flag] = []

  /// Reads lines such as `  -e, --env <name[=value]>  Set a variable…`.
  init(_ command: any ParsableCommand.Type) {
    let help = Drydock.helpMessage(for: command, columns: 200)
    for line in help.split(separator: "\n") where line.hasPrefix("  -") {
      let line = line.dropFirst(2)
      let label = line.firstRange(of: "  ").map { line[..<$0.lowerBound] } ?? line
      let names = label.split { $0 == " " || $0 == "," || $0 == "/" }
        .prefix { $0.hasPrefix("-") }.map { String($0) }
      guard let last = names.last else { continue }
      var flag = Flag(names: names, takesValue: label.contains(" <"))
      let positive = names.first { last == "--no-" + $0.dropFirst(2) }
      if positive != nil {
        flag.names.removeLast()
        flag.negation = last
      }
      flags.append(flag)
    }
  }

  private func flag(_ name: some StringProtocol) -> Flag? {
    flags.first { $0.names.contains { $0 == name } }
  }

  // MARK: Values of flags that have none

  /// The words of a command line with `--flag=true` and `--flag=false` as ArgumentParser has them.
  static func plain(_ words: [String]) -> [String] {
    let hasValue = words.contains { word in
      guard word.hasPrefix("-"), let value = word.split(separator: "=", maxSplits: 1).last else {
        return false
      }
      return truth(value) != nil
    }
    guard hasValue else { return words }
    let (command, start) = Drydock.leaf(in: words)
    return Array(words[..<start]) + FlagTable(command).plain(words[start...], of: command)
  }

  private func plain(
    _ words: ArraySlice<String>, of command: any ParsableCommand.Type
  ) -> [String] {
    var rest = words
    var result = [String]()
    while let word = rest.popFirst() {
      guard word.hasPrefix("-"), word != "-", word != "--" else {
        result.append(word)
        // Behind the image, the container or `--` all words are somebody else's.
        if word == "--" || Drydock.passesOn(command) { return result + rest }
        continue
      }
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2, let flag = flag(parts[0]), !flag.takesValue,
        let isSet = FlagTable.truth(parts[1])
      {
        if isSet { result.append(String(parts[0])) }
        if !isSet, let negation = flag.negation { result.append(negation) }
        continue
      }
      result.append(word)
      if parts.count == 1, isFollowedByValue(word), let value = rest.popFirst() {
        result.append(value)
      }
    }
    return result
  }

  /// `--env`, `-e`, and `-ite`, where the last letter's flag takes the next word.
  private func isFollowedByValue(_ word: String) -> Bool {
    if let flag = flag(word) { return flag.takesValue }
    guard !word.hasPrefix("--") else { return false }
    for (place, letter) in word.dropFirst().enumerated() {
      guard let flag = flag("-\(letter)") else { return false }
      if flag.takesValue { return place == word.count - 2 }
    }
    return false
  }

  /// Go's strconv.ParseBool.
  private static func truth(_ text: some StringProtocol) -> Bool? {
    switch text {
    case "1", "t", "T", "true", "TRUE", "True": true
    case "0", "f", "F", "false", "FALSE", "False": false
    default: nil
    }
  }

  // MARK: Flags that there are not

  /// The words that a command passes on, when none of them was meant for itself: passing through
  /// keeps the parser from seeing a flag that there is not.
  static func passed(
    _ words: [String], of command: any ParsableCommand.Type
  ) throws -> ArraySlice<String> {
    if words.first == "--" { return words.dropFirst() }
    guard let first = words.first, first.hasPrefix("-") else { return words[...] }
    if first == "--help" || first == "-h" { throw CleanExit.helpRequest(command) }
    throw unknown(first, of: command)
  }

  /// The error for a flag that a command does not have, naming the one that was likely meant.
  static func unknown(_ word: String, of command: any ParsableCommand.Type) -> EngineError {
    let name = String(word.prefix { $0 != "=" })
    let short = "unknown shorthand flag: '\(name.dropFirst().prefix(1))' in \(word)"
    let near = FlagTable(command).nearest(to: name).map { "Did you mean \($0)?\n" } ?? ""
    return EngineError(
      name.hasPrefix("--") || name.count < 2 ? "unknown flag: \(name)" : short,
      hint: near + "See '\(Drydock.path(of: command)) --help'.")
  }

  /// The name that differs least, when that is little.
  private func nearest(to name: String) -> String? {
    let plain = name.drop { $0 == "-" }
    guard plain.count > 1 else { return nil }
    let names = flags.flatMap { $0.names + [$0.negation].compactMap { $0 } }
      .filter { $0.hasPrefix("--") }
    let scored = names.map { other -> (name: String, distance: Int) in
      let own = other.dropFirst(2)
      // What was only begun is near, whatever its length.
      return (other, own.hasPrefix(plain) ? 1 : FlagTable.distance(own, plain))
    }
    guard let best = scored.min(by: { $0.distance < $1.distance }),
      best.distance <= max(1, plain.count / 3)
    else { return nil }
    return best.name
  }

  /// How many letters must be changed, put in, taken out or swapped with their neighbour.
  static func distance(_ first: Substring, _ second: Substring) -> Int {
    let (a, b) = (Array(first), Array(second))
    var rows = [Array(0...b.count)]
    for i in 0..<a.count {
      var row = [i + 1]
      for j in 0..<b.count {
        var best = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          best = min(best, rows[i - 1][j - 1] + 1)
        }
        row.append(best)
      }
      rows.append(row)
    }
    return rows[a.count][b.count]
  }
}

extension Drydock {
  /// The innermost command that words name, and where its own words begin.
  static func leaf(in words: [String]) -> (command: any ParsableCommand.Type, start: Int) {
    var command: any ParsableCommand.Type = Drydock.self
    var place = 0
    while place < words.count {
      let word = words[place]
      let isRoot = command == Drydock.self
      if isRoot, word == "--root" || word == "--run-root" {
        place += 2
      } else if isRoot, word.hasPrefix("-") {
        place += 1
      } else if let inner = command.configuration.subcommands.first(where: {
        $0._commandName == word || $0.configuration.aliases.contains(word)
      }) {
        command = inner
        place += 1
      } else {
        break
      }
    }
    return (command, min(place, words.count))
  }

  /// `drydock volume ls`.
  static func path(of command: any ParsableCommand.Type) -> String {
    // The shortest: most commands are there twice, `rm` and `container rm`.
    typealias Named = (command: any ParsableCommand.Type, words: [String])
    var level: [Named] = [(Drydock.self, ["drydock"])]
    while !level.isEmpty {
      if let found = level.first(where: { $0.command == command }) {
        return found.words.joined(separator: " ")
      }
      level = level.flatMap { outer in
        outer.command.configuration.subcommands.map { ($0, outer.words + [$0._commandName]) }
      }
    }
    return "drydock"
  }

  /// Whether the words behind the first one without a dash are not the command's own.
  static func passesOn(_ command: any ParsableCommand.Type) -> Bool {
    command == Run.self || command == Create.self || command == Exec.self || command == Top.self
  }
}
