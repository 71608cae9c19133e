import Linux
import Names

/// What a container is called and whom it knows: `--hostname`, `--add-host`, `--dns`, `--expose`.
enum NameOptions {
  static func check(_ options: RunOptions) throws(EngineError) {
    if let hostname = options.hostname { try checkName(hostname, "hostname") }
    if let domain = options.domainname { try checkName(domain, "domainname") }
    for host in options.addedHosts {
      _ = try named { () throws(NameTextError) in try AddedHost(host) }
    }
    for link in options.links {
      _ = try named { () throws(NameTextError) in try LinkRequest(link) }
    }
    for address in options.dns where IPAddress(address) == nil {
      throw EngineError("\(address) is not an ip address", hint: "--dns takes a number.")
    }
    for domain in options.dnsSearch where domain != "." {
      try checkName(domain, "domain for --dns-search")
    }
    for option in options.dnsOptions where option.contains(where: \.isWhitespace) {
      throw EngineError("invalid --dns-option: \"\(option)\"")
    }
    for port in options.expose { _ = try ExposedPorts(port) }
  }

  /// The kernel takes 64 bytes; it becomes a line of /etc/hosts too (hostname(7)).
  static func checkName(_ name: String, _ what: String) throws(EngineError) {
    let bytes = Array(name.utf8)
    let plain = bytes.allSatisfy {
      (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
        || "-._".utf8.contains($0)
    }
    guard plain, (1...63).contains(bytes.count), bytes[0] != UInt8(ascii: "-") else {
      throw EngineError(
        "invalid \(what): \(name)", hint: "Letters, digits, - and . only, at most 63 of them.")
    }
  }
}

/// The files of /etc by which a container knows names.
struct NameFiles: Sendable {
  /// hostname(5).
  let hostname: String
  /// hosts(5).
  let hosts: String
  /// resolv.conf(5).
  let resolver: String

  /// Makes their texts; those of a container with networks are written at each start
  /// (Engine+Names.swift).
  init(_ options: RunOptions, hostname: String, hasNetworks: Bool) throws(EngineError) {
    self.hostname = hostname + "\n"
    var file = HostsFile(hostname: hostname, domainname: options.domainname)
    if !hasNetworks {
      for text in options.addedHosts {
        file.added.append(try named { () throws(NameTextError) in try AddedHost(text) })
      }
    }
    hosts = try named { () throws(NameTextError) in try file.text() }
    let host = options.network == "host" ? try Engine.hostResolver() : ResolverFile()
    resolver =
      host.changed(
        ResolverFile.Wishes(
          servers: options.dns, search: options.dnsSearch, options: options.dnsOptions)
      ).text
  }
}

/// `--expose PORT[-PORT][/tcp|udp|sctp]`.
struct ExposedPorts: Equatable, Sendable {
  /// From the first to the last.
  let range: ClosedRange<UInt16>
  /// `tcp`, `udp` or `sctp`.
  let transport: String

  /// Reads it.
  init(_ text: String) throws(EngineError) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    transport = parts.count > 1 ? parts[1].lowercased() : "tcp"
    guard ["tcp", "udp", "sctp"].contains(transport) else {
      throw EngineError("Invalid proto: \(transport)", hint: "tcp, udp or sctp.")
    }
    let ends = parts[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = UInt16(ends[0]), let last = UInt16(ends[ends.count - 1]), first > 0,
      first <= last
    else {
      throw EngineError(
        "invalid range format for --expose: \(text)", hint: "PORT or FIRST-LAST, then /udp.")
    }
    range = first...last
  }
}
