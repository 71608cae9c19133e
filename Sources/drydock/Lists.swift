import ArgumentParser
import Engine
import Format
import Linux

/// `drydock ps`.
struct List: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ps", abstract: "List containers.", helpNames: [.short, .long])

  @ParentCommand var drydock: Drydock
  @OptionGroup var flags: ListFlags

  func run() throws { try flags.run(drydock.engine()) }
}

/// `drydock container ls`.
struct ContainerList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ls", abstract: "List containers.", helpNames: [.short, .long],
    aliases: ["list"])

  @ParentCommand var drydock: Drydock
  @OptionGroup var flags: ListFlags

  func run() throws { try flags.run(drydock.engine()) }
}

/// Which containers are listed, and how.
struct ListFlags: ParsableArguments {
  @Flag(name: .shortAndLong, help: "The ended ones too.")
  var all = false

  @Flag(name: .shortAndLong, help: "Ids only.")
  var quiet = false

  @Flag(name: .shortAndLong, help: "The one that was made last.")
  var latest = false

  @Option(name: [.customShort("n"), .customLong("last")], help: "So many that were made last.")
  var last: Int?

  @Option(
    name: .shortAndLong, parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Only some, such as status=exited.", valueName: "key=value"))
  var filter: [String] = []

  @Option(help: "json, a template, or 'table TEMPLATE'.")
  var format: String?

  @Flag(help: "Whole ids and commands.")
  var noTrunc = false

  @Flag(name: .shortAndLong, help: "With the size of their own files.")
  var size = false

  func run(_ engine: Engine) throws {
    let filter = try ContainerFilter(filter)
    let count = latest ? 1 : last
    var containers = try filter.chosen(engine.containers(all: true))
    if !all, count == nil, !filter.asksForEnded { containers = containers.filter { $0.isUp } }
    if let count, count >= 0 { containers = Array(containers.prefix(count)) }
    if quiet {
      for container in containers { print(noTrunc ? container.id : container.shortID) }
      return
    }
    var columns: [Listing.Column] = [
      ("ID", "CONTAINER ID"), ("Image", "IMAGE"), ("Command", "COMMAND"),
      ("RunningFor", "CREATED"), ("Status", "STATUS"), ("Ports", "PORTS"), ("Names", "NAMES"),
    ]
    if size { columns.append(("Size", "SIZE")) }
    var rows = [Value]()
    let now = Clock.wall
    for container in containers {
      let bytes = size ? try engine.size(container.id) : 0
      rows.append(row(container, now, size: bytes))
    }
    try printList(
      format, columns,
      [
        ("CreatedAt", "CREATED AT"), ("State", "STATE"), ("Size", "SIZE"), ("Labels", "LABELS"),
        ("Mounts", "MOUNTS"), ("Networks", "NETWORKS"), ("LocalVolumes", "LOCAL VOLUMES"),
      ], rows)
  }

  private func row(_ container: ContainerInfo, _ now: UInt64, size: UInt64) -> Value {
    var command = container.command.joined(separator: " ")
    if !noTrunc && command.count > 20 { command = command.prefix(19) + "…" }
    let age = Amount.text(nanoseconds: now - min(now, container.createdNs))
    return [
      "Command": .string("\"\(command)\""),
      "CreatedAt": .string(Clock.rfc3339(container.createdNs)),
      "ID": .string(noTrunc ? container.id : container.shortID),
      "Image": .string(container.image),
      "Labels": .string(container.labels.joined(separator: ",")), "LocalVolumes": "0",
      "Mounts": "", "Names": .string(container.name), "Networks": "", "Ports": "",
      "RunningFor": .string("\(age) ago"), "Size": .string(Amount.text(bytes: size)),
      "State": .string(container.status.name),
      "Status": .string(container.statusText(nowNs: now)),
    ]
  }
}

/// Columns as Docker prints them: three blanks between, none at the end.
func printTable(_ header: [String], _ rows: [[String]]) {
  for line in Listing.aligned([header] + rows) { print(line) }
}
