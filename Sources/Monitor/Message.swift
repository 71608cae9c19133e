// What goes over a monitor's socket, BUNDLE/monitor (unix(7), SOCK_SEQPACKET): one kind byte, then
// its content. The command that starts a monitor has such a connection too, as the monitor's
// standard output, from before the container exists, so that it misses nothing.
//
//   to the monitor                             from it
//     a  attach: bit 0 gives input               s  the program was executed
//     i  input: bytes                            f  it was not: exit code, blank, why
//     e  the input ends                          o  standard output: bytes (a terminal's too)
//     r  resize: rows, columns (u16, low first)  x  it ended: exit code
//     w  tell me when it ends                    e  standard error: bytes
//     n  do not start it again                   k  done
//     p  restart policy: name[:limit]

/// Kinds of messages to a monitor.
public enum Request: UInt8, Sendable {
  case attach = 97
  case input = 105
  case inputEnds = 101
  case resize = 114
  case wait = 119
  case noRestart = 110
  case policy = 112
}

/// Kinds of messages from a monitor.
public enum Reply: UInt8, Sendable {
  case started = 115
  case failed = 102
  case output = 111
  case error = 101
  case ended = 120
  case done = 107
}

extension MonitorConfig {
  /// The socket in a bundle.
  public static func socket(_ bundle: String) -> String { bundle + "/monitor" }
}
