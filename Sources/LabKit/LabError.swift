internal import Engine
internal import Linux

/// How a lab's errors reach people.
public struct LabError: Error, Equatable, Sendable {
  /// What happened, with the object's name.
  public var message: String
  /// What to try; empty when there is nothing useful to say.
  public var hint: String

  /// Makes an error.
  public init(_ message: String, hint: String = "") {
    self.message = message
    self.hint = hint
  }

  /// Any error as people shall read it.
  public init(_ error: any Error) {
    switch error {
    case let error as LabError: self = error
    case let error as EngineError: self.init(error.message, hint: error.hint)
    case let error as SystemError: self.init(error.text)
    default: self.init("\(error)")
    }
  }
}
