// `drydock`: the command line. Everything it does is in the module Engine.

import ArgumentParser
import Engine
import Foundation
import Linux

/// What people see of an error: one line, and one with what to try.
func complain(_ message: String, hint: String) {
  var text = "drydock: \(message)\n"
  for line in hint.split(separator: "\n") { text += "  \(line)\n" }
  // A standard error that is closed leaves nobody to tell.
  do { try File.write(2, text.utf8, name: "standard error") } catch {}
}

/// Shows what was printed so far.
func flush() { fflush(nil) }

/// Ends the process with a code, without waiting for anything but what was printed.
func leave(_ code: Int32) -> Never {
  fflush(nil)
  Processes.exit(code)
}

// An option of the root's would be taken from commands that have a -v of their own.
let typed = Array(CommandLine.arguments.dropFirst())
let arguments = FlagTable.plain(
  Drydock.command(in: typed) == nil ? typed.map { $0 == "-v" ? "version" : $0 } : typed)
do {
  var command = try Drydock.parseAsRoot(arguments)
  try command.run()
} catch let error as EngineError {
  complain(error.message, hint: error.hint)
  leave(error.exitCode)
} catch let code as ExitCode {
  leave(code.rawValue)
} catch {
  // --help and --version come this way too.
  let text = Drydock.fullMessage(for: error)
  if Drydock.exitCode(for: error) == .success {
    print(text)
    exit(0)
  }
  if let word = Drydock.command(in: arguments), !Drydock.commandNames.contains(word) {
    complain(
      "'\(word)' is not a drydock command.",
      hint: "There are \(Drydock.commandNames.joined(separator: ", ")); see 'drydock --help'.")
  } else {
    let (command, _) = Drydock.leaf(in: arguments)
    let message = Drydock.message(for: error)
    let quoted = message.split(separator: "'")
    if message.hasPrefix("Unknown option '"), quoted.count > 1 {
      let unknown = FlagTable.unknown(String(quoted[1]), of: command)
      complain(unknown.message, hint: unknown.hint)
    } else {
      complain(message, hint: "See '\(Drydock.path(of: command)) --help'.")
    }
  }
  leave(125)
}
