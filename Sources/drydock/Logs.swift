import ArgumentParser
import Engine

/// `drydock logs`.
struct Logs: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "logs", abstract: "Show what a container has written.")

  @ParentCommand var drydock: Drydock

  @Flag(name: .shortAndLong, help: "Go on until the container ends.")
  var follow = false

  @Flag(name: .shortAndLong, help: "With the time of each line.")
  var timestamps = false

  @Flag(help: "With what --log-opt notes beside each line; nothing is noted here.")
  var details = false

  @Option(
    name: [.customShort("n", allowingJoined: true), .customLong("tail")],
    help: "How many lines from the end, or all.")
  var tail = "all"

  @Option(
    parsing: .unconditional, help: "Not what is older: 10m, 2026-11-21T15:00:00Z, or seconds.")
  var since: String?

  @Option(
    parsing: .unconditional, help: "Not what is newer: 10m, 2026-11-21T15:00:00Z, or seconds.")
  var until: String?

  @Argument(help: ArgumentHelp("A name or id.", valueName: "container"))
  var container: String

  func run() throws {
    var query = LogQuery()
    query.isFollowing = follow
    query.hasTimes = timestamps
    query.hasDetails = details
    // As Docker: what is no number means all.
    query.tail = Int(tail).flatMap { $0 >= 0 ? $0 : nil }
    query.since = try since.map { try Moment.read($0) }
    query.until = try until.map { try Moment.read($0) }
    try drydock.engine().logs(container, query)
  }
}
