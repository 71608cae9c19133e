internal import CLinux

/// Pipes (pipe(7)).
public enum Pipe {
  /// A new pipe, close-on-exec; the caller owns both numbers.
  ///
  /// - Throws: `SystemError`.
  public static func make() throws(SystemError) -> (read: Int32, write: Int32) {
    var fds: [Int32] = [-1, -1]
    try check(unsafe lx_pipe(&fds), "pipe2(2)", "new")
    return (fds[0], fds[1])
  }
}

extension Events {
  /// What a descriptor is watched for, and what came of it (poll(2)).
  public struct Interest: OptionSet, Sendable {
    /// The bits of `<poll.h>`.
    public let rawValue: Int16
    /// Wraps the bits.
    public init(rawValue: Int16) { self.rawValue = rawValue }

    /// There are bytes, or somebody connects (POLLIN).
    public static let readable = Interest(rawValue: 1)
    /// There is room (POLLOUT).
    public static let writable = Interest(rawValue: 4)
    /// The other side is gone: POLLERR, POLLHUP, POLLNVAL; always watched for.
    public static let gone = Interest(rawValue: 8 | 16 | 32)
  }

  /// poll(2): what came of each, in the order of the descriptors, of which there are 64 at most.
  ///
  /// Descriptors below 0 are left out.
  ///
  /// - Throws: `SystemError`.
  public static func poll(
    _ fds: [Int32], _ interests: [Interest], milliseconds: Int32
  ) throws(SystemError) -> [Interest] {
    var events = [Int16]()
    for interest in interests { events.append(interest.rawValue) }
    var ready = [Int16](repeating: 0, count: fds.count)
    let got = unsafe lx_poll(fds, events, &ready, fds.count, milliseconds)
    if got != -4 { try check(got, "poll(2)", "\(fds.count) descriptors") }
    var result = [Interest]()
    for bits in ready { result.append(Interest(rawValue: bits)) }
    return result
  }
}

extension Channel {
  /// What became of a message that was sent without waiting.
  public enum Delivery: Sendable {
    /// It is under way.
    case sent
    /// There is no room now.
    case full
    /// Nobody will read it.
    case gone
  }

  /// Sends one message over a socket that somebody else owns, without waiting.
  public static func sendNow(_ message: [UInt8], over socket: Int32) -> Delivery {
    let result = unsafe message.withUnsafeBytes {
      unsafe lx_send_now(socket, $0.baseAddress, $0.count)
    }
    if result >= 0 { return .sent }
    return result == -11 || result == -105 || result == -12 ? .full : .gone
  }
}

extension Processes {
  /// Orphans among the descendants become children of this process (prctl(2),
  /// PR_SET_CHILD_SUBREAPER).
  ///
  /// - Throws: `SystemError`.
  public static func adoptOrphans() throws(SystemError) {
    try check(lx_prctl(36, 1, 0, 0, 0), "prctl(2)", "PR_SET_CHILD_SUBREAPER")
  }
}

extension File {
  /// Cuts an open file (ftruncate(2)).
  ///
  /// - Throws: `SystemError` naming the file.
  public static func cut(_ fd: Int32, to length: UInt64, name: String) throws(SystemError) {
    try check(lx_ftruncate(fd, Int64(length)), "ftruncate(2)", name)
  }

  /// How much an ordinary user can still write to an open file's filesystem, in bytes (statvfs(3)).
  ///
  /// - Throws: `SystemError` naming the file.
  public static func room(_ fd: Int32, name: String) throws(SystemError) -> UInt64 {
    var bytes: UInt64 = 0
    try check(unsafe lx_room(fd, &bytes), "statvfs(3)", name)
    return bytes
  }

  /// Waits until an open file's content is on the disk (fdatasync(2)).
  ///
  /// - Throws: `SystemError` naming the file.
  public static func flush(_ fd: Int32, name: String) throws(SystemError) {
    try check(lx_fdatasync(fd), "fdatasync(2)", name)
  }

  /// Reads at a place of an open file, at most `limit` bytes; nothing at the end (pread(2)).
  ///
  /// - Throws: `SystemError` naming the file.
  public static func read(
    _ fd: Int32, at offset: UInt64, limit: Int, name: String
  ) throws(SystemError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: limit)
    let got = unsafe bytes.withUnsafeMutableBytes {
      unsafe lx_pread(fd, $0.baseAddress, limit, Int64(offset))
    }
    try check(got, "pread(2)", name)
    bytes.removeLast(limit - got)
    return bytes
  }
}
