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

extension Engine {
  /// This project's, with a store of its own below a place.
  static func drydock(_ place: Place, binaries: String) -> Engine {
    Engine(
      name: "drydock",
      words: [
        binaries + "/drydock", "--root", place.path + "/drydock", "--run-root",
        place.path + "/drydock-run",
      ], image: "busybox", flags: ["--cgroup-parent", "/" + place.name],
      keepers: ["drydock-monitor"])
  }

  /// podman, which keeps to the place by its environment (`Place.lend`); nil where there is none.
  static func podman(_ place: Place) -> Engine? {
    Runtime.find("podman").map {
      Engine(
        name: "podman", words: [$0], flags: ["--cgroup-parent", "/" + place.name],
        atOnce: ["-t", "0"], keepers: ["conmon"])
    }
  }

  /// Docker's client, told the socket of a daemon that somebody starts; nil where there is none.
  static func docker(_ place: Place, name: String) -> Engine? {
    guard let client = Runtime.find("docker"), Runtime.find("dockerd") != nil else { return nil }
    return Engine(
      name: name, words: [client, "--host", "unix://\(place.path)/\(name).sock"],
      flags: ["--cgroup-parent", "/" + place.name], keepers: ["containerd-shim"],
      daemons: ["dockerd", "containerd"])
  }
}

extension Ground {
  /// This project's engine; its store is empty, and gone when the experiment ends.
  ///
  /// - Throws: `ExperimentError` when the program is missing.
  public func drydock() throws(ExperimentError) -> Engine {
    let engine = Engine.drydock(place, binaries: binaries)
    guard File.exists(engine.words[0]) else {
      throw ExperimentError("\(engine.words[0]) is missing: swift build -c release")
    }
    atEnd { () throws(ExperimentError) in
      for folder in ["drydock", "drydock-run"] { try self.remove(folder) }
    }
    return engine
  }

  /// podman, where it is installed and peers are wanted; its store is gone when the experiment ends.
  public func podman() -> Engine? {
    guard hasPeers else { return nil }
    guard let engine = Engine.podman(place) else {
      absent("podman", Bilingual(en: "it is not installed", zh: "未安装"))
      return nil
    }
    atEnd { () throws(ExperimentError) in
      for folder in ["podman", "podman-run"] { try self.remove(folder) }
    }
    return engine
  }

  /// Docker with a daemon of its own, where it is installed, answers, and peers are wanted.
  ///
  /// The daemon is started in the network namespace that the caller is in, and ended with the
  /// experiment.
  ///
  /// - Parameters:
  ///   - name: what its arms and the daemon's files are called.
  ///   - flags: what the daemon does with links and rules.
  /// - Returns: the engine; nil where an experiment has to do without it.
  /// - Throws: `ExperimentError` when it cannot be started at all.
  public func docker(
    _ name: String = "docker", _ flags: [String]
  ) throws(ExperimentError) -> Engine? {
    guard hasPeers else { return nil }
    guard let engine = Engine.docker(place, name: name) else {
      absent("docker", Bilingual(en: "it is not installed", zh: "未安装"))
      return nil
    }
    let daemon = try Daemon(engine, place, flags)
    atEnd { () throws(ExperimentError) in
      try daemon.end()
      for folder in [name, name + "-exec"] { try self.remove(folder) }
    }
    if let complaint = try daemon.complaint() {
      absent(name, Bilingual(complaint))
      return nil
    }
    return engine
  }

  /// An archive of busybox for others to load, saved by this project's engine.
  ///
  /// - Throws: `ExperimentError` with the command that failed.
  public func archive(of drydock: Engine) throws(ExperimentError) -> String {
    let path = place.path + "/busybox.tar"
    if !File.exists(path) {
      try Command.must(drydock("tag", "busybox", "localhost/busybox:1"))
      try Command.must(drydock("save", "-o", path, "localhost/busybox:1"))
    }
    return path
  }

  private func remove(_ folder: String) throws(ExperimentError) {
    let path = "\(place.path)/\(folder)"
    try Place.told { () throws(SystemError) in
      if File.exists(path) { try File.removeTree(path) }
    }
  }
}

/// dockerd, below a place: whoever starts it ends it.
private final class Daemon {
  private let docker: Engine
  private let path: String
  private let pid: Int32

  /// Starts it.
  ///
  /// - Throws: `ExperimentError` when it cannot be started.
  init(_ docker: Engine, _ place: Place, _ flags: [String]) throws(ExperimentError) {
    self.docker = docker
    let path = "\(place.path)/\(docker.name)"
    self.path = path
    pid = try Place.told { () throws(SystemError) in
      try File.replace(path + ".json", with: "{}".utf8)
      let log = try File.open(path + ".log", [.writeOnly, .create])
      let null = try File.open("/dev/null", .readWrite)
      let words =
        [
          Runtime.find("dockerd") ?? "dockerd", "--config-file=\(path).json",
          "--host=unix://\(path).sock", "--data-root=\(path)", "--exec-root=\(path)-exec",
          "--pidfile=\(path).pid", "--log-level=error",
        ] + flags
      let child = try Child(words[0], words, input: null.raw, output: log.raw, error: log.raw)
      let pid = child.pid
      child.letGo()
      return pid
    }
  }

  /// Waits until it answers; nil, or why it does not.
  func complaint() throws(ExperimentError) -> String? {
    let deadline = Clock.now + 60_000_000_000
    while Clock.now < deadline, Processes.isAlive(pid) {
      if File.exists(path + ".sock"), try Command.output(docker("version")).complaint == nil {
        return nil
      }
      Clock.sleep(200_000_000)
    }
    let log = try Place.told { () throws(SystemError) in try File.text(path + ".log") }
    return "\(docker.name): its daemon does not answer: \(log.suffix(300))"
  }

  /// Asks it to end, which ends containerd as well, and insists after half a minute.
  func end() throws(ExperimentError) {
    try Place.told { () throws(SystemError) in
      let handle = try Processes.handle(of: pid)
      try Processes.kill(pid, Signal.term)
      let deadline = Clock.now + 30_000_000_000
      var hasEnded = false
      while !hasEnded, Clock.now < deadline {
        hasEnded = try Events.wait([handle.raw], milliseconds: 1000) != 0
      }
      if !hasEnded { try Processes.kill(pid, Signal.kill) }
      _ = try Processes.wait(pid)
      // A log of what went well is of no use, and a socket without a daemon misleads.
      for end in [".json", ".log", ".sock", ".pid"] where File.exists(path + end) {
        try File.remove(path + end)
      }
    }
  }
}
