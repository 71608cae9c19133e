// benchmark-traffic: both ends of a connection whose speed is measured.
//
//     benchmark-traffic serve PORT                       until it is ended
//     benchmark-traffic ping ADDRESS PORT COUNT          p50 and p99 of a byte there and back, in ns
//     benchmark-traffic stream ADDRESS PORT MILLISECONDS bytes, ns from the first to the last, CPU ns
//
//     client            server
//       'p' ──────────────▶        every byte comes back:
//        x  ──────────────▶
//           ◀────────────── x
//       's' ──────────────▶        bytes until the client's end (FIN), and how many there were:
//       bytes… FIN ───────▶
//           ◀────────────── 8 bytes, little endian
//
// Whoever starts it has chosen the network namespace. The calls wait: what poll(2) costs would make
// all ways look more alike. Pings have both ends on one CPU: to wake a sleeping one takes several times
// as long as any way, and sometimes it is not asleep. Streams have an end on each of two CPUs.

import Glibc
import Linux

/// So much is given to one write(2), and asked of one read(2).
let size = 256 << 10

func fail(_ text: String) -> Never {
  File.report("benchmark-traffic: \(text)\n")
  exit(1)
}

func told<Result: ~Copyable>(_ body: () throws(SystemError) -> Result) -> Result {
  do throws(SystemError) { return try body() } catch { fail(error.text) }
}

/// The descriptor of a connection, whose calls wait from now on.
func waiting(_ socket: consuming InternetSocket) -> Int32 {
  let fd = socket.release()
  if fcntl(fd, F_SETFL, 0) != 0 { fail("fcntl(2) F_SETFL: errno \(errno)") }
  return fd
}

/// One of the CPUs that this program was started with (proc_pid_status(5), sched(7)).
struct CPUs {
  private let first: String
  private let last: String

  init() {
    let status = told { () throws(SystemError) in try File.text("/proc/self/status") }
    let key = "Cpus_allowed_list:\t"
    let line = status.split(separator: "\n").first { $0.hasPrefix(key) }?.dropFirst(key.count)
    let numbers = line?.split { $0 == "," || $0 == "-" } ?? []
    first = numbers.first.map { String($0) } ?? "0"
    last = numbers.last.map { String($0) } ?? "0"
  }

  /// Runs on the last one from now on, or on the first.
  func take(last isLast: Bool) {
    let name = isLast ? last : first
    guard let set = NumberSet(list: name) else { fail("CPU \(name)") }
    told { () throws(SystemError) in try Scheduling.setAffinity(set, name: name) }
  }
}

func connect(_ address: String, _ port: String) -> Int32 {
  guard let ip = IPAddress(address), let number = UInt16(port) else {
    fail("\(address) \(port): an address and a port")
  }
  return told { () throws(SystemError) in
    let socket = try InternetSocket(.tcp, connectingTo: SocketAddress(ip, number), [.noDelay])
    while true {
      _ = try Events.poll([socket.raw], [.writable], milliseconds: -1)
      if try socket.connected() { return waiting(socket) }
    }
  }
}

/// A connection whose calls wait, and what comes and goes by it.
@safe struct Line {
  let fd: Int32
  let buffer: UnsafeMutableRawPointer

  init(_ fd: Int32) {
    self.fd = fd
    unsafe buffer = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 4096)
    unsafe buffer.initializeMemory(as: UInt8.self, repeating: 120, count: size)
  }

  func end() {
    close(fd)
    unsafe buffer.deallocate()
  }

  /// All of the bytes, or the end of the program.
  func put(_ count: Int) {
    var done = 0
    while done < count {
      let got = unsafe write(fd, buffer + done, count - done)
      if got < 0 { fail("write(2): errno \(errno)") }
      done += got
    }
  }

  /// What comes, so much at most; 0 at the end, and when the connection is gone.
  func some(_ count: Int = size) -> Int { max(0, unsafe read(fd, buffer, count)) }

  /// All of so many bytes.
  func take(_ count: Int) {
    var done = 0
    while done < count {
      let got = some(count - done)
      if got == 0 { fail("the server has gone") }
      done += got
    }
  }

  var first: UInt8 { unsafe buffer.load(as: UInt8.self) }

  /// What is to be done, and the client waits for nothing else.
  func say(_ letter: Character) {
    unsafe buffer.storeBytes(of: letter.asciiValue ?? 0, as: UInt8.self)
    put(1)
  }

  func serve(_ cpus: CPUs) {
    guard some(1) == 1 else { return }
    cpus.take(last: true)
    if first == UInt8(ascii: "p") {
      while some(1) == 1 { put(1) }
      return
    }
    var total: UInt64 = 0
    while true {
      let got = some()
      if got == 0 { break }
      total += UInt64(got)
    }
    unsafe buffer.storeBytes(of: total.littleEndian, as: UInt64.self)
    put(8)
  }

  func ping(_ count: Int) {
    say("p")
    var times: [UInt64] = []
    times.reserveCapacity(count)
    // The first ones find the way.
    for turn in -20..<count {
      let start = Clock.now
      put(1)
      take(1)
      let end = Clock.now
      if turn >= 0 { times.append(end - start) }
    }
    times.sort()
    print("\(times[count / 2]) \(times[count * 99 / 100])")
  }

  func stream(_ milliseconds: UInt64) {
    say("s")
    let start = Clock.now
    let cpu = Clock.cpu
    var sent: UInt64 = 0
    while Clock.now - start < milliseconds * 1_000_000 {
      put(size)
      sent += UInt64(size)
    }
    shutdown(fd, Int32(SHUT_WR))
    take(8)
    let nanoseconds = Clock.now - start
    let got = UInt64(littleEndian: unsafe buffer.load(as: UInt64.self))
    if got != sent { fail("\(sent) bytes were sent and \(got) arrived") }
    print("\(sent) \(nanoseconds) \(Clock.cpu - cpu)")
  }
}

func serve(port: String) -> Never {
  guard let number = UInt16(port) else { fail("\(port): a port") }
  let listener = told { () throws(SystemError) in
    let socket = try InternetSocket(
      .tcp, boundTo: SocketAddress(IPAddress(0, isV6: true), number), [.reuseAddress, .noDelay])
    try socket.listen()
    return socket
  }
  let cpus = CPUs()
  while true {
    let accepted = told { () throws(SystemError) -> InternetSocket? in
      _ = try Events.wait([listener.raw])
      return try listener.accept()
    }
    guard let accepted else { continue }
    let line = Line(waiting(accepted))
    line.serve(cpus)
    line.end()
  }
}

let words = CommandLine.arguments
switch (words.count, words.dropFirst().first) {
case (3, "serve"): serve(port: words[2])
case (5, "ping"):
  guard let count = Int(words[4]), count >= 1000 else { fail("\(words[4]): 1000 or more, for p99") }
  CPUs().take(last: true)
  Line(connect(words[2], words[3])).ping(count)
case (5, "stream"):
  guard let time = UInt64(words[4]) else { fail("\(words[4]): milliseconds") }
  CPUs().take(last: false)
  Line(connect(words[2], words[3])).stream(time)
default: fail("serve PORT; ping ADDRESS PORT COUNT; stream ADDRESS PORT MILLISECONDS")
}
