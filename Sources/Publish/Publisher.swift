// drydock-publish DIRECTORY FD: one container's published ports.
//
//   another host ─▶ 0.0.0.0:8080 ═══ nf_tables: map any4 ═══▶ 10.200.0.2:80   the kernel, no process
//   ::1 ──────────▶ [::]:8080 ───── this process: splice(2) ─▶ 10.200.0.2:80   what the kernel cannot
//
// It holds the ports' sockets, so nobody else can take them, owns their elements in the table, and
// relays what comes to the sockets nevertheless. It lives as long as the container:
//
//   channel open ── serve ──▶ serving ── keeper ──▶ until the monitor (or runtime) has ended
//        │                       │                      └─ killed, container alive: until that ends
//        └ closed: ends          └ closed without a keeper: as long as DIRECTORY/alive is locked
//
// At its end, or by SIGTERM, the elements go first and the sockets with the process: who gets the port
// next finds no element of ours. SIGHUP makes the elements anew, should somebody have flushed them.
// (The engine's side: PublishLink.swift; what is said: PublishMessage.swift.)

internal import Linux
internal import Networks
internal import OCI

/// The publication of one container's ports.
public final class Publisher {
  private let directory: String
  private let signals: Int32
  /// nil once the engine is gone or has said all.
  private var channel: PublishChannel?
  private var keeper: Descriptor?

  private init(directory: String, signals: Int32, channel: PublishChannel) {
    self.directory = directory
    self.signals = signals
    self.channel = channel
  }

  /// The program, given its arguments behind its name; returns the exit code.
  public static func run(_ arguments: [String]) -> Int32 {
    guard arguments.count == 2, let fd = Int32(arguments[1]), fd > 2 else {
      File.report("usage: drydock-publish DIRECTORY FD (drydock starts it)\n")
      return 125
    }
    do throws(SystemError) {
      try Descriptors.closeOnExec(from: 0)
      try Terminal.newSession()
      let (signals, _) = try Events.signals()
      let publisher = Publisher(
        directory: arguments[0], signals: signals, channel: PublishChannel(owning: fd))
      return try publisher.run()
    } catch {
      File.report("drydock-publish: \(error.text)\n")
      return 125
    }
  }

  private func run() throws(SystemError) -> Int32 {
    let translation: Translation
    let listeners: Listeners
    do throws(PublishError) {
      let request = try readRequest()
      allowManyDescriptors()
      listeners = try Listeners.bind(request.ports, directory: directory)
      try channel?.tell(bound: listeners.bindings)
      guard let target = try awaitTarget() else { return 0 }
      translation = try Translation(
        PublishedPorts(
          container: request.container, bindings: listeners.bindings, target: target))
      try translation.make()
    } catch {
      channel?.tell(error)
      return 1
    }
    let file = PublishedPorts.path(directory)
    let content = translation.ports.encode()
    var failure: SystemError?
    do throws(SystemError) {
      let proxy = try Proxy(listeners.sockets, addresses: translation.ports.target.addresses)
      try File.replace(file, with: content, mode: 0o600)
      try proxy.watch(signals)
      if let channel { try proxy.watch(channel.raw) }
      channel?.tellReady()
      try serve(proxy, translation)
    } catch {
      channel?.tell(PublishError("publishing ports: \(error.text)"))
      failure = error
    }
    // What the container's next life has written already stays.
    if (try? File.read(file)) == content {
      do throws(SystemError) { try File.remove(file) } catch {}  // gone with its directory
    }
    translation.end()
    if let failure { throw failure }
    return 0
  }

  private func readRequest() throws(PublishError) -> PortRequest {
    let path = PortRequest.path(directory)
    do {
      return try PortRequest.parse(File.read(path))
    } catch let error as SystemError {
      throw PublishError("publishing ports: \(error.text)")
    } catch let error as ConfigError {
      throw PublishError("publishing ports: \(path): \(error.text)")
    } catch {
      throw PublishError("publishing ports: \(path)")
    }
  }

  /// Each connection takes six descriptors: as many as this user may have at all.
  private func allowManyDescriptors() {
    do throws(SystemError) {
      let files: Int32 = 7  // RLIMIT_NOFILE
      let (_, hard) = try Identity.limit(files)
      try Identity.setLimit(files, soft: hard, hard: hard)
    } catch {
      // Then there are fewer at a time; the rest waits to be accepted.
    }
  }

  /// What to serve; nil when the engine is gone before, or this process is to end.
  private func awaitTarget() throws(PublishError) -> PublishTarget? {
    while let channel {
      let ready: UInt64
      do throws(SystemError) { ready = try Events.wait([channel.raw, signals]) } catch {
        throw PublishError("publishing ports: \(error.text)")
      }
      if ready & 2 != 0, isToEnd(nextSignal()) { return nil }
      guard ready & 1 != 0 else { continue }
      switch channel.next() {
      case .serve(let target): return target
      case .closed: return nil
      case .keeper:
        throw PublishError("publishing ports: a keeper before there is anything to keep")
      case .unknown(let what): throw PublishError("publishing ports: asked for \(what)")
      }
    }
    return nil
  }

  private func nextSignal() -> Int32 {
    // The descriptor was readable, so there is one.
    (try? Events.nextSignal(signals)) ?? 0
  }

  /// SIGINT, SIGTERM.
  private func isToEnd(_ signal: Int32) -> Bool { signal == 2 || signal == Signal.term }

  // MARK: Serving

  private func serve(_ proxy: Proxy, _ translation: Translation) throws(SystemError) {
    var lookedAt = Clock.now
    while true {
      let isAlone = channel == nil && keeper == nil
      let ready = try proxy.turn(milliseconds: isAlone ? 1000 : -1)
      if ready.contains(signals) {
        let signal = nextSignal()
        if isToEnd(signal) { return }
        if signal == 1 { remake(translation) }  // SIGHUP
      }
      if let fd = channel?.raw, ready.contains(fd), try !hear(proxy, translation) { return }
      if let fd = keeper?.raw, ready.contains(fd) {
        proxy.forget(fd)
        keeper = nil
        if try !keep(translation.container, proxy) { return }
      }
      if isAlone, keeper == nil, Clock.now &- lookedAt >= 1_000_000_000 {
        lookedAt = Clock.now
        if isAlive { continue }
        if try !keep(translation.container, proxy) { return }
      }
    }
  }

  /// Takes what the engine says; false when there is nothing to serve any more.
  private func hear(_ proxy: Proxy, _ translation: Translation) throws(SystemError) -> Bool {
    guard let channel else { return true }
    switch channel.next() {
    case .keeper(let mark):
      proxy.forget(channel.raw)
      self.channel = nil
      if try keep(mark, proxy) { return true }
      return try keep(translation.container, proxy)
    case .closed:
      proxy.forget(channel.raw)
      self.channel = nil
    case .serve, .unknown: break
    }
    return true
  }

  /// Serves as long as a process lives; false when it does not.
  private func keep(_ mark: ProcessMark?, _ proxy: Proxy) throws(SystemError) -> Bool {
    guard let handle = mark?.handle() else { return false }
    try proxy.watch(handle.raw)
    keeper = consume handle
    return true
  }

  /// Whether DIRECTORY/alive is locked: somebody keeps the container.
  private var isAlive: Bool {
    // What cannot be looked at now will be looked at in a second.
    (try? FileLock.isHeld(directory + "/alive")) ?? true
  }

  private func remake(_ translation: Translation) {
    do throws(PublishError) { try translation.make() } catch {
      // Who sent the signal looks at the table; the proxy serves meanwhile.
    }
  }
}

extension Translation {
  /// The container's own process, should its keeper have been killed; nil when there is none.
  var container: ProcessMark? {
    // No file: the runtime has removed the container.
    (try? File.text(ports.target.pidFile)).flatMap { ProcessMark($0) }
  }
}
