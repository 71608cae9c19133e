internal import Linux

/// Somebody connected to the monitor.
struct Client {
  /// Its socket; the monitor closes it.
  let fd: Int32
  /// Gets the output, and is told of the end.
  var isAttached = false
  /// Its input is the container's.
  var givesInput = false
  /// Is told of the end.
  var waits = false
  /// Messages for which there was no room.
  ///
  /// While there are any the container's output stays where it
  /// is: whoever reads slowly slows the container, and loses nothing, as with a pipe.
  private(set) var queue: [[UInt8]] = []

  init(_ fd: Int32) { self.fd = fd }

  /// Sends a message, or keeps it for later; false when nobody will read it.
  mutating func send(_ kind: Reply, _ content: [UInt8] = []) -> Bool {
    queue.append([kind.rawValue] + content)
    return flush()
  }

  /// Sends what was kept as far as there is room; false when nobody will read it.
  mutating func flush() -> Bool {
    while let message = queue.first {
      switch Channel.sendNow(message, over: fd) {
      case .sent: queue.removeFirst()
      case .full: return true
      case .gone: return false
      }
    }
    return true
  }
}
