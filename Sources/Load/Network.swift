internal import CLinux
internal import Linux

// Both ends of what the net workers say to each other, by TCP.
//
//     worker                              other end
//       "ddld" kind, 3 × 0, size ──────▶        12 bytes; size: 32 bits, little endian
//
//     'r' (net-rr, net-rate)
//       message of `size` bytes ───────▶        its first 8 bytes are its number
//                               ◀─────── the same bytes
//     's' (net-stream)
//       block of `size` bytes … ───────▶        its first 8 bytes are its number
//                               ◀─────── after every 256 blocks: 8 bytes, how many arrived whole
//       FIN ───────────────────────────▶
//                               ◀─────── 8 bytes, how many arrived; 8 bytes, its CPU time in ns; FIN
//
// Every byte of a message is compared where it arrives; of a stream every number, and all bytes of
// every 64th block: comparing all would be a part of the cost of receiving.

/// What a connection is for.
struct Greeting: Equatable {
  static let bytes = 12
  static let largest: Int64 = 16 << 20
  let kind: UInt8
  let size: Int

  static let echo = UInt8(ascii: "r")
  static let sink = UInt8(ascii: "s")

  init(kind: UInt8, size: Int) {
    self.kind = kind
    self.size = size
  }

  /// Nil for what no worker says.
  init?(_ text: [UInt8]) {
    guard text.count == Greeting.bytes, text[..<4] == [0x64, 0x64, 0x6C, 0x64],
      text[4] == Greeting.echo || text[4] == Greeting.sink, text[5..<8] == [0, 0, 0]
    else { return nil }
    kind = text[4]
    size = text[8...].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard (8...Int(Greeting.largest)).contains(size) else { return nil }
  }

  var text: [UInt8] {
    [0x64, 0x64, 0x6C, 0x64, kind, 0, 0, 0]
      + (0..<4).map { UInt8(truncatingIfNeeded: size >> (8 * $0)) }
  }
}

/// A message or block: numbered, and filled so that bytes in the wrong place are seen.
@safe struct Message {
  static let streamCheck: UInt64 = 64
  static let streamAnswer: UInt64 = 256
  let size: Int
  let start: UnsafeMutableRawPointer

  /// Lives as long as the process.
  init(size: Int) {
    self.size = size
    unsafe start = .allocate(byteCount: size, alignment: 4096)
    for index in 0..<size {
      unsafe start.storeBytes(of: Message.byte(index), toByteOffset: index, as: UInt8.self)
    }
  }

  /// What stands behind the number.
  private static func byte(_ index: Int) -> UInt8 {
    UInt8(truncatingIfNeeded: (index &* 0x9E37_79B9) >> 13)
  }

  var number: UInt64 {
    get { unsafe UInt64(littleEndian: start.loadUnaligned(as: UInt64.self)) }
    nonmutating set { unsafe start.storeBytes(of: newValue.littleEndian, as: UInt64.self) }
  }

  /// The first byte behind the number that is not as it was filled.
  func firstDifference() -> Int? {
    (8..<size).first { unsafe start.load(fromByteOffset: $0, as: UInt8.self) != Message.byte($0) }
  }
}

/// A TCP connection whose calls wait.
struct Connection: ~Copyable {
  private let socket: Descriptor
  private let peer: String
  /// The process at the other end; 0 when that is no child of this one.
  var process: Int32 = 0
  var raw: Int32 { socket.raw }

  /// Takes over a socket that is connected.
  init(_ socket: consuming InternetSocket) throws(SystemError) {
    peer = "\(socket.named)"
    self.socket = Descriptor(owning: socket.release())
    try check(lx_set_blocking(self.socket.raw), "fcntl(2)", "tcp \(peer)")
  }

  /// Connects; while nobody listens there, tries again for five seconds: the other end may be about
  /// to start.
  init(to address: SocketAddress) throws(Worker.Failure) {
    let deadline = lx_now_ns() + 5_000_000_000
    while true {
      let refusal: SystemError
      do throws(SystemError) {
        let socket = try Connection.attempt(address)
        try self.init(socket)
        return
      } catch { refusal = error }
      guard refusal.errno == .refused, lx_now_ns() < deadline else {
        throw Worker.Failure(Connection.hint(refusal, address))
      }
      _ = lx_sleep_ns(20_000_000)
    }
  }

  private static func attempt(_ address: SocketAddress) throws(SystemError) -> InternetSocket {
    let socket = try InternetSocket(.tcp, connectingTo: address, [.noDelay])
    _ = try Events.poll([socket.raw], [.writable], milliseconds: 5000)
    guard try socket.connected() else {
      throw SystemError("connect(2)", Errno(110), "tcp \(address) for five seconds")
    }
    return socket
  }

  private static func hint(_ error: SystemError, _ address: SocketAddress) -> String {
    switch error.errno {
    case .refused: "\(error.text); for five seconds nobody listened there: stress --net-listen PORT"
    case Errno(101) where address.address.isLoopback:
      "\(error.text); is the link lo up in this network namespace?"
    default: error.text
    }
  }

  /// Sends so many bytes.
  func send(_ bytes: UnsafeRawPointer, _ count: Int) throws(Worker.Failure) {
    var done = 0
    while done < count {
      let got = unsafe lx_inet_send(raw, bytes + done, count - done, nil, nil)
      guard got >= 0 else {
        throw Worker.Failure(
          "sendmsg(2) to \(peer): \(Errno(Int32(-got)).strerror)", isEnd: got == -32 || got == -104)
      }
      done += got
    }
  }

  func send(_ text: [UInt8]) throws(Worker.Failure) {
    // withUnsafeBytes cannot throw typed errors through its closure here.
    let failure: Worker.Failure? = unsafe text.withUnsafeBytes {
      guard let start = $0.baseAddress else { return nil }
      do throws(Worker.Failure) {
        try unsafe send(start, $0.count)
        return nil
      } catch { return error }
    }
    if let failure { throw failure }
  }

  /// Receives so many bytes; false when the peer ended before the first.
  func receive(_ bytes: UnsafeMutableRawPointer, _ count: Int) throws(Worker.Failure) -> Bool {
    var done = 0
    while done < count {
      let got = unsafe lx_read(raw, bytes + done, count - done)
      guard got >= 0 else {
        throw Worker.Failure(
          "read(2) from \(peer): \(Errno(Int32(-got)).strerror)", isEnd: got == -104)
      }
      if got == 0 {
        if done == 0 { return false }
        throw Worker.Failure("\(peer) ended after \(done) of \(count) bytes", isEnd: true)
      }
      done += got
    }
    return true
  }

  func receive(_ count: Int) throws(Worker.Failure) -> [UInt8]? {
    let buffer = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 8)
    defer { unsafe buffer.deallocate() }
    guard try unsafe receive(buffer, count) else { return nil }
    return unsafe Array(UnsafeRawBufferPointer(start: buffer, count: count))
  }

  /// The next count of blocks that the other end tells.
  func answer() throws(Worker.Failure) -> UInt64 {
    guard let bytes = try receive(8) else {
      throw Worker.Failure("\(peer) has closed the connection before it told what had arrived")
    }
    return bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  func tell(_ count: UInt64) throws(Worker.Failure) {
    try send((0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) })
  }

  /// Says that nothing more comes.
  func finish() { _ = lx_inet_shutdown(raw, 1) }
}
