import Monitor

/// Where a container is in its life, as Docker names it.
public enum ContainerStatus: Equatable, Sendable {
  /// Made and not started, being started, or being cleaned up after its program ended.
  case created
  /// Its first process lives; the pid as the host sees it.
  case running(pid: Int32)
  /// Its processes stand still.
  case paused(pid: Int32)
  /// It ended with this code and waits to be started again.
  case restarting(code: Int32)
  /// It is being removed.
  case removing
  /// Its program ended. The code is nil when nobody was there to see it (a killed monitor).
  case exited(code: Int32?)
  /// Whoever removed it was killed; the next command finishes that.
  case dead

  /// Docker's word for it.
  public var name: String {
    switch self {
    case .created: "created"
    case .running: "running"
    case .paused: "paused"
    case .restarting: "restarting"
    case .removing: "removing"
    case .exited: "exited"
    case .dead: "dead"
    }
  }

  /// The first process, when it lives.
  public var pid: Int32? {
    switch self {
    case .running(let pid), .paused(let pid): pid
    default: nil
    }
  }
}

/// One line of `drydock ps`.
public struct ContainerInfo: Equatable, Sendable {
  /// 64 hexadecimal digits.
  public var id: String
  /// Given by `--name`, or made up.
  public var name: String
  /// The image's name.
  public var image: String
  /// The image's id, 64 hexadecimal digits.
  public var imageID = ""
  /// The program and its arguments, entrypoint included.
  public var command: [String]
  /// When it was made, in nanoseconds since 1970 (CLOCK_REALTIME).
  public var createdNs: UInt64
  /// When its program was executed last, in nanoseconds since 1970; nil when it never was.
  public var startedNs: UInt64?
  /// When it ended, in nanoseconds since 1970; nil while it lives, or when nobody saw it end.
  public var finishedNs: UInt64?
  /// Whether it lives, found by looking, not from a file alone.
  public var status: ContainerStatus
  /// `--label`, `KEY=value`.
  public var labels: [String] = []
  /// `starting`, `healthy`, `unhealthy`; empty without a check.
  public var health = ""

  /// Its ports while it lives, in Docker's words: `0.0.0.0:8080->80/tcp, 443/tcp`.
  public var ports = ""

  /// What it has mounted and where it is connected, when that was asked for.
  public var connections: ContainerConnections?

  /// Whether `ps` shows it without `-a`.
  public var isUp: Bool {
    switch status {
    case .running, .paused, .restarting: true
    default: false
    }
  }

  /// The first 12 digits, as people type it.
  public var shortID: String { String(id.prefix(12)) }
}

/// What a container has mounted beside the usual, and its network.
public struct ContainerConnections: Equatable, Sendable {
  /// Names of volumes, and directories of the host.
  public var mounts: [String] = []
  /// Where these are inside.
  public var places: [String] = []
  /// How many of them are volumes.
  public var volumes = 0
  /// `none`, `host`, or `container:…`.
  public var network = ""

  /// Nothing.
  public init() {}
}

/// How `drydock exec` runs a program in a living container.
public struct ExecOptions: Equatable, Sendable {
  /// `-i`: the program reads this process's standard input.
  public var interactive = false
  /// `-t`: the program gets a terminal of its own.
  public var tty = false
  /// `--detach-keys`, as `Attach` reads them; nil for Docker's.
  public var detachKeys: String?
  /// `-d`: nobody waits for it.
  public var isDetached = false
  /// `--privileged`: with every capability.
  public var isPrivileged = false
  /// `--env-file`.
  public var environmentFiles: [String] = []
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
    let up = "Up \(span(startedNs ?? createdNs))"
    switch status {
    case .created: return "Created"
    case .running:
      if health.isEmpty { return up }
      return "\(up) (\(health == "starting" ? "health: starting" : health))"
    case .paused: return "\(up) (Paused)"
    case .restarting(let code):
      return "Restarting (\(code)) \(span(finishedNs ?? createdNs)) ago"
    case .removing: return "Removal In Progress"
    case .dead: return "Dead"
    case .exited(let code):
      let ended = "Exited (\(code.map { "\($0)" } ?? "?"))"
      return finishedNs.map { "\(ended) \(span($0)) ago" } ?? ended
    }
  }
}

extension ContainerInfo {
  init(_ record: Record, _ status: ContainerStatus, _ life: Life) {
    id = record.id
    name = record.name
    image = record.image
    imageID = record.imageID
    command = record.command
    createdNs = record.createdNs
    startedNs = life.startedNs > 1 ? life.startedNs : nil
    finishedNs = life.finishedNs > 0 ? life.finishedNs : nil
    self.status = status
    labels = record.labels
    health = life.health
  }
}
