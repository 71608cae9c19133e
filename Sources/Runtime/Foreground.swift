// `run` and `exec` in the foreground: wait for the program, pass signals on, relay its terminal.
//
//   signals    all are blocked and read from a signalfd; all but SIGCHLD and SIGWINCH go on to
//              the program (from a terminal in raw mode Ctrl-C arrives as a byte instead)
//   terminal   stdin → master, master → stdout; raw mode is left again whatever happens

internal import Linux
internal import OCI
internal import Steps

/// Waits for a program that this process started.
struct Foreground: ~Copyable {
  private let signals: Descriptor
  private let savedMask: UInt64

  /// Blocks signals: from here on none is lost.
  init() throws(RuntimeError) {
    var saved: UInt64 = 0
    signals = try lookingUp { () throws(SystemError) in
      let (fd, mask) = try Events.signals()
      saved = mask
      return Descriptor(owning: fd)
    }
    savedMask = saved
  }

  deinit { Events.restore(mask: savedMask) }

  /// Waits until the program has ended and returns how.
  ///
  /// `console` is the end of a socket pair from which the terminal's master comes, or -1. `channel` is listened to until it closes, which is when the program was executed.
  func wait(
    _ pid: Int32, console: Int32, channel: borrowing Channel, watcher: Watcher?,
    started: () throws(RuntimeError) -> Void
  ) throws(RuntimeError) -> ExitStatus {
    var master: Int32 = -1
    if console >= 0 {
      master = try lookingUp { () throws(SystemError) in
        try Channel.receiveDescriptor(over: console).release()
      }
    }
    defer { if master >= 0 { Descriptors.close(master) } }
    do {
      if master >= 0, Terminal.isTerminal(0) {
        if let size = Terminal.size(0) { try Terminal.resize(master, size) }
        let raw = try RawTerminal(0)
        let status = try loop(pid, channel, watcher, master, started)
        _ = consume raw
        return status
      }
      return try loop(pid, channel, watcher, master, started)
    } catch let error as SystemError {
      throw RuntimeError(error)
    } catch let error as RuntimeError {
      throw error
    } catch { throw RuntimeError("waiting for the program failed") }
  }

  private func loop(
    _ pid: Int32, _ channel: borrowing Channel, _ watcher: Watcher?, _ terminal: Int32,
    _ started: () throws(RuntimeError) -> Void
  ) throws -> ExitStatus {
    var line = channel.raw
    var master = terminal
    var input: Int32 = master >= 0 ? 0 : -1
    var executing = false
    while true {
      let ready = try Events.wait([signals.raw, line, master, input])
      if ready & 2 != 0 {
        if let message = try channel.receive(),
          let kind = message.first.flatMap({ MessageKind(rawValue: $0) })
        {
          if kind == .executing { executing = true }
          try Creation.relay(message, kind, watcher, over: channel.raw)
        } else {
          line = -1
          // Else it died on the way; how it ended comes with SIGCHLD.
          if executing {
            watcher?.closed()
            try started()
          }
        }
      }
      if ready & 4 != 0, try !copy(master, to: 1) { master = -1 }
      if ready & 8 != 0, try !copy(input, to: terminal) {
        // Our input ended: the program sees what a closed terminal line gives, ^D.
        try? File.write(terminal, [4], name: "terminal")
        input = -1
      }
      if ready & 1 != 0 {
        let signal = try Events.nextSignal(signals.raw)
        if signal == Signal.windowChanged, terminal >= 0, let size = Terminal.size(0) {
          try Terminal.resize(terminal, size)
        } else if signal == Signal.child {
          while let ended = try reap() {
            guard ended.pid == pid else { continue }
            if line >= 0 {
              // Perhaps the channel says why it never started.
              try Container.listen(channel, watcher, executing: executing)
              try started()
            } else if !executing {
              throw Container.endedEarly
            }
            while master >= 0, try Events.wait([master], milliseconds: 0) != 0,
              try copy(master, to: 1)
            {}
            return ended.status
          }
        } else if signal != Signal.windowChanged {
          do throws(SystemError) {
            try Processes.kill(pid, signal)
          } catch { if error.errno != .noProcess { throw error } }
        }
      }
    }
  }

  private func reap() throws(SystemError) -> (pid: Int32, status: ExitStatus)? {
    do {
      return try Processes.poll(-1)
    } catch {
      if error.errno.code == 10 { return nil }
      throw error
    }
  }

  /// Copies what is there; false at the end (EIO is how a terminal says that its other side is
  /// closed).
  private func copy(_ from: Int32, to target: Int32) throws(SystemError) -> Bool {
    let bytes: [UInt8]
    do {
      bytes = try File.readSome(from, 65536)
    } catch {
      if error.errno.code == 5 { return false }
      throw error
    }
    if bytes.isEmpty { return false }
    do {
      try File.write(target, bytes, name: "terminal")
    } catch {
      if error.errno.code == 5 || error.errno.code == 32 { return false }
      throw error
    }
    return true
  }
}
