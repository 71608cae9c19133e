import ArgumentParser
import Engine
import Linux

/// `drydock cp`.
struct Copy: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cp", abstract: "Copy files between a container and the host.",
    usage: "drydock cp [OPTIONS] CONTAINER:SOURCE TARGET|-\n       "
      + "drydock cp [OPTIONS] SOURCE|- CONTAINER:TARGET",
    discussion: "With - a tar is written to standard output, or read from standard input.")

  @ParentCommand var drydock: Drydock

  @Flag(name: .shortAndLong, help: "Keep owners.") var archive = false
  @Flag(name: [.customShort("L"), .long], help: "Follow a link that is the source.")
  var followLink = false
  @Flag(name: .shortAndLong, help: "Say nothing; nothing is said anyway.") var quiet = false

  @Argument(help: "PATH, CONTAINER:PATH or -.") var source: String
  @Argument(help: "PATH, CONTAINER:PATH or -.") var target: String

  func run() throws {
    if target == "-", Terminal.isTerminal(1) {
      throw EngineError("refusing to write archive to a terminal: use a redirection", exitCode: 1)
    }
    var options = CopyOptions()
    options.keepsOwners = archive
    options.followsLink = followLink
    try drydock.engine().copy(source, to: target, options)
  }
}
