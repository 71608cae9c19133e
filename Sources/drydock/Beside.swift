import ArgumentParser
import Engine
import Linux

// Programs of their own beside this one, as git has them: they need what no container needs.

/// `drydock bench`: the benchmark suite.
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "What a container costs, here: measured and reported.",
    usage: "drydock bench list|run|compare|report|replay [OPTIONS] [EXPERIMENT...]")

  @Argument(
    parsing: .captureForPassthrough,
    help: ArgumentHelp("A command and its options; see 'drydock bench --help'.", valueName: "words")
  )
  var words: [String] = []

  func run() throws { try become("bench", words) }
}

/// `drydock classroom`: virtual machines for a class.
struct ClassroomCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "classroom", abstract: "Virtual machines for a class.",
    usage: "drydock classroom build|up|down|list|ssh|reset [OPTIONS] [MACHINE...]")

  @Argument(
    parsing: .captureForPassthrough,
    help: ArgumentHelp(
      "A command and its options; see 'drydock classroom --help'.", valueName: "words"))
  var words: [String] = []

  func run() throws { try become("classroom", words) }
}

private func become(_ name: String, _ words: [String]) throws {
  let path = try File.link("/proc/self/exe")
  let program = "\(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])/drydock-\(name)"
  guard File.exists(program) else {
    throw EngineError(
      "\(program) is not there",
      hint: "Build it: swift build -c release --product drydock-\(name)")
  }
  try Processes.exec(program, ["drydock \(name)"] + words, Processes.environment)
}
