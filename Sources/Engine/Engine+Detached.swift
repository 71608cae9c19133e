import Linux
import Monitor
import OCI
import Steps

/// Containers that belong to no command: made, started, and kept by a monitor.
extension Engine {
  /// Makes a container without starting it.
  ///
  /// - Returns: its id.
  /// - Throws: `EngineError` for what kept it from being made.
  public func create(_ options: RunOptions) throws(EngineError) -> String {
    let prepared = try prepare(options, isKept: true, starts: false)
    let id = prepared.record.id
    try asked("leaving the bundle") { () throws(SystemError) in
      try File.removeTree(store.bundle(id))
    }
    return id
  }

  /// Makes and starts a container, and returns when its program was executed.
  ///
  /// - Returns: its id.
  /// - Throws: `EngineError` for what kept it from being started; it stays, as `ps -a` shows, unless
  ///   it was to be removed.
  public func runDetached(_ options: RunOptions) throws(EngineError) -> String {
    let prepared = try prepare(options, isKept: true)
    let record = prepared.record
    let publication = prepared.publication
    let link = try launch(record, prepared.takeAlive(), publication, glass: options.glass)
    _ = try Engine.started(link)
    return record.id
  }

  /// Starts a container that was made, or that ended.
  ///
  /// - Parameter container: a name, an id, or the beginning of an id; one that lives is fine.
  /// - Throws: `EngineError` when there is none, or for what kept it from being started.
  public func start(_ container: String) throws(EngineError) {
    let record = try store.find(container)
    guard let link = try begin(record) else { return }
    _ = try Engine.started(link)
  }

  /// Launches a container that does not live; nil when it does.
  func begin(_ record: Record, attach: Attach? = nil) throws(EngineError) -> MonitorLink? {
    switch try store.status(record) {
    case .running, .restarting: return nil
    case .paused:
      throw EngineError(
        "cannot start a paused container, try unpause instead",
        hint: "drydock unpause \(record.name)", exitCode: 1)
    case .removing, .dead:
      throw EngineError(
        "container is marked for removal and cannot be started", exitCode: 1)
    case .created, .exited: break
    }
    let alive = try store.hold(record.id)
    let publication = try publish(record)
    try readyLayers(record)
    // What somebody starts may come back again.
    if record.isStopped {
      var wanted = record
      wanted.isStopped = false
      try store.update(wanted)
    }
    try volumeStore.ready(record.id)
    // A runtime's state that was left by a kill would be in the way.
    try runtime.delete(record.id)
    let kept = try asked("reading config.json of \(record.name)") { () throws(SystemError) in
      try File.read(store.directory(record.id) + "/config.json")
    }
    let config = try joined(kept, name: record.name)
    try asked("making the bundle of \(record.name)") { () throws(SystemError) in
      try File.replace(store.bundle(record.id) + "/config.json", with: config, mode: 0o600)
    }
    return try launch(record, alive, publication, attach: attach)
  }

  /// Starts the monitor; the lock becomes its own.
  func launch(
    _ record: Record, _ alive: consuming FileLock, _ publication: Publication?,
    attach: Attach? = nil, glass: [String] = []
  ) throws(EngineError) -> MonitorLink {
    try readyNetworks(record, publication, glass: glass)
    return try keep(
      try monitorConfig(record, attach: attach, glass: glass), alive, attach, publication)
  }

  /// Starts a monitor for what a configuration says; the lock becomes its own.
  func keep(
    _ config: MonitorConfig, _ alive: consuming FileLock, _ attach: Attach?,
    _ publication: Publication? = nil
  ) throws(EngineError) -> MonitorLink {
    let bundle = config.bundle
    let path = try Places(environment: Processes.environment).program(
      "drydock-monitor", given: nil, variable: "DRYDOCK_MONITOR")
    do throws(SystemError) {
      try Point.pass("launch.config")
      try File.replace(MonitorConfig.path(bundle), with: config.encode(), mode: 0o600)
      let (ours, theirs) = try Channel.pair()
      let link = MonitorLink(channel: Channel(owning: ours))
      let output = Descriptor(owning: theirs)
      let null = try File.open("/dev/null", .readWrite)
      // It waits in the socket until the monitor reads, which is before the container writes.
      if let attach { link.send(.attach, [attach.givesInput ? 1 : 0]) }
      try Point.pass("launch.monitor")
      let child = try Child(
        path, ["drydock-monitor", bundle, "\(alive.descriptor.raw)"], environment: environment,
        input: null.raw, output: output.raw, error: null.raw, inherit: alive.descriptor.raw)
      publication?.keep(with: child.pid)
      child.letGo()
      return link
    } catch {
      throw EngineError(
        "starting the monitor", error,
        hint: "It is looked for beside drydock, or where DRYDOCK_MONITOR says.")
    }
  }

  /// What the monitor's own programs need of it; it lives long, and what is a secret stays out.
  private var environment: [String] {
    Processes.environment.filter { $0.hasPrefix("PATH=") || $0.hasPrefix("DRYDOCK_") }
  }

  private func monitorConfig(
    _ record: Record, attach: Attach?, glass: [String]
  ) throws(EngineError) -> MonitorConfig {
    var config = MonitorConfig()
    config.id = record.id
    config.runtime = runtime.path
    config.runtimeRoot = runtime.root
    config.bundle = store.bundle(record.id)
    config.directory = store.directory(record.id)
    config.cgroup = record.cgroup
    config.terminal = record.terminal
    if let size = attach?.size {
      config.rows = size.rows
      config.columns = size.columns
    }
    config.input = record.input
    config.inputOnce = record.inputOnce
    config.log = record.log.driver
    config.logMaxBytes = record.log.maxBytes
    config.logMaxFiles = record.log.maxFiles
    config.restart = record.restart.policy
    config.restartLimit = record.restart.limit
    config.stopSignal = UInt64(record.stopSignal)
    config.glass = glass
    config.health = record.health
    if record.removeOnExit {
      let own = try asked("looking for drydock") { () throws(SystemError) in
        try File.link("/proc/self/exe")
      }
      config.then = [
        own, "--root", root, "--run-root", runRoot, "rm", "--force", "--volumes", record.id,
      ]
    }
    return config
  }

  /// Waits until the program was executed; what came before it is in the link still.
  static func started(_ link: borrowing MonitorLink) throws(EngineError) {
    guard let (reply, content) = try link.receive() else {
      throw EngineError("the monitor ended before the container was started")
    }
    guard reply != .failed else { throw failure(content) }
  }

  /// What the runtime said, as our own: "125 drydock-runtime: MESSAGE", and its hints below.
  static func failure(_ content: [UInt8]) -> EngineError {
    let text = String(decoding: content, as: UTF8.self)
    let words = text.split(separator: " ", maxSplits: 1)
    let code = words.first.flatMap { Int32($0) } ?? 125
    var lines = (words.last.map { String($0) } ?? "").split(separator: "\n").map { String($0) }
    var message = lines.isEmpty ? "the container could not be started" : lines.removeFirst()
    if message.hasPrefix("drydock-runtime: ") { message = String(message.dropFirst(17)) }
    let hint = lines.map { String($0.drop { $0 == " " }) }.joined(separator: "\n")
    return EngineError(message, hint: hint, exitCode: code)
  }

  /// Waits until a container ends.
  ///
  /// - Returns: its exit code; 0 for one that was never started.
  /// - Throws: `EngineError` when there is no such container.
  public func wait(_ container: String) throws(EngineError) -> Int32 {
    let record = try store.find(container)
    if let link = try MonitorLink.connect(store.bundle(record.id)) {
      link.send(.wait)
      while let (reply, content) = try link.receive() {
        if reply == .ended { return MonitorLink.code(content) }
      }
    }
    // Nobody to tell: a container in the foreground, or one whose monitor was killed.
    while true {
      switch try store.status(record) {
      case .exited(let code): return code ?? 255
      case .created where try !store.isHeld(record.id): return 0
      case .dead: return 255
      default: Clock.sleep(20_000_000)
      }
      if try store.record(record.id) == nil { return 255 }
    }
  }
}
