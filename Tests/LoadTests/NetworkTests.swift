import Foundation
import Testing

@testable import Load

/// The net workers with ends that do as they should, and ends that do not.
@Suite struct NetworkTests {
  private let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    try #require(
      FileManager.default.isExecutableFile(atPath: Tool.ours.path),
      "no \(Tool.ours.path): swift build --product stress, or set DRYDOCK_BIN_DIR")
  }

  private func run(_ line: String) throws -> Outcome {
    try Tool.ours.run(line.split(separator: " ").map(String.init), in: scratch.folder)
  }

  @Test("Ends in two network namespaces, of all three kinds at once", .enabled(if: getuid() == 0))
  func twoNamespaces() throws {
    // The server makes the link; the worker's namespace is the link's other end.
    let script = """
      ip link set lo up
      ip link add load0 type veth peer name load1
      ip addr add 10.200.77.1/30 dev load0 && ip link set load0 up
      "$0" -v --net-listen 10.200.77.1:5001 -t 15 & server=$!
      unshare --net sh -c 'echo ready; sleep 15' >ready & other=$!
      until grep -q ready ready; do sleep 0.01; done
      ip link set load1 netns $other
      nsenter --net=/proc/$other/ns/net sh -c "
        ip addr add 10.200.77.2/30 dev load1 && ip link set load1 up
        \\"$0\\" --net-rr 1 --net-stream 1 --net-rate 1 --ops 300 --net-connect 10.200.77.1:5001 \
          --metrics-json told"
      code=$?; cat told
      kill $other $server; wait $server; exit $code
      """
    let outcome = try Running(
      "/usr/bin/unshare", ["--net", "sh", "-c", script, Tool.ours.path], in: scratch.folder
    ).wait()
    #expect(outcome.code == 0, "\(outcome.stdout)\n\(outcome.stderr)")
    #expect(outcome.stdout.contains("hognet-listen listens on 10.200.77.1:5001"))
    #expect(outcome.stdout.contains("successful run completed"))
    // The other end is no child of the worker: only what it says of its CPU time is known.
    let stream = try #require(outcome.stdout.firstRange(of: #""kind":"net-stream""#)).upperBound
    let rest = outcome.stdout[stream...]
    let key = try #require(rest.firstRange(of: #""peer_cpu_s":"#)).upperBound
    #expect(Double(rest[key...].prefix { $0 != "," }).map { $0 > 0 } == true, "\(rest)")
  }

  /// What an end does to the first message that it sends back.
  enum Spoiling: String, CaseIterable, Sendable {
    case byte = "wrong byte 63 in the response to request 0"
    case number = "the response to request 0 is numbered 9"
    case end = "ended"

    func spoil(_ message: inout [UInt8]) {
      switch self {
      case .byte: message[63] ^= 1
      case .number: message[0] = 9
      case .end: message.removeLast()
      }
    }
  }

  @Test(
    "An end that changes a byte, its number, or ends early is found out",
    arguments: Spoiling.allCases, ["net-rr", "net-rate"])
  func badEchoes(spoiling: Spoiling, kind: String) throws {
    let peer = try FakePeer { connection in
      var message = try connection.take(64)
      spoiling.spoil(&message)
      try connection.give(message)
    }
    let outcome = try run("--\(kind) 1 --ops 5 --net-connect 127.0.0.1:\(peer.port)")
    #expect(outcome.code == 1)
    // An end with a request still unread there is a reset.
    let complaints =
      spoiling == .end
      ? ["ended after 63 of 64 bytes", "has closed the connection", "Connection reset by peer"]
      : [spoiling.rawValue]
    #expect(complaints.contains { outcome.stderr.contains($0) }, "\(outcome.stderr)")
  }

  @Test("An end that counts other blocks than were sent is found out") func badCount() throws {
    let peer = try FakePeer { connection in
      _ = try connection.take(3 * 1024)
      try connection.give([2, 0, 0, 0, 0, 0, 0, 0])
    }
    let outcome = try run(
      "--net-stream 1 --net-bytes 1K --ops 3 --net-connect 127.0.0.1:\(peer.port)")
    #expect(outcome.code == 1)
    #expect(outcome.stderr.contains("of 3 blocks the other end has told 2"), "\(outcome.stderr)")
  }

  @Test("A block that does not arrive as it was sent ends the other end, with a reason")
  func badBlock() throws {
    let port = try FakePeer.freePort()
    let server = try Tool.ours.start(
      ["-v", "--net-listen", "\(port)", "-t", "15"], in: scratch.folder)
    _ = try server.find(/(listens on)/)
    // What is no worker is told and closed, and the next is served.
    let stranger = try Caller(port)
    try stranger.give(Array("GET / HTTP/1.0\r\n\r\n".utf8))
    #expect(throws: (any Error).self) { try stranger.take(1) }
    let caller = try Caller(port)
    try caller.give(Greeting(kind: Greeting.sink, size: 16).text)
    try caller.give([UInt8](repeating: 0, count: 16))
    let outcome = try server.wait()
    #expect(outcome.code == 1)
    #expect(outcome.stderr.contains("did not begin as a net worker's"))
    #expect(outcome.stderr.contains("wrong byte 8 in block 0"), "\(outcome.stderr)")
  }

  @Test("Nobody there: said after five seconds, with what to start") func nobody() throws {
    let port = try FakePeer.freePort()
    let outcome = try run("--net-rr 1 --net-connect 127.0.0.1:\(port)")
    #expect(outcome.code == 1)
    #expect(outcome.stderr.contains("nobody listened there: stress --net-listen PORT"))
  }

  @Test("A port that is taken") func taken() throws {
    let peer = try FakePeer { _ in }
    let outcome = try run("--net-listen 127.0.0.1:\(peer.port)")
    #expect(outcome.code == 1)
    #expect(outcome.stderr.contains("bind(2) tcp 127.0.0.1:\(peer.port): address already in use"))
  }

  /// The other end sleeps for 300 ms while 500 requests a second are due.
  ///
  /// A loop that waited for its responses would have sent one request in that time, and told one
  /// slow one.
  @Test("What could not be sent in time is slow, and not left out") func intendedTime() throws {
    let peer = try FakePeer { connection in
      for number in 0..<400 {
        let message = try connection.take(64)
        if number == 100 { usleep(300_000) }
        try connection.give(message)
      }
      try connection.untilEnd()
    }
    let outcome = try run(
      "--net-rate 1 --rate 500 --ops 400 --metrics-json - --net-connect 127.0.0.1:\(peer.port)")
    #expect(outcome.code == 0, "\(outcome.stderr)")
    let totals = try JSONDecoder().decode(Totals.self, from: Data(outcome.stdout.utf8)).totals[0]
    #expect(totals.histogram.count == 400)
    // Of 150 requests that were due meanwhile, those of the first 200 ms waited 100 ms or more.
    let slow = totals.histogram.buckets.filter { $0.lowestValue >= 100_000_000 }
      .reduce(0) { $0 + $1.count }
    #expect(slow >= 99, "\(slow) requests took 100 ms or more")
  }

  private struct Totals: Decodable {
    struct Kind: Decodable { let histogram: Histogram }
    let totals: [Kind]
  }

  @Test("Ended at its timeout it leaves no other end, and no complaint", arguments: [SIGTERM, 0])
  func ended(signal: Int32) throws {
    let run = try Tool.ours.start(
      ["-v", "--net-rr", "1", "--net-stream", "1", "--net-rate", "1", "-t", "2"], in: scratch.folder
    )
    _ = try run.find(/hognet-rate worker 1 \[(\d+)\] forked/)
    let workers = try run.stdout.matches(of: /\[(\d+)\] forked/).map { String($0.1) }
    var peers: [String] = []
    for _ in 0..<400 where peers.count < 3 {
      usleep(5000)
      peers = workers.flatMap { worker in
        String(
          decoding: FileManager.default.contents(
            atPath: "/proc/\(worker)/task/\(worker)/children") ?? Data(), as: UTF8.self
        ).split(separator: " ").map(String.init)
      }
    }
    #expect(peers.count == 3)
    if signal != 0 { run.signal(signal) }
    let outcome = try run.wait()
    #expect(outcome.stderr == "")
    for _ in 0..<400 where peers.contains(where: isAlive) { usleep(5000) }
    #expect(!peers.contains(where: isAlive))
  }

  private func isAlive(_ pid: String) -> Bool {
    FileManager.default.fileExists(atPath: "/proc/\(pid)/exe")
      && (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/exe")) != nil
  }
}

/// An end of our own, at a port of 127.0.0.1, for one connection.
final class FakePeer: Sendable {
  let port: UInt16
  private let listener: Int32

  /// Does what it is told with the first connection, behind its greeting, then closes it.
  init(_ serve: @escaping @Sendable (Caller) throws -> Void) throws {
    (listener, port) = try FakePeer.listener()
    let socket = listener
    let thread = Thread {
      let connection = accept(socket, nil, nil)
      guard connection >= 0 else { return }
      let caller = Caller(owning: connection)
      // An end that a worker leaves early is the worker's business, and so is told by it.
      try? {
        _ = try caller.take(Greeting.bytes)
        try serve(caller)
      }()
    }
    thread.start()
  }

  deinit {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }

  /// A port that nobody had a moment ago.
  static func freePort() throws -> UInt16 {
    let (socket, port) = try listener()
    close(socket)
    return port
  }

  private static func listener() throws -> (Int32, UInt16) {
    let made = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let failed = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(made, $0, size) < 0 || listen(made, 8) < 0 || getsockname(made, $0, &size) < 0
      }
    }
    guard made >= 0, !failed else { throw Caller.Ended(errno: errno) }
    return (made, UInt16(bigEndian: address.sin_port))
  }
}

/// A connection of a test's own.
final class Caller: Sendable {
  private let socket: Int32

  init(owning socket: Int32) { self.socket = socket }

  /// Connects to a port of 127.0.0.1.
  init(_ port: UInt16) throws {
    socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let socket = socket
    let failed = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe connect(socket, $0, size) < 0
      }
    }
    guard !failed else { throw Ended(errno: errno) }
  }

  deinit { close(socket) }

  struct Ended: Error { let errno: Int32 }

  func take(_ count: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let got = unsafe recv(socket, &bytes, count, Int32(MSG_WAITALL))
    guard got == count else { throw Ended(errno: got < 0 ? errno : 0) }
    return bytes
  }

  func give(_ bytes: [UInt8]) throws {
    let sent = unsafe send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    guard sent == bytes.count else { throw Ended(errno: errno) }
  }

  /// Waits until the other end has closed.
  func untilEnd() throws {
    var byte: UInt8 = 0
    while unsafe recv(socket, &byte, 1, 0) > 0 {}
  }
}
