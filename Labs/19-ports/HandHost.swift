internal import Engine
internal import LabKit
internal import Linux
internal import Measure

/// A host with a bridge, made by hand: nothing is there but what is typed.
///
///     client ── up ═ eth0 ── host ── dd0 ═╦═ eth0 web  10.200.1.2
///     10.200.N.2     10.200.N.1    10.200.1.1 ╚═ eth0 near 10.200.1.3
struct HandHost {
  static let bridge = "dd0"
  static let gateway = "10.200.1.1"
  static let web = "10.200.1.2"
  static let near = "10.200.1.3"

  let stage: Stage
  /// The process that keeps it; nil is the session's own host.
  let pid: Int32?
  let isShown: Bool

  /// Makes the bridge, and lets the host pass packets on.
  init(_ stage: Stage, pid: Int32?, isShown: Bool) throws {
    self.stage = stage
    self.pid = pid
    self.isShown = isShown
    try type("ip link add \(Self.bridge) type bridge")
    try type("ip address add \(Self.gateway)/24 dev \(Self.bridge)")
    try type("ip link set \(Self.bridge) up")
    try set("net/ipv4/ip_forward", 1)
    // With br_netfilter an answer between neighbours would pass the rules by chance.
    let filter = "/proc/sys/net/bridge/bridge-nf-call-iptables"
    if File.exists(filter) { try set("net/bridge/bridge-nf-call-iptables", 0) }
  }

  /// Runs a command on the host, its words separated by blanks.
  @discardableResult
  func type(_ line: String) throws -> String {
    try run(line.split(separator: " ").map(String.init))
  }

  /// A command of nft(8).
  @discardableResult
  func nft(_ text: String) throws -> String { try run(["nft", text]) }

  /// Writes a file of /proc/sys, which is the host's own: those of net belong to its namespace.
  func set(_ name: String, _ value: Int) throws {
    try run(["sh", "-c", "echo \(value) > /proc/sys/\(name)"])
  }

  @discardableResult
  private func run(_ words: [String]) throws -> String {
    if let pid { return try stage.inside(pid, words, isShown: isShown) }
    return try stage.host(words, isShown: isShown)
  }

  /// Connects a container that has no network yet.
  func connect(_ container: any LabContainer, _ address: String, port: String) throws {
    try type("ip link add \(port) type veth peer name eth0 netns \(container.pid)")
    try type("ip link set \(port) master \(Self.bridge) up")
    func inside(_ line: String) throws {
      try stage.inside(
        container.pid, line.split(separator: " ").map(String.init), isShown: isShown)
    }
    try inside("ip link set lo up")
    try inside("ip address add \(address)/24 dev eth0")
    try inside("ip link set eth0 up")
    try inside("ip route add default via \(Self.gateway)")
  }

  /// Connects another host: this one is 10.200.N.1, the other 10.200.N.2.
  static func join(
    _ stage: Stage, _ host: Int32?, with client: Int32, net: Int, isShown: Bool
  ) throws {
    func type(_ line: String, _ pid: Int32?) throws {
      let words = line.split(separator: " ").map(String.init)
      if let pid {
        try stage.inside(pid, words, isShown: isShown)
      } else {
        try stage.host(words, isShown: isShown)
      }
    }
    try type("ip link add eth0 type veth peer name up\(net) netns \(client)", host)
    try type("ip address add 10.200.\(net).1/24 dev eth0", host)
    try type("ip link set eth0 up", host)
    try type("ip address add 10.200.\(net).2/24 dev up\(net)", client)
    try type("ip link set up\(net) up", client)
  }
}

/// What came of asking a web server.
enum Visit: Equatable {
  /// Who the server says came.
  case answered(String)
  /// Somebody said that nobody listens there (RST).
  case refused
  /// Nobody said anything for a third of a second.
  case silent

  var text: String {
    switch self {
    case .answered(let who): who
    case .refused: "refused"
    case .silent: "-"
    }
  }
}

extension Stage {
  /// A web server that tells who asks, in a container; with `change` come its network and ports.
  ///
  /// - Returns: the container, which listens.
  /// - Throws: as `start` does; `LabError` when it does not listen.
  func web(
    steps: [String] = [], _ change: (inout RunOptions) -> Void = { _ in }
  ) throws -> any LabContainer {
    var options = RunOptions(image: "busybox")
    options.command = Stage.shell(
      "mkdir -p /www/cgi-bin", "cd /www/cgi-bin",
      #"echo '#!/bin/sh' >who; echo 'echo; echo "$REMOTE_ADDR"' >>who; chmod +x who"#,
      "exec httpd -f -p 80 -h /www")
    change(&options)
    let container = try start(options, steps: steps)
    let isThere = try wait { listens(container.pid, on: 80) }
    guard isThere else { throw LabError("the web server does not listen on port 80") }
    return container
  }

  /// Whether anybody listens on a port in a process's network namespace (proc_pid_net(5), 0A).
  func listens(_ pid: Int32, on port: Int) -> Bool { listening(pid, port) != nil }

  /// The line of the table in which it says so.
  func listening(_ pid: Int32, _ port: Int) -> String? {
    let hexadecimal = String(port, radix: 16, uppercase: true)
    let end = ":" + String(repeating: "0", count: 4 - hexadecimal.count) + hexadecimal
    for table in ["tcp", "tcp6"] {
      for line in (Kernel.read("/proc/\(pid)/net/\(table)") ?? "").split(separator: "\n") {
        let words = line.split(separator: " ")
        if words.count > 3, words[1].hasSuffix(end), words[3] == "0A" {
          return words[1...3].joined(separator: " ")
        }
      }
    }
    return nil
  }

  /// Asks a web server, and waits at most a third of a second.
  ///
  /// - Parameters:
  ///   - place: `10.200.8.1:8080`.
  ///   - pid: a process in whose network namespace that is done; nil is the session's host.
  ///   - isShown: whether the learner sees it.
  ///   - tries: how often, while nobody answers: on a busy machine that may be short.
  /// - Returns: what came of it.
  /// - Throws: as `attempt` does.
  func visit(
    _ place: String, from pid: Int32?, isShown: Bool = true, tries: Int = 1
  ) throws -> Visit {
    let words =
      (pid.map { ["nsenter", "-t", "\($0)", "-n"] } ?? []) + [
        "timeout", "0.3", "busybox", "wget", "-qO-", "http://\(place)/cgi-bin/who",
      ]
    for turn in 1...tries {
      let answer = try attempt(words, isShown: isShown && turn == 1)
      if answer.code == 0 {
        // `[::ffff:10.200.8.2]` is how a socket for both families names an address of IPv4.
        let who = answer.output.trimmingPrefix("[").prefix { $0 != "]" }
        return .answered(String(who.trimmingPrefix("::ffff:")))
      }
      if answer.complaint.hasSuffix("refused") { return .refused }
    }
    return .silent
  }
}
