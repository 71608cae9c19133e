// drydock-dns RUNROOT [FD]: tells the containers of one run-root each other's names.
//
//   engine ── writes RUNROOT/networks/NETID/names/CID, then NameService.ensure ──┐
//     │ fork, exec, when nobody serves                          dns.socket, or FD│
//     ▼                                                                          ▼
//   drydock-dns ◀─ inotify(7) ─ RUNROOT/networks/**           "ready", or what is wrong
//     ▲   │
//     │   └── what is not known here ─▶ upstream servers of the asker, or the host's
//     └────── UDP and TCP, port 53 of every network's gateway ── containers
//
// Networks of several hosts are kept up as well: see Peers.swift.
//
// One thread, one epoll(7), one process a run-root. It is started by whoever needs it and ends when
// no container needs it any more. Two rules make sure that nobody who has just written a name is
// left without it.
//
// 1. dns.lock is held (flock(2)) as long as it serves; a second process ends at once. So the death
//    of a server, SIGKILL included, is known at once, and a stale dns.socket is no harm.
// 2. Who writes: first the file, then asks at dns.socket. Who ends: first closes dns.socket and port
//    53, then lets go of dns.lock, then looks at the files once more, and tries to go on when one came.
//    If the question came before the close, the file came before the look: it goes on. If it came
//    after, nobody answered it: the asker starts a server, and one of the two gets the lock.
//
// A container needs it while its first process lives, or its `keeper` is locked, which is so from
// before its start to its end, restarts included; without a keeper, for half a minute after its file
// came, so that it may start.
//
// Nothing that a container sends may harm the others: questions have limits of their own for each
// asker, and what cannot be read is answered FORMERR or not at all.

internal import Linux

/// The name server of one run-root.
public final class NameServer {
  /// Questions that other servers are asked at once.
  static let mostExchanges = 512
  /// Of those, one container's.
  static let mostOfAsker = 128
  /// Connections at once.
  static let mostConnections = 64
  /// Of those, one address's.
  static let mostOfAddress = 16

  /// What a descriptor is.
  enum Role {
    case datagrams(Listener)
    case connections(Listener)
    case client(Connection)
    case upstream(Exchange)
    case peers(PeerListener)
    case peer(PeerConnection)
    case control
    case files
  }

  let runRoot: String
  var table = NameTable()
  var reader: TableReader
  var queue: EventQueue
  var answering = Answering()
  var resolver = HostResolver()
  var roles: [Int32: Role] = [:]
  var listeners: [IPAddress: Listener] = [:]
  /// What could not be bound, as it is told.
  var problems: [String] = []
  var exchanges: [Int32: Exchange] = [:]
  var exchangesOf: [String: Int] = [:]
  var connections: [Int32: Connection] = [:]
  /// Networks of several hosts, by their ids (NameServer+Peers.swift).
  var overlays: [String: Overlay] = [:]
  /// Files of nobody who is about to live, by network and id, and when they came.
  var quiet: [String: UInt64] = [:]
  var peerListeners: [IPAddress: PeerListener] = [:]
  var exchangesWithPeers: [Int32: PeerConnection] = [:]
  /// What could not be listened at, as it was noted.
  var peerProblem = ""
  /// When something may be new for other hosts.
  var nextPeers: UInt64 = 0
  /// Who waits until the other hosts have been asked.
  var callers: [Int32] = []
  /// How long they do, in nanoseconds (CLOCK_MONOTONIC).
  var patience: UInt64 = 0
  var control: Int32 = -1
  var lock: FileLock?
  /// When expired exchanges and connections are looked for next.
  var nextSweep: UInt64 = 0
  /// When it is looked next whether anybody needs it.
  var nextLook: UInt64 = 0

  init(_ runRoot: String, _ lock: consuming FileLock) throws(SystemError) {
    self.runRoot = runRoot
    self.lock = consume lock
    reader = TableReader(runRoot)
    queue = try EventQueue()
  }

  /// The program, given its arguments behind its name; returns the exit code.
  public static func run(_ arguments: [String]) -> Int32 {
    guard let runRoot = arguments.first, runRoot.hasPrefix("/"), arguments.count < 3 else {
      File.report("usage: drydock-dns RUNROOT [FD] (drydock starts it)\n")
      return 125
    }
    let caller = arguments.count > 1 ? Int32(arguments[1]) ?? -1 : -1
    do throws(SystemError) {
      try Descriptors.closeAll(from: 3, but: caller > 2 ? [caller] : [])
      try Descriptors.closeOnExec(from: 0)
      try Directory.change("/")
      try File.makeDirectories(NamePlaces.networks(runRoot), mode: 0o700)
      guard let lock = try FileLock(trying: NamePlaces.lock(runRoot)) else { return 0 }
      let server = try NameServer(runRoot, lock)
      try server.serve(caller: caller)
      return 0
    } catch {
      Journal.note(error.text)
      if caller > 2 { Channel.send(Array("failed \(error.text)".utf8), over: caller) }
      return 125
    }
  }

  // MARK: A life

  func serve(caller: Int32) throws(SystemError) {
    raiseLimit()
    reader.readAll(&table)
    if reader.raw >= 0 { try watch(reader.raw, .files) }
    bindAtFirst()
    try openControl()
    if caller > 2 { answer(caller) }
    nextLook = Clock.now &+ lookPause
    while true {
      for (fd, events) in try queue.wait(milliseconds: pause) {
        // It may have been closed by what came before it.
        if let role = roles[fd] { take(fd, role, events) }
      }
      let now = Clock.now
      if now >= nextSweep {
        nextSweep = now &+ 100_000_000
        sweep(now)
      }
      if now >= nextPeers { lookAtPeers(now) }
      answerWaiting(now)
      if now >= nextLook {
        if reader.raw < 0 { reader.readAll(&table) }
        if !problems.isEmpty || reader.raw < 0 { bind() }
        nextLook = now &+ lookPause
        if !isNeeded() { if try end() { return } }
      }
    }
  }

  /// Five seconds, or one while something is not as it should be; tests that wait for its end say
  /// how many milliseconds by DRYDOCK_DNS_LOOK.
  private var lookPause: UInt64 {
    if let asked = NameServer.askedPause { return asked }
    return problems.isEmpty && reader.raw >= 0 ? 5_000_000_000 : 1_000_000_000
  }

  private static let askedPause = asked("DRYDOCK_DNS_LOOK")

  /// Milliseconds that a variable says, as nanoseconds.
  static func asked(_ variable: String) -> UInt64? {
    for entry in Processes.environment where entry.hasPrefix(variable + "=") {
      return UInt64(entry.dropFirst(variable.utf8.count + 1)).map { $0 &* 1_000_000 }
    }
    return nil
  }

  /// Milliseconds until something may be due.
  private var pause: Int32 {
    let now = Clock.now
    let next = min(nextLook, nextPeers)
    var look = next > now ? (next - now) / 1_000_000 + 1 : 0
    if !callers.isEmpty { look = min(look, 5) }
    return Int32(truncatingIfNeeded: min(exchanges.isEmpty ? 1000 : 100, look))
  }

  func take(_ fd: Int32, _ role: Role, _ events: Events.Interest) {
    switch role {
    case .datagrams(let listener): takeDatagrams(listener)
    case .connections(let listener): takeConnections(listener)
    case .client(let connection): serve(connection, events)
    case .upstream(let exchange): advance(exchange, events)
    case .peers(let listener): takePeers(listener)
    case .peer(let connection): advance(connection)
    case .control: answerCallers()
    case .files:
      reader.update(&table)
      bind()
      lookAtPeers(Clock.now)
    }
  }

  func watch(
    _ fd: Int32, _ role: Role, for interest: Events.Interest = .readable
  ) throws(SystemError) {
    try queue.watch(fd, for: interest)
    roles[fd] = role
  }

  func forget(_ fd: Int32) {
    queue.forget(fd)
    roles[fd] = nil
  }

  /// All descriptors that the limits above may need, where the hard limit allows it.
  private func raiseLimit() {
    do throws(SystemError) {
      let files: Int32 = 7  // RLIMIT_NOFILE
      let (soft, hard) = try Identity.limit(files)
      if soft < 4096 { try Identity.setLimit(files, soft: min(4096, hard), hard: hard) }
    } catch { Journal.note(error.text) }
  }

  // MARK: Addresses

  /// The kernel takes a killed server's descriptors one by one, its lock perhaps before its sockets.
  private func bindAtFirst() {
    for _ in 0..<50 {
      bind()
      lookAtPeers(Clock.now)
      if problems.isEmpty && peerProblem.isEmpty { return }
      Clock.sleep(10_000_000)
    }
  }

  /// Serves on all addresses that the files say, and on no other.
  func bind() {
    var wanted: [IPAddress: String] = [:]
    for (id, network) in table.networks {
      for address in network.entry.listen { wanted[address] = id }
    }
    for listener in listeners.values where wanted[listener.address] != listener.network {
      unbind(listener)
    }
    let before = problems
    problems = []
    for (address, network) in wanted where listeners[address] == nil {
      do throws(SystemError) {
        let listener = try Listener(address, network: network)
        try watch(listener.udp.raw, .datagrams(listener))
        try watch(listener.tcp.raw, .connections(listener))
        listeners[address] = listener
      } catch { problems.append(error.text) }
    }
    problems.sort()
    if problems != before { for problem in problems { Journal.note(problem) } }
  }

  /// Closes an address, and lets go of whoever asked there: its sockets live as long as somebody
  /// knows them.
  func unbind(_ listener: Listener) {
    forget(listener.udp.raw)
    forget(listener.tcp.raw)
    listeners[listener.address] = nil
    for exchange in exchanges.values where exchange.client.listener === listener {
      abandon(exchange)
    }
    for connection in connections.values where connection.listener === listener {
      close(connection)
    }
  }
}
