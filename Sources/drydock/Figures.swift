import ArgumentParser
import Engine
import Format
import Linux

/// `drydock top`.
struct Top: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "top", abstract: "Show a container's processes.",
    usage: "drydock top CONTAINER [ps OPTIONS]")

  @ParentCommand var drydock: Drydock

  @Argument(
    parsing: .captureForPassthrough,
    help: ArgumentHelp("A name or id, and options for ps(1).", valueName: "words"))
  var words: [String] = []

  func run() throws {
    guard let container = words.first, container != "--help" else {
      if words.first == "--help" { throw CleanExit.helpRequest(Top.self) }
      throw EngineError(
        "\"drydock top\" requires at least 1 argument.", hint: "See 'drydock top --help'.")
    }
    print(try drydock.engine().top(container, Array(words.dropFirst())), terminator: "")
  }
}

/// `drydock stats`.
struct Stats: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats", abstract: "Show what living containers use, once a second.")

  @ParentCommand var drydock: Drydock

  @Flag(name: .shortAndLong, help: "The ended ones too.") var all = false
  @Flag(help: "Once.") var noStream = false
  @Flag(help: "Whole ids.") var noTrunc = false
  @Option(help: "json, a template, or 'table TEMPLATE'.") var format: String?

  @Argument(help: ArgumentHelp("Names or ids; all when none is given.", valueName: "container"))
  var containers: [String] = []

  private static let columns: [Listing.Column] = [
    ("ID", "CONTAINER ID"), ("Name", "NAME"), ("CPUPerc", "CPU %"),
    ("MemUsage", "MEM USAGE / LIMIT"), ("MemPerc", "MEM %"), ("NetIO", "NET I/O"),
    ("BlockIO", "BLOCK I/O"), ("PIDs", "PIDS"),
  ]

  func run() throws {
    let engine = try drydock.engine()
    var earlier = [String: Usage]()
    for container in try chosen(engine) { earlier[container.id] = try engine.usage(container.id) }
    let clears = !noStream && Terminal.isTerminal(1)
    repeat {
      Clock.sleep(1_000_000_000)
      var rows = [Value]()
      for container in try chosen(engine) {
        let now = (try? engine.usage(container.id)) ?? nil
        rows.append(row(container, now ?? Usage(), earlier[container.id] ?? now ?? Usage()))
        earlier[container.id] = now
      }
      // The cursor to the beginning, and what is behind it away (console_codes(4)).
      if clears { print("\u{1B}[H\u{1B}[J", terminator: "") }
      try printList(format, Stats.columns, [("Container", "CONTAINER")], rows)
      flush()
      if rows.isEmpty && !containers.isEmpty { return }
    } while !noStream
  }

  private func chosen(_ engine: Engine) throws -> [ContainerInfo] {
    let list = try engine.containers(all: all || !containers.isEmpty)
    if containers.isEmpty { return list }
    return try containers.map { name in
      let id = try engine.id(of: name)
      guard let container = list.first(where: { $0.id == id }) else {
        throw EngineError("No such container: \(name)", exitCode: 1)
      }
      return container
    }
  }

  private func row(_ container: ContainerInfo, _ now: Usage, _ earlier: Usage) -> Value {
    func percent(_ value: Double) -> Value {
      let hundredths = Int64((value * 100).rounded())
      let rest = hundredths % 100
      return .string("\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)%")
    }
    func pair(_ first: UInt64, _ second: UInt64) -> Value {
      .string("\(Amount.text(bytes: first)) / \(Amount.text(bytes: second))")
    }
    /// As Docker: four digits, by 1024.
    func binary(_ bytes: UInt64) -> String {
      var value = Double(bytes)
      var unit = 0
      while value >= 1024, unit < 4 {
        value /= 1024
        unit += 1
      }
      let places = value >= 1000 ? 1.0 : value >= 100 ? 10.0 : value >= 10 ? 100.0 : 1000.0
      let text = "\((value * places).rounded() / places)"
      return (text.hasSuffix(".0") ? String(text.dropLast(2)) : text)
        + ["B", "KiB", "MiB", "GiB", "TiB"][unit]
    }
    let id = noTrunc ? container.id : container.shortID
    return [
      "BlockIO": pair(now.blockRead, now.blockWritten),
      "CPUPerc": percent(now.cpuPercent(since: earlier)), "Container": .string(id),
      "ID": .string(id), "MemPerc": percent(now.memoryPercent),
      "MemUsage": .string("\(binary(now.memory)) / \(binary(now.memoryLimit))"),
      "Name": .string(container.name),
      "NetIO": pair(now.received, now.sent), "PIDs": .string("\(now.pids)"),
    ]
  }
}

/// `drydock port`.
struct Port: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "port", abstract: "Show which ports of the host lead to a container.")

  @ParentCommand var drydock: Drydock
  @Argument(help: ArgumentHelp("A name or id.", valueName: "container")) var container: String
  @Argument(help: ArgumentHelp("Only that one.", valueName: "port[/protocol]")) var port: String?

  func run() throws {
    for found in try drydock.engine().ports(of: container, port) {
      print(port == nil ? "\(found.port) -> \(found.place)" : found.place)
    }
  }
}
