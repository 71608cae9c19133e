import ArgumentParser
import Engine
import Images
import Linux

/// `drydock container …`: the same commands under the name of what they are about.
struct ContainerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "container", abstract: "Commands for containers.",
    subcommands: Drydock.containers + [ContainerList.self, PruneContainers.self])
}

/// `-f` and `--filter`, as every `prune` has them.
struct PruneFlags: ParsableArguments {
  @Flag(name: .shortAndLong, help: "Do not ask.") var force = false

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Only some, such as until=24h or label=a.", valueName: "key=value"))
  var filter: [String] = []

  /// Asks on the terminal; where there is none nobody can say yes.
  func confirmed(_ warning: String) -> Bool {
    if force { return true }
    print("WARNING! \(warning)\nAre you sure you want to continue? [y/N] ", terminator: "")
    flush()
    return ["y", "yes"].contains((readLine() ?? "").lowercased())
  }
}

/// What was removed, as Docker prints it: each kind under its heading, and the room that is free.
struct PruneReport {
  private var text = ""
  private var bytes: UInt64 = 0

  mutating func add(_ heading: String, _ lines: [String], bytes: UInt64) {
    self.bytes += bytes
    guard !lines.isEmpty else { return }
    text += "\(heading):\n\(lines.joined(separator: "\n"))\n\n"
  }

  func show() { print("\(text)Total reclaimed space: \(Amount.text(bytes: bytes))") }
}

extension Engine {
  func prune(containers filter: PruneFilter, into report: inout PruneReport) throws {
    let (ids, bytes) = try pruneContainers(filter)
    report.add("Deleted Containers", ids, bytes: bytes)
  }

  func prune(volumes filter: PruneFilter, all: Bool, into report: inout PruneReport) throws {
    let (names, bytes) = try pruneVolumes(all: all, filter)
    report.add("Deleted Volumes", names, bytes: bytes)
  }

  func prune(images filter: PruneFilter, all: Bool, into report: inout PruneReport) throws {
    let (removals, bytes) = try pruneImages(all: all, filter)
    let lines = removals.map { $0.text.prefix(1).lowercased() + $0.text.dropFirst() }
    report.add("Deleted Images", lines, bytes: bytes)
  }
}

/// `drydock container prune`.
struct PruneContainers: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prune", abstract: "Remove all containers that do not live.")

  @ParentCommand var drydock: Drydock
  @OptionGroup var flags: PruneFlags

  func run() throws {
    let filter = try PruneFilter(flags.filter, keys: ["until", "label"])
    guard flags.confirmed("This will remove all stopped containers.") else { return }
    var report = PruneReport()
    try drydock.engine().prune(containers: filter, into: &report)
    report.show()
  }
}

/// `drydock image prune`.
struct PruneImages: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prune", abstract: "Remove images that nobody needs.")

  @ParentCommand var drydock: Drydock
  @OptionGroup var flags: PruneFlags

  @Flag(name: .shortAndLong, help: "Those with a name too, when no container is made of them.")
  var all = false

  func run() throws {
    let filter = try PruneFilter(flags.filter, keys: ["dangling", "until", "label"])
    let takesNamed = all || filter["dangling"] == false
    let which =
      takesNamed
      ? "all images without at least one container associated to them" : "all dangling images"
    guard flags.confirmed("This will remove \(which).") else { return }
    var report = PruneReport()
    try drydock.engine().prune(images: filter, all: takesNamed, into: &report)
    report.show()
  }
}

/// `drydock volume prune`.
struct PruneVolumes: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prune", abstract: "Remove the volumes that no container uses.")

  @ParentCommand var parent: Volumes
  @OptionGroup var flags: PruneFlags

  @Flag(name: .shortAndLong, help: "Those with a name too.")
  var all = false

  func run() throws {
    let filter = try PruneFilter(flags.filter, keys: ["all", "label"])
    let takesNamed = all || filter["all"] == true
    let which = takesNamed ? "all" : "anonymous"
    guard
      flags.confirmed(
        "This will remove \(which) local volumes not used by at least one container.")
    else { return }
    var report = PruneReport()
    try parent.drydock.engine().prune(volumes: filter, all: takesNamed, into: &report)
    report.show()
  }
}

/// `drydock network prune`.
struct PruneNetworks: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prune",
    abstract: "Remove the networks that no container is on; the default one's bridge rests.")

  @ParentCommand var parent: NetworkCommand
  @OptionGroup var flags: PruneFlags

  func run() throws {
    let filter = try PruneFilter(flags.filter, keys: ["until", "label"])
    guard
      flags.confirmed(
        "This will remove all custom networks not used by at least one container.")
    else { return }
    let names = try parent.drydock.engine().pruneNetworks(filter)
    if !names.isEmpty { print("Deleted Networks:\n\(names.joined(separator: "\n"))") }
  }
}

/// `drydock system prune`.
struct PruneSystem: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prune",
    abstract: "Remove ended containers and images that nobody needs; volumes when told to.")

  @ParentCommand var drydock: Drydock
  @OptionGroup var flags: PruneFlags

  @Flag(name: .shortAndLong, help: "Images with a name too, when no container is made of them.")
  var all = false

  @Flag(help: "The volumes without a name too.")
  var volumes = false

  func run() throws {
    let filter = try PruneFilter(flags.filter, keys: ["until", "label"])
    guard !volumes || !flags.filter.contains(where: { $0.hasPrefix("until=") }) else {
      throw EngineError(
        "The \"until\" filter is not supported with \"--volumes\"",
        hint: "A volume's age tells nothing of what is in it.", exitCode: 1)
    }
    var parts = ["all stopped containers"]
    if volumes { parts.append("all anonymous volumes not used by at least one container") }
    parts.append(
      all ? "all images without at least one container associated to them" : "all dangling images")
    var warning = "This will remove:\n" + parts.map { "  - \($0)\n" }.joined()
    if !flags.filter.isEmpty {
      warning += "\n  Items to be pruned will be filtered with:\n"
      warning += flags.filter.map { "  - \($0)\n" }.joined()
    }
    guard flags.confirmed(warning) else { return }
    let engine = try drydock.engine()
    var report = PruneReport()
    try engine.prune(containers: filter, into: &report)
    if volumes { try engine.prune(volumes: filter, all: false, into: &report) }
    try engine.prune(images: filter, all: all, into: &report)
    report.show()
  }
}
