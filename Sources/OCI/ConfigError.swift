/// A file that cannot be used: where in it, and why.
public struct ConfigError: Error, Equatable, Sendable {
  /// The field, such as `linux.namespaces[2].type`; empty for the file as a whole.
  public let path: String
  /// What is wrong, and what would be right.
  public let message: String
  /// Bytes before the place in the file.
  public let offset: Int
  /// The line in the file, from 1.
  public let line: Int

  /// Describes a fault at a place in a file.
  public init(path: String, message: String, offset: Int, line: Int) {
    self.path = path
    self.message = message
    self.offset = offset
    self.line = line
  }

  /// One line: `linux.namespaces[2].type: unknown namespace "nett" (line 31, byte 602)`.
  public var text: String {
    (path.isEmpty ? "" : path + ": ") + message + " (line \(line), byte \(offset))"
  }
}
