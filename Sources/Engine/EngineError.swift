public import Linux

/// How the engine's errors reach people.
public struct EngineError: Error, Equatable, Sendable {
  /// What happened, with the object's name.
  public var message: String
  /// The likely cause or the next command to try; empty when there is nothing useful to say.
  public var hint: String
  /// 125 the engine's own failure, 126 cannot execute, 127 not found.
  public var exitCode: Int32

  /// Makes an error.
  public init(_ message: String, hint: String = "", exitCode: Int32 = 125) {
    self.message = message
    self.hint = hint
    self.exitCode = exitCode
  }

  /// A failed system call: what the engine was doing, the call, the object and the errno.
  public init(_ doing: String, _ cause: SystemError, hint: String = "") {
    let usual =
      switch cause.errno {
      case .perm, .access: "Containers need root: try again with sudo."
      case .noSpace, Errno(122):  // EDQUOT
        "Make room: `drydock system df` shows what takes it, `drydock system prune` what can go."
      default: ""
      }
    self.init("\(doing): \(cause.text)", hint: hint.isEmpty ? usual : hint)
  }
}

/// Runs system calls on behalf of the engine: what fails is told with what was being done.
func asked<Result: ~Copyable>(
  _ doing: @autoclosure () -> String, _ body: () throws(SystemError) -> Result
) throws(EngineError) -> Result {
  do throws(SystemError) { return try body() } catch { throw EngineError(doing(), error) }
}
