import ArgumentParser

/// `drydock network`.
struct NetworkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "network", abstract: "What connects containers.",
    subcommands: [NetworkDraw.self, NetworkTrace.self])

  @ParentCommand var drydock: Drydock
}
