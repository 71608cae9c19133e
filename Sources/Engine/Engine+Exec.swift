// A program of `exec` with a terminal is kept by a monitor of its own, as a container is: so one can
// leave it with Ctrl-P Ctrl-Q, and it need not have anybody (`-dt`).
//
//     RUNROOT/containers/ID/exec-X/   monitor.json, its socket, its pid; gone when it has ended

import Linux
import Monitor

extension Engine {
  /// Runs the runtime's `exec` with these words.
  ///
  /// - Returns: the program's exit code; 0 at once when it is detached.
  func execInTerminal(
    _ words: [String], _ record: Record, _ options: ExecOptions
  ) throws(EngineError) -> Int32 {
    var attach = try Attach(detachKeys: options.detachKeys)
    attach.givesInput = options.interactive
    // As Docker: only what is typed reaches it.
    attach.passesSignals = false
    attach.isExec = true
    attach.size = Terminal.size(0)
    var program = record
    program.terminal = true
    program.input = options.interactive

    var config = MonitorConfig()
    config.id = record.id
    config.runtime = runtime.path
    config.runtimeRoot = runtime.root
    config.bundle = "\(store.bundle(record.id))/exec-\(Names.newID().prefix(12))"
    config.directory = config.bundle
    config.terminal = true
    config.rows = attach.size?.rows ?? 0
    config.columns = attach.size?.columns ?? 0
    config.log = "none"
    config.exec = words
    let place = config.bundle
    let alive = try asked("making \(place)") { () throws(SystemError) in
      try File.makeDirectory(place, mode: 0o700)
      return try FileLock(place + "/alive")
    }
    let link = try keep(config, alive, options.isDetached ? nil : attach)
    if options.isDetached {
      try Engine.started(link)
      return 0
    }
    switch try follow(link, program, attach, isStarting: true) {
    case .ended(let code): return code
    case .detached: throw EngineError("read escape sequence", exitCode: 1)
    }
  }
}
