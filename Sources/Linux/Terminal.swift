internal import CLinux

/// A terminal's size in characters.
public struct TerminalSize: Equatable, Sendable {
  /// Lines.
  public var rows: UInt16
  /// Columns.
  public var columns: UInt16

  /// Makes a size.
  public init(rows: UInt16, columns: UInt16) {
    self.rows = rows
    self.columns = columns
  }
}

/// Terminals (pty(7), termios(3), ioctl_tty(2)).
public enum Terminal {
  /// Opens a new pair from a multiplexer (`/dev/ptmx`, or a devpts mount's `ptmx`).
  ///
  /// - Throws: `SystemError` naming the multiplexer.
  public static func open(
    _ multiplexer: String
  ) throws(SystemError) -> (master: Int32, slave: Int32) {
    var master: Int32 = -1
    var slave: Int32 = -1
    try check(unsafe lx_openpty(multiplexer, &master, &slave), "open(2)", multiplexer)
    return (master, slave)
  }

  /// Makes the terminal this session's controlling one (ioctl_tty(2), TIOCSCTTY).
  ///
  /// - Throws: `SystemError`.
  public static func takeControl(_ fd: Int32) throws(SystemError) {
    try check(lx_set_controlling_tty(fd), "ioctl(2) TIOCSCTTY", "descriptor \(fd)")
  }

  /// A new session without a terminal (setsid(2)).
  ///
  /// - Throws: `SystemError`.
  public static func newSession() throws(SystemError) {
    try check(lx_setsid(), "setsid(2)", "process")
  }

  /// Whether the descriptor is a terminal.
  public static func isTerminal(_ fd: Int32) -> Bool { lx_isatty(fd) == 1 }

  /// Size; nil when it is no terminal.
  public static func size(_ fd: Int32) -> TerminalSize? {
    var size = TerminalSize(rows: 0, columns: 0)
    return unsafe lx_tty_size(fd, &size.rows, &size.columns) < 0 ? nil : size
  }

  /// Sets the size (ioctl_tty(2), TIOCSWINSZ); whoever has it as controlling terminal gets
  /// SIGWINCH.
  ///
  /// - Throws: `SystemError`.
  public static func resize(_ fd: Int32, _ size: TerminalSize) throws(SystemError) {
    try check(lx_tty_resize(fd, size.rows, size.columns), "ioctl(2) TIOCSWINSZ", "terminal")
  }
}

/// A terminal in raw mode; back to what it was when this goes out of scope.
public struct RawTerminal: ~Copyable {
  private let fd: Int32
  private let saved: [UInt8]

  /// Switches to raw mode (cfmakeraw(3)).
  ///
  /// - Throws: `SystemError` when the descriptor is no terminal.
  public init(_ fd: Int32) throws(SystemError) {
    var saved = [UInt8](repeating: 0, count: lx_tty_saved_size())
    let size = saved.count
    try check(unsafe lx_tty_raw(fd, &saved, size), "tcsetattr(3)", "descriptor \(fd)")
    self.fd = fd
    self.saved = saved
  }

  deinit { _ = unsafe lx_tty_restore(fd, saved, saved.count) }
}
