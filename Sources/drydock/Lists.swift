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
    func shows(_ field: String) -> Bool { format == "json" || format?.contains(field) == true }
    let isConnected =
      filter.asksForConnections || shows("Mounts") || shows("Networks") || shows("LocalVolumes")
    var containers = try filter.chosen(engine.containers(all: true, connected: isConnected))
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
    let measures = size || format?.contains(".Size") == true
    var images = [String: UInt64]()
    if measures { for image in try engine.images() { images[image.id] = image.size } }
    var rows = [Value]()
    let now = Clock.wall
    for container in containers {
      var text = "0B"
      if measures {
        let own = try engine.size(container.id)
        let whole = Amount.text(bytes: own + (images[container.imageID] ?? 0))
        text = "\(Amount.text(bytes: own)) (virtual \(whole))"
      }
      rows.append(row(container, now, size: text))
    }
    try printList(
      format, columns,
      [
        ("CreatedAt", "CREATED AT"), ("State", "STATE"), ("Size", "SIZE"), ("Labels", "LABELS"),
        ("Mounts", "MOUNTS"), ("Networks", "NETWORKS"), ("LocalVolumes", "LOCAL VOLUMES"),
      ], rows)
  }

  private func row(_ container: ContainerInfo, _ now: UInt64, size: String) -> Value {
    let age = Amount.text(nanoseconds: now - min(now, container.createdNs))
    let has = container.connections ?? ContainerConnections()
    let mounts = has.mounts.map { mount in
      noTrunc || mount.count <= 15 ? mount : mount.prefix(14) + "…"
    }
    let labels = container.labels.map { label -> Value.Member in
      let pair = label.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return .init(String(pair[0]), .string(pair.count > 1 ? String(pair[1]) : ""))
    }
    let members: [Value.Member] = [
      .init("Command", .string(ListFlags.command(container, isWhole: noTrunc))),
      .init("CreatedAt", .string(Clock.rfc3339(container.createdNs))),
      .init("ID", .string(noTrunc ? container.id : container.shortID)),
      .init("Image", .string(container.image)),
      .init("Label", .object(labels), isMethod: true),
      .init("Labels", .string(container.labels.joined(separator: ","))),
      .init("LocalVolumes", .string("\(has.volumes)")),
      .init("Mounts", .string(mounts.joined(separator: ","))),
      .init("Names", .string(container.name)), .init("Networks", .string(has.network)),
      .init("Ports", .string(container.ports)), .init("RunningFor", .string("\(age) ago")),
      .init("Size", .string(size)), .init("State", .string(container.status.name)),
      .init("Status", .string(container.statusText(nowNs: now))),
    ]
    return .object(members)
  }

  /// The column COMMAND: in quotes, and 20 letters at most.
  static func command(_ container: ContainerInfo, isWhole: Bool) -> String {
    var command = container.command.joined(separator: " ")
    if !isWhole && command.count > 20 { command = command.prefix(19) + "…" }
    return "\"\(command)\""
  }
}

/// Columns as Docker prints them: three blanks between, none at the end.
func printTable(_ header: [String], _ rows: [[String]]) {
  for line in Listing.aligned([header] + rows) { print(line) }
}
