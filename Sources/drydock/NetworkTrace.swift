import ArgumentParser
import Engine
import Linux
import Measure
import Topology

/// `drydock network trace`.
struct NetworkTrace: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trace",
    abstract: "Follow a packet to a port, and say why it can or cannot be reached.",
    discussion: """
      Routes, rules of nf_tables (ours and others'), bridges and sockets are read from the kernel; \
      nothing is sent, unless --try asks for it. Exit code 0: reachable; 1: not; 2: unknown.
      """)

  @ParentCommand var parent: NetworkCommand

  @Option(
    help: ArgumentHelp(
      "Where the packet comes from, as if from outside when nobody here has it.",
      valueName: "address"))
  var from: String?

  @Option(help: ArgumentHelp("A container it comes from.", valueName: "name"))
  var fromContainer: String?

  @Flag(help: "UDP instead of TCP.")
  var udp = false

  @Flag(name: .customLong("try"), help: "Connect too, and hold the answer against what was said.")
  var attempt = false

  @Flag(help: "As JSON.")
  var json = false

  @Option(help: "en or zh.")
  var lang: String?

  @Argument(help: ArgumentHelp("8080, 10.0.0.1:8080 or [fd00::1]:8080.", valueName: "port"))
  var target: String

  func run() throws {
    let language = try NetworkLooking.language(lang)
    let (address, port) = try destination()
    guard from == nil || fromContainer == nil else {
      throw EngineError(
        "--from and --from-container exclude each other", hint: "A packet has one beginning.")
    }
    let live = try NetworkLooking.read(parent.drydock)
    let start = try beginning(live, address)
    let packet = Packet(udp ? .udp : .tcp, from: start.source, to: address, port: port)
    let tracer = Tracer(live, packet) { (place) throws(SystemError) in
      try NetworkLooking.rules(place)
    }
    let result =
      if let link = start.link {
        tracer.run(into: start.namespace, by: link)
      } else {
        tracer.run(from: start.namespace)
      }
    let tried = try attempt ? connect(live.places[start.namespace], start, address, port) : nil
    let page = TracePage(NetworkLooking.paper(language))
    let said = tried.map { TracePage.word(result, $0) }
    try NetworkLooking.put(
      json
        ? page.json(result, tried: tried?.errno?.name ?? tried.map { _ in "connected" })
        : page.text(result) + (said.map { page.line($0) } ?? ""))
    throw ExitCode(result.exitCode)
  }

  /// `8080`: of this host by loopback; else an address and a port.
  private func destination() throws -> (IPAddress, UInt16) {
    let wrong = EngineError(
      "'\(target)' is neither a port nor ADDRESS:PORT",
      hint: "Such as 8080, 10.0.0.1:8080 or [fd00::1]:8080; a port is from 1 to 65535.")
    if target.utf8.allSatisfy({ (48...57).contains($0) }) {
      guard let port = UInt16(target), port > 0 else { throw wrong }
      return (IPAddress(v4: 0x7f00_0001), port)
    }
    guard let colon = target.lastIndex(of: ":"),
      let port = UInt16(target[target.index(after: colon)...]), port > 0
    else { throw wrong }
    var host = target[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      throw wrong
    }
    if host == "localhost" { return (IPAddress(v4: 0x7f00_0001), port) }
    guard let address = IPAddress(host) else { throw wrong }
    return (address, port)
  }

  private struct Beginning {
    var namespace: Int
    var source: IPAddress?
    var link: NetworkLink?
  }

  private func beginning(_ live: LiveNetwork, _ to: IPAddress) throws -> Beginning {
    let own = live.map.own ?? 0
    if let fromContainer {
      guard let at = live.map.namespaces.firstIndex(where: { $0.names.contains(fromContainer) })
      else {
        throw EngineError(
          "No network namespace is known as \(fromContainer)",
          hint: "A container must run; see `drydock ps` and `drydock network draw`.", exitCode: 1)
      }
      return Beginning(namespace: at)
    }
    guard let from else { return Beginning(namespace: own) }
    guard let source = IPAddress(from), source.isV6 == to.isV6 else {
      throw EngineError(
        "--from \(from) is no address of the family of \(to)", hint: "Such as 10.0.0.7 or fd00::7.")
    }
    if live.map.namespaces[own].has(source) { return Beginning(namespace: own, source: source) }
    if let at = live.map.namespaces.firstIndex(where: { $0.has(source) }) {
      return Beginning(namespace: at, source: source)
    }
    do throws(SystemError) {
      // From where an answer would go to, the packet comes.
      let route = try Route.lookup(to: source, in: live.places[own])
      if let link = route.link.flatMap({ live.map.namespaces[own].link($0) }) {
        return Beginning(namespace: own, source: source, link: link)
      }
    } catch {
      throw EngineError(
        "This host has no way to \(source): \(error.errno.message)",
        hint: "A packet from there can not be answered; see `ip route`.", exitCode: 1)
    }
    throw EngineError("This host has no link to \(source)", hint: "See `ip route`.", exitCode: 1)
  }

  private func connect(
    _ place: OpenNamespace, _ start: Beginning, _ address: IPAddress, _ port: UInt16
  ) throws -> Attempt {
    guard start.link == nil else {
      throw EngineError(
        "--try cannot come from \(from ?? "outside")",
        hint: "Only an address that somebody on this machine has can be tried.", exitCode: 1)
    }
    do throws(SystemError) {
      let isDatagram = udp
      try place.visit { () throws(SystemError) in
        try InternetSocket.attempt(
          isDatagram ? .udp : .tcp, SocketAddress(address, port), from: start.source,
          milliseconds: 1500)
      }
      return Attempt(errno: nil)
    } catch {
      return Attempt(errno: error.errno)
    }
  }
}
