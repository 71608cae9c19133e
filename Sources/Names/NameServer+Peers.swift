internal import Linux

/// The other hosts of overlay networks: the rules at the top of Peers.swift.
extension NameServer {
  /// TCP, where hosts tell each other: the number that Docker's gossip has.
  static let peerPort: UInt16 = 7946
  /// How long a host is believed that says nothing, in nanoseconds; tests that wait for its end say
  /// how many milliseconds by DRYDOCK_PEER_PATIENCE.
  static let peerPatience = asked("DRYDOCK_PEER_PATIENCE") ?? 15_000_000_000
  /// How often everything is told again, in nanoseconds.
  static let peerRound = peerPatience / 3
  /// Exchanges that others began, at once.
  static let mostPeers = 64

  /// Looks what is new here and tells who must know.
  func lookAtPeers(_ now: UInt64) {
    nextPeers = UInt64.max
    for (id, network) in table.networks {
      guard let entry = network.entry.overlay else {
        if overlays[id] != nil { dropOverlay(id) }
        continue
      }
      if overlays[id]?.entry != entry {
        dropOverlay(id)
        overlays[id] = Overlay(entry, now: now)
      }
    }
    for id in overlays.keys where table.networks[id] == nil { dropOverlay(id) }
    bindPeers()
    guard !overlays.isEmpty else { return }
    for connection in exchangesWithPeers.values where connection.deadline <= now {
      close(connection)
    }
    var isFresh = false
    for id in overlays.keys.sorted() {
      isFresh = takeStock(id, now) || isFresh
      forgetSilent(id, now)
      apply(id, now)
      tellPeers(id, now)
    }
    nextPeers = now &+ (isFresh ? 50_000_000 : 500_000_000)
  }

  /// Sees which containers of this host are on a network.
  ///
  /// - Returns: whether one is about to live.
  private func takeStock(_ id: String, _ now: UInt64) -> Bool {
    guard let network = table.networks[id], let entry = network.entry.overlay else { return false }
    var isFresh = false
    var list = [RemoteContainer]()
    for (container, known) in network.containers where !known.isRemote {
      guard let hardware = known.hardware else { continue }
      // Who is about to live is told of already, so that it is known when it does.
      let isComing = isComing(id + "/" + container, known, now)
      isFresh = isFresh || isComing
      guard isComing || table.lives(known) else { continue }
      list.append(
        RemoteContainer(
          id: container, hardware: hardware, addresses: known.addresses, names: known.names))
    }
    list.sort { $0.id < $1.id }
    overlays[id]?.announcement = Announcement(vxlan: entry.vxlan, containers: list).encode()
    return isFresh
  }

  /// Whether somebody has just written a container down and is about to start it.
  private func isComing(_ place: String, _ entry: NameEntry, _ now: UInt64) -> Bool {
    let arrival = reader.arrivals[place] ?? 0
    guard now &- arrival < 3_000_000_000, quiet[place] != arrival else { return false }
    do throws(SystemError) {
      if try FileLock.isHeld(entry.keeper) { return true }
    } catch { Journal.note(error.text) }
    // Asked once: to ask takes the lock for a moment.
    quiet[place] = arrival
    return false
  }

  private func forgetSilent(_ id: String, _ now: UInt64) {
    guard let overlay = overlays[id] else { return }
    for (host, said) in overlay.hosts where now &- said.heard > NameServer.peerPatience {
      Journal.note("\(host) has said nothing of vxlan \(overlay.entry.vxlan) for a while")
      overlays[id]?.hosts[host] = nil
    }
  }

  /// Makes names and the kernel's tables what the others have said.
  private func apply(_ id: String, _ now: UInt64) {
    guard var overlay = overlays[id], let network = table.networks[id] else { return }
    var own = Set(network.entry.listen)
    for container in network.containers.values where !container.isRemote {
      own.formUnion(container.addresses)
    }
    var wanted = TunnelTable()
    var keys: Set<String> = []
    for (host, container) in overlay.believed(own: own) {
      wanted.hosts[container.hardware] = host
      for address in container.addresses { wanted.neighbours[address] = container.hardware }
      // No file of this host has a slash in its name.
      let key = "\(host)/\(container.id)"
      var entry = NameEntry()
      entry.addresses = container.addresses
      entry.names = container.names
      keys.insert(key)
      if network.containers[key] != entry { table.networks[id]?.set(key, entry) }
    }
    for key in overlay.keys.subtracting(keys) { table.networks[id]?.set(key, nil) }
    overlay.keys = keys
    overlay.tunnel.become(wanted, now: now)
    overlays[id] = overlay
  }

  private func tellPeers(_ id: String, _ now: UInt64) {
    guard let overlay = overlays[id] else { return }
    for (host, peer) in overlay.peers where !peer.isBusy {
      guard now >= peer.due || (peer.told != nil && peer.told != overlay.announcement) else {
        continue
      }
      overlays[id]?.peers[host]?.due = now &+ NameServer.peerRound
      do throws(SystemError) {
        let connection = try PeerConnection(
          to: host, from: overlay.entry.local, port: NameServer.peerPort, network: id,
          overlay.announcement, now: now)
        overlays[id]?.peers[host]?.isBusy = true
        exchangesWithPeers[connection.socket.raw] = connection
        try watch(connection.socket.raw, .peer(connection), for: [.readable, .writable])
      } catch { noteFailure(id, host, now) }
    }
  }

  /// Nobody has heard it: it is tried again soon.
  private func noteFailure(_ id: String, _ host: IPAddress, _ now: UInt64) {
    overlays[id]?.peers[host]?.isBusy = false
    overlays[id]?.peers[host]?.wasAsked = true
    overlays[id]?.peers[host]?.told = nil
    overlays[id]?.peers[host]?.due = now &+ 1_000_000_000
  }

  /// Whether another host may yet say for the first time what it has.
  var isAskingPeers: Bool {
    overlays.values.contains { $0.peers.values.contains { !$0.wasAsked } }
  }

  // MARK: Exchanges

  /// Listens at the address of every overlay network, and at no other.
  private func bindPeers() {
    let wanted = Set(overlays.values.map { $0.entry.local })
    if wanted.isEmpty { peerProblem = "" }
    for (address, listener) in peerListeners where !wanted.contains(address) {
      forget(listener.socket.raw)
      peerListeners[address] = nil
    }
    for address in wanted where peerListeners[address] == nil {
      do throws(SystemError) {
        let listener = try PeerListener(address, port: NameServer.peerPort)
        try watch(listener.socket.raw, .peers(listener))
        peerListeners[address] = listener
        peerProblem = ""
      } catch {
        // Once, not at every look.
        if peerProblem != error.text { Journal.note(error.text) }
        peerProblem = error.text
      }
    }
  }

  func takePeers(_ listener: PeerListener) {
    do throws(SystemError) {
      while let socket = try listener.socket.accept() {
        let connection = PeerConnection(socket, now: Clock.now)
        // Strangers are closed at once, and so is who is one too many.
        guard overlays.values.contains(where: { $0.peers[connection.host] != nil }),
          exchangesWithPeers.values.count(where: { !$0.isOurs }) < NameServer.mostPeers
        else { continue }
        exchangesWithPeers[connection.socket.raw] = connection
        try watch(connection.socket.raw, .peer(connection))
      }
    } catch {
      Journal.note(error.text)
      forget(listener.socket.raw)
      peerListeners = peerListeners.filter { $0.value !== listener }
    }
  }

  func advance(_ connection: PeerConnection) {
    do throws(SystemError) {
      guard try connection.progress() else { return close(connection) }
      if connection.isWhole, !connection.isOurs, connection.network.isEmpty {
        guard take(connection) else { return close(connection) }
        connection.output = overlays[connection.network]?.announcement ?? []
        _ = try connection.progress()
      }
      if connection.isWhole, connection.output.isEmpty {
        if connection.isOurs, take(connection) {
          overlays[connection.network]?.peers[connection.host]?.told = connection.said
        }
        return close(connection)
      }
      try watch(
        connection.socket.raw, .peer(connection),
        for: connection.output.isEmpty ? .readable : [.readable, .writable])
    } catch { close(connection) }
  }

  /// Believes what a host says; false when it is not for us.
  private func take(_ connection: PeerConnection) -> Bool {
    let said: Announcement
    do throws(NameFileError) { said = try Announcement.parse(connection.input) } catch {
      Journal.note("what \(connection.host) says cannot be read: \(error.text)")
      return false
    }
    guard
      let (id, overlay) = overlays.first(where: { id, overlay in
        overlay.entry.vxlan == said.vxlan && overlay.peers[connection.host] != nil
          && (connection.network.isEmpty || connection.network == id)
      })
    else { return false }
    connection.network = id
    let now = Clock.now
    let isNew = overlay.hosts[connection.host]?.containers != said.containers
    overlays[id]?.hosts[connection.host] = Overlay.Host(heard: now, containers: said.containers)
    if isNew { apply(id, now) }
    return true
  }

  private func close(_ connection: PeerConnection) {
    guard !connection.isClosed else { return }
    connection.isClosed = true
    exchangesWithPeers[connection.socket.raw] = nil
    forget(connection.socket.raw)
    guard connection.isOurs, let peer = overlays[connection.network]?.peers[connection.host] else {
      return
    }
    if peer.told != connection.said {
      noteFailure(connection.network, connection.host, Clock.now)
    }
    overlays[connection.network]?.peers[connection.host]?.isBusy = false
    overlays[connection.network]?.peers[connection.host]?.wasAsked = true
  }

  // MARK: The end

  /// Forgets a network that is no more, or is another one now.
  private func dropOverlay(_ id: String) {
    guard var overlay = overlays.removeValue(forKey: id) else { return }
    for connection in exchangesWithPeers.values where connection.network == id {
      close(connection)
    }
    for key in overlay.keys { table.networks[id]?.set(key, nil) }
    overlay.tunnel.clear()
  }

  /// Leaves all networks.
  func leavePeers() {
    for id in overlays.keys.sorted() { dropOverlay(id) }
    for connection in exchangesWithPeers.values { close(connection) }
    bindPeers()
    nextPeers = 0
  }
}
