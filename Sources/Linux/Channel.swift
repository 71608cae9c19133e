internal import CLinux

/// Messages between two processes over an AF_UNIX SOCK_SEQPACKET socket: each arrives whole.
public struct Channel: ~Copyable {
  /// The longest message sent, in bytes; longer ones are refused before they are sent.
  public static let limit = 128 << 10

  private let socket: Descriptor

  /// Takes over a connected socket.
  public init(owning fd: Int32) { socket = Descriptor(owning: fd) }

  /// The socket's descriptor, valid as long as this value lives.
  public var raw: Int32 { socket.raw }

  /// Gives the socket away: the caller closes it.
  public consuming func release() -> Int32 { socket.release() }

  /// Two connected ends (socketpair(2)): one for the parent, one for the child it will clone.
  ///
  /// - Throws: `SystemError`.
  public static func pair() throws(SystemError) -> (Int32, Int32) {
    var fds: [Int32] = [-1, -1]
    try check(unsafe lx_socketpair(&fds), "socketpair(2)", "AF_UNIX")
    return (fds[0], fds[1])
  }

  /// Listens at a path (unix(7)): for messages, or for bytes (a console socket).
  ///
  /// - Throws: `SystemError` naming the path.
  public static func listen(
    _ path: String, messages: Bool = true
  ) throws(SystemError) -> Descriptor {
    try within(path) { short throws(SystemError) in
      Descriptor(
        owning: Int32(
          try check(unsafe lx_unix_listen(short, messages ? 1 : 0), "bind(2)", path)))
    }
  }

  /// Connects to a path: to a message socket of ours, or to a stream socket (a console socket).
  ///
  /// - Throws: `SystemError` naming the path.
  public static func connect(
    _ path: String, messages: Bool
  ) throws(SystemError) -> Descriptor {
    try within(path) { short throws(SystemError) in
      Descriptor(
        owning: Int32(
          try check(unsafe lx_unix_connect(short, messages ? 1 : 0), "connect(2)", path)))
    }
  }

  /// A socket's name has 107 bytes at most (unix(7)): longer paths go through a handle on their
  /// directory.
  private static func within(
    _ path: String, _ body: (String) throws(SystemError) -> Descriptor
  ) throws(SystemError) -> Descriptor {
    guard path.utf8.count > 107, let slash = path.lastIndex(of: "/") else {
      return try body(path)
    }
    let directory = try File.open(String(path[..<slash]), [.path, .directory])
    return try body(directory.procPath + path[slash...])
  }

  /// Waits for one connection.
  ///
  /// - Throws: `SystemError`.
  public static func accept(_ listener: Int32) throws(SystemError) -> Int32 {
    Int32(try check(lx_accept(listener), "accept(2)", "start socket"))
  }

  /// Sends one message.
  ///
  /// - Throws: `SystemError`; EPIPE when the other side is gone.
  public func send(_ message: [UInt8]) throws(SystemError) {
    guard message.count <= Channel.limit else {
      throw SystemError("send(2)", Errno(90), "message of \(message.count) bytes")
    }
    let put = unsafe message.withUnsafeBytes { unsafe lx_send(raw, $0.baseAddress, $0.count) }
    try check(put, "send(2)", "channel")
  }

  /// Receives one message; nil when the other side is gone.
  ///
  /// - Throws: `SystemError`.
  public func receive() throws(SystemError) -> [UInt8]? {
    while true {
      // ECONNRESET says once that the other side went without reading all of ours; what it sent
      // before comes after that (unix(7), SOCK_SEQPACKET).
      let length = lx_peek(raw)
      if length == -104 { continue }
      try check(length, "recv(2)", "channel")
      if length == 0 { return nil }
      var buffer = [UInt8](repeating: 0, count: length)
      let got = unsafe buffer.withUnsafeMutableBytes {
        unsafe lx_read(raw, $0.baseAddress, length)
      }
      if got == -104 { continue }
      try check(got, "read(2)", "channel")
      buffer.removeLast(length - got)
      return buffer
    }
  }

  /// Passes a descriptor with some bytes (unix(7), SCM_RIGHTS).
  ///
  /// - Throws: `SystemError` naming what is sent.
  public static func pass(
    _ fd: Int32, over socket: Int32, name: String
  ) throws(SystemError) {
    try check(
      unsafe lx_send_fd(socket, fd, name, name.utf8.count), "sendmsg(2) SCM_RIGHTS", name)
  }

  /// Receives a descriptor.
  ///
  /// - Throws: `SystemError`; ENOMSG when the message carried none.
  public static func receiveDescriptor(over socket: Int32) throws(SystemError) -> Descriptor {
    var fd: Int32 = -1
    try check(unsafe lx_recv_fd(socket, &fd), "recvmsg(2) SCM_RIGHTS", "terminal")
    return Descriptor(owning: fd)
  }
}

/// Waiting for several descriptors and for signals, in one thread.
public enum Events {
  /// poll(2) for reading: bit i of the result is set when the i-th is readable or hung up.
  ///
  /// Descriptors below 0 are left out.
  ///
  /// - Throws: `SystemError`.
  public static func wait(
    _ fds: [Int32], milliseconds: Int32 = -1
  ) throws(SystemError) -> UInt64 {
    var ready: UInt64 = 0
    let got = unsafe lx_poll_in(fds, fds.count, milliseconds, &ready)
    if got == -4 { return 0 }
    try check(got, "poll(2)", "\(fds.count) descriptors")
    return ready
  }

  /// Blocks all signals and turns them into something to read (signalfd(2)).
  ///
  /// Returns the descriptor and the mask from before.
  ///
  /// - Throws: `SystemError`.
  public static func signals() throws(SystemError) -> (Int32, UInt64) {
    var saved: UInt64 = 0
    let fd = try check(unsafe lx_signalfd_all(&saved), "signalfd(2)", "all signals")
    return (Int32(fd), saved)
  }

  /// The next signal from `signals()`.
  ///
  /// - Throws: `SystemError`.
  public static func nextSignal(_ fd: Int32) throws(SystemError) -> Int32 {
    Int32(try check(lx_signalfd_read(fd), "read(2)", "signalfd"))
  }

  /// Puts a saved signal mask back.
  public static func restore(mask: UInt64) { _ = lx_sigmask_restore(mask) }

  /// Every signal to its default and none blocked: what a new program expects.
  public static func defaultSignals() { lx_signals_default() }
}

extension Channel {
  /// Sends one message over a socket that somebody else owns; a reader that is gone is noticed by
  /// the next `receive`.
  public static func send(_ message: [UInt8], over socket: Int32) {
    _ = unsafe message.withUnsafeBytes { unsafe lx_send(socket, $0.baseAddress, $0.count) }
  }

  /// Receives one message from a socket that somebody else owns; nil when the other side is gone.
  public static func receive(over socket: Int32) -> [UInt8]? {
    while true {
      let length = lx_peek(socket)
      if length == -104 { continue }
      guard length > 0 else { return nil }
      var buffer = [UInt8](repeating: 0, count: length)
      let got = unsafe buffer.withUnsafeMutableBytes {
        unsafe lx_read(socket, $0.baseAddress, length)
      }
      if got == -104 { continue }
      return got == length ? buffer : nil
    }
  }
}
