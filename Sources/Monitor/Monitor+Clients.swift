internal import Linux

/// What goes from the container to who is connected, and back.
extension Monitor {
  // MARK: Output

  /// Takes what the container has written; false when there is nothing more now.
  func show(_ stream: Int) -> Bool {
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

  func closeOutput(_ stream: Int) {
    guard let fd = container?.outputs[stream], fd >= 0 else { return }
    Descriptors.close(fd)
    container?.outputs[stream] = -1
  }

  /// What the container has written before it ended.
  func drain() {
    for stream in 0...1 { while show(stream) {} }
  }

  func tell(
    _ kind: Reply, _ content: [UInt8] = [], to whom: (Client) -> Bool = { _ in true }
  ) {
    for index in clients.indices.reversed() where whom(clients[index]) {
      if !clients[index].send(kind, content) { drop(index) }
    }
  }

  /// Lets clients have what is still under way to them; one that takes nothing for long is left.
  func flush() {
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

  func accept() throws(SystemError) {
    let fd = try Channel.accept(listener)
    guard clients.count < Monitor.mostClients else { return Descriptors.close(fd) }
    clients.append(Client(fd))
  }

  func drop(_ index: Int) {
    let client = clients.remove(at: index)
    Descriptors.close(client.fd)
    if client.givesInput, config.inputOnce {
      inputEnds = true
      type()
    }
  }

  /// Gives the container what it takes of the input now, and then the end if that has come.
  func type() {
    guard container != nil else { return }
    container?.type(&pending)
    if pending.isEmpty, inputEnds { container?.endInput() }
  }

  /// One request of a client, or all that are there when nobody may be waited for.
  func read(from index: Int, mayWait: Bool) {
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

  func obey(_ kind: Request, _ content: [UInt8], _ index: Int) {
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
