internal import Linux
internal import Report

/// What qemu is told and asked over its monitor socket: lines of JSON (qemu, "QEMU Machine Protocol").
///
///     ◀── {"QMP": …}                        greeting
///     ──▶ {"execute": "qmp_capabilities"}   until then nothing else is understood
///     ◀── {"return": {}}
///     ──▶ {"execute": "query-status"}
///     ◀── {"event": …}                      at any time: skipped
///     ◀── {"return": {"status": "running"}}
final class Monitor {
  private let socket: Descriptor
  private let path: String
  private var rest: [UInt8] = []
  /// Milliseconds that an answer may take: emulated machines on a busy host are slow.
  private static let patience: Int32 = 60_000

  /// Connects.
  ///
  /// - Throws: `ClassroomError` when nobody listens.
  init(_ path: String) throws(ClassroomError) {
    self.path = path
    socket = try ClassroomError.told { () throws(SystemError) in
      try Channel.connect(path, messages: false)
    }
    _ = try line()
    try self("qmp_capabilities")
  }

  /// Gives a command.
  ///
  /// - Returns: what came back.
  /// - Throws: `ClassroomError` with qemu's words.
  @discardableResult
  func callAsFunction(
    _ command: String, _ arguments: [String: JSON] = [:]
  ) throws(ClassroomError) -> JSON {
    let request = JSON.object(["execute": .string(command), "arguments": .object(arguments)])
    let text = request.text.filter { $0 != "\n" } + "\n"
    try ClassroomError.told { () throws(SystemError) in
      try File.write(socket.raw, Array(text.utf8), name: path)
    }
    while true {
      guard case .object(let answer) = try line() else { continue }
      if let value = answer["return"] { return value }
      if case .object(let error)? = answer["error"], case .string(let why)? = error["desc"] {
        throw ClassroomError("qemu, \(command): \(why)")
      }
    }
  }

  /// The machine's state, such as `running`, `paused` or `inmigrate`.
  func status() throws(ClassroomError) -> String {
    guard case .object(let answer) = try self("query-status"),
      case .string(let status)? = answer["status"]
    else { throw ClassroomError("qemu at \(path) tells no status") }
    return status
  }

  private func line() throws(ClassroomError) -> JSON {
    while true {
      if let end = rest.firstIndex(of: 10) {
        let bytes = Array(rest[..<end])
        rest.removeSubrange(...end)
        do throws(DocumentError) { return try JSON(parsing: bytes) } catch {
          throw ClassroomError("qemu at \(path): \(error.text)")
        }
      }
      let handle = socket.raw
      let piece = try ClassroomError.told { () throws(SystemError) in
        try Events.wait([handle], milliseconds: Monitor.patience) == 0
          ? nil : try File.readSome(handle, 1 << 16)
      }
      guard let piece else { throw ClassroomError("qemu at \(path) does not answer") }
      guard !piece.isEmpty else { throw ClassroomError("qemu at \(path) has ended") }
      rest += piece
    }
  }
}
