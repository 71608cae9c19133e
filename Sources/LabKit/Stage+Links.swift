import Measure

// What labs want to know of links again and again, asked by netlink as people ask it: ip(8).

/// A link as `ip -o link` tells it, a line a link.
///
///     2: eth0@if3: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue master br0 state UP …
public struct ListedLink: Equatable, Sendable {
  /// Its number in its network namespace.
  public var index: Int
  /// Its name.
  public var name: String
  /// The number of its peer, in the peer's network namespace.
  public var peer: Int?
  /// As in netdevice(7), without `IFF_`.
  public var flags: [String]
  /// The bridge whose port it is.
  public var master: String?
  /// Its hardware address; nil for a link without one.
  public var hardware: String?

  /// Reads a line; nil when it is none of these.
  public init?(_ line: Substring) {
    let words = line.split { $0 == " " || $0 == "\\" }
    guard words.count > 2, let index = Int(words[0].dropLast()) else { return nil }
    self.index = index
    let halves = words[1].dropLast().split(separator: "@")
    name = String(halves.first ?? "")
    peer = halves.count > 1 && halves[1].hasPrefix("if") ? Int(halves[1].dropFirst(2)) : nil
    flags = words[2].dropFirst().dropLast().split(separator: ",").map { String($0) }
    func word(after key: String) -> String? {
      words.firstIndex { $0 == key }.flatMap { $0 + 1 < words.count ? String(words[$0 + 1]) : nil }
    }
    master = word(after: "master")
    hardware = word(after: "link/ether")
  }

  /// IFF_UP: somebody has set it up.
  public var isUp: Bool { flags.contains("UP") }
  /// `lo DOWN`.
  public var text: String { "\(name) \(isUp ? "UP" : "DOWN")" }
}

extension Stage {
  /// The links of a network namespace.
  ///
  /// - Parameter pid: a process in it; nil is the session's host.
  /// - Returns: a link each.
  /// - Throws: as `host` does.
  public func links(in pid: Int32? = nil) throws -> [ListedLink] {
    try listed(["ip", "-o", "link"], in: pid).compactMap { ListedLink($0) }
  }

  /// The addresses of IPv4 with the lengths of their subnets (`10.200.0.2/24`), and their links.
  ///
  /// - Parameter pid: a process in the network namespace; nil is the session's host.
  /// - Returns: an address each.
  /// - Throws: as `host` does.
  public func addresses(in pid: Int32? = nil) throws -> [(link: String, address: String)] {
    try listed(["ip", "-o", "-4", "address"], in: pid).compactMap { line in
      let words = line.split(separator: " ")
      return words.count > 3 ? (String(words[1]), String(words[3])) : nil
    }
  }

  /// One packet of busybox's ping, from the network namespace of a process.
  ///
  /// - Returns: whether it was answered in that time, and what ping complained of.
  /// - Throws: `SystemError`; `Interrupted`.
  public func ping(
    from pid: Int32, to address: String, within seconds: Int = 2, isShown: Bool = false
  ) throws -> (isAnswered: Bool, complaint: String) {
    let result = try attempt(
      ["nsenter", "-t", "\(pid)", "-n", "busybox", "ping", "-c", "1", "-W", "\(seconds)", address],
      isShown: isShown)
    return (result.code == 0, result.complaint)
  }

  private func listed(_ words: [String], in pid: Int32?) throws -> [Substring] {
    let place = pid.map { ["nsenter", "-t", "\($0)", "-n"] } ?? []
    return try host(place + words, isShown: false).split(separator: "\n")
  }
}
