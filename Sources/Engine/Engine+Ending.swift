import Linux
import Monitor
import OCI

/// Ending and removing containers.
extension Engine {
  /// Sends a signal to a living container's first process.
  ///
  /// - Parameters:
  ///   - container: a name, an id, or the beginning of an id.
  ///   - signal: a number or a name, with or without `SIG`.
  /// - Throws: `EngineError` when there is no such living container or signal.
  public func kill(_ container: String, signal: String = "KILL") throws(EngineError) {
    let number = try Engine.number(of: signal)
    let record = try living(container, doing: "Cannot kill container")
    let pid = try store.status(record).pid ?? 0
    let started = Processes.startTime(pid)
    // What somebody kills shall not come back, whatever its policy.
    if number == Signal.kill || number == record.stopSignal { try keepStopped(record) }
    _ = try runtime.run(["kill", record.id, "\(number)"])
    guard number == Signal.kill else { return }
    // Frozen processes do not end, not even by SIGKILL on v1.
    if case .paused = try store.status(record) { _ = try runtime.run(["resume", record.id]) }
    // As Docker: what was killed has ended when the command has.
    guard let started, try ended(pid, started, within: 10) else { return }
    if File.exists(MonitorConfig.socket(store.bundle(record.id))) {
      try MonitorLink.waitUntilLetGo(store, record.id)
    }
  }

  private static func number(of signal: String) throws(EngineError) -> Int32 {
    guard let number = Signal.number(signal), number > 0 else {
      throw EngineError(
        "Invalid signal: \(signal)", hint: "A number, or a name such as TERM; see signal(7).",
        exitCode: 1)
    }
    return number
  }

  /// Ends a container as Docker does: its stop signal, and SIGKILL when it still lives after the
  /// grace.
  ///
  /// - Parameters:
  ///   - container: a name, an id, or the beginning of an id; one that has ended already is fine.
  ///   - grace: seconds; nil takes `--stop-timeout`, less than 0 waits for ever.
  ///   - signal: a number or a name in place of its stop signal; nil for that.
  /// - Throws: `EngineError` when there is no such container or signal, or it cannot be ended.
  public func stop(
    _ container: String, grace: Double? = nil, signal: String? = nil
  ) throws(EngineError) {
    var record = try store.find(container)
    if let signal { record.stopSignal = try Engine.number(of: signal) }
    switch try store.status(record) {
    case .restarting:
      try keepStopped(record)
      try MonitorLink.waitUntilLetGo(store, record.id)
    case .paused(let pid):
      _ = try runtime.run(["resume", record.id])
      try end(record, pid, grace)
    case .running(let pid): try end(record, pid, grace)
    case .created, .exited, .removing, .dead: return
    }
  }

  private func end(_ record: Record, _ pid: Int32, _ grace: Double?) throws(EngineError) {
    guard let started = Processes.startTime(pid) else { return }
    try keepStopped(record)
    let asked = grace ?? Double(record.stopTimeout)
    let patience = asked < 0 ? 1e9 : asked
    for (signal, seconds) in [(record.stopSignal, patience), (Signal.kill, 10)] {
      do throws(EngineError) {
        _ = try runtime.run(["kill", record.id, "\(signal)"])
      } catch {
        // It may have ended just now.
        if Processes.startTime(pid) == started { throw error }
      }
      if try ended(pid, started, within: seconds) {
        return try MonitorLink.waitUntilLetGo(store, record.id)
      }
    }
    throw EngineError("\(record.name): process \(pid) did not end after SIGKILL", exitCode: 1)
  }

  /// Waits on a handle, which becomes readable at the end (pidfd_open(2)).
  private func ended(
    _ pid: Int32, _ started: UInt64, within seconds: Double
  ) throws(EngineError) -> Bool {
    do throws(SystemError) {
      let handle = try Processes.handle(of: pid)
      let deadline = Clock.now + UInt64(max(0, seconds) * 1e9)
      while Processes.startTime(pid) == started {
        let now = Clock.now
        if now >= deadline { return false }
        let rest = Int32(min((deadline - now) / 1_000_000 + 1, 1_000_000))
        _ = try Events.wait([handle.raw], milliseconds: rest)
      }
      return true
    } catch  where error.errno == .noProcess {
      return true
    } catch { throw EngineError("waiting for process \(pid)", error) }
  }

  /// Tells its monitor, and the next reboot, that it shall not be started again.
  func keepStopped(_ record: Record) throws(EngineError) {
    guard record.restart.policy != .no else { return }
    try MonitorLink.tell(store.bundle(record.id), .noRestart)
    guard !record.isStopped, var stopped = try store.record(record.id) else { return }
    stopped.isStopped = true
    try store.update(stopped)
  }

  /// Removes an ended container; with `force` a living one is killed first.
  ///
  /// - Parameters:
  ///   - container: a name, an id, or the beginning of an id.
  ///   - force: kill it when it lives.
  ///   - volumes: remove its volumes without a name, too.
  /// - Throws: `EngineError` when there is no such container, or it lives and `force` is false.
  public func remove(
    _ container: String, force: Bool = false, volumes: Bool = false
  ) throws(EngineError) {
    let record = try store.find(container)
    let status = try store.status(record)
    switch status {
    case .exited, .dead, .removing: break
    case .created where try !store.isHeld(record.id): break
    case _ where force: try keepStopped(record)
    case .created, .running, .restarting:
      throw EngineError(
        "You cannot remove a \(status.pid == nil ? status.name : "running") container \(record.id).",
        hint: "End it first with `drydock kill \(record.name)`, or use `drydock rm -f`.",
        exitCode: 1)
    case .paused:
      throw EngineError(
        "You cannot remove a paused container \(record.id).",
        hint: "Unpause it and stop it first, or use `drydock rm -f`.", exitCode: 1)
    }
    try store.remove(record.id, dropsVolumes: volumes)
  }

  func living(_ container: String, doing: String) throws(EngineError) -> Record {
    let record = try store.find(container)
    guard try store.status(record).pid != nil else {
      throw EngineError(
        "\(doing): \(container): Container \(record.id) is not running", exitCode: 1)
    }
    return record
  }
}
