import ArgumentParser
import Engine

/// Whether and how this terminal is joined to the container.
struct JoiningFlags: ParsableArguments {
  @Flag(name: .shortAndLong, help: "Leave it in the background and print its id.")
  var detach = false

  @Option(help: "Keys that leave it in the background.")
  var detachKeys: String?

  @Flag(inversion: .prefixedNo, help: "Pass signals on.")
  var sigProxy = true

  func attach() throws -> Attach {
    var attach = try Attach(detachKeys: detachKeys)
    attach.passesSignals = sigProxy
    return attach
  }

  /// Runs a container as the flags say, and ends with its exit code.
  func run(_ options: RunOptions, _ engine: Engine) throws {
    var options = options
    options.isDetached = detach
    let attach = try attach()
    if detach {
      print(try engine.runDetached(options))
      return
    }
    // Nothing outlives this command, and nobody can leave it: no monitor is needed. With the glass
    // the runtime itself speaks on this terminal.
    let isSimple = options.removeOnExit && !options.tty && options.health.command == nil
    if isSimple || !options.glass.isEmpty { throw ExitCode(try engine.run(options)) }
    switch try engine.runAttached(options, attach) {
    case .ended(let code): throw ExitCode(code)
    case .detached: complain("read escape sequence", hint: "")
    }
  }
}
