public import Linux
public import OCI

/// How errors of images, layers and archives reach people.
public struct ImageError: Error, Equatable, Sendable {
  /// What happened, with the object's name.
  public var message: String
  /// The likely cause or what to try; empty when there is nothing useful to say.
  public var hint: String

  /// Makes an error.
  public init(_ message: String, hint: String = "") {
    self.message = message
    self.hint = hint
  }

  /// A failed system call: what was being done, the call, the object and the errno.
  public init(_ doing: String, _ cause: SystemError) {
    let hint =
      switch cause.errno {
      case Errno(28), Errno(122): "Make room, for example with `drydock image prune -a`."
      case .perm, .access: "Images need root: try again with sudo."
      default: ""
      }
    self.init("\(doing): \(cause.text)", hint: hint)
  }

  /// A JSON document that cannot be used: its name, the place in it and why.
  public init(_ document: String, _ cause: ConfigError) {
    self.init("\(document): \(cause.text)")
  }
}

/// Runs system calls on behalf of this module: what fails is told with what was being done.
func doing<Result: ~Copyable>(
  _ what: @autoclosure () -> String, _ body: () throws(SystemError) -> Result
) throws(ImageError) -> Result {
  do throws(SystemError) { return try body() } catch { throw ImageError(what(), error) }
}
