import ArgumentParser

/// `drydock network draw`.
struct NetworkDraw: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "draw", abstract: "Draw the network as the kernel has it now.")

  @ParentCommand var parent: NetworkCommand

  func run() throws {}
}
