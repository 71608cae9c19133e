import ArgumentParser
import Engine
import Linux

/// `drydock bench`: the benchmark suite, a program of its own beside this one, as git has them.
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "What a container costs, here: measured and reported.",
    usage: "drydock bench list|run|compare|report|replay [OPTIONS] [EXPERIMENT...]")

  @Argument(
    parsing: .captureForPassthrough,
    help: ArgumentHelp("A command and its options; see 'drydock bench --help'.", valueName: "words")
  )
  var words: [String] = []

  func run() throws {
    let path = try File.link("/proc/self/exe")
    let program = "\(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])/drydock-bench"
    guard File.exists(program) else {
      throw EngineError(
        "\(program) is not there", hint: "Build it: swift build -c release --product drydock-bench")
    }
    try Processes.exec(program, ["drydock bench"] + words, Processes.environment)
  }
}
