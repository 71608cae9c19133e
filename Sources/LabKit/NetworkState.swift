// What the kernel says of the networks of a namespace, made comparable.
//
//     ip -o -d link            RTM_GETLINK     kind, flags, mtu, queues, master, port settings
//     ip -o address            RTM_GETADDR     addresses, prefixes, broadcast, scope
//     ip route show table all  RTM_GETROUTE    routes of every table
//     ip neigh show            RTM_GETNEIGH    which address has which hardware address
//     bridge fdb show          RTM_GETNEIGH    who is behind which port (AF_BRIDGE)
//     nft list ruleset         NFT_MSG_GETRULE tables, chains, sets, rules
//     cat …/ip_forward                         the one switch of the host
//
// Two builds of the same network differ in what the kernel gives by turn or by lot, and only in that:
// the indexes of links and of namespaces, the hardware address of a veth that nobody chose one for,
// and what time changes: timers, and how fresh a neighbour is. These are taken out; nothing else is.

public import Engine
internal import Linux
internal import Measure

/// What the kernel says of one network namespace, a fact a line, without what is given by turn or lot.
public struct NetworkState: Equatable, Sendable {
  /// The facts, each with the command that told it.
  public var lines: [String]

  /// Takes what commands have written.
  ///
  /// - Parameter answers: the command, and what it wrote.
  public init(_ answers: [(command: String, text: String)]) {
    let drawn = Self.drawnAddresses(answers.map(\.text).joined(separator: "\n"))
    lines = answers.flatMap { command, text in
      let facts = text.split(separator: "\n").map { line in
        "\(command): " + Self.comparable(line, drawn)
      }
      // Neighbours come in the order in which they spoke.
      return command.hasPrefix("ip neigh") || command.hasPrefix("bridge") ? facts.sorted() : facts
    }
  }

  /// The hardware addresses of veths and tunnels on a host, by address: nobody chooses those.
  private static func drawnAddresses(_ text: String) -> [Substring: String] {
    var drawn: [Substring: String] = [:]
    for line in text.split(separator: "\n") {
      let words = line.split { $0.isWhitespace || $0 == "\\" }
      guard words.count > 2, words[1].hasPrefix("veth") || words[1].hasPrefix("vx"),
        let at = words.firstIndex(of: "link/ether"), at + 1 < words.count
      else { continue }
      drawn[words[at + 1]] = "(address of \(words[1].prefix { $0 != "@" && $0 != ":" }))"
    }
    return drawn
  }

  private static func comparable(_ line: Substring, _ drawn: [Substring: String]) -> String {
    var words = line.split { $0.isWhitespace || $0 == "\\" }[...]
    // `7: veth0@if2:` is the link's index, its name, and the index of its peer.
    if let first = words.first, first.hasSuffix(":"), Int(first.dropLast()) != nil {
      words = words.dropFirst()
    }
    if let last = words.last, freshness.contains(last) { words = words.dropLast() }
    var out = [String]()
    while let word = words.popFirst() {
      if word == "link-netnsid" || word.hasSuffix("_timer") {
        _ = words.popFirst()
      } else if let at = word.firstRange(of: "@if") {
        out.append(word[..<at.lowerBound] + "@peer")
      } else {
        out.append(drawn[word] ?? String(word))
      }
    }
    return out.joined(separator: " ")
  }

  /// What `ip neigh` says last (ip-neighbour(8)).
  private static let freshness: Set<Substring> = ["REACHABLE", "STALE", "DELAY", "PROBE"]

  /// The facts that only one of two has, `+` for the one that is not this.
  public func differences(from other: NetworkState) -> [String] {
    let change = other.lines.difference(from: lines)
    return change.removals.map { "- " + $0.text } + change.insertions.map { "+ " + $0.text }
  }

  /// What is asked, in this order.
  public static let commands = [
    "ip -o -d link", "ip -o address", "ip route show table all", "ip neigh show",
    "bridge fdb show", "nft list ruleset", "cat /proc/sys/net/ipv4/ip_forward",
  ]
}

extension CollectionDifference<String>.Change {
  fileprivate var text: String {
    switch self {
    case .insert(_, let element, _), .remove(_, let element, _): element
    }
  }
}

extension Stage {
  /// Asks the kernel for all that it says of a network namespace.
  ///
  /// - Parameter pid: a process in it; nil is the session's host.
  /// - Returns: the facts.
  /// - Throws: as `host` does.
  public func networkState(of pid: Int32? = nil) throws -> NetworkState {
    let place = pid.map { ["nsenter", "-t", "\($0)", "-n"] } ?? []
    let mark = "--- "
    let script = NetworkState.commands.map { "echo '\(mark)'; \($0)" }.joined(separator: "; ")
    let text = try host(place + ["sh", "-ec", script], isShown: false)
    let parts = text.split(separator: "\(mark)\n", omittingEmptySubsequences: false).dropFirst()
    return NetworkState(
      zip(NetworkState.commands, parts).map { (command: $0, text: String($1)) })
  }

  /// Types the commands of steps by hand on another host.
  ///
  /// - Parameters:
  ///   - steps: as the engine and the runtime took them; those without a command are left out.
  ///   - machine: a process of the host where they are typed.
  ///   - container: the process that they name, and the one that stands for it now.
  /// - Throws: `LabError` with the command that failed; `Interrupted`.
  public func replay(
    _ steps: [TracedStep], on machine: Int32, container: (then: Int32, now: Int32)? = nil
  ) throws {
    for step in steps where step.phase == "network" {
      guard var shell = step.shell else { continue }
      var place = machine
      if let container {
        shell = shell.replacing("netns \(container.then)", with: "netns \(container.now)")
          .replacing("nsenter -t \(container.then) ", with: "nsenter -t \(container.now) ")
        // What init does it does within the container.
        if step.side == "init" { place = container.now }
      }
      // A command that enters a namespace by itself may be typed anywhere.
      let way = shell.hasPrefix("nsenter ") ? [] : ["nsenter", "-t", "\(place)", "-n"]
      let lines = shell.split(separator: "\n")
      let shown = lines.count < 3 ? shell : "\(lines[0])  # … \(lines.count - 2)"
      let command = (way + [shown]).joined(separator: " ")
      audience?.ran(ShownRun(command: command, steps: [], stepCount: 0))
      try host(way + ["sh", "-ec", shell], isShown: false)
    }
  }

  /// Holds what was made by hand against what the engine made.
  ///
  /// A link's state follows its carrier a moment later (operstates.rst): what differs is asked again,
  /// for some seconds.
  ///
  /// - Parameters:
  ///   - id: the finding's id.
  ///   - what: what is compared.
  ///   - engine: a process in the network namespace that the engine made; nil is the session's host.
  ///   - hand: one in that made by hand.
  ///   - reason: what to say when they differ.
  /// - Throws: as `host` does.
  public func findSame(
    _ id: String, _ what: Text, engine: Int32?, hand: Int32, otherwise reason: Text
  ) throws {
    try findSame(
      id, what, engine: { try networkState(of: engine) }, hand: { try networkState(of: hand) },
      otherwise: reason)
  }

  /// The same for states that somebody has more to say about.
  ///
  /// - Parameters:
  ///   - id: the finding's id.
  ///   - what: what is compared.
  ///   - engine: asks the kernel for the engine's.
  ///   - hand: asks it for the one by hand.
  ///   - reason: what to say when they differ.
  /// - Throws: what the asking throws.
  public func findSame(
    _ id: String, _ what: Text, engine: () throws -> NetworkState, hand: () throws -> NetworkState,
    otherwise reason: Text
  ) throws {
    var ours = NetworkState([])
    var typed = NetworkState([])
    _ = try wait(within: 5) {
      ours = try engine()
      typed = try hand()
      return ours == typed
    }
    let differences = ours.differences(from: typed)
    let seen =
      differences.isEmpty
      ? "\(typed.lines.count) = \(ours.lines.count)"
      : differences.prefix(3).joined(separator: "; ")
    find(
      id, what, expected: "\(ours.lines.count) = \(ours.lines.count)",
      seen: String(seen.prefix(400)), if: differences.isEmpty && !ours.lines.isEmpty,
      otherwise: reason)
  }
}
