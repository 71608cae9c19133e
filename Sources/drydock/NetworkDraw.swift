import ArgumentParser
import Engine
import Linux
import Topology

/// `drydock network draw`.
struct NetworkDraw: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "draw", abstract: "Draw the network as the kernel has it now.",
    discussion: """
      All network namespaces that can be reached are looked at: the caller's own, those of \
      processes, and those that a mount keeps. With NETWORK only what is on its bridge is shown.
      """)

  @ParentCommand var parent: NetworkCommand

  @Option(
    help: ArgumentHelp("Write an SVG picture instead; - for standard output.", valueName: "file"))
  var svg: String?

  @Flag(help: "As JSON.")
  var json = false

  @Option(help: "en or zh.")
  var lang: String?

  @Argument(help: ArgumentHelp("A network, or a bridge.", valueName: "network"))
  var network: String?

  func run() throws {
    let language = try NetworkLooking.language(lang)
    let live = try NetworkLooking.read(parent.drydock)
    var map = live.map
    var problems = live.problems + map.namespaces.flatMap { $0.problems }
    if let network {
      guard let limited = map.limited(toBridge: try bridge(of: network)) else {
        throw EngineError(
          "There is no bridge of network \(network)",
          hint: "`drydock network ls` lists networks; one of no container may have no bridge.",
          exitCode: 1)
      }
      map = limited
    }
    var rules: [UInt64: Ruleset] = [:]
    for place in live.places
    where map.namespaces.contains(where: { $0.inode == place.inode && $0.isHost }) {
      do throws(SystemError) {
        rules[place.inode] = try NetworkLooking.rules(place)
      } catch {
        problems.append("rules: \(error.text)")
      }
    }
    let plan = Plan(map, rules: rules)
    if json { try NetworkLooking.put(plan.json) }
    if let svg {
      let picture = VectorDrawing(plan, language).text()
      if svg == "-" {
        try NetworkLooking.put(picture)
      } else {
        do throws(SystemError) {
          try File.replace(svg, with: picture.utf8)
        } catch {
          throw EngineError(
            error.text, hint: "Name a file in a directory that exists.", exitCode: 1)
        }
      }
    }
    if !json && svg == nil {
      try NetworkLooking.put(TerminalDrawing(plan, NetworkLooking.paper(language)).text())
    }
    for problem in problems { complain("not seen: \(problem)", hint: "") }
  }

  /// The bridge that a network has; a bridge of nobody's is its own.
  private func bridge(of network: String) throws -> String {
    // Who may not read the engine's records, or names a bridge of another engine, means a bridge.
    guard let found = try? parent.drydock.engine().network(network), !found.bridge.isEmpty else {
      return network
    }
    return found.bridge
  }
}
