import ArgumentParser
import Engine

/// `drydock kill`.
struct Kill: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kill", abstract: "Send a signal to living containers.")

  @ParentCommand var drydock: Drydock

  @Option(
    name: [.customShort("s", allowingJoined: true), .customLong("signal")],
    help: "Its name or number.")
  var signal = "KILL"

  @Argument(help: ArgumentHelp("Names or ids.", valueName: "container"))
  var containers: [String]

  func run() throws {
    let engine = try drydock.engine()
    try forEach(containers) { try engine.kill($0, signal: signal) }
  }
}

/// `drydock stop`.
struct Stop: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop",
    abstract: "End living containers: SIGTERM, and SIGKILL after a grace period.")

  @ParentCommand var drydock: Drydock

  @OptionGroup var flags: StopFlags

  @Argument(help: ArgumentHelp("Names or ids.", valueName: "container"))
  var containers: [String]

  func run() throws {
    let engine = try drydock.engine()
    try forEach(containers) { try flags.stop($0, engine) }
  }
}

/// How `stop` and `restart` end what lives.
struct StopFlags: ParsableArguments {
  @Option(
    name: [
      .customShort("t", allowingJoined: true), .customLong("time"), .customLong("timeout"),
    ],
    parsing: .unconditional, help: "Seconds to wait before SIGKILL; -1 for no end.")
  var time: Int?

  @Option(
    name: [.customShort("s", allowingJoined: true), .customLong("signal")],
    help: "Which signal asks it to end: a name or a number.")
  var signal: String?

  func stop(_ container: String, _ engine: Engine) throws {
    try engine.stop(container, grace: time.map { Double($0) }, signal: signal)
  }
}

/// `drydock rm`.
struct Remove: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rm", abstract: "Remove containers.")

  @ParentCommand var drydock: Drydock

  @Flag(name: .shortAndLong, help: "Kill a living one first.")
  var force = false

  @Flag(name: .shortAndLong, help: "Remove the volumes without a name too.")
  var volumes = false

  @Argument(help: ArgumentHelp("Names or ids.", valueName: "container"))
  var containers: [String]

  func run() throws {
    let engine = try drydock.engine()
    try forEach(containers) { name in
      do {
        try engine.remove(name, force: force, volumes: volumes)
      } catch let error as EngineError where force && error.message.hasPrefix("No such container") {
        // As Docker: to be gone is what was asked for.
        complain(error.message, hint: "")
      }
    }
  }
}

/// Does something to each container and prints its name, as Docker does: one that fails does not
/// stop the others, and the code is 1 in the end.
func forEach(
  _ containers: [String], prints: Bool = true, _ body: (String) throws -> Void
) throws {
  var failed = false
  for container in containers {
    do {
      try body(container)
      if prints { print(container) }
    } catch let error as EngineError {
      complain(error.message, hint: error.hint)
      failed = true
    }
  }
  if failed { throw ExitCode(1) }
}
