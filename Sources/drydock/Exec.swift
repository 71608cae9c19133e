import ArgumentParser
import Engine

/// `drydock exec`.
struct Exec: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "exec", abstract: "Run a command in a living container.",
    usage: "drydock exec [OPTIONS] CONTAINER COMMAND [ARG...]")

  @ParentCommand var drydock: Drydock

  @Flag(name: .shortAndLong, help: "Do not wait for it.")
  var detach = false

  @Flag(help: "Give it every capability.")
  var privileged = false

  @Option(
    parsing: .unconditionalSingleValue, help: "Read variables from a file, one a line.")
  var envFile: [String] = []

  @Option(help: "Accepted for Docker's callers: a program of exec cannot be left.")
  var detachKeys: String?

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
    options.isDetached = detach
    options.isPrivileged = privileged
    options.environmentFiles = envFile
    options.tty = tty
    options.environment = environment
    options.workingDirectory = workdir
    options.user = user
    throw ExitCode(
      try drydock.engine().exec(container, Array(words.dropFirst()), options: options))
  }
}
