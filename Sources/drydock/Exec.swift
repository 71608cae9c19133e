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

  @Option(help: "Keys that leave it in the background.")
  var detachKeys: String?

  @OptionGroup var process: ProcessFlags

  @Argument(
    parsing: .captureForPassthrough,
    help: ArgumentHelp("The container, the command and its arguments.", valueName: "words"))
  var words: [String] = []

  func run() throws {
    let words = try FlagTable.passed(self.words, of: Exec.self)
    guard let container = words.first, words.count > 1 else {
      throw EngineError(
        "\"drydock exec\" requires at least 2 arguments.", hint: "See 'drydock exec --help'.")
    }
    var options = ExecOptions()
    options.isDetached = detach
    options.detachKeys = detachKeys
    options.isPrivileged = privileged
    process.apply(to: &options)
    throw ExitCode(
      try drydock.engine().exec(container, Array(words.dropFirst()), options: options))
  }
}
