import ArgumentParser
import Engine

/// `drydock run`.
struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run a command in a new container.",
    usage: "drydock run [OPTIONS] IMAGE [COMMAND] [ARG...]",
    helpNames: .long)

  @ParentCommand var drydock: Drydock
  @OptionGroup var flags: ContainerFlags
  @OptionGroup(title: "Joining") var joining: JoiningFlags

  func run() throws {
    try joining.run(flags.options(Run.self), drydock.engine())
  }
}
