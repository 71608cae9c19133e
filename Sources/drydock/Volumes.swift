import ArgumentParser
import Engine
import Format

/// `drydock volume`: data that outlives containers.
struct Volumes: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "volume", abstract: "Data that outlives containers.",
    subcommands: [Create.self, List.self, Inspect.self, Remove.self, PruneVolumes.self])

  @ParentCommand var drydock: Drydock

  /// `drydock volume create`.
  struct Create: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "create", abstract: "Make a volume.")

    @ParentCommand var parent: Volumes

    @Option(name: .shortAndLong, help: "Who keeps it: local.")
    var driver = "local"

    @Option(
      name: .shortAndLong, parsing: .unconditionalSingleValue,
      help: ArgumentHelp("type, device and o, as mount(8).", valueName: "key=value"))
    var opt: [String] = []

    @Option(
      parsing: .unconditionalSingleValue,
      help: ArgumentHelp("Note something about it.", valueName: "key[=value]"))
    var label: [String] = []

    @Option(help: "Its name.")
    var name: String?

    @Argument(help: "Its name; made up when not given.")
    var volume: String?

    func run() throws {
      guard name == nil || volume == nil else {
        throw EngineError(
          "conflicting options: either specify --name or provide positional arg, not both",
          exitCode: 1)
      }
      print(
        try parent.drydock.engine().createVolume(
          volume ?? name, driver: driver, options: opt, labels: label))
    }
  }

  /// `drydock volume ls`.
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "ls", abstract: "List volumes.", aliases: ["list"])

    @ParentCommand var parent: Volumes

    @Flag(name: .shortAndLong, help: "Names only.")
    var quiet = false

    @Option(
      name: .shortAndLong, parsing: .unconditionalSingleValue,
      help: ArgumentHelp(
        "dangling=true|false, driver=, name=, label=KEY[=VALUE].", valueName: "filter"))
    var filter: [String] = []

    @Option(help: "json, a template, or 'table TEMPLATE'.")
    var format: String?

    func run() throws {
      var volumes = try parent.drydock.engine().volumes()
      for filter in try VolumeFilter.all(filter) { volumes.removeAll { !filter.matches($0) } }
      if quiet {
        for volume in volumes { print(volume.name) }
        return
      }
      try printList(
        format, [("Driver", "DRIVER"), ("Name", "VOLUME NAME")],
        [("Mountpoint", "MOUNTPOINT"), ("Scope", "SCOPE"), ("Labels", "LABELS")],
        volumes.map(\.value))
    }
  }

  /// `drydock volume inspect`.
  struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "inspect", abstract: "Show all that is known of volumes.")

    @ParentCommand var parent: Volumes

    @Option(name: .shortAndLong, help: "A template, or json.")
    var format: String?

    @Argument(help: ArgumentHelp("Names.", valueName: "volume"))
    var volumes: [String]

    func run() throws {
      let engine = try parent.drydock.engine()
      var found = [VolumeInfo]()
      var failed = false
      for name in volumes {
        do throws(EngineError) {
          found.append(try engine.volume(name))
        } catch {
          complain(error.message, hint: error.hint)
          failed = true
        }
      }
      if let format {
        let template = try Template.read(format)
        for volume in found { print(try template.filled(volume.value)) }
      } else {
        print(Value.list(found.map(\.value)).json(pretty: true))
      }
      if failed { throw ExitCode(1) }
    }
  }

  /// `drydock volume rm`.
  struct Remove: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "rm", abstract: "Remove volumes that no container uses.", aliases: ["remove"])

    @ParentCommand var parent: Volumes

    @Flag(name: .shortAndLong, help: "One that is not there is fine.")
    var force = false

    @Argument(help: ArgumentHelp("Names.", valueName: "volume"))
    var volumes: [String]

    func run() throws {
      let engine = try parent.drydock.engine()
      try forEach(volumes) { try engine.removeVolume($0, force: force) }
    }
  }
}

/// `--filter` of `volume ls`.
private enum VolumeFilter {
  case dangling(Bool)
  case driver(String)
  case name(String)
  case label(String, String?)

  static func all(_ texts: [String]) throws -> [VolumeFilter] {
    try texts.map { text in
      let pair = text.split(separator: "=", maxSplits: 1).map { String($0) }
      guard pair.count == 2 else {
        throw EngineError("bad format of filter (expected name=value)", exitCode: 1)
      }
      switch pair[0] {
      case "dangling":
        guard ["true", "1", "false", "0"].contains(pair[1]) else {
          throw EngineError("invalid filter 'dangling=\(pair[1])'", exitCode: 1)
        }
        return .dangling(pair[1] == "true" || pair[1] == "1")
      case "driver": return .driver(pair[1])
      case "name": return .name(pair[1])
      case "label":
        let label = pair[1].split(separator: "=", maxSplits: 1).map { String($0) }
        return .label(label[0], label.count > 1 ? label[1] : nil)
      default:
        throw EngineError(
          "invalid filter '\(pair[0])'", hint: "There are dangling, driver, name and label.",
          exitCode: 1)
      }
    }
  }

  func matches(_ volume: VolumeInfo) -> Bool {
    switch self {
    case .dangling(let isWanted): volume.users.isEmpty == isWanted
    case .driver(let driver): driver == "local"
    case .name(let part): volume.name.contains(part)
    case .label(let key, nil): volume.labels[key] != nil
    case .label(let key, let value): volume.labels[key] == value
    }
  }
}
