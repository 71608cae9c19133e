internal import Linux

/// Why there is no name server, in words for people.
public struct NameServiceError: Error, Equatable, Sendable {
  /// What happened.
  public let text: String
  /// What to try.
  public let hint: String
}

/// The engine's side of the name server.
public enum NameService {
  /// Makes sure that a server has read all that was written before this call, and serves it.
  ///
  /// Starts one when there is none; see the rules at the top of NameServer.swift.
  ///
  /// - Parameters:
  ///   - runRoot: The absolute path of the run-root.
  ///   - program: The server; nil takes `DRYDOCK_DNS`, else the `drydock-dns` beside the running
  ///     executable.
  ///   - milliseconds: How long to wait for it.
  /// - Throws: `NameServiceError`: it cannot be started, does not answer, or cannot serve on an
  ///   address. It goes on trying then.
  public static func ensure(
    runRoot: String, program: String? = nil, within milliseconds: UInt64 = 2000
  ) throws(NameServiceError) {
    let end = Clock.now &+ milliseconds &* 1_000_000
    repeat {
      if let channel = try connect(runRoot) {
        if let reply = try reply(channel, until: end) { return try judge(reply) }
      } else if try start(runRoot, program, until: end) {
        return
      }
      // One is ending, or has been started by somebody else just now.
      Clock.sleep(1_000_000)
    } while Clock.now < end
    throw NameServiceError(
      text: "drydock-dns does not answer at \(NamePlaces.socket(runRoot))",
      hint: "What it had to say is in \(NamePlaces.log(runRoot)).")
  }

  /// A connection to the server that runs; nil when none does.
  private static func connect(_ runRoot: String) throws(NameServiceError) -> Channel? {
    do throws(SystemError) {
      let socket = try Channel.connect(NamePlaces.socket(runRoot), messages: true)
      return Channel(owning: socket.release())
    } catch {
      if error.errno == .noEntry || error.errno == .refused { return nil }
      throw failure(error, runRoot)
    }
  }

  /// What the server says; nil when it ended instead.
  private static func reply(
    _ channel: borrowing Channel, until end: UInt64
  ) throws(NameServiceError) -> String? {
    do throws(SystemError) {
      while true {
        let now = Clock.now
        let rest = now < end ? Int32((end - now) / 1_000_000 + 1) : 0
        if try Events.wait([channel.raw], milliseconds: rest) != 0 {
          return try channel.receive().map { String(decoding: $0, as: UTF8.self) }
        }
        if rest == 0 { return "failed it takes too long" }
      }
    } catch {
      // It ended before it accepted the connection.
      if error.errno.code == 104 || error.errno.code == 32 { return nil }
      throw NameServiceError(text: error.text, hint: "Try it again.")
    }
  }

  private static func judge(_ reply: String) throws(NameServiceError) {
    guard reply != "ready" else { return }
    let reason = reply.hasPrefix("failed ") ? String(reply.dropFirst(7)) : reply
    let isTaken = reason.contains("EADDRINUSE")
    throw NameServiceError(
      text: "the name server cannot serve: \(reason)",
      hint: isTaken
        ? "Another name server has port 53 of every address (ss -lnp 'sport = 53'): let it listen on"
          + " the host's own addresses only."
        : "drydock-dns goes on trying.")
  }

  /// Starts a server; false when another one had been started already.
  private static func start(
    _ runRoot: String, _ program: String?, until end: UInt64
  ) throws(NameServiceError) -> Bool {
    let server: Server
    do throws(SystemError) {
      server = try Server(program ?? Self.program, runRoot)
    } catch { throw failure(error, runRoot) }
    guard let reply = try reply(server.channel, until: end) else {
      let status: ExitStatus
      do throws(SystemError) { status = try server.end() } catch { throw failure(error, runRoot) }
      guard status == .exited(0) else {
        throw NameServiceError(
          text: "drydock-dns ended at once",
          hint: "What it had to say is in \(NamePlaces.log(runRoot)).")
      }
      return false
    }
    server.letGo()
    try judge(reply)
    return true
  }

  /// A server that was just started, and the connection that it has from its birth.
  private struct Server: ~Copyable {
    let channel: Channel
    private let child: Child

    init(_ program: String, _ runRoot: String) throws(SystemError) {
      try File.makeDirectories(NamePlaces.networks(runRoot), mode: 0o700)
      let (ours, theirs) = try Channel.pair()
      let output = Descriptor(owning: theirs)
      let channel = Channel(owning: ours)
      let null = try File.open("/dev/null", .readWrite)
      let log = try NameService.openLog(runRoot)
      child = try Child(
        program, ["drydock-dns", runRoot, "\(output.raw)"], environment: NameService.environment,
        input: null.raw, output: null.raw, error: log.raw, inherit: output.raw)
      self.channel = channel
    }

    consuming func end() throws(SystemError) -> ExitStatus { try child.wait() }
    consuming func letGo() { child.letGo() }
  }

  /// The log, begun anew when it has become long.
  private static func openLog(_ runRoot: String) throws(SystemError) -> Descriptor {
    let path = NamePlaces.log(runRoot)
    let isLong = File.exists(path) ? try File.status(path).size > 64 << 10 : false
    return try File.open(
      path, [.writeOnly, .create, .append, .noFollow, isLong ? .truncate : []], mode: 0o600)
  }

  /// As Git finds its own programs: what a variable says, else what lies beside the running one.
  private static var program: String {
    for entry in Processes.environment where entry.hasPrefix("DRYDOCK_DNS=") {
      if entry.utf8.count > 12 { return String(entry.dropFirst(12)) }
    }
    // Without /proc nothing of this works.
    let own = (try? File.link("/proc/self/exe")) ?? ""
    guard let slash = own.lastIndex(of: "/") else { return "drydock-dns" }
    return own[...slash] + "drydock-dns"
  }

  /// It lives long, and what is a secret stays out.
  private static var environment: [String] {
    Processes.environment.filter { $0.hasPrefix("PATH=") || $0.hasPrefix("DRYDOCK_") }
  }

  private static func failure(_ error: SystemError, _ runRoot: String) -> NameServiceError {
    NameServiceError(
      text: "starting the name server of \(runRoot): \(error.text)",
      hint: "drydock-dns is looked for beside drydock, or where DRYDOCK_DNS says.")
  }
}
