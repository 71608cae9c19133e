public import Linux

/// How a classroom's errors reach people.
public struct ClassroomError: Error, Equatable, Sendable {
  /// What happened, with the object's name.
  public var message: String
  /// What to try; empty when there is nothing useful to say.
  public var hint: String

  /// Makes an error.
  public init(_ message: String, hint: String = "") {
    self.message = message
    self.hint = hint
  }

  /// Tells a system call's error.
  public init(_ error: SystemError) { self.init(error.text) }

  /// As it is printed.
  public var text: String { hint.isEmpty ? message : "\(message)\n  \(hint)" }

  /// Runs a body whose errors are told as `ClassroomError`.
  ///
  /// - Throws: `ClassroomError` with the same text.
  static func told<Result: ~Copyable>(
    _ body: () throws(SystemError) -> Result
  ) throws(ClassroomError) -> Result {
    do throws(SystemError) { return try body() } catch { throw ClassroomError(error) }
  }
}
