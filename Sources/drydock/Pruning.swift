import ArgumentParser
import Engine
import Format
import Linux

/// `drydock container …`: the same commands under the name of what they are about.
struct ContainerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "container", abstract: "Commands for containers.",
    subcommands: Drydock.containers + [ContainerList.self, PruneContainers.self])
}

/// `drydock container prune`.
struct PruneContainers: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prune", abstract: "Remove all containers that do not live.")

  @ParentCommand var drydock: Drydock
  @Flag(name: .shortAndLong, help: "Do not ask.") var force = false

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Only some, such as label=a.", valueName: "key=value"))
  var filter: [String] = []

  func run() throws {
    guard try force || confirmed("This will remove all stopped containers.") else { return }
    let (ids, bytes) = try drydock.engine().pruneContainers(try ContainerFilter(filter))
    if !ids.isEmpty { print("Deleted Containers:") }
    for id in ids { print(id) }
    print("\nTotal reclaimed space: \(Amount.text(bytes: bytes))")
  }
}

/// Asks on the terminal; where there is none nobody can say yes.
func confirmed(_ warning: String) throws -> Bool {
  print("WARNING! \(warning)\nAre you sure you want to continue? [y/N] ", terminator: "")
  flush()
  let answer = readLine() ?? ""
  return answer.lowercased() == "y" || answer.lowercased() == "yes"
}

/// `drydock system …`: the engine as a whole.
struct SystemCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "system", abstract: "What takes room, and coming back after a reboot.",
    subcommands: [DiskUse.self, PruneSystem.self, RestartSystem.self])
}

/// `drydock system df`.
struct DiskUse: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "df", abstract: "Show what takes room on the disk.")

  @ParentCommand var drydock: Drydock
  @Option(help: "json, a template, or 'table TEMPLATE'.") var format: String?

  func run() throws {
    let engine = try drydock.engine()
    let containers = try engine.containers(all: true)
    let used = Set(containers.map { $0.imageID })
    var images = [String: UInt64]()
    for image in try engine.images() { images[image.id] = image.size }
    var own: UInt64 = 0
    var idle: UInt64 = 0
    for container in containers {
      let size = try engine.size(container.id)
      own += size
      if !container.isUp { idle += size }
    }
    let free = images.filter { !used.contains($0.key) }.reduce(0) { $0 + $1.value }
    func row(_ type: String, _ total: Int, _ active: Int, _ size: UInt64, _ free: UInt64) -> Value {
      let percent = size == 0 ? "" : " (\(free * 100 / size)%)"
      return [
        "Type": .string(type), "TotalCount": .string("\(total)"), "Active": .string("\(active)"),
        "Size": .string(Amount.text(bytes: size)),
        "Reclaimable": .string(Amount.text(bytes: free) + percent),
      ]
    }
    try printList(
      format,
      [
        ("Type", "TYPE"), ("TotalCount", "TOTAL"), ("Active", "ACTIVE"), ("Size", "SIZE"),
        ("Reclaimable", "RECLAIMABLE"),
      ],
      [],
      [
        row(
          "Images", images.count, images.keys.filter { used.contains($0) }.count,
          images.values.reduce(0, +), free),
        row("Containers", containers.count, containers.filter { $0.isUp }.count, own, idle),
      ])
  }
}

/// `drydock system prune`.
struct PruneSystem: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prune", abstract: "Remove all containers that do not live.")

  @ParentCommand var drydock: Drydock
  @Flag(name: .shortAndLong, help: "Do not ask.") var force = false

  func run() throws {
    guard try force || confirmed("This will remove:\n  - all stopped containers") else { return }
    let (ids, bytes) = try drydock.engine().pruneContainers(try ContainerFilter([]))
    if !ids.isEmpty { print("Deleted Containers:") }
    for id in ids { print(id) }
    print("\nTotal reclaimed space: \(Amount.text(bytes: bytes))")
  }
}

/// `drydock system restart`.
struct RestartSystem: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restart",
    abstract: "After a reboot: start the containers that shall always live.",
    discussion: "Those with --restart always, and unless-stopped unless somebody stopped them.")

  @ParentCommand var drydock: Drydock

  func run() throws {
    var hasFailed = false
    let started = try drydock.engine().restartAfterReboot { name, error in
      complain("\(name): \(error.message)", hint: error.hint)
      hasFailed = true
    }
    for name in started { print(name) }
    if hasFailed { throw ExitCode(1) }
  }
}
