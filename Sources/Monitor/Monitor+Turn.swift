internal import Linux

/// One turn of the monitor: whatever comes next.
extension Monitor {
  /// Waits for whatever comes next, or until a time, and does what is to be done.
  func turn(until due: UInt64? = nil) throws(SystemError) {
    let outputs = container?.outputs ?? [-1, -1]
    let isSlow = clients.contains { !$0.queue.isEmpty }
    var fds = [signals, listener, outputs[0], outputs[1], pending.isEmpty ? -1 : input, healthPipe]
    var interests: [Events.Interest] = [
      .readable, .readable, isSlow ? [] : .readable, isSlow ? [] : .readable, .writable, .readable,
    ]
    if isSlow {
      fds[2] = -1
      fds[3] = -1
    }
    for client in clients {
      fds.append(client.fd)
      var interest: Events.Interest = client.givesInput && !pending.isEmpty ? [] : .readable
      if !client.queue.isEmpty { interest.insert(.writable) }
      interests.append(interest)
    }
    let ready = try Events.poll(fds, interests, milliseconds: pause(until: due))
    if !ready[0].isEmpty { try takeSignal() }
    for stream in 0...1 where !ready[2 + stream].isEmpty { _ = show(stream) }
    if !ready[4].isEmpty { type() }
    if !ready[5].isEmpty { readHealth() }
    // From the end, since those that are gone are removed.
    for index in clients.indices.reversed() {
      let news = ready[6 + index]
      if news.contains(.writable), !clients[index].flush() {
        drop(index)
      } else if news.contains(.readable) {
        read(from: index, mayWait: true)
      } else if !news.isDisjoint(with: .gone) {
        drop(index)
      }
    }
    if !ready[1].isEmpty { try accept() }
    checkHealth()
  }

  var input: Int32 { container?.input ?? -1 }

  func pause(until due: UInt64?) -> Int32 {
    var next = due
    if let check = healthDue { next = min(next ?? check, check) }
    guard let next else { return -1 }
    let now = Clock.now
    // Rounded up: not to turn idly in the last millisecond.
    return next <= now ? 0 : Int32(truncatingIfNeeded: min((next - now) / 1_000_000 + 1, 1 << 30))
  }

  func takeSignal() throws(SystemError) {
    let signal = try Events.nextSignal(signals)
    switch signal {
    case Signal.child:
      // One SIGCHLD may stand for several.
      while let (pid, status) = try reap() {
        if pid == container?.pid { self.status = status } else { healthEnded(pid, status) }
      }
    case 1, 2, 3, Signal.term:
      // The machine goes down, or somebody means it: the container first.
      isStopped = true
      if let pid = container?.pid {
        do throws(SystemError) {
          try Processes.kill(pid, Int32(config.stopSignal))
        } catch { if error.errno != .noProcess { throw error } }
      }
    default: break
    }
  }

  func reap() throws(SystemError) -> (pid: Int32, status: ExitStatus)? {
    do throws(SystemError) {
      return try Processes.poll(-1)
    } catch {
      if error.errno.code == 10 { return nil }  // ECHILD
      throw error
    }
  }
}
