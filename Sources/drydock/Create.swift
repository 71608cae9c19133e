import ArgumentParser
import Engine

/// `drydock create`.
struct Create: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create", abstract: "Make a container without starting it, and print its id.",
    usage: "drydock create [OPTIONS] IMAGE [COMMAND] [ARG...]", helpNames: .long)

  @ParentCommand var drydock: Drydock
  @OptionGroup var flags: ContainerFlags

  func run() throws { print(try drydock.engine().create(flags.options(Create.self))) }
}
