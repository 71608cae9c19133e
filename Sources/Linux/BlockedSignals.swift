internal import CLinux

/// Every signal of this thread held back and read one by one (signalfd(2)), until this value ends.
public struct BlockedSignals: ~Copyable {
  /// Readable for poll(2) when a signal is waiting.
  public let descriptor: Descriptor
  private let saved: UInt64

  /// Blocks the signals.
  ///
  /// - Throws: `SystemError`.
  public init() throws(SystemError) {
    let (fd, mask) = try Events.signals()
    descriptor = Descriptor(owning: fd)
    saved = mask
  }

  deinit { Events.restore(mask: saved) }

  /// The next signal, and whether a process sent it rather than the kernel (a key, a child).
  ///
  /// - Throws: `SystemError`.
  public func next() throws(SystemError) -> (signal: Int32, sent: Bool) {
    var sent: Int32 = 0
    let signal = unsafe lx_signalfd_read_origin(descriptor.raw, &sent)
    return (Int32(try check(signal, "read(2)", "signalfd")), sent != 0)
  }

  /// Waits for a child and passes on what other processes send meanwhile.
  ///
  /// What the terminal sends (Ctrl-C) reaches the child by itself: it is in the same process group
  /// (credentials(7)).
  ///
  /// - Throws: `SystemError`.
  public func forward(to child: consuming Child) throws(SystemError) -> ExitStatus {
    while true {
      let ready = try Events.wait([child.pidfd, descriptor.raw])
      if ready & 1 != 0 { return try child.wait() }
      guard ready & 2 != 0 else { continue }
      let (signal, sent) = try next()
      if sent { try child.signal(signal) }
    }
  }
}
