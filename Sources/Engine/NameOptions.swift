import Linux

/// What a container is called and whom it knows: `--hostname`, `--add-host`, `--dns`, `--expose`.
enum NameOptions {
  static func check(_ options: RunOptions) throws(EngineError) {
    if let hostname = options.hostname { try checkName(hostname, "hostname") }
    if let domain = options.domainname { try checkName(domain, "domainname") }
    for host in options.addedHosts { _ = try addedHost(host) }
    for address in options.dns where !isAddress(address) {
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

  /// `NAME:IP` as a line of hosts(5).
  static func addedHost(_ text: String) throws(EngineError) -> String {
    let pair = text.split(separator: ":", maxSplits: 1).map { String($0) }
    guard pair.count == 2, !pair[0].contains(where: \.isWhitespace) else {
      throw EngineError("bad format for add-host: \"\(text)\"", hint: "NAME:IP")
    }
    guard isAddress(pair[1]) else {
      throw EngineError("invalid IP address in add-host: \"\(pair[1])\"")
    }
    return "\(pair[1])\t\(pair[0])\n"
  }

  /// hosts(5): its own lines, then those that were asked for.
  static func hosts(_ options: RunOptions, hostname: String) throws(EngineError) -> String {
    let full = options.domainname.map { "\(hostname).\($0) \(hostname)" } ?? hostname
    var text = """
      127.0.0.1\tlocalhost
      ::1\tlocalhost ip6-localhost ip6-loopback
      fe00::0\tip6-localnet
      ff00::0\tip6-mcastprefix
      ff02::1\tip6-allnodes
      ff02::2\tip6-allrouters
      127.0.1.1\t\(full)

      """
    for host in options.addedHosts { text += try addedHost(host) }
    return text
  }

  /// resolv.conf(5): the host's where its network applies, each part replaced by what was asked for.
  static func resolver(_ options: RunOptions, host: String) -> String {
    var lines = host.split(separator: "\n").map { String($0) }
    func replace(_ word: String, _ others: [String], _ text: [String]) {
      guard !text.isEmpty else { return }
      lines.removeAll { line in ([word] + others).contains { line.hasPrefix($0 + " ") } }
      lines += text
    }
    replace("nameserver", [], options.dns.map { "nameserver \($0)" })
    let domains = options.dnsSearch.filter { $0 != "." }
    replace(
      "search", ["domain"],
      domains.isEmpty ? [] : ["search \(domains.joined(separator: " "))"])
    if options.dnsSearch == ["."] { lines.removeAll { $0.hasPrefix("search ") } }
    replace(
      "options", [],
      options.dnsOptions.isEmpty ? [] : ["options \(options.dnsOptions.joined(separator: " "))"])
    return lines.map { $0 + "\n" }.joined()
  }

  /// Four numbers, or groups of hexadecimal digits (inet_pton(3)).
  static func isAddress(_ text: String) -> Bool {
    if text.contains(":") { return isLongAddress(text) }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4
      && parts.allSatisfy {
        (1...3).contains($0.utf8.count) && $0.utf8.allSatisfy { (48...57).contains($0) }
          && (Int($0) ?? 256) < 256
      }
  }

  private static func isLongAddress(_ text: String) -> Bool {
    let halves = text.split(separator: "::", omittingEmptySubsequences: false)
    guard halves.count <= 2 else { return false }
    var count = 0
    for half in halves where !half.isEmpty {
      for group in half.split(separator: ":", omittingEmptySubsequences: false) {
        guard (1...4).contains(group.utf8.count), UInt16(group, radix: 16) != nil else {
          return false
        }
        count += 1
      }
    }
    return halves.count == 2 ? count < 8 : count == 8
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

  /// Makes their texts.
  init(_ options: RunOptions, hostname: String) throws(EngineError) {
    self.hostname = hostname + "\n"
    hosts = try NameOptions.hosts(options, hostname: hostname)
    var host = ""
    if options.network == "host" {
      host = try asked("reading the host's name servers") { () throws(SystemError) in
        let path = "/etc/resolv.conf"
        return File.exists(path) ? try File.text(path, limit: 1 << 20) : ""
      }
    }
    resolver = NameOptions.resolver(options, host: host)
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
