import ArgumentParser
import Engine

/// `drydock cp`.
struct Copy: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cp", abstract: "Copy files between a container and the host.",
    usage: "drydock cp [OPTIONS] CONTAINER:SOURCE TARGET\n       "
      + "drydock cp [OPTIONS] SOURCE CONTAINER:TARGET")

  @ParentCommand var drydock: Drydock

  @Flag(name: .shortAndLong, help: "Keep owners.") var archive = false
  @Flag(name: [.customShort("L"), .long], help: "Follow a link that is the source.")
  var followLink = false
  @Flag(name: .shortAndLong, help: "Say nothing; nothing is said anyway.") var quiet = false

  @Argument(help: "PATH or CONTAINER:PATH.") var source: String
  @Argument(help: "PATH or CONTAINER:PATH.") var target: String

  func run() throws {
    guard source != "-", target != "-" else {
      throw EngineError(
        "cp does not take a tar stream",
        hint: "drydock exec CONTAINER tar -c PATH, or drydock export.", exitCode: 1)
    }
    var options = CopyOptions()
    options.keepsOwners = archive
    options.followsLink = followLink
    try drydock.engine().copy(source, to: target, options)
  }
}
