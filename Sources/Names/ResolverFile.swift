// resolv.conf(5): what the host has, and what a container gets.
//
//     network           nameserver                        search, options
//     user-defined      the first network's gateway:      --dns-search, --dns-option, else the host's;
//                       drydock-dns answers there         ndots:0, so that `web` is asked for as it is
//     bridge (default)  --dns, else the host's without    as asked for, else the host's
//                       those of its loopback
//     host              the host's file                   each part replaced by what was asked for

public import Linux

/// The lines of a resolv.conf(5) that count.
public struct ResolverFile: Equatable, Sendable {
  /// `nameserver`, as written; `fe80::1%eth0` is one.
  public var nameservers: [String] = []
  /// `search`, or `domain`: the last one counts.
  public var search: [String] = []
  /// `options`, all of them.
  public var options: [String] = []
  /// Comments for people, without `#`.
  public var remarks: [String] = []

  /// The host's file.
  public static let path = "/etc/resolv.conf"
  /// Where systemd-resolved(8) has the servers themselves.
  public static let stubbedPath = "/run/systemd/resolve/resolv.conf"

  /// Reads the text of one.
  public init(_ text: String = "") {
    for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
      guard line.first != UInt8(ascii: "#"), line.first != UInt8(ascii: ";") else { continue }
      // Blanks, tabs, and what editors elsewhere leave at a line's end.
      let words = line.split { $0 == 32 || $0 == 9 || $0 == 13 }
        .map { String(decoding: $0, as: UTF8.self) }
      guard words.count > 1 else { continue }
      switch words[0] {
      case "nameserver": nameservers.append(words[1])
      case "search", "domain": search = Array(words.dropFirst())
      case "options": options += words.dropFirst()
      default: break
      }
    }
  }

  /// The text.
  public var text: String {
    var lines = remarks.map { "# " + $0 }
    lines += nameservers.map { "nameserver " + $0 }
    if !search.isEmpty { lines.append("search " + search.list(" ")) }
    if !options.isEmpty { lines.append("options " + options.list(" ")) }
    return lines.map { $0 + "\n" }.list("")
  }

  /// Whether it names only the stub of systemd-resolved(8), so that `stubbedPath` tells more.
  public var isStub: Bool { nameservers == ["127.0.0.53"] }

  /// The servers as addresses, with port 53; a link-local one needs its link to exist.
  public var servers: [SocketAddress] {
    nameservers.compactMap { text in
      let parts = text.parts("%", limit: 2)
      guard let address = IPAddress(parts[0]) else { return nil }
      guard parts.count > 1 else { return SocketAddress(address, 53) }
      guard let link = UInt32(parts[1]) ?? Netlink.index(of: parts[1]).map({ UInt32($0) }) else {
        return nil
      }
      return SocketAddress(address, 53, scope: link)
    }
  }

  // MARK: A container's

  /// What `--dns`, `--dns-search` and `--dns-option` say.
  public struct Wishes: Equatable, Sendable {
    /// `--dns`.
    public var servers: [String]
    /// `--dns-search`; one `.` means none.
    public var search: [String]
    /// `--dns-option`.
    public var options: [String]

    /// Puts them together.
    public init(servers: [String] = [], search: [String] = [], options: [String] = []) {
      self.servers = servers
      self.search = search
      self.options = options
    }
  }

  /// A container's on user-defined networks.
  ///
  /// The servers that it wishes for are asked by the name server at the gateway.
  public static func userDefined(
    gateway: IPAddress, host: ResolverFile, _ wishes: Wishes
  ) -> ResolverFile {
    var file = host.changed(wishes)
    file.nameservers = [gateway.description]
    if !file.options.contains(where: { $0.hasPrefix("ndots:") }) { file.options.append("ndots:0") }
    return file
  }

  /// A container's on the default network.
  ///
  /// Docker would take public servers where the host's are of its loopback; nobody is asked here whom
  /// the host does not ask.
  public static func defaultBridge(host: ResolverFile, _ wishes: Wishes) -> ResolverFile {
    var file = host.changed(wishes)
    guard wishes.servers.isEmpty else { return file }
    file.nameservers = host.nameservers.filter { !isLoopback($0) }
    let left = host.nameservers.filter { isLoopback($0) }
    guard file.nameservers.isEmpty, !left.isEmpty else { return file }
    file.remarks = [
      "The host's \(left.list(", ")) cannot be reached from here. Name a server by --dns ADDRESS,",
      "or use a network of your own (drydock network create), which asks the host's for you.",
    ]
    return file
  }

  /// The host's own, each part replaced by what was asked for.
  public func changed(_ wishes: Wishes) -> ResolverFile {
    var file = self
    if !wishes.servers.isEmpty { file.nameservers = wishes.servers }
    if !wishes.search.isEmpty { file.search = wishes.search.filter { $0 != "." } }
    if !wishes.options.isEmpty { file.options = wishes.options }
    return file
  }

  private static func isLoopback(_ text: String) -> Bool { IPAddress(text)?.isLoopback == true }
}
