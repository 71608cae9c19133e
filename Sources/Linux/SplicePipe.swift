internal import CLinux

/// A pipe through which bytes go from one descriptor to another inside the kernel (splice(2)): this
/// process never has them in its memory.
///
/// It is filled only when it is empty: a full pipe and a socket without bytes give the same EAGAIN,
/// and a pipe is full when its slots are, whatever number of bytes they hold (pipe(7)).
public struct SplicePipe: ~Copyable {
  /// How many bytes are in it.
  public private(set) var count = 0

  private let source: Descriptor
  private let sink: Descriptor
  private let size: Int

  /// A new pipe that holds as much as the kernel allows, `wanted` bytes at most.
  ///
  /// - Throws: `SystemError`; EMFILE and ENFILE when there are no descriptors for it.
  public init(wanted: Int = 1 << 20) throws(SystemError) {
    let (read, write) = try Pipe.make()
    source = Descriptor(owning: read)
    sink = Descriptor(owning: write)
    // EPERM over /proc/sys/fs/pipe-max-size: the usual 64 KiB do as well.
    let got = lx_pipe_size(write, Int32(wanted))
    size = got > 0 ? got : 65_536
  }

  /// Takes what a descriptor has; nil when it has nothing now, 0 at its end.
  ///
  /// - Throws: `SystemError`, such as ECONNRESET.
  public mutating func fill(from fd: Int32) throws(SystemError) -> Int? {
    let got = lx_splice(fd, sink.raw, size)
    if got == -11 { return nil }
    try check(got, "splice(2)", "descriptor \(fd) → pipe")
    count += got
    return got
  }

  /// Gives as much as a descriptor takes now; returns how much that was.
  ///
  /// - Throws: `SystemError`, such as EPIPE.
  public mutating func drain(to fd: Int32) throws(SystemError) -> Int {
    let put = lx_splice(source.raw, fd, count)
    if put == -11 { return 0 }
    try check(put, "splice(2)", "pipe → descriptor \(fd)")
    count -= put
    return put
  }
}

extension InternetSocket {
  /// When it is closed the peer sees a reset, not an end (socket(7), SO_LINGER of 0 seconds).
  public func resetOnClose() {
    // It fails for no socket but a broken one, which is as good as reset.
    _ = lx_inet_abort(raw)
  }

  /// A peer that vanishes without a word is noticed after two hours (tcp(7), tcp_keepalive_time).
  ///
  /// - Throws: `SystemError`.
  public func keepAlive() throws(SystemError) {
    try check(lx_keep_alive(raw), "setsockopt(2) SO_KEEPALIVE", "\(transport) \(named)")
  }
}
