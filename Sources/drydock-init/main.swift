// drydock-init COMMAND [ARG...]: process 1 of `drydock run --init`.
//
// Process 1 has two duties that ordinary programs do not know of (pid_namespaces(7)): signals for
// which it has no handler do not reach it, and orphans become its children, which stay zombies
// until it waits for them. So this one starts the command, hands signals on to it, reaps whatever
// ends, and ends with the command's exit code.

internal import Linux

/// Starts the command, found on PATH as execvp(3) does.
func start(_ arguments: [String]) throws(SystemError) -> Child {
  let name = arguments[0]
  if name.contains("/") { return try Child(name, arguments) }
  var denied: SystemError?
  let path = Processes.environment.first { $0.hasPrefix("PATH=") }?.dropFirst(5) ?? "/bin:/usr/bin"
  for directory in path.split(separator: ":") {
    do throws(SystemError) {
      return try Child("\(directory)/\(name)", arguments)
    } catch {
      switch error.errno {
      case .noEntry, .notDirectory: continue
      case .access: denied = error
      default: throw error
      }
    }
  }
  throw denied ?? SystemError("execve(2)", .noEntry, name)
}

/// Hands signals on and reaps until the command has ended; returns its exit code.
func serve(_ arguments: [String]) throws(SystemError) -> Int32 {
  // Held back before the command exists. What is blocked and waited for reaches process 1 though
  // it has no handler (signal(7)).
  let signals = try BlockedSignals()
  let child = try start(arguments)
  while true {
    let (signal, sent) = try signals.next()
    if signal != Signal.child {
      // What the terminal sends reaches the command by itself.
      if sent { try child.signal(signal) }
      continue
    }
    // One SIGCHLD may stand for several.
    while let (pid, status) = try Processes.poll(-1) {
      if pid == child.pid { Processes.exit(status.code) }
    }
  }
}

let arguments = Array(Processes.arguments.dropFirst())
guard !arguments.isEmpty else {
  File.report("usage: drydock-init COMMAND [ARG...]\n")
  Processes.exit(125)
}
do throws(SystemError) {
  Processes.exit(try serve(arguments))
} catch {
  File.report("drydock-init: \(error.text)\n")
  Processes.exit(error.errno == .noEntry ? 127 : 126)
}
