internal import Linux

/// Who asks whether it serves, and when it ends: the rules at the top of NameServer.swift.
extension NameServer {
  func openControl() throws(SystemError) {
    let path = NamePlaces.socket(runRoot)
    try File.removeTree(path)
    control = try Channel.listen(path).release()
    try Descriptors.doNotWait(control)
    try watch(control, .control)
  }

  func closeControl() throws(SystemError) {
    forget(control)
    try File.removeTree(NamePlaces.socket(runRoot))
    Descriptors.close(control)
    control = -1
  }

  /// All that was written before somebody asked has happened for inotify(7) too.
  func answerCallers() {
    reader.update(&table)
    bind()
    lookAtPeers(Clock.now)
    while true {
      do throws(SystemError) { answer(try Channel.accept(control)) } catch {
        if error.errno != .again { Journal.note(error.text) }
        return
      }
    }
  }

  /// Answers now, or when the other hosts have been asked: a container that starts knows theirs.
  func answer(_ caller: Int32) {
    guard isAskingPeers else { return tell(caller) }
    if callers.isEmpty { patience = Clock.now &+ 300_000_000 }
    callers.append(caller)
  }

  /// Answers who waits, when the other hosts have been asked or take too long.
  func answerWaiting(_ now: UInt64) {
    guard !callers.isEmpty, !isAskingPeers || now > patience else { return }
    for caller in callers { tell(caller) }
    callers = []
  }

  private func tell(_ caller: Int32) {
    let all = problems + (peerProblem.isEmpty ? [] : [peerProblem])
    let text = all.isEmpty ? "ready" : "failed " + all.list("; ")
    // One that does not wait for it has ended.
    _ = Channel.sendNow(Array(text.utf8), over: caller)
    Descriptors.close(caller)
  }

  // MARK: The end

  /// Whether a container of this host lives or is about to.
  ///
  /// Locks are asked for last: to ask takes one for a moment, and somebody else might see that.
  func isNeeded() -> Bool {
    let locals = table.networks.flatMap { name, network in
      network.containers.filter { !$0.value.isRemote }.map { (name + "/" + $0.key, $0.value) }
    }
    if locals.contains(where: { table.lives($0.1) }) { return true }
    let now = Clock.now
    return locals.contains { place, entry in
      guard !entry.keeper.isEmpty else {
        let age = now &- (reader.arrivals[place] ?? 0)
        return age < 30_000_000_000 && !File.exists(entry.pidfile)
      }
      do throws(SystemError) { return try FileLock.isHeld(entry.keeper) } catch {
        Journal.note(error.text)
        return false
      }
    }
  }

  /// Ends as the rules at the top say; false when it goes on.
  func end() throws(SystemError) -> Bool {
    try closeControl()
    for listener in listeners.values { unbind(listener) }
    leavePeers()
    lock.take()?.release()
    reader.update(&table)
    guard isNeeded() else { return true }
    lock = try FileLock(trying: NamePlaces.lock(runRoot))
    // Else somebody has started another one meanwhile.
    guard lock != nil else { return true }
    bind()
    try openControl()
    return false
  }
}
