public import Measure
internal import Linux

/// An engine as people call it.
public struct Engine: Sendable {
  /// Short, in ASCII.
  public let name: String
  /// The program and what stands before every command.
  public var words: [String]
  /// What busybox is called there.
  public var image: String
  /// What goes with every new container.
  public var flags: [String]
  /// What else ends a container at once.
  public var atOnce: [String]
  /// The programs of which a container that runs has one, by their names in /proc/PID/comm.
  public let keepers: [String]
  /// The programs that serve all containers.
  public let daemons: [String]

  /// Describes one.
  public init(
    name: String, words: [String], image: String = "localhost/busybox:1", flags: [String],
    atOnce: [String] = [], keepers: [String], daemons: [String] = []
  ) {
    self.name = name
    self.words = words
    self.image = image
    self.flags = flags
    self.atOnce = atOnce
    self.keepers = keepers
    self.daemons = daemons
  }

  /// A command.
  public func callAsFunction(_ more: String...) -> [String] { words + more }

  /// `run` or `create` of a command in busybox.
  public func run(
    _ verb: String, _ more: [String] = [], network: String = "none", _ command: [String]
  ) -> [String] {
    words + [verb] + more + ["--network", network] + flags + [image] + command
  }

  /// The command that ends and removes them at once.
  public func remove(_ containers: [String]) -> [String] {
    words + ["rm", "-f"] + atOnce + containers
  }
}

/// dockerd, below a place.
public enum Daemon {
  /// Starts it and waits until it answers.
  ///
  /// - Parameters:
  ///   - docker: the client; what it is called names the daemon's files.
  ///   - place: where everything it writes goes.
  ///   - flags: what it does with links and rules of the network namespace that it is started in.
  /// - Returns: nil, or why it does not answer.
  /// - Throws: `ExperimentError` when it cannot be started.
  public static func start(
    _ docker: Engine, _ place: Place, _ flags: [String]
  ) throws(ExperimentError) -> String? {
    let path = "\(place.path)/\(docker.name)"
    try Place.told { () throws(SystemError) in
      try File.replace(path + ".json", with: "{}".utf8)
      let log = try File.open(path + ".log", [.writeOnly, .create])
      let null = try File.open("/dev/null", .readWrite)
      let words =
        [
          "/usr/sbin/dockerd", "--config-file=\(path).json", "--host=unix://\(path).sock",
          "--data-root=\(path)", "--exec-root=\(path)-exec", "--pidfile=\(path).pid",
          "--log-level=error",
        ] + flags
      let child = try Child(
        words[0], words, input: null.raw, output: log.raw, error: log.raw)
      child.letGo()
    }
    let deadline = Clock.now + 60_000_000_000
    while Clock.now < deadline {
      if File.exists(path + ".sock"), try Command.output(docker("version")).complaint == nil {
        return nil
      }
      Clock.sleep(200_000_000)
    }
    let log = try Place.told { () throws(SystemError) in try File.text(path + ".log") }
    return "\(docker.name), whose daemon does not answer: \(log.suffix(300))"
  }
}
