import Linux
import Names
import Testing

/// A host for the name server: a network namespace of its own with a bridge, containers that are
/// network namespaces with a process, and a place for other servers.
///
///     host:  br0 10.200.1.1, fd00:200:1::1      lo 10.200.9.53-55: servers that a test plays
///     c2:    eth0 10.200.1.2, fd00:200:1::2     on the bridge
final class NameStage {
  /// A process that keeps a network namespace, until it is killed or forgotten.
  final class Holder {
    private let child: Child
    let pid: Int32
    private(set) var lives = true

    init() throws {
      let null = try File.open("/dev/null", .readWrite)
      child = try NameStage.apart {
        try Child("/bin/busybox", ["sleep", "3600"], input: null.raw, output: null.raw)
      }
      pid = child.pid
    }

    /// Ends it as a container ends; the test reaps it later.
    func kill() throws {
      try child.signal(Signal.kill)
      lives = false
      #expect(eventually { Processes.startTime(pid) == nil })
    }
  }

  /// A container on the bridge.
  struct Container {
    let id: String
    let number: Int
    let holder: Holder
    var entry: NameEntry

    var address: IPAddress { NameStage.address(number) }
  }

  static let program = Machine.binaries + "/drydock-dns"
  static let isReady = Machine.isReady && File.exists(program) && File.exists("/usr/sbin/ip")
  static let reason: Comment = "needs root, iproute2 and a built drydock-dns (or DRYDOCK_BIN_DIR)"
  static let network = "0a1b"
  static let gateway = IPAddress(v4: 0x0ac8_0101)

  let runRoot: String
  let host: Holder
  private var program = NameStage.program
  private var holders: [Holder] = []
  private let before: EngineTraces
  private var isFinished = false

  /// `look`: after how many milliseconds the server sees whether it is needed; nil as always.
  init(isInternal: Bool = false, look: Int? = nil) throws {
    before = try EngineTraces()
    runRoot = "/tmp/drydock-names-\(Processes.current)-\(Machine.unique())"
    host = try Holder()
    holders.append(host)
    try ip("link set lo up")
    // Without an address of its own a bridge takes a port's, and another one when that port goes:
    // who knows the old one loses packets until it asks again (arp(7)).
    try ip("link add br0 address 02:42:0a:c8:01:01 type bridge")
    try ip("addr add 10.200.1.1/24 dev br0")
    try ip("addr add fd00:200:1::1/64 dev br0 nodad")
    try ip("link set br0 up")
    for last in 53...55 { try ip("addr add 10.200.9.\(last)/32 dev lo") }
    var entry = NetworkEntry()
    entry.listen = [NameStage.gateway, try #require(IPAddress("fd00:200:1::1"))]
    entry.name = "shop"
    entry.isInternal = isInternal
    try File.makeDirectories(NamePlaces.networks(runRoot) + "/\(NameStage.network)/names")
    try File.replace(NamePlaces.network(runRoot, NameStage.network), with: entry.encode())
    guard let look else { return }
    program = runRoot + "/quick-dns"
    let script = "#!/bin/sh\nDRYDOCK_DNS_LOOK=\(look) exec \(NameStage.program) \"$@\"\n"
    try File.replace(program, with: script.utf8, mode: 0o755)
  }

  static func address(_ number: Int) -> IPAddress { gateway.advanced(by: number - 1) }

  // MARK: Namespaces

  /// Calls from a new network namespace; the thread comes back.
  static func apart<R: ~Copyable>(_ body: () throws -> R) throws -> R {
    let home = try File.open("/proc/thread-self/ns/net", .readOnly)
    try Processes.unshare(.network)
    defer { goHome(home.raw) }
    return try body()
  }

  /// Calls from a process's network namespace; the thread comes back.
  static func visit<R: ~Copyable>(_ pid: Int32, _ body: () throws -> R) throws -> R {
    let home = try File.open("/proc/thread-self/ns/net", .readOnly)
    let there = try File.open("/proc/\(pid)/ns/net", .readOnly)
    try Processes.join(there.raw, .network, name: "\(pid)")
    defer { goHome(home.raw) }
    return try body()
  }

  /// A thread in a wrong place would spoil every other test.
  private static func goHome(_ home: Int32) {
    do { try Processes.join(home, .network, name: "the way back") } catch {
      fatalError("no way back: \(error)")
    }
  }

  func ip(_ words: String, in pid: Int32? = nil) throws {
    let outcome = try run(
      ["/usr/bin/nsenter", "-t", "\(pid ?? host.pid)", "-n", "/usr/sbin/ip"]
        + words.split(separator: " ").map { String($0) })
    try #require(outcome.code == 0, "ip \(words): \(outcome.text)")
  }

  /// A container that lives, with a name or several.
  func container(
    _ number: Int, _ names: [String], upstreams: [Int] = [53], isNamed: Bool = true
  ) throws -> Container {
    let holder = try Holder()
    holders.append(holder)
    let pid = holder.pid
    try ip("link add v\(number) type veth peer name eth0 netns \(pid)")
    try ip("link set v\(number) master br0 up")
    try ip("addr add \(NameStage.address(number))/24 dev eth0", in: pid)
    try ip("addr add fd00:200:1::\(number)/64 dev eth0 nodad", in: pid)
    try ip("link set eth0 up", in: pid)
    try ip("route add default via 10.200.1.1", in: pid)
    let start = try #require(Processes.startTime(pid))
    let pidfile = runRoot + "/pid\(number)"
    try File.replace(pidfile, with: "\(pid) \(start)".utf8)
    var entry = NameEntry()
    entry.pidfile = pidfile
    entry.addresses = [
      NameStage.address(number), try #require(IPAddress("fd00:200:1::\(number)")),
    ]
    entry.names = names
    entry.upstreams = upstreams.compactMap { IPAddress("10.200.9.\($0)") }
    let container = Container(id: "c\(number)", number: number, holder: holder, entry: entry)
    if isNamed { try write(container.id, entry) }
    return container
  }

  func write(_ id: String, _ entry: NameEntry) throws {
    try File.replace(
      NamePlaces.container(runRoot, NameStage.network, id), with: entry.encode())
  }

  // MARK: The server

  /// As the engine does it.
  func ensure() throws(NameServiceError) {
    try NameStage.ensure(runRoot, host: host.pid, program)
  }

  /// As the engine does it, from any thread.
  static func ensure(
    _ runRoot: String, host: Int32, _ program: String = NameStage.program
  ) throws(NameServiceError) {
    let result: Result<Void, NameServiceError>
    do {
      result = try NameStage.visit(host) {
        do throws(NameServiceError) {
          // A machine under load is slow; nothing is measured.
          try NameService.ensure(
            runRoot: runRoot, program: program, within: 20_000)
          return .success(())
        } catch { return .failure(error) }
      }
    } catch { fatalError("\(error)") }
    try result.get()
  }

  /// The servers of this run-root.
  func servers() throws -> [Int32] {
    try EngineTraces.processes(of: runRoot, runRoot).compactMap { line in
      line.contains("drydock-dns") ? Int32(line.prefix { $0 != " " }) : nil
    }
  }

  /// The one server.
  func server() throws -> Int32 {
    let all = try servers()
    try #require(all.count == 1, "\(all)")
    return all[0]
  }

  /// Descriptors that the server has open.
  func descriptors() throws -> Int { try File.list("/proc/\(server())/fd").count }

  /// A server that the test plays, at 10.200.9.LAST.
  func upstream(
    _ last: Int, _ transport: InternetSocket.Transport = .udp
  ) throws -> InternetSocket {
    let address = SocketAddress(try #require(IPAddress("10.200.9.\(last)")), 53)
    return try NameStage.visit(host.pid) {
      let socket = try InternetSocket(transport, boundTo: address, .reuseAddress)
      if transport == .tcp { try socket.listen() }
      return socket
    }
  }

  /// A client in a container, at the gateway.
  func client(
    _ container: Container, _ transport: InternetSocket.Transport = .udp
  ) throws -> InternetSocket {
    try NameStage.visit(container.holder.pid) {
      try InternetSocket(transport, connectingTo: SocketAddress(NameStage.gateway, 53))
    }
  }

  /// Asks over UDP, and waits for the answer.
  func ask(
    _ name: String, _ type: UInt16 = 1, from container: Container, edns: UInt16? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> DNSReply {
    let client = try client(container)
    _ = try client.send(DNSReply.question(name, type, edns: edns))
    return try DNSReply.next(client, sourceLocation: sourceLocation)
  }

  /// Nothing is left but what was there before.
  func finish() throws {
    for pid in try servers() {
      // It may be ending by itself.
      do throws(SystemError) { try Processes.kill(pid, Signal.kill) } catch {
        if error.errno != .noProcess { throw error }
      }
    }
    for holder in holders where holder.lives { try holder.kill() }
    #expect(try eventually { try servers().isEmpty })
    try File.removeTree(runRoot)
    #expect(try EngineTraces() == before)
    isFinished = true
  }

  /// A test that failed leaves nothing either.
  deinit {
    guard !isFinished else { return }
    do { try finish() } catch { Issue.record(error) }
  }
}

/// What a server answered.
struct DNSReply {
  let bytes: [UInt8]
  let code: UInt8
  let isCut: Bool
  let records: Int
  /// Of A and AAAA records.
  let addresses: [String]

  static func question(
    _ name: String, _ type: UInt16 = 1, id: UInt16 = 0x1234, edns: UInt16? = nil
  ) -> [UInt8] {
    func bytes(_ value: UInt16) -> [UInt8] {
      [UInt8(value >> 8), UInt8(truncatingIfNeeded: value)]
    }
    var message = bytes(id) + [1, 0, 0, 1, 0, 0, 0, 0, 0, edns == nil ? 0 : 1]
    for label in name.split(separator: ".") { message += [UInt8(label.utf8.count)] + label.utf8 }
    message += [0] + bytes(type) + [0, 1]
    if let edns { message += [0, 0, 41] + bytes(edns) + [0, 0, 0, 0, 0, 0] }
    return message
  }

  /// An answer of a server that a test plays: one address.
  static func answer(_ question: [UInt8], _ address: [UInt8], code: UInt8 = 0) -> [UInt8] {
    var message = question
    message[2] |= 0x80
    message[3] = 0x80 | code
    guard code == 0 else { return message }
    message[7] = 1
    message[11] = 0
    // Behind the name, its type and class; what came behind that (EDNS) goes.
    let end = (question[12...].firstIndex(of: 0) ?? 12) + 5
    return message[..<end] + [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4] + address
  }

  init(_ bytes: [UInt8]) throws {
    try #require(bytes.count >= 12 && bytes[2] & 0x80 != 0)
    self.bytes = bytes
    code = bytes[3] & 0xf
    isCut = bytes[2] & 2 != 0
    records = Int(bytes[6]) << 8 | Int(bytes[7])
    var found = [String]()
    var at = (bytes[12...].firstIndex(of: 0) ?? 12) + 5
    // Every answer of ours names its owner by a pointer.
    for _ in 0..<records {
      try #require(at + 12 <= bytes.count && bytes[at] == 0xc0)
      let length = Int(bytes[at + 10]) << 8 | Int(bytes[at + 11])
      try #require(at + 12 + length <= bytes.count)
      if let address = IPAddress(bytes: bytes[(at + 12)..<(at + 12 + length)]) {
        found.append(address.description)
      }
      at += 12 + length
    }
    addresses = found
  }

  /// The next datagram of a client's socket.
  static func next(
    _ client: borrowing InternetSocket, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> DNSReply {
    try readable(client.raw, sourceLocation: sourceLocation)
    return try DNSReply(try #require(try client.receive()))
  }

  /// Waits until something is there.
  static func readable(
    _ fd: Int32, _ interest: Events.Interest = .readable,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let ready = try Events.poll([fd], [interest], milliseconds: 20_000)
    try #require(!ready[0].isEmpty, "nothing came", sourceLocation: sourceLocation)
  }

  /// The next message of a TCP connection.
  static func nextOverTCP(_ socket: borrowing InternetSocket) throws -> [UInt8] {
    var bytes = [UInt8]()
    var whole = 2
    while bytes.count < whole {
      try readable(socket.raw)
      let more = try #require(try socket.receive(limit: whole - bytes.count))
      try #require(!more.isEmpty, "the connection ended")
      bytes += more
      if bytes.count == 2 { whole = 2 + (Int(bytes[0]) << 8 | Int(bytes[1])) }
    }
    return Array(bytes.dropFirst(2))
  }

  /// A message as TCP has it.
  static func framed(_ message: [UInt8]) -> [UInt8] {
    [UInt8(message.count >> 8), UInt8(truncatingIfNeeded: message.count)] + message
  }
}
