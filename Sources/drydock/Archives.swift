import ArgumentParser
import Engine
import Images
import Linux

/// `drydock load`.
struct Load: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "load", abstract: "Load images from an archive of 'save', or from an OCI layout.")

  @ParentCommand var drydock: Drydock

  @Option(
    name: [.customShort("i", allowingJoined: true), .customLong("input")],
    help: "A file, or a directory with an OCI layout, instead of standard input.")
  var input: String?

  @Flag(name: .shortAndLong, help: "No progress.")
  var quiet = false

  func run() throws {
    if input == nil, Terminal.isTerminal(0) {
      throw EngineError(
        "requested load from stdin, but stdin is empty", hint: "Name a file: drydock load -i FILE",
        exitCode: 1)
    }
    let progress = ByteProgress("loading", isQuiet: quiet)
    let images = try drydock.engine().load(input) { progress.show($0) }
    progress.end()
    for loaded in images {
      if loaded.names.isEmpty { print("Loaded image ID: \(loaded.image.id)") }
      for name in loaded.names { print("Loaded image: \(name)") }
    }
  }
}

/// `drydock save`.
struct Save: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "save", abstract: "Write images into an archive, which is an OCI layout too.")

  @ParentCommand var drydock: Drydock

  @Option(
    name: [.customShort("o", allowingJoined: true), .customLong("output")],
    help: "A file instead of standard output.")
  var output: String?

  @Argument(help: ArgumentHelp("Names or ids.", valueName: "image"))
  var images: [String]

  func run() throws {
    try needNoTerminal(output, "save")
    let progress = ByteProgress("saving")
    try drydock.engine().save(images, to: output) { progress.show($0) }
    progress.end()
  }
}

/// `drydock import`.
struct Import: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Make an image of a root filesystem in a tar.")

  @ParentCommand var drydock: Drydock

  @Option(
    name: [.customShort("c", allowingJoined: true), .customLong("change")],
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("A line of a Dockerfile, such as CMD [\"sh\"].", valueName: "instruction"))
  var change: [String] = []

  @Option(
    name: [.customShort("m", allowingJoined: true), .customLong("message")],
    parsing: .unconditional, help: "What for.")
  var message: String?

  @Argument(
    help: ArgumentHelp("The tar, plain, gzip or zstd; - for standard input.", valueName: "file"))
  var file: String

  @Argument(help: ArgumentHelp("What it is to be called.", valueName: "name[:tag]"))
  var name: String?

  func run() throws {
    let progress = ByteProgress("importing")
    let image = try drydock.engine().importFiles(
      file == "-" ? nil : file, name: name, changes: change, message: message
    ) { progress.show($0) }
    progress.end()
    print(image.id)
  }
}

/// `drydock export`.
struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write a container's whole tree into a tar.")

  @ParentCommand var drydock: Drydock

  @Option(
    name: [.customShort("o", allowingJoined: true), .customLong("output")],
    help: "A file instead of standard output.")
  var output: String?

  @Argument(help: ArgumentHelp("A name or id.", valueName: "container"))
  var container: String

  func run() throws {
    try needNoTerminal(output, "export")
    try drydock.engine().export(container, to: output)
  }
}

/// `drydock commit`.
struct Commit: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "commit", abstract: "Make an image of a container's changes.")

  @ParentCommand var drydock: Drydock

  @Option(
    name: [.customShort("a", allowingJoined: true), .customLong("author")], parsing: .unconditional,
    help: "Who made it.")
  var author = ""

  @Option(
    name: [.customShort("m", allowingJoined: true), .customLong("message")],
    parsing: .unconditional, help: "What for.")
  var message = ""

  @Option(
    name: [.customShort("c", allowingJoined: true), .customLong("change")],
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("A line of a Dockerfile, such as CMD [\"sh\"].", valueName: "instruction"))
  var change: [String] = []

  @Flag(
    name: [.customShort("p"), .customLong("pause")], inversion: .prefixedNo,
    help: "Let it stand still meanwhile.")
  var pause = true

  @Argument(help: ArgumentHelp("A name or id.", valueName: "container"))
  var container: String

  @Argument(help: ArgumentHelp("What the image is to be called.", valueName: "name[:tag]"))
  var name: String?

  func run() throws {
    let image = try drydock.engine().commit(
      container, name: name, author: author, message: message, changes: change, pauses: pause)
    print(image.id)
  }
}

/// `drydock diff`.
struct Diff: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Show what a container has changed: A added, C changed, D deleted.")

  @ParentCommand var drydock: Drydock

  @Argument(help: ArgumentHelp("A name or id.", valueName: "container"))
  var container: String

  func run() throws {
    for change in try drydock.engine().changes(container) {
      print("\(change.kind.rawValue) \(change.path)")
    }
  }
}

/// Bytes of an archive are nothing for a terminal.
private func needNoTerminal(_ output: String?, _ command: String) throws {
  guard output == nil, Terminal.isTerminal(1) else { return }
  throw EngineError(
    "cowardly refusing to \(command) to a terminal. Use the -o flag or redirect", exitCode: 1)
}

/// A line on standard error about something that takes longer than a second.
final class ByteProgress {
  private let doing: String
  private let isShown: Bool
  private let begun = Clock.now
  private var last: UInt64 = 0

  init(_ doing: String, isQuiet: Bool = false) {
    self.doing = doing
    let plain = Processes.environment.contains { $0.hasPrefix("NO_COLOR=") && $0 != "NO_COLOR=" }
    isShown = !isQuiet && !plain && Terminal.isTerminal(2)
  }

  /// Tells how much is done, at most ten times a second.
  func show(_ bytes: UInt64) {
    guard isShown, Clock.now > max(begun + 1_000_000_000, last + 100_000_000) else { return }
    last = Clock.now
    File.report("\r\(doing): \(Amount.text(bytes: bytes))\u{1b}[K")
  }

  /// Takes the line away.
  func end() { if last > 0 { File.report("\r\u{1b}[K") } }
}
