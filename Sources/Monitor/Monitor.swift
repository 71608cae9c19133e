// drydock-monitor BUNDLE FD: keeps one container that belongs to no terminal's command.
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
  private var container: Container?
  /// How the container ended, once it has.
  private var status: ExitStatus?
  private var log: Log?
  private let signals: Int32
  private var listener: Int32 = -1
  private var clients: [Client] = []
  /// Input that the container has not taken yet.
  private var pending: [UInt8] = []
  /// Whether there will be no more than that.
  private var inputEnds = false
  private var isStopped = false
  /// The end of this pause before the next start, and the pause's length.
  private var restart = Backoff()
  /// The health check that runs now.
  var healthCheck: Child?
  /// When it has taken too long, or the next one begins.
  var healthDue: UInt64?
  /// From then on failed checks count.
  var healthCounts: UInt64 = 0

  private static let mostClients = 40

  private init(_ config: MonitorConfig, signals: Int32) {
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

  private func keep(alive: Int32) throws(SystemError) {
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
      try finish(alive)
      tell(.failed, Array("\(error.code) \(error.text)".utf8))
      return flush()
    }
    while true {
      while status == nil { try turn() }
      try ended()
      guard mayRestart else { break }
      life.restarting = true
      saveLife()
      let due = restart.next(ranNs: life.finishedNs &- life.startedNs)
      while !isStopped, Clock.now < due { try turn(until: due) }
      life.restarting = false
      if isStopped { break }
      life.restarts += 1
      do throws(StartFailure) {
        try start()
      } catch {
        life.code = error.code
        life.error = error.text
        break
      }
    }
    try finish(alive)
    tell(.ended, Array("\(life.code ?? 255)".utf8)) { $0.waits }
    flush()
  }

  private func start() throws(StartFailure) {
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

  private func saveEnd(_ life: Life) {
    do throws(SystemError) {
      try Point.pass("monitor.exit")
      try File.replace(config.directory + "/exit", with: life.encode(), mode: 0o600)
    } catch {
      // On a full disk what was said before stays.
    }
  }

  /// Notes the end, and lets go of what the container had.
  private func ended() throws(SystemError) {
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

  private var mayRestart: Bool {
    if isStopped { return false }
    switch config.restart {
    case .no: return false
    case .always, .unlessStopped: return true
    case .onFailure:
      return life.code != 0 && (config.restartLimit == 0 || life.restarts < config.restartLimit)
    }
  }

  /// What others see from now on is how it ended.
  private func finish(_ alive: Int32) throws(SystemError) {
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
  private func deleteContainer() {
    guard File.exists("\(config.runtimeRoot)/\(config.id)") else { return }
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
    do throws(SystemError) {
      try Point.pass("monitor.live")
      try File.replace(config.bundle + "/live", with: life.encode(), mode: 0o600)
    } catch {
      // It tells since when it runs; that it runs is found by looking.
    }
  }

  // MARK: One turn

  /// Waits for whatever comes next, or until a time, and does what is to be done.
  private func turn(until due: UInt64? = nil) throws(SystemError) {
    let outputs = container?.outputs ?? [-1, -1]
    let isSlow = clients.contains { !$0.queue.isEmpty }
    var fds = [signals, listener, outputs[0], outputs[1], pending.isEmpty ? -1 : input]
    var interests: [Events.Interest] = [
      .readable, .readable, isSlow ? [] : .readable, isSlow ? [] : .readable, .writable,
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
    // From the end, since those that are gone are removed.
    for index in clients.indices.reversed() {
      let news = ready[5 + index]
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

  private var input: Int32 { container?.input ?? -1 }

  private func pause(until due: UInt64?) -> Int32 {
    var next = due
    if let check = healthDue { next = min(next ?? check, check) }
    guard let next else { return -1 }
    let now = Clock.now
    // Rounded up: not to turn idly in the last millisecond.
    return next <= now ? 0 : Int32(truncatingIfNeeded: min((next - now) / 1_000_000 + 1, 1 << 30))
  }

  private func takeSignal() throws(SystemError) {
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

  private func reap() throws(SystemError) -> (pid: Int32, status: ExitStatus)? {
    do throws(SystemError) {
      return try Processes.poll(-1)
    } catch {
      if error.errno.code == 10 { return nil }  // ECHILD
      throw error
    }
  }

  // MARK: Output

  /// Takes what the container has written; false when there is nothing more now.
  private func show(_ stream: Int) -> Bool {
    guard let fd = container?.outputs[stream], fd >= 0 else { return false }
    let bytes: [UInt8]
    do throws(SystemError) {
      bytes = try File.readSome(fd, 16 << 10)
    } catch {
      if error.errno == .again { return false }
      // EIO is how a terminal says that its other side is closed. It may be opened again.
      if container?.isTerminal == true, status == nil { Clock.sleep(5_000_000) }
      if container?.isTerminal != true { closeOutput(stream) }
      return false
    }
    guard !bytes.isEmpty else {
      closeOutput(stream)
      return false
    }
    log?.write(bytes, stream: stream)
    tell(stream == 0 ? .output : .error, bytes) { $0.isAttached }
    return true
  }

  private func closeOutput(_ stream: Int) {
    guard let fd = container?.outputs[stream], fd >= 0 else { return }
    Descriptors.close(fd)
    container?.outputs[stream] = -1
  }

  /// What the container has written before it ended.
  private func drain() {
    for stream in 0...1 { while show(stream) {} }
  }

  private func tell(
    _ kind: Reply, _ content: [UInt8] = [], to whom: (Client) -> Bool = { _ in true }
  ) {
    for index in clients.indices.reversed() where whom(clients[index]) {
      if !clients[index].send(kind, content) { drop(index) }
    }
  }

  /// Lets clients have what is still under way to them; one that takes nothing for long is left.
  private func flush() {
    var patience = 100
    while clients.contains(where: { !$0.queue.isEmpty }), patience > 0 {
      let before = clients.reduce(0) { $0 + $1.queue.count }
      Clock.sleep(1_000_000)
      for index in clients.indices.reversed() where !clients[index].flush() { drop(index) }
      if clients.reduce(0, { $0 + $1.queue.count }) == before {
        Clock.sleep(99_000_000)
        patience -= 1
      } else {
        patience = 100
      }
    }
  }

  // MARK: Clients

  private func accept() throws(SystemError) {
    let fd = try Channel.accept(listener)
    guard clients.count < Monitor.mostClients else { return Descriptors.close(fd) }
    clients.append(Client(fd))
  }

  private func drop(_ index: Int) {
    let client = clients.remove(at: index)
    Descriptors.close(client.fd)
    if client.givesInput, config.inputOnce {
      inputEnds = true
      type()
    }
  }

  /// Gives the container what it takes of the input now, and then the end if that has come.
  private func type() {
    guard container != nil else { return }
    container?.type(&pending)
    if pending.isEmpty, inputEnds { container?.endInput() }
  }

  /// One request of a client, or all that are there when nobody may be waited for.
  private func read(from index: Int, mayWait: Bool) {
    repeat {
      if !mayWait {
        guard let ready = try? Events.poll([clients[index].fd], [.readable], milliseconds: 0),
          ready[0].contains(.readable)
        else { return }
      }
      guard let message = Channel.receive(over: clients[index].fd),
        let kind = message.first.flatMap({ Request(rawValue: $0) })
      else { return drop(index) }
      obey(kind, Array(message.dropFirst()), index)
    } while !mayWait
  }

  private func obey(_ kind: Request, _ content: [UInt8], _ index: Int) {
    switch kind {
    case .attach:
      clients[index].isAttached = true
      clients[index].waits = true
      clients[index].givesInput = (content.first ?? 0) & 1 != 0
    case .input:
      pending += content
      type()
    case .inputEnds:
      if config.inputOnce { inputEnds = true }
      type()
    case .resize:
      guard content.count == 4, config.terminal else { return }
      config.rows = UInt16(content[0]) | UInt16(content[1]) << 8
      config.columns = UInt16(content[2]) | UInt16(content[3]) << 8
      let size = TerminalSize(rows: config.rows, columns: config.columns)
      if input >= 0 { do throws(SystemError) { try Terminal.resize(input, size) } catch {} }
    case .wait: clients[index].waits = true
    case .noRestart:
      isStopped = true
      if !clients[index].send(.done) { drop(index) }
    case .policy:
      let words = String(decoding: content, as: UTF8.self).split(separator: ":")
      if let policy = words.first.flatMap({ RestartPolicy(rawValue: String($0)) }) {
        config.restart = policy
        config.restartLimit = words.count > 1 ? UInt64(words[1]) ?? 0 : 0
      }
      if !clients[index].send(.done) { drop(index) }
    }
  }
}
