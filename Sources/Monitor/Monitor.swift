// drydock-monitor BUNDLE FD: keeps one container that belongs to no terminal's command, or one
// program of `exec` with a terminal.
//
//   CLI ── fork, exec ──▶ drydock-monitor ── drydock-runtime run --detach ──▶ init
//                            │  ▲                                              │
//         BUNDLE/monitor ◀───┘  └── adopted: SIGCHLD, its pipes or its terminal┘
//
// One thread and one poll(2). FD is the lock on BUNDLE/alive, held as long as the container is kept:
// whoever wants to know looks there, and no crash can leave it behind. What becomes of the container
// is told by `live` and `exit` (Life.swift); who is connected is told by messages (Message.swift).
//
// Nothing here may end the container but its own end: a log that cannot be written is counted, a
// client that is gone is forgotten.

internal import Linux
internal import OCI
internal import Steps

/// The monitor of one container.
public final class Monitor {
  var config: MonitorConfig
  var life = Life()
  var container: Container?
  /// How the container ended, once it has.
  var status: ExitStatus?
  var log: Log?
  let signals: Int32
  var listener: Int32 = -1
  var clients: [Client] = []
  /// Input that the container has not taken yet.
  var pending: [UInt8] = []
  /// Whether there will be no more than that.
  var inputEnds = false
  var isStopped = false
  /// The end of this pause before the next start, and the pause's length.
  var restart = Backoff()
  /// The health check that runs now.
  var healthCheck: Child?
  /// Where its output comes from; -1 for nowhere.
  var healthPipe: Int32 = -1
  /// The beginning of what it has written.
  var healthText: [UInt8] = []
  /// What will be told of it.
  var probe = HealthProbe()
  /// When it has taken too long, or the next one begins.
  var healthDue: UInt64?
  /// From then on failed checks count.
  var healthCounts: UInt64 = 0

  static let mostClients = 40

  init(_ config: MonitorConfig, signals: Int32) {
    self.config = config
    self.signals = signals
    if config.log != "none" {
      log = Log(
        path: config.directory + "/log", maxBytes: config.logMaxBytes, maxFiles: config.logMaxFiles)
    }
  }

  /// The program, given its arguments behind its name; returns the exit code.
  public static func run(_ arguments: [String]) -> Int32 {
    guard arguments.count == 2, let alive = Int32(arguments[1]), alive > 2 else {
      File.report("usage: drydock-monitor BUNDLE FD (drydock starts it)\n")
      return 125
    }
    var first = Client(1)
    first.waits = true
    do {
      try Descriptors.closeOnExec(from: 0)
      try Terminal.newSession()
      try Processes.adoptOrphans()
      let (signals, _) = try Events.signals()
      let config = try MonitorConfig.parse(File.read(MonitorConfig.path(arguments[0])))
      let monitor = Monitor(config, signals: signals)
      monitor.clients.append(first)
      try monitor.keep(alive: alive)
      return 0
    } catch let error as SystemError {
      _ = first.send(.failed, Array("125 \(error.text)".utf8))
    } catch let error as ConfigError {
      _ = first.send(.failed, Array("125 \(MonitorConfig.path(arguments[0])): \(error.text)".utf8))
    } catch {}
    return 125
  }

  // MARK: A life

  func keep(alive: Int32) throws(SystemError) {
    let socket = MonitorConfig.socket(config.bundle)
    try File.removeTree(socket)
    listener = try Channel.listen(socket).release()
    // Who started us has said already what it wants to see.
    if let index = clients.indices.first { read(from: index, mayWait: false) }
    do throws(StartFailure) {
      do throws(SystemError) { try Point.pass("monitor.start") } catch { throw StartFailure(error) }
      try start()
      tell(.started)
    } catch {
      life.code = error.code
      life.error = error.text
      // What the runtime has begun and left, such as an init that found no program.
      while try reap() != nil {}
      try finish(alive)
      tell(.failed, Array("\(error.code) \(error.text)".utf8))
      return flush()
    }
    while true {
      while status == nil { try turn() }
      try ended()
      guard try startAgain() else { break }
    }
    try finish(alive)
    tell(.ended, Array("\(life.code ?? 255)".utf8)) { $0.waits }
    flush()
  }

  /// Starts it again as its policy says; false when that is over.
  ///
  /// One that joins a container which is being started again itself waits for that.
  func startAgain() throws(SystemError) -> Bool {
    var ran = life.finishedNs &- life.startedNs
    while mayRestart {
      life.restarting = true
      saveLife()
      let due = restart.next(ranNs: ran)
      while !isStopped, Clock.now < due { try turn(until: due) }
      life.restarting = false
      if isStopped { return false }
      life.restarts += 1
      do throws(StartFailure) {
        try joinAnew()
        try start()
        return true
      } catch {
        life.code = error.code
        life.error = error.text
        guard error.mayPass else { return false }
        ran = 0
      }
    }
    return false
  }

  func start() throws(StartFailure) {
    status = nil
    container = try Container.start(config)
    config.glass = []
    life.startedNs = Clock.wall
    life.error = ""
    beginHealth()
    saveLife()
    // Should nobody see the end, it is still known that there was one.
    var begun = life
    begun.code = nil
    begun.finishedNs = 0
    saveEnd(begun)
  }

  func saveEnd(_ life: Life) {
    guard config.exec.isEmpty else { return }
    do throws(SystemError) {
      try Point.pass("monitor.exit")
      try File.replace(config.directory + "/exit", with: life.encode(), mode: 0o600)
    } catch {
      // On a full disk what was said before stays.
    }
  }

  /// Notes the end, and lets go of what the container had.
  func ended() throws(SystemError) {
    drain()
    container?.close()
    container = nil
    pending.removeAll()
    log?.finish()
    endHealth()
    life.finishedNs = Clock.wall
    life.code = status?.code ?? 255
    life.oomKilled = OutOfMemory.happened(config.cgroup)
    deleteContainer()
    tell(.ended, Array("\(life.code ?? 255)".utf8)) { $0.waits && self.mayRestart }
  }

  var mayRestart: Bool {
    if isStopped { return false }
    switch config.restart {
    case .no: return false
    case .always, .unlessStopped: return true
    case .onFailure:
      return life.code != 0 && (config.restartLimit == 0 || life.restarts < config.restartLimit)
    }
  }

  /// What others see from now on is how it ended.
  func finish(_ alive: Int32) throws(SystemError) {
    saveEnd(life)
    deleteContainer()
    do throws(SystemError) {
      try Point.pass("monitor.bundle")
      try File.removeTree(config.bundle)
    } catch {
      // It is nobody's without its lock: `drydock doctor` removes it.
    }
    Descriptors.close(alive)
    guard !config.then.isEmpty else { return }
    do throws(SystemError) {
      let null = try File.open("/dev/null", .readWrite)
      let child = try Child(
        config.then[0], config.then, input: null.raw, output: null.raw, error: null.raw)
      _ = try child.wait()
    } catch {
      // The next command finds a `--rm` container that has ended, and removes it.
    }
  }

  /// Has the runtime remove what it made: cgroups and its own state.
  func deleteContainer() {
    guard config.exec.isEmpty, File.exists("\(config.runtimeRoot)/\(config.id)") else { return }
    do throws(SystemError) {
      try Point.pass("monitor.delete")
      _ = try Child.run(
        config.runtime,
        ["drydock-runtime", "--root", config.runtimeRoot, "delete", "--force", config.id])
    } catch {
      // Whoever looks next sees that it does not live, and removes it.
    }
  }

  func saveLife() {
    // Of a program of `exec` nothing is noted: its directory may go with the container's any time.
    guard config.exec.isEmpty else { return }
    do throws(SystemError) {
      try Point.pass("monitor.live")
      try File.replace(config.bundle + "/live", with: life.encode(), mode: 0o600)
    } catch {
      // It tells since when it runs; that it runs is found by looking.
    }
  }
}
