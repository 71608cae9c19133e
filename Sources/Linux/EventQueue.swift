internal import CLinux

/// Waiting for any number of descriptors in one thread (epoll(7)), level-triggered.
///
/// A descriptor is to be removed before it is closed: the kernel forgets only what nobody else has
/// open.
public struct EventQueue: ~Copyable {
  private let epoll: Descriptor
  private var known: [Int32: Events.Interest] = [:]
  private var fds = [Int32](repeating: -1, count: 64)
  private var events = [UInt32](repeating: 0, count: 64)

  /// An empty queue.
  ///
  /// - Throws: `SystemError`.
  public init() throws(SystemError) {
    epoll = Descriptor(owning: Int32(try check(lx_epoll_create(), "epoll_create1(2)", "new")))
  }

  /// Says what a descriptor is watched for from now on.
  ///
  /// - Throws: `SystemError` naming the descriptor.
  public mutating func watch(_ fd: Int32, for interest: Events.Interest) throws(SystemError) {
    let before = known[fd]
    if before == interest { return }
    try check(
      lx_epoll_set(epoll.raw, fd, UInt32(interest.rawValue), before == nil ? 0 : 1),
      "epoll_ctl(2)", "descriptor \(fd)")
    known[fd] = interest
  }

  /// Forgets a descriptor, which is still open; one that is not known is no error.
  public mutating func forget(_ fd: Int32) {
    guard known.removeValue(forKey: fd) != nil else { return }
    // It fails for what is closed already, which is forgotten too.
    _ = lx_epoll_remove(epoll.raw, fd)
  }

  /// Waits for events.
  ///
  /// - Parameter milliseconds: how long; -1 for ever.
  /// - Returns: 64 at most; none when the time is over, or a signal came.
  /// - Throws: `SystemError`.
  public mutating func wait(
    milliseconds: Int32
  ) throws(SystemError) -> [(fd: Int32, events: Events.Interest)] {
    let got = unsafe lx_epoll_wait(epoll.raw, &fds, &events, 64, milliseconds)
    if got == -4 { return [] }
    try check(got, "epoll_wait(2)", "\(known.count) descriptors")
    return (0..<got).map {
      (fds[$0], Events.Interest(rawValue: Int16(truncatingIfNeeded: events[$0])))
    }
  }
}
