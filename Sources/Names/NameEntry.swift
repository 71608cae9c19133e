// What is known of a network and of each container on it: small files, a word and its value a line,
// written whole (rename(2)) and read anew when they change.
//
//     RUNROOT/networks/NETID/resolver
//         listen 10.200.1.1          the gateway, where the server is asked; one a family
//         listen fd00:200:1::1
//         network shop               the network's name: `web.shop` is `web` there
//         internal                   nothing outside can be reached: nothing is asked there
//         tunnel vx-0123456789ab     of an overlay network (Peers.swift): its VXLAN link,
//         vxlan 4097                 the number that the hosts know it by,
//         local 10.200.9.1           this host, as the others know it,
//         peer 10.200.9.2            the others,
//         subnet 10.200.5.0/24       and where their containers' addresses must lie
//
//     RUNROOT/networks/NETID/names/CID
//         pidfile RUNTIMEROOT/CID/pid   "PID STARTTIME" of its first process: who is dead has no name
//         keeper BUNDLE/alive        locked while somebody keeps it, before it lives and between lives
//         remote                     instead of both: on another host, and always there
//         address 10.200.1.2
//         address fd00:200:1::2
//         hardware 02:42:0a:c8:01:02 on an overlay network
//         name web                   its own name first, then aliases, which others may have too
//         name www
//         upstream 10.0.0.53         --dns; without one the host's /etc/resolv.conf
//         link db CID                a name that only this container uses for another one

public import Linux

/// A file of names that cannot be read.
public struct NameFileError: Error, Equatable, Sendable {
  /// From 1; 0 for the whole.
  public let line: Int
  /// The line and what is wrong with it.
  public let text: String
}

/// A container on one network.
public struct NameEntry: Equatable, Sendable {
  /// Where its first process is written down; empty for a container of another host.
  public var pidfile = ""
  /// The lock of who keeps it; empty when there is none.
  public var keeper = ""
  /// On this network, at most one of each family.
  public var addresses: [IPAddress] = []
  /// On an overlay network, where the other hosts must know it.
  public var hardware: MACAddress?
  /// Its own name, then its aliases.
  public var names: [String] = []
  /// Servers that its other questions go to; none for the host's.
  public var upstreams: [IPAddress] = []
  /// Names that only it uses: alias and container id.
  public var links: [Link] = []

  /// A name that one container uses for another.
  public struct Link: Equatable, Sendable {
    /// The name.
    public var alias: String
    /// The other container's id.
    public var container: String

    /// Puts them together.
    public init(alias: String, container: String) {
      self.alias = alias
      self.container = container
    }
  }

  /// Whether it is on another host.
  public var isRemote: Bool { pidfile.isEmpty }

  /// Nothing yet.
  public init() {}

  /// The file's content.
  public func encode() -> [UInt8] {
    var text = isRemote ? "remote\n" : "pidfile \(pidfile)\n"
    if !keeper.isEmpty { text += "keeper \(keeper)\n" }
    for address in addresses { text += "address \(address)\n" }
    if let hardware { text += "hardware \(hardware)\n" }
    for name in names { text += "name \(name)\n" }
    for server in upstreams { text += "upstream \(server)\n" }
    for link in links { text += "link \(link.alias) \(link.container)\n" }
    return Array(text.utf8)
  }

  /// Reads the file's content.
  ///
  /// - Throws: `NameFileError` naming the line.
  public static func parse(_ bytes: [UInt8]) throws(NameFileError) -> NameEntry {
    var entry = NameEntry()
    var isRemote = false
    try Lines.read(bytes) { word, value in
      switch word {
      case "pidfile" where value.hasPrefix("/"): entry.pidfile = value
      case "keeper" where value.hasPrefix("/"): entry.keeper = value
      case "remote" where value.isEmpty: isRemote = true
      case "address":
        guard let address = IPAddress(value) else { return false }
        entry.addresses.append(address)
      case "hardware":
        guard let hardware = MACAddress(value) else { return false }
        entry.hardware = hardware
      case "upstream":
        guard let address = IPAddress(value) else { return false }
        entry.upstreams.append(address)
      case "name" where isName(value): entry.names.append(value)
      case "link":
        let parts = value.parts(" ")
        // An id has 64 digits, one more than a label may have.
        guard parts.count == 2, isName(parts[0]), isID(parts[1]) else { return false }
        entry.links.append(Link(alias: parts[0], container: parts[1]))
      default: return false
      }
      return true
    }
    guard isRemote == entry.pidfile.isEmpty else {
      throw NameFileError(line: 0, text: "neither or both of pidfile and remote")
    }
    return entry
  }

  /// Whether a text can be a container's id, which is the name of its file.
  static func isID(_ text: String) -> Bool {
    (1...128).contains(text.utf8.count)
      && text.utf8.allSatisfy {
        (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 45
          || $0 == 95
      }
  }

  /// Whether a text can be asked for: labels of 1 to 63 bytes between dots, 253 in all, nothing but
  /// what people write.
  public static func isName(_ text: String) -> Bool {
    text.utf8.allSatisfy { $0 > 32 && $0 < 127 } && !text.hasSuffix(".")
      && DNSName.encode(text) != nil
  }
}

/// What the server is told of a network.
public struct NetworkEntry: Equatable, Sendable {
  /// Where it is asked.
  public var listen: [IPAddress] = []
  /// The network's name; empty for none.
  public var name = ""
  /// Whether its containers reach nothing outside.
  public var isInternal = false
  /// The other hosts, of an overlay network.
  public var overlay: OverlayEntry?

  /// Nothing yet.
  public init() {}

  /// The file's content.
  public func encode() -> [UInt8] {
    var text = ""
    for address in listen { text += "listen \(address)\n" }
    if !name.isEmpty { text += "network \(name)\n" }
    if isInternal { text += "internal\n" }
    if let overlay { text += overlay.text }
    return Array(text.utf8)
  }

  /// Reads the file's content.
  ///
  /// - Throws: `NameFileError` naming the line.
  public static func parse(_ bytes: [UInt8]) throws(NameFileError) -> NetworkEntry {
    var entry = NetworkEntry()
    var overlay = OverlayEntry()
    try Lines.read(bytes) { word, value in
      switch word {
      case "listen":
        guard let address = IPAddress(value), !address.isAny else { return false }
        entry.listen.append(address)
      case "network" where NameEntry.isName(value): entry.name = value
      case "internal" where value.isEmpty: entry.isInternal = true
      default: return overlay.read(word, value)
      }
      return true
    }
    if overlay != OverlayEntry() {
      guard overlay.isWhole else { throw NameFileError(line: 0, text: "half a tunnel") }
      entry.overlay = overlay
    }
    return entry
  }
}

/// Where these files are.
public enum NamePlaces {
  /// All of a run-root.
  public static func networks(_ runRoot: String) -> String { runRoot + "/networks" }
  /// What is known of one network.
  public static func network(_ runRoot: String, _ network: String) -> String {
    networks(runRoot) + "/" + network + "/resolver"
  }
  /// A container on one network.
  public static func container(_ runRoot: String, _ network: String, _ id: String) -> String {
    networks(runRoot) + "/" + network + "/names/" + id
  }
  /// Locked by the one server of a run-root.
  public static func lock(_ runRoot: String) -> String { networks(runRoot) + "/dns.lock" }
  /// Where the server is asked whether it has read everything.
  public static func socket(_ runRoot: String) -> String { networks(runRoot) + "/dns.socket" }
  /// What the server could not tell anybody.
  public static func log(_ runRoot: String) -> String { networks(runRoot) + "/dns.log" }
}

/// Lines of a word and its value.
enum Lines {
  /// Calls `take` for each; false means that it cannot be read.
  static func read(
    _ bytes: [UInt8], _ take: (_ word: String, _ value: String) -> Bool
  ) throws(NameFileError) {
    var number = 0
    for line in bytes.parts("\n") {
      number += 1
      if line.isEmpty { continue }
      let parts = line.parts(" ", limit: 2)
      guard take(parts[0], parts.count > 1 ? parts[1] : "") else {
        throw NameFileError(line: number, text: "line \(number): \(line.prefix(80))")
      }
    }
  }
}
