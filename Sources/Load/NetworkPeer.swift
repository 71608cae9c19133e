internal import CLinux
internal import Linux

/// The other end of net workers: for one worker on loopback, or for whoever comes.
extension Worker {
  /// Serves whoever connects, each in a process of its own, until it is ended.
  func listen() throws(Failure) {
    guard let address = options.netListen else { return }
    let listener = try listener(at: address)
    journal.info("hognet-listen listens on \(address)")
    while true {
      try collectServers()
      guard let socket = try accept(listener) else { continue }
      slot.count()
      let pid = fork()
      if pid == 0 { lx_exit(serveToTheEnd(socket, told: nil)) }
      guard pid > 0 else { throw Failure("fork(2): \(Errno(Int32(-pid)).strerror)") }
    }
  }

  /// Takes note of the connections that have ended.
  private func collectServers() throws(Failure) {
    var status: Int32 = 0
    while unsafe lx_wait4(-1, &status, 1 /* WNOHANG */, nil, nil, nil) > 0 {
      guard lx_status_exited(status) != 0, lx_status_code(status) == 0 else {
        throw Failure("a connection failed, see the line before: status \(status)")
      }
    }
  }

  /// A connection of this worker, whose other end is where options say, or a process of its own.
  func connect(_ greeting: Greeting) throws(Failure) -> Connection {
    if let address = options.netConnect {
      let connection = try Connection(to: address)
      try connection.send(greeting.text)
      return connection
    }
    let listener = try listener(at: SocketAddress(IPAddress(v4: 0x7F00_0001), 0))
    let address = try told { () throws(SystemError) in try listener.local() }
    let pid = fork()
    if pid == 0 {
      do throws(Failure) {
        while true {
          if let socket = try accept(listener) { lx_exit(serveToTheEnd(socket, told: slot)) }
        }
      } catch {
        fail(error.text, at: error.line)
        lx_exit(1)
      }
    }
    guard pid > 0 else { throw Failure("fork(2): \(Errno(Int32(-pid)).strerror)") }
    var connection = try Connection(to: address)
    connection.process = Int32(pid)
    try connection.send(greeting.text)
    return connection
  }

  /// Waits for the other end, which has its own opinion of what arrived.
  func collect(_ peer: Int32) throws(Failure) {
    guard peer > 0 else { return }
    var status: Int32 = 0
    _ = unsafe lx_wait4(peer, &status, 0, nil, nil, nil)
    // From here on its CPU time is in the kernel's account of this worker.
    slot.tell(helpersCPUNs: 0)
    guard lx_status_exited(status) != 0, lx_status_code(status) == 0 else {
      throw Failure("the other end, process \(peer), ended with status \(status)")
    }
  }

  /// Forks a process that ends with this one.
  private func fork() -> Int {
    let parent = lx_getpid()
    let pid = lx_fork()
    if pid == 0 {
      _ = lx_prctl(1 /* PR_SET_PDEATHSIG */, 9, 0, 0, 0)
      if lx_getppid() != parent { lx_exit(1) }
    }
    return pid
  }

  private func told<Result: ~Copyable>(
    _ body: () throws(SystemError) -> Result
  ) throws(Failure) -> Result {
    do throws(SystemError) { return try body() } catch { throw Failure(error) }
  }

  private func connection(_ socket: consuming InternetSocket) throws(Failure) -> Connection {
    do throws(SystemError) { return try Connection(socket) } catch { throw Failure(error) }
  }

  private func listener(at address: SocketAddress) throws(Failure) -> InternetSocket {
    try told { () throws(SystemError) in
      let socket = try InternetSocket(.tcp, boundTo: address, [.reuseAddress, .noDelay])
      try socket.listen()
      return socket
    }
  }

  private func accept(_ listener: borrowing InternetSocket) throws(Failure) -> InternetSocket? {
    let fd = listener.raw
    let ready = lx_wait_until(fd, 1, lx_now_ns() + 1_000_000_000)
    guard ready > 0 else { return nil }
    do throws(SystemError) { return try listener.accept() } catch { throw Failure(error) }
  }

  /// Serves one connection; the process's exit code.
  private func serveToTheEnd(_ socket: consuming InternetSocket, told slot: Slot?) -> Int32 {
    do throws(Failure) {
      let connection = try connection(socket)
      guard let text = try connection.receive(Greeting.bytes) else { return 0 }
      guard let greeting = Greeting(text) else {
        journal.warn("hog\(kind.name) a connection did not begin as a net worker's: it is closed")
        return 0
      }
      if greeting.kind == Greeting.echo {
        try echo(connection, Message(size: greeting.size), told: slot)
      } else {
        try sink(connection, Message(size: greeting.size), told: slot)
      }
      return 0
    } catch {
      // The worker was ended, at its timeout for example: it, and not this end, knows if too early.
      if error.isEnd { return 0 }
      fail("(other end) \(error.text)", at: error.line)
      return 1
    }
  }

  private func echo(
    _ connection: borrowing Connection, _ message: Message, told slot: Slot?
  ) throws(Failure) {
    var count: UInt64 = 0
    while try unsafe connection.receive(message.start, message.size) {
      if let place = message.firstDifference() {
        throw Failure("wrong byte \(place) in request \(message.number)")
      }
      try unsafe connection.send(message.start, message.size)
      count += 1
      if count % 128 == 0 { slot?.tell(helpersCPUNs: lx_cpu_ns()) }
    }
  }

  private func sink(
    _ connection: borrowing Connection, _ message: Message, told slot: Slot?
  ) throws(Failure) {
    var count: UInt64 = 0
    while try unsafe connection.receive(message.start, message.size) {
      guard message.number == count else {
        throw Failure("block \(message.number) came in place of block \(count)")
      }
      if count % Message.streamCheck == 0, let place = message.firstDifference() {
        throw Failure("wrong byte \(place) in block \(count)")
      }
      count += 1
      if count % Message.streamAnswer == 0 {
        try connection.tell(count)
        slot?.tell(helpersCPUNs: lx_cpu_ns())
      }
    }
    try connection.tell(count)
    try connection.tell(lx_cpu_ns())
  }
}
