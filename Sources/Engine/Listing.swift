/// Where a container is in its life.
public enum ContainerStatus: Equatable, Sendable {
  /// Being started, or being cleaned up after its program ended.
  case created
  /// Its first process lives; the pid as the host sees it.
  case running(pid: Int32)
  /// Its program ended. The code is nil when nobody was there to see it (a killed `drydock run`).
  case exited(code: Int32?)
}

/// One line of `drydock ps`.
public struct ContainerInfo: Equatable, Sendable {
  /// 64 hexadecimal digits.
  public var id: String
  /// Given by `--name`, or made up.
  public var name: String
  /// The image's name.
  public var image: String
  /// The program and its arguments, entrypoint included.
  public var command: [String]
  /// When it was made, in nanoseconds since 1970 (CLOCK_REALTIME).
  public var createdNs: UInt64
  /// When it ended, in nanoseconds since 1970; nil while it lives, or when nobody saw it end.
  public var finishedNs: UInt64?
  /// Whether it lives, found by looking, not from a file alone.
  public var status: ContainerStatus

  /// The first 12 digits, as people type it.
  public var shortID: String { String(id.prefix(12)) }
}

/// How `drydock exec` runs a program in a living container.
public struct ExecOptions: Equatable, Sendable {
  /// `-i`: the program reads this process's standard input.
  public var interactive = false
  /// `-t`: the program gets a terminal of its own.
  public var tty = false
  /// `-e`, `NAME=value`.
  public var environment: [String] = []
  /// `-w`.
  public var workingDirectory: String?
  /// `-u`, as in `RunOptions`.
  public var user: String?

  /// Nothing special.
  public init() {}
}

extension ContainerInfo {
  /// `Up 3 seconds`, `Exited (137) 2 minutes ago`: Docker's words.
  ///
  /// - Parameter nowNs: the time, in nanoseconds since 1970.
  /// - Returns: the text of the column STATUS.
  public func statusText(nowNs: UInt64) -> String {
    func span(_ since: UInt64) -> String { Amount.text(nanoseconds: nowNs - min(nowNs, since)) }
    switch status {
    case .created: return "Created"
    case .running: return "Up \(span(createdNs))"
    case .exited(let code):
      let ended = "Exited (\(code.map { "\($0)" } ?? "?"))"
      return finishedNs.map { "\(ended) \(span($0)) ago" } ?? ended
    }
  }
}
