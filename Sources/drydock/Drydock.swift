import ArgumentParser
import Engine
import LabKit

/// The root of the command line: what concerns every command.
struct Drydock: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drydock",
    abstract: "Containers with glass walls: run them, and watch how they are made.",
    version: drydockVersion,
    groupedSubcommands: [
      CommandGroup(
        name: "Containers",
        subcommands: [Run.self, List.self, Exec.self, Kill.self, Remove.self]),
      CommandGroup(name: "Images", subcommands: [ListImages.self]),
      CommandGroup(name: "Learning", subcommands: learning),
      CommandGroup(name: "Other", subcommands: [Version.self]),
    ])

  /// Commands for learners.
  private static let learning: [any ParsableCommand.Type] = [Labs.self, StepTable.self]

  @Option(name: .long, help: "Where images and containers are kept.")
  var root = "/var/lib/drydock"

  @Option(name: .long, help: "Where what lives is kept track of.")
  var runRoot = "/run/drydock"

  @Flag(name: .long, help: "Let the runtime say more.")
  var debug = false

  /// The engine on these directories.
  func engine() throws -> Engine { try Engine(root: root, runRoot: runRoot, debug: debug) }
}

/// The version of the whole.
let drydockVersion = "0.1.0"

/// `drydock version`.
struct Version: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Show the version.")

  func run() { print("drydock version \(drydockVersion)") }
}
