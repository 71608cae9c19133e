import ArgumentParser
import Engine

/// `drydock doctor`.
struct Examine: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Show and remove what commands that were killed have left, and mend networks.",
    discussion: """
      Living containers, ended ones that 'drydock ps -a' lists, and whatever other programs made \
      are not touched. The exit code is 0 when nothing is left in the end, else 1.
      """)

  @ParentCommand var drydock: Drydock

  @Flag(help: "Show only.")
  var dryRun = false

  func run() throws {
    let engine = try drydock.engine()
    let leftovers = try engine.leftovers()
    var failed = false
    for leftover in leftovers {
      print(leftover.owner)
      for place in leftover.places { print("  \(dryRun ? "left" : "removing"): \(place)") }
      guard !dryRun else { continue }
      do throws(EngineError) {
        try engine.remove(leftover)
      } catch {
        complain(error.message, hint: error.hint)
        failed = true
      }
    }
    let faults = try engine.networkFaults()
    for fault in faults {
      print("\(fault.text)\(dryRun ? "" : ": mending")")
      guard !dryRun else { continue }
      do throws(EngineError) {
        try engine.mend(fault)
      } catch {
        complain(error.message, hint: error.hint)
        failed = true
      }
    }
    let isClean = leftovers.isEmpty && faults.isEmpty
    if isClean { print("Nothing was left behind.") }
    if failed || dryRun && !isClean { throw ExitCode(1) }
  }
}
