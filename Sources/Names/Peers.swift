// The hosts of an overlay network tell each other of their containers.
//
//     host A  10.200.9.1                                  host B  10.200.9.2
//     drydock-dns ── connects to TCP port 7946 ─────────▶ drydock-dns
//                 ── all containers of A ───────────────▶   names, ip neighbour, bridge fdb
//       the same ◀────────────── all containers of B ───
//
// One exchange tells both sides everything (Announcement.swift), so there is nothing to be put in order
// afterwards, whatever was lost. It happens when something of one's own has changed, and every five
// seconds; who is not heard of for fifteen seconds is gone with all his containers.
//
// Only the hosts that `network create` was told of are listened to, by their addresses. That is as much
// as VXLAN itself offers (RFC 7348, 7): the net between the hosts must be one's own.
//
// An address belongs to one container: who is on this host has it before others, then the host with
// the lower address.

internal import Linux

/// What this host knows of one overlay network.
struct Overlay {
  /// What a host has said.
  struct Host {
    /// When, in nanoseconds.
    var heard: UInt64
    var containers: [RemoteContainer]
  }

  /// What a host is still to be told.
  struct Peer {
    /// What it was told last.
    var told: [UInt8]?
    /// When it is told next, in nanoseconds, whether anything is new or not.
    var due: UInt64 = 0
    /// Whether it has been asked at least once, with or without success.
    var wasAsked = false
    var isBusy = false
  }

  var entry: OverlayEntry
  var hosts: [IPAddress: Host] = [:]
  var peers: [IPAddress: Peer] = [:]
  /// What this host says.
  var announcement: [UInt8] = []
  var tunnel: TunnelKeeper
  /// Names that the table has of others.
  var keys: Set<String> = []

  init(_ entry: OverlayEntry, now: UInt64) {
    self.entry = entry
    tunnel = TunnelKeeper(entry.tunnel, now: now)
    for peer in entry.peers { peers[peer] = Peer() }
  }

  /// Who is behind the tunnel, as far as it may be believed.
  ///
  /// - Parameter own: addresses that are this host's.
  /// - Returns: no address and no hardware address twice.
  func believed(own: Set<IPAddress>) -> [(host: IPAddress, container: RemoteContainer)] {
    var taken = own
    var hardware: Set<MACAddress> = []
    var list: [(host: IPAddress, container: RemoteContainer)] = []
    for (host, said) in hosts.sorted(by: { $0.key < $1.key }) {
      for var container in said.containers {
        container.addresses = container.addresses.filter { address in
          entry.subnets.contains { $0.contains(address) } && !taken.contains(address)
        }
        guard !container.addresses.isEmpty, hardware.insert(container.hardware).inserted else {
          continue
        }
        taken.formUnion(container.addresses)
        list.append((host, container))
      }
    }
    return list
  }
}

/// Makes the kernel's tables of one tunnel what they should be (Netlink+Tunnels.swift).
struct TunnelKeeper {
  let name: String
  /// How long something stays that a server before this one has written down and nobody has confirmed,
  /// in nanoseconds: the other hosts are asked meanwhile.
  static let patience: UInt64 = 15_000_000_000

  private let born: UInt64
  private var index: Int32?
  private var known = TunnelTable()
  private var inherited = TunnelTable()

  init(_ name: String, now: UInt64) {
    self.name = name
    born = now
  }

  /// Writes down what is new and forgets what is no more.
  mutating func become(_ wanted: TunnelTable, now: UInt64) {
    guard let index = Netlink.index(of: name) else {
      self.index = nil
      return
    }
    do throws(SystemError) {
      if index != self.index {
        known = try TunnelTable(of: index)
        inherited = known
        self.index = index
      }
      guard wanted != known else { return }
      if now &- born > TunnelKeeper.patience { inherited = TunnelTable() }
      try change(to: wanted, index)
    } catch {
      Journal.note(error.text)
      // Looked at anew next time.
      self.index = nil
    }
  }

  /// Forgets everything.
  mutating func clear() {
    guard let index = Netlink.index(of: name), index == self.index else { return }
    inherited = TunnelTable()
    do throws(SystemError) { try change(to: TunnelTable(), index) } catch {
      Journal.note(error.text)
    }
  }

  private mutating func change(to wanted: TunnelTable, _ index: Int32) throws(SystemError) {
    let netlink = try Netlink()
    for (hardware, host) in wanted.hosts {
      inherited.hosts[hardware] = nil
      guard known.hosts[hardware] != host else { continue }
      try netlink.addForwarding(of: hardware, to: host, on: index)
      known.hosts[hardware] = host
    }
    for (address, hardware) in wanted.neighbours {
      inherited.neighbours[address] = nil
      guard known.neighbours[address] != hardware else { continue }
      try netlink.addNeighbour(address, at: hardware, on: index)
      known.neighbours[address] = hardware
    }
    for address in known.neighbours.keys
    where wanted.neighbours[address] == nil && inherited.neighbours[address] == nil {
      try netlink.removeNeighbour(address, on: index)
      known.neighbours[address] = nil
    }
    for hardware in known.hosts.keys
    where wanted.hosts[hardware] == nil && inherited.hosts[hardware] == nil {
      try netlink.removeForwarding(of: hardware, on: index)
      known.hosts[hardware] = nil
    }
  }
}
