internal import CLinux
internal import Linux

extension Worker {
  /// Request and response, one after the other (netperf's TCP_RR); one operation is both ways, and
  /// that is what is timed.
  func exchange() throws(Failure) {
    let message = Message(size: Int(options.netBytes ?? 64))
    let connection = try connect(Greeting(kind: Greeting.echo, size: message.size))
    var number: UInt64 = 0
    while !isDone {
      message.number = number
      let start = lx_now_ns()
      try unsafe connection.send(message.start, message.size)
      guard try unsafe connection.receive(message.start, message.size) else {
        throw Failure("the other end has closed the connection")
      }
      let took = lx_now_ns() - start
      try verify(message, number)
      slot.move(bytes: message.size * 2)
      slot.count(tookNs: took)
      number &+= 1
    }
    connection.finish()
    try collect(connection.process)
  }

  /// That a response is the request's, byte for byte.
  func verify(_ message: Message, _ number: UInt64) throws(Failure) {
    guard message.number == number else {
      throw Failure("the response to request \(number) is numbered \(message.number)")
    }
    if let place = message.firstDifference() {
      throw Failure("wrong byte \(place) in the response to request \(number)")
    }
  }

  /// Blocks one way, as fast as they go (iperf3, netperf's TCP_STREAM); one operation is a block.
  func stream() throws(Failure) {
    let message = Message(size: Int(options.netBytes ?? 128 << 10))
    let connection = try connect(Greeting(kind: Greeting.sink, size: message.size))
    var number: UInt64 = 0
    var answered: UInt64 = 0
    while !isDone {
      message.number = number
      try unsafe connection.send(message.start, message.size)
      number += 1
      slot.move(bytes: message.size)
      slot.count()
      // One answer behind, so that nobody waits for it.
      if number >= answered + 2 * Message.streamAnswer {
        answered += Message.streamAnswer
        try expect(answered, try connection.answer())
      }
    }
    connection.finish()
    while answered + Message.streamAnswer <= number {
      answered += Message.streamAnswer
      try expect(answered, try connection.answer())
    }
    try expect(number, try connection.answer())
    // Of an end that is no child of this one nobody else tells it.
    slot.tell(helpersCPUNs: try connection.answer())
    try collect(connection.process)
  }

  private func expect(_ sent: UInt64, _ arrived: UInt64) throws(Failure) {
    guard sent == arrived else {
      throw Failure("of \(sent) blocks the other end has told \(arrived)")
    }
  }
}
