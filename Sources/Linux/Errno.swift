/// An errno value with its name and the kernel's text (errno(3)).
public struct Errno: Equatable, Sendable {
  /// The number, as in `<errno.h>`.
  public let code: Int32

  /// Wraps a number from `<errno.h>`.
  public init(_ code: Int32) { self.code = code }

  /// The symbolic name, such as `EPERM`; `E17` style where we have no name.
  public var name: String {
    for row in Errno.table where row.code == code { return "\(row.name)" }
    return "E\(code)"
  }

  /// The text strerror(3) gives in the C locale, such as `operation not permitted`.
  public var message: String {
    for row in Errno.table where row.code == code { return "\(row.message)" }
    return "unknown error \(code)"
  }

  /// Finds an errno by its name (`ENOSPC`) or number (`28`).
  public init?(named text: String) {
    if let number = Int32(text), number > 0, number < 4096 {
      self.init(number)
      return
    }
    for row in Errno.table where "\(row.name)" == text {
      self.init(row.code)
      return
    }
    return nil
  }

  private static let table: [(code: Int32, name: StaticString, message: StaticString)] = [
    (1, "EPERM", "operation not permitted"), (2, "ENOENT", "no such file or directory"),
    (3, "ESRCH", "no such process"), (4, "EINTR", "interrupted system call"),
    (5, "EIO", "input/output error"), (6, "ENXIO", "no such device or address"),
    (7, "E2BIG", "argument list too long"), (8, "ENOEXEC", "exec format error"),
    (9, "EBADF", "bad file descriptor"), (10, "ECHILD", "no child processes"),
    (11, "EAGAIN", "resource temporarily unavailable"), (12, "ENOMEM", "cannot allocate memory"),
    (13, "EACCES", "permission denied"), (14, "EFAULT", "bad address"),
    (16, "EBUSY", "device or resource busy"), (17, "EEXIST", "file exists"),
    (18, "EXDEV", "invalid cross-device link"), (19, "ENODEV", "no such device"),
    (20, "ENOTDIR", "not a directory"), (21, "EISDIR", "is a directory"),
    (22, "EINVAL", "invalid argument"), (23, "ENFILE", "too many open files in system"),
    (24, "EMFILE", "too many open files"), (25, "ENOTTY", "inappropriate ioctl for device"),
    (26, "ETXTBSY", "text file busy"), (27, "EFBIG", "file too large"),
    (28, "ENOSPC", "no space left on device"), (29, "ESPIPE", "illegal seek"),
    (30, "EROFS", "read-only file system"), (31, "EMLINK", "too many links"),
    (32, "EPIPE", "broken pipe"), (33, "EDOM", "numerical argument out of domain"),
    (34, "ERANGE", "numerical result out of range"), (36, "ENAMETOOLONG", "file name too long"),
    (38, "ENOSYS", "function not implemented"), (39, "ENOTEMPTY", "directory not empty"),
    (40, "ELOOP", "too many levels of symbolic links"), (42, "ENOMSG", "no message"),
    (61, "ENODATA", "no data available"), (62, "ETIME", "timer expired"),
    (71, "EPROTO", "protocol error"), (74, "EBADMSG", "bad message"),
    (75, "EOVERFLOW", "value too large for defined data type"),
    (87, "EUSERS", "too many users"), (88, "ENOTSOCK", "socket operation on non-socket"),
    (90, "EMSGSIZE", "message too long"), (95, "EOPNOTSUPP", "operation not supported"),
    (97, "EAFNOSUPPORT", "address family not supported by protocol"),
    (98, "EADDRINUSE", "address already in use"),
    (99, "EADDRNOTAVAIL", "cannot assign requested address"),
    (100, "ENETDOWN", "network is down"), (101, "ENETUNREACH", "network is unreachable"),
    (103, "ECONNABORTED", "software caused connection abort"),
    (104, "ECONNRESET", "connection reset by peer"), (105, "ENOBUFS", "no buffer space available"),
    (107, "ENOTCONN", "transport endpoint is not connected"),
    (110, "ETIMEDOUT", "connection timed out"), (111, "ECONNREFUSED", "connection refused"),
    (113, "EHOSTUNREACH", "no route to host"), (115, "EINPROGRESS", "operation now in progress"),
    (116, "ESTALE", "stale file handle"), (122, "EDQUOT", "disk quota exceeded"),
    (125, "ECANCELED", "operation canceled"), (126, "ENOKEY", "required key not available"),
  ]
}

extension Errno {
  /// Operation not permitted.
  public static let perm = Errno(1)
  /// No such file or directory.
  public static let noEntry = Errno(2)
  /// No such process.
  public static let noProcess = Errno(3)
  /// No child processes.
  public static let noChild = Errno(10)
  /// Resource temporarily unavailable.
  public static let again = Errno(11)
  /// Permission denied.
  public static let access = Errno(13)
  /// Device or resource busy.
  public static let busy = Errno(16)
  /// File exists.
  public static let exists = Errno(17)
  /// Cross-device link; also openat2(2)'s answer to a path that leaves the root.
  public static let crossDevice = Errno(18)
  /// No such device.
  public static let noDevice = Errno(19)
  /// Not a directory.
  public static let notDirectory = Errno(20)
  /// Invalid argument.
  public static let invalid = Errno(22)
  /// No space left on device.
  public static let noSpace = Errno(28)
  /// Read-only file system.
  public static let readOnly = Errno(30)
  /// Function not implemented.
  public static let notImplemented = Errno(38)
  /// ENOTEMPTY.
  public static let notEmpty = Errno(39)
  /// Too many levels of symbolic links.
  public static let loop = Errno(40)
  /// Address already in use.
  public static let inUse = Errno(98)
  /// Cannot assign requested address.
  public static let noAddress = Errno(99)
  /// Connection refused.
  public static let refused = Errno(111)
}

/// A system call that failed: which, why, and on what.
public struct SystemError: Error, Equatable, Sendable {
  /// The call as the manual names it, such as `pivot_root(2)`.
  public let call: StaticStringBox
  /// What the kernel answered.
  public let errno: Errno
  /// The path, descriptor, process or value the call was about.
  public let object: String

  /// Describes a failed call.
  public init(_ call: StaticString, _ errno: Errno, _ object: String) {
    self.call = StaticStringBox(call)
    self.errno = errno
    self.object = object
  }

  /// The same failure, told of another object: what people know it by.
  public func about(_ object: String) -> SystemError { SystemError(call, errno, object) }

  private init(_ call: StaticStringBox, _ errno: Errno, _ object: String) {
    self.call = call
    self.errno = errno
    self.object = object
  }

  /// `pivot_root(2) /rootfs: invalid argument (EINVAL)`.
  public var text: String { "\(call.text) \(object): \(errno.message) (\(errno.name))" }
}

/// A `StaticString` that can be compared.
public struct StaticStringBox: Equatable, Sendable {
  private let value: StaticString

  /// Wraps a literal.
  public init(_ value: StaticString) { self.value = value }

  /// The literal as a string.
  public var text: String { "\(value)" }

  /// Compares the texts.
  public static func == (a: StaticStringBox, b: StaticStringBox) -> Bool { a.text == b.text }
}

/// Turns a `lx_*` result (a value, or minus an errno) into the value or a `SystemError`.
@inline(__always) @discardableResult
package func check(
  _ result: Int, _ call: StaticString, _ object: @autoclosure () -> String
) throws(SystemError) -> Int {
  guard result >= 0 else { throw SystemError(call, Errno(Int32(-result)), object()) }
  return result
}
