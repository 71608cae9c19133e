import ArgumentParser
import Engine
import LabKit

/// The root of the command line: what concerns every command.
///
/// Every command says its own `commandName`: to make one of its type's name, the parser would search
/// the whole program for the type's conformances, for all commands at each start.
struct Drydock: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drydock",
    abstract: "Containers with glass walls: run them, and watch how they are made.",
    version: drydockVersion,
    groupedSubcommands: [
      CommandGroup(name: "Containers", subcommands: containers),
      CommandGroup(name: "Images", subcommands: images),
      CommandGroup(name: "Volumes", subcommands: [Volumes.self]),
      CommandGroup(name: "Networks", subcommands: [NetworkCommand.self]),
      CommandGroup(name: "Learning", subcommands: learning),
      CommandGroup(name: "Other", subcommands: other),
    ])

  static let containers: [any ParsableCommand.Type] = [
    Run.self, Create.self, Start.self, Restarting.self, Stop.self, Kill.self, Remove.self,
    List.self, Logs.self, Top.self, Stats.self, Port.self,
    AttachCommand.self, Wait.self, Exec.self, Pause.self, Unpause.self, Rename.self, Update.self,
    Inspect.self, Copy.self,
  ]

  private static let images: [any ParsableCommand.Type] = [
    ListImages.self, ImageCommand.self, TagImage.self, RemoveImages.self, ImageHistory.self,
    Load.self,
    Save.self, Import.self, Export.self, Commit.self, Diff.self,
  ]

  /// Commands for learners.
  private static let learning: [any ParsableCommand.Type] = [
    Labs.self, Bench.self, ClassroomCommand.self, ShowXRay.self, StepTable.self,
  ]

  private static let other: [any ParsableCommand.Type] = [
    ContainerCommand.self, SystemCommand.self, Info.self, Examine.self, Version.self,
  ]

  /// What can be typed behind `drydock`.
  static let commandNames: [String] =
    (containers + images + [Volumes.self, NetworkCommand.self] + learning + other).map {
      $0._commandName
    } + ["help"]

  /// The command in a command line: the first word that is no flag of the root's.
  static func command(in arguments: [String]) -> String? {
    var words = arguments[...]
    while let word = words.popFirst() {
      if word == "--root" || word == "--run-root" { words = words.dropFirst() }
      if !word.hasPrefix("-") { return word }
    }
    return nil
  }

  @Option(name: .long, help: "Where images and containers are kept.")
  var root = "/var/lib/drydock"

  @Option(name: .long, help: "Where what lives is kept track of.")
  var runRoot = "/run/drydock"

  @Flag(name: .long, help: "Let the runtime say more.")
  var debug = false

  /// The engine on these directories.
  func engine() throws -> Engine { try Engine(root: root, runRoot: runRoot, debug: debug) }
}
