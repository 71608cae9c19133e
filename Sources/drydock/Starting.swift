import ArgumentParser
import Engine

/// `drydock start`.
struct Start: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "start", abstract: "Start containers that were made, or that ended.")

  @ParentCommand var drydock: Drydock

  @Flag(name: .shortAndLong, help: "Join standard output and standard error, and pass signals on.")
  var attach = false

  @Flag(name: .shortAndLong, help: "Join standard input.")
  var interactive = false

  @Option(help: "Keys that leave it in the background.")
  var detachKeys: String?

  @Argument(help: ArgumentHelp("Names or ids.", valueName: "container"))
  var containers: [String]

  func run() throws {
    let engine = try drydock.engine()
    guard attach || interactive else { return try forEach(containers) { try engine.start($0) } }
    guard containers.count == 1, let container = containers.first else {
      throw EngineError("you cannot start and attach multiple containers at once", exitCode: 1)
    }
    var joined = try Attach(detachKeys: detachKeys)
    joined.givesInput = interactive
    try leave(try engine.start(container, joined))
  }
}

/// `drydock restart`.
struct Restarting: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restart", abstract: "Stop containers and start them again.")

  @ParentCommand var drydock: Drydock

  @OptionGroup var flags: StopFlags

  @Argument(help: ArgumentHelp("Names or ids.", valueName: "container"))
  var containers: [String]

  func run() throws {
    let engine = try drydock.engine()
    try forEach(containers) {
      try flags.stop($0, engine)
      try engine.start($0)
    }
  }
}

/// `drydock attach`.
struct AttachCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attach", abstract: "Join this terminal to a living container.")

  @ParentCommand var drydock: Drydock

  @Option(help: "Keys that leave it in the background.")
  var detachKeys: String?

  @Flag(help: "Do not join standard input.")
  var noStdin = false

  @Flag(inversion: .prefixedNo, help: "Pass signals on.")
  var sigProxy = true

  @Argument(help: ArgumentHelp("A name or id.", valueName: "container"))
  var container: String

  func run() throws {
    var attach = try Attach(detachKeys: detachKeys)
    attach.givesInput = !noStdin
    attach.passesSignals = sigProxy
    try leave(try drydock.engine().attach(container, attach))
  }
}

/// `drydock wait`.
struct Wait: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "wait", abstract: "Wait until containers have ended, and print their exit codes.")

  @ParentCommand var drydock: Drydock

  @Argument(help: ArgumentHelp("Names or ids.", valueName: "container"))
  var containers: [String]

  func run() throws {
    let engine = try drydock.engine()
    try forEach(containers, prints: false) { print(try engine.wait($0)) }
  }
}

/// Ends the command as being attached ended.
func leave(_ end: AttachEnd) throws {
  switch end {
  case .ended(let code): throw ExitCode(code)
  case .detached: complain("read escape sequence", hint: "")
  }
}
