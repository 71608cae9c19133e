internal import CLinux
internal import Linux

/// Requests at fixed moments, whether or not the responses before have come: an open loop.
///
///     intended   |────|────|────|────|────|        every 1 ÷ rate seconds
///     sent       |────|──────────||||─|            the connection, or this process, was stuck
///     latency         └ from the intended moment to the response
///
/// A loop that waits for each response sends nothing while it is stuck, and so leaves out just the
/// requests that would have been slow ("coordinated omission", Gil Tene; wrk2). Here a request's
/// time is counted from when it should have gone, so what had to wait for its turn is slow, too.
struct Schedule {
  let startNs: UInt64
  let rate: Double

  /// When a request is due.
  func moment(_ number: UInt64) -> UInt64 { startNs + UInt64(Double(number) * 1e9 / rate) }
}

extension Worker {
  /// Keeps a rate of requests; one operation is a response that came and was right.
  func keepRate() throws(Failure) {
    let size = Int(options.netBytes ?? 64)
    let connection = try connect(Greeting(kind: Greeting.echo, size: size))
    let peer = connection.process
    let result = lx_set_nonblocking(connection.raw)
    guard result >= 0 else { throw Failure("fcntl(2): \(Errno(Int32(-result)).strerror)") }
    // The kernel may otherwise wake it 50 µs late, to wake several at once (prctl(2)).
    _ = lx_prctl(29 /* PR_SET_TIMERSLACK */, 1, 0, 0, 0)
    var loop = OpenLoop(
      connection: connection, size: size, rate: options.rate, requests: operationsLeft)
    while let latency = try loop.next(self) {
      slot.move(bytes: size * 2)
      slot.count(tookNs: latency)
    }
    loop.finish()
    try collect(peer)
  }
}

/// The state of one such loop: what is on its way out and what on its way in.
private struct OpenLoop: ~Copyable {
  private let connection: Connection
  private let out: Message
  private let back: Message
  private let schedule: Schedule
  private let requests: UInt64
  /// The next to be sent, and how much of it has gone.
  private var sending: UInt64 = 0
  private var sentBytes = 0
  /// The next to come back, and how much of it has come.
  private var expected: UInt64 = 0
  private var gotBytes = 0

  init(connection: consuming Connection, size: Int, rate: Double, requests: UInt64) {
    self.connection = connection
    (out, back) = (Message(size: size), Message(size: size))
    schedule = Schedule(startNs: lx_now_ns(), rate: rate)
    self.requests = requests
  }

  func finish() { connection.finish() }

  /// Sends what is due until the next response has come: how long after its request's moment; nil
  /// when all have come.
  mutating func next(_ worker: Worker) throws(Worker.Failure) -> UInt64? {
    guard expected < requests else { return nil }
    while true {
      let isBlocked = try sendWhatIsDue()
      if let latency = try receive(worker) { return latency }
      let moment = sending < requests && !isBlocked ? schedule.moment(sending) : UInt64.max >> 1
      let ready = lx_wait_until(connection.raw, isBlocked ? 3 : 1, moment)
      guard ready >= 0 || ready == -4 else {
        throw Worker.Failure("ppoll(2): \(Errno(Int32(-ready)).strerror)")
      }
    }
  }

  /// Whether there was no room for all of it.
  private mutating func sendWhatIsDue() throws(Worker.Failure) -> Bool {
    while sending < requests, schedule.moment(sending) <= lx_now_ns() {
      out.number = sending
      let got = unsafe lx_inet_send(
        connection.raw, out.start + sentBytes, out.size - sentBytes, nil, nil)
      if got == -11 { return true }
      guard got >= 0 else {
        throw Worker.Failure("sendmsg(2): \(Errno(Int32(-got)).strerror)")
      }
      sentBytes += got
      if sentBytes == out.size {
        sentBytes = 0
        sending += 1
      }
    }
    return false
  }

  private mutating func receive(_ worker: Worker) throws(Worker.Failure) -> UInt64? {
    let got = unsafe lx_read(connection.raw, back.start + gotBytes, back.size - gotBytes)
    if got == -11 { return nil }
    guard got > 0 else {
      throw Worker.Failure(
        got == 0
          ? "the other end has closed the connection"
          : "read(2): \(Errno(Int32(-got)).strerror)")
    }
    gotBytes += got
    guard gotBytes == back.size else { return nil }
    let now = lx_now_ns()
    try worker.verify(back, expected)
    defer { expected += 1 }
    gotBytes = 0
    return now - schedule.moment(expected)
  }
}
