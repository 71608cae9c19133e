internal import CLinux

/// The one owner of an open file descriptor: closed when it goes out of scope.
public struct Descriptor: ~Copyable {
  /// The number, valid as long as this value lives.
  public let raw: Int32

  /// Takes over an open descriptor.
  public init(owning raw: Int32) { self.raw = raw }

  deinit { _ = lx_close(raw) }

  /// Gives the number away: the caller closes it.
  public consuming func release() -> Int32 {
    let raw = self.raw
    discard self
    return raw
  }

  /// `/proc/self/fd/N`: names what is open, whatever happens to its path (proc_pid_fd(5)).
  public var procPath: String { "/proc/self/fd/\(raw)" }
}

/// Descriptor numbers that must be a certain one.
public enum Descriptors {
  /// Makes `to` mean what `from` does, and closes `from` (dup3(2), close-on-exec).
  ///
  /// - Throws: `SystemError`.
  public static func replace(_ to: Int32, with from: Int32) throws(SystemError) {
    try check(lx_dup3(from, to, 0o2000000), "dup3(2)", "\(from) → \(to)")
    _ = lx_close(from)
  }

  /// Makes `to` mean what `from` does, to be inherited by the next program (dup3(2)).
  ///
  /// - Throws: `SystemError`.
  public static func inherit(_ from: Int32, as to: Int32) throws(SystemError) {
    try check(lx_dup3(from, to, 0), "dup3(2)", "\(from) → \(to)")
  }

  /// Marks all from `first` up close-on-exec (close_range(2), CLOSE_RANGE_CLOEXEC).
  ///
  /// - Throws: `SystemError`.
  public static func closeOnExec(from first: Int32) throws(SystemError) {
    try check(
      lx_close_range(UInt32(first), UInt32.max, 4), "close_range(2)", "from \(first)")
  }

  /// Closes all from `first` up but those to keep (close_range(2)).
  ///
  /// - Throws: `SystemError`.
  public static func closeAll(from first: Int32, but kept: [Int32]) throws(SystemError) {
    var next = first
    for fd in kept.sorted() where fd >= next {
      if fd > next {
        try check(
          lx_close_range(UInt32(next), UInt32(fd - 1), 0), "close_range(2)", "\(next) to \(fd - 1)")
      }
      next = fd + 1
    }
    try check(lx_close_range(UInt32(next), UInt32.max, 0), "close_range(2)", "from \(next)")
  }

  /// Changes the owner of what a descriptor holds (fchown(2)); the group stays.
  ///
  /// - Throws: `SystemError`.
  public static func give(_ fd: Int32, to uid: UInt32) throws(SystemError) {
    try check(
      unsafe lx_fchownat(fd, "", uid, UInt32.max, 0x1000), "fchown(2)", "descriptor \(fd)")
  }

  /// Reads and writes on it do not wait (fcntl(2), O_NONBLOCK).
  ///
  /// - Throws: `SystemError`.
  public static func doNotWait(_ fd: Int32) throws(SystemError) {
    try check(lx_set_nonblocking(fd), "fcntl(2) F_SETFL", "descriptor \(fd)")
  }

  /// The lowest of `count` numbers from 3 up that is not open; nil when all are (fcntl(2)).
  public static func firstClosed(of count: Int32) -> Int32? {
    for fd in 3..<(3 + count) where lx_descriptor_flags(fd) < 0 { return fd }
    return nil
  }

  /// Closes a number.
  public static func close(_ fd: Int32) { _ = lx_close(fd) }
}
