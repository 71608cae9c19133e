import ArgumentParser
import Engine

/// How a program is run, a container's first one and one of `exec` alike.
struct ProcessFlags: ParsableArguments {
  @Flag(name: .shortAndLong, help: "Keep standard input open.")
  var interactive = false

  @Flag(name: .shortAndLong, help: "Give it a terminal.")
  var tty = false

  @Option(
    name: [.customShort("e", allowingJoined: true), .customLong("env")],
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Set a variable, or pass the host's on.", valueName: "name[=value]"))
  var environment: [String] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Read variables from a file, one a line.", valueName: "file"))
  var envFile: [String] = []

  @Option(
    name: [.customShort("w", allowingJoined: true), .customLong("workdir")],
    help: "Where it starts.")
  var workdir: String?

  @Option(
    name: [.customShort("u", allowingJoined: true), .customLong("user")],
    help: ArgumentHelp("Who it runs as.", valueName: "user[:group]"))
  var user: String?

  func apply(to options: inout RunOptions) {
    options.interactive = interactive
    options.tty = tty
    options.environment = environment
    options.environmentFiles = envFile
    options.workingDirectory = workdir
    options.user = user
  }

  func apply(to options: inout ExecOptions) {
    options.interactive = interactive
    options.tty = tty
    options.environment = environment
    options.environmentFiles = envFile
    options.workingDirectory = workdir
    options.user = user
  }
}
