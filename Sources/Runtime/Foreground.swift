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
  /// `console` is the end of a socket pair from which the terminal's master comes, or -1.
  /// `channel` is listened to until it closes, which is when the program was executed.
  func wait(
    _ pid: Int32, console: Int32, channel: borrowing Channel, watcher: Watcher?,
    agent: SeccompAgent? = nil, started: () throws(RuntimeError) -> Void
  ) throws(RuntimeError) -> ExitStatus {
    var master: Int32 = -1
    if console >= 0 {
      master = try awaitTerminal(console, channel, watcher)
    }
    defer { if master >= 0 { Descriptors.close(master) } }
    do {
      if master >= 0, Terminal.isTerminal(0) {
        if let size = Terminal.size(0) { try Terminal.resize(master, size) }
        let raw = try RawTerminal(0)
        let status = try loop(pid, channel, watcher, agent, master, started)
        _ = consume raw
        return status
      }
      return try loop(pid, channel, watcher, agent, master, started)
    } catch let error as SystemError {
      throw RuntimeError(error)
    } catch let error as RuntimeError {
      throw error
    } catch { throw RuntimeError("waiting for the program failed") }
  }

  /// The terminal's master; what the program says meanwhile is listened to, since it may say why
  /// there will be none.
  private func awaitTerminal(
    _ console: Int32, _ channel: borrowing Channel, _ watcher: Watcher?
  ) throws(RuntimeError) -> Int32 {
    while true {
      let ready = try lookingUp { () throws(SystemError) in
        try Events.wait([console, channel.raw])
      }
      if ready & 1 != 0 {
        do {
          return try Channel.receiveDescriptor(over: console).release()
        } catch {
          // Nobody is left to send it; the channel says why.
          try Container.listen(channel, watcher)
          throw RuntimeError("the program ended before it had a terminal: \(error.text)")
        }
      }
      guard ready & 2 != 0 else { continue }
      let message = try lookingUp { () throws(SystemError) in try channel.receive() }
      guard let message, let kind = message.first.flatMap({ MessageKind(rawValue: $0) }) else {
        throw RuntimeError("the program ended before it had a terminal")
      }
      try Creation.relay(message, kind, watcher, over: channel.raw)
    }
  }

  private func loop(
    _ pid: Int32, _ channel: borrowing Channel, _ watcher: Watcher?, _ agent: SeccompAgent?,
    _ terminal: Int32, _ started: () throws(RuntimeError) -> Void
  ) throws -> ExitStatus {
    var line = channel.raw
    var master = terminal
    var input: Int32 = master >= 0 ? 0 : -1
    var executing = false
    // What the program has not taken yet; no more is read meanwhile, and signals still pass.
    var pending: [UInt8] = []
    var isHeard = true
    if master >= 0 { try Descriptors.doNotWait(master) }
    while true {
      let ready = try Events.wait(
        [signals.raw, line, master, pending.isEmpty ? input : -1],
        milliseconds: pending.isEmpty ? -1 : 20)
      if ready & 2 != 0 {
        if let message = try channel.receive(),
          let kind = message.first.flatMap({ MessageKind(rawValue: $0) })
        {
          if kind == .executing { executing = true }
          try Creation.relay(message, kind, watcher, over: channel.raw, agent: agent)
        } else {
          line = -1
          // Else it died on the way; how it ended comes with SIGCHLD.
          if executing {
            watcher?.closed()
            try started()
          }
        }
      }
      if ready & 4 != 0, try !show(master, &isHeard) { master = -1 }
      if ready & 8 != 0 {
        pending = try File.readSome(input, 4096)
        if pending.isEmpty {
          // Our input ended: the program sees what a closed terminal line gives, ^D.
          pending = [4]
          input = -1
        }
      }
      if !pending.isEmpty { try type(&pending, into: master) }
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
              try show(master, &isHeard)
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

  /// Copies what the program has printed to standard output; false at the end (EIO is how a
  /// terminal says that its other side is closed).
  ///
  /// When nobody reads standard output any more the rest is dropped: the program must not wait.
  private func show(_ master: Int32, _ isHeard: inout Bool) throws(SystemError) -> Bool {
    let bytes: [UInt8]
    do {
      bytes = try File.readSome(master, 65536)
    } catch {
      if error.errno == .again { return true }
      if error.errno.code == 5 { return false }
      throw error
    }
    if bytes.isEmpty { return false }
    guard isHeard else { return true }
    do {
      try File.write(1, bytes, name: "standard output")
    } catch {
      guard error.errno.code == 5 || error.errno.code == 32 else { throw error }
      isHeard = false
    }
    return true
  }

  /// Gives the program as much of the input as its terminal takes now.
  private func type(_ pending: inout [UInt8], into master: Int32) throws(SystemError) {
    guard master >= 0 else { return pending.removeAll() }
    do {
      pending.removeFirst(try File.writeSome(master, pending, name: "terminal"))
    } catch {
      if error.errno == .again { return }
      guard error.errno.code == 5 else { throw error }
      pending.removeAll()
    }
  }
}
