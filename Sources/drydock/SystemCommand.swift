import ArgumentParser
import Engine

/// `drydock system …`: the engine as a whole.
struct SystemCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "system", abstract: "What takes room, and coming back after a reboot.",
    subcommands: [DiskUse.self, PruneSystem.self, RestartSystem.self])
}

/// `drydock system restart`.
struct RestartSystem: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restart",
    abstract: "After a reboot: start the containers that shall always live.",
    discussion: "Those with --restart always, and unless-stopped unless somebody stopped them.")

  @ParentCommand var drydock: Drydock

  func run() throws {
    var hasFailed = false
    let started = try drydock.engine().restartAfterReboot { name, error in
      complain("\(name): \(error.message)", hint: error.hint)
      hasFailed = true
    }
    for name in started { print(name) }
    if hasFailed { throw ExitCode(1) }
  }
}
