import ArgumentParser
import Engine

/// `drydock run`.
struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run a command in a new container.",
    usage: "drydock run [OPTIONS] IMAGE [COMMAND] [ARG...]",
    helpNames: .long)

  @ParentCommand var drydock: Drydock
  @OptionGroup var flags: ContainerFlags

  func run() throws {
    throw ExitCode(try drydock.engine().run(flags.options(Run.self)))
  }
}
