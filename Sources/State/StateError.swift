/// How a failure of the state reaches its caller.
public struct StateError: Error, Equatable, Sendable {
  /// What was being done, the file, and SQLite's own words.
  public let message: String
  /// SQLite's result code (sqlite.org/rescode.html); 0 when it was none of SQLite's.
  public let code: Int32

  /// Makes an error.
  public init(_ message: String, code: Int32) {
    self.message = message
    self.code = code
  }

  /// The likely cause and what to try; empty when there is nothing useful to say.
  public var hint: String {
    switch code {
    case 5, 6: "Another drydock holds the state for very long; find it with `fuser state.db`."
    case 8: "The filesystem is read-only, or the file belongs to somebody else."
    case 10: "The disk has an error; see dmesg(1)."
    case 11, 26: "The file is damaged. Move it away with its -wal and -shm; files stay as they are."
    case 13: "The disk is full: `drydock system df` shows what takes room, `drydock rm` makes some."
    case 14: "The directory cannot be written to: try again with sudo, or name another --root."
    default: ""
    }
  }

  /// Whether a row with this name is there already (SQLITE_CONSTRAINT).
  public var isConflict: Bool { code == 19 }
}
