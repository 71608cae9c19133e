import ArgumentParser
import Engine

/// `drydock exec`.
struct Exec: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run a command in a living container.",
    usage: "drydock exec [OPTIONS] CONTAINER COMMAND [ARG...]")

  @ParentCommand var drydock: Drydock

  @Flag(name: .shortAndLong, help: "Keep standard input open.")
  var interactive = false

  @Flag(name: .shortAndLong, help: "Give it a terminal.")
  var tty = false

  @Option(
    name: [.customShort("e", allowingJoined: true), .customLong("env")],
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Set a variable, or pass the host's on.", valueName: "NAME[=VALUE]"))
  var environment: [String] = []

  @Option(
    name: [.customShort("w", allowingJoined: true), .customLong("workdir")],
    help: "Where it starts.")
  var workdir: String?

  @Option(
    name: [.customShort("u", allowingJoined: true), .customLong("user")],
    help: ArgumentHelp("Who it runs as.", valueName: "user[:group]"))
  var user: String?

  @Argument(
    parsing: .captureForPassthrough,
    help: ArgumentHelp("The container, the command and its arguments.", valueName: "words"))
  var words: [String] = []

  func run() throws {
    let words = self.words.first == "--" ? self.words.dropFirst() : self.words[...]
    if let first = words.first, first.hasPrefix("-") {
      // Passing through keeps the parser from seeing it.
      if first == "--help" || first == "-h" { throw CleanExit.helpRequest(Exec.self) }
      throw EngineError("unknown flag: \(first)", hint: "See 'drydock exec --help'.")
    }
    guard let container = words.first, words.count > 1 else {
      throw EngineError(
        "\"drydock exec\" requires at least 2 arguments.", hint: "See 'drydock exec --help'.")
    }
    var options = ExecOptions()
    options.interactive = interactive
    options.tty = tty
    options.environment = environment
    options.workingDirectory = workdir
    options.user = user
    throw ExitCode(
      try drydock.engine().exec(container, Array(words.dropFirst()), options: options))
  }
}

/// `drydock kill`.
struct Kill: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Send a signal to living containers.")

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
    abstract: "End living containers: SIGTERM, and SIGKILL after a grace period.")

  @ParentCommand var drydock: Drydock

  @Option(
    name: [.customShort("t", allowingJoined: true), .customLong("time")],
    help: "Seconds to wait before SIGKILL.")
  var time = 10

  @Argument(help: ArgumentHelp("Names or ids.", valueName: "container"))
  var containers: [String]

  func run() throws {
    guard time >= 0 else { throw EngineError("invalid time: \(time)", hint: "Seconds.") }
    let engine = try drydock.engine()
    try forEach(containers) { try engine.stop($0, grace: Double(time)) }
  }
}

/// `drydock rm`.
struct Remove: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rm", abstract: "Remove containers.")

  @ParentCommand var drydock: Drydock

  @Flag(name: .shortAndLong, help: "Kill a living one first.")
  var force = false

  @Flag(name: .shortAndLong, help: "Remove its volumes without a name, too.")
  var volumes = false

  @Argument(help: ArgumentHelp("Names or ids.", valueName: "container"))
  var containers: [String]

  func run() throws {
    let engine = try drydock.engine()
    try forEach(containers) { try engine.remove($0, force: force, volumes: volumes) }
  }
}

/// Does something to each container and prints its name, as Docker does: one that fails does not
/// stop the others, and the code is 1 in the end.
func forEach(_ containers: [String], _ body: (String) throws -> Void) throws {
  var failed = false
  for container in containers {
    do {
      try body(container)
      print(container)
    } catch let error as EngineError {
      complain(error.message, hint: error.hint)
      failed = true
    }
  }
  if failed { throw ExitCode(1) }
}
