import ArgumentParser
import Engine
import Linux

/// `drydock ps`.
struct List: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ps", abstract: "List containers.", helpNames: [.short, .long])

  @ParentCommand var drydock: Drydock

  @Flag(name: .shortAndLong, help: "The ended ones too.")
  var all = false

  @Flag(name: .shortAndLong, help: "Ids only.")
  var quiet = false

  @Flag(help: "Whole ids and commands.")
  var noTrunc = false

  func run() throws {
    let containers = try drydock.engine().containers(all: all)
    if quiet {
      for container in containers { print(noTrunc ? container.id : container.shortID) }
      return
    }
    let now = Clock.wall
    printTable(
      ["CONTAINER ID", "IMAGE", "COMMAND", "CREATED", "STATUS", "NAMES"],
      containers.map { container in
        var command = container.command.joined(separator: " ")
        if !noTrunc && command.count > 20 { command = command.prefix(19) + "…" }
        return [
          noTrunc ? container.id : container.shortID, container.image, "\"\(command)\"",
          "\(Amount.text(nanoseconds: now - min(now, container.createdNs))) ago",
          container.statusText(nowNs: now), container.name,
        ]
      })
  }
}

/// Columns as Docker prints them: three blanks between, none at the end.
func printTable(_ header: [String], _ rows: [[String]]) {
  let lines = [header] + rows
  let widths = header.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
  for line in lines {
    var text = ""
    for (cell, width) in zip(line, widths) {
      text += cell + String(repeating: " ", count: width - cell.count + 3)
    }
    while text.hasSuffix(" ") { text.removeLast() }
    print(text)
  }
}
