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
  /// Whether it is somebody else's, whom an experiment does without when it fails.
  public let isPeer: Bool

  /// Describes one.
  public init(
    name: String, words: [String], image: String = "localhost/busybox:1", flags: [String],
    atOnce: [String] = [], keepers: [String], daemons: [String] = [], isPeer: Bool = false
  ) {
    self.name = name
    self.words = words
    self.image = image
    self.flags = flags
    self.atOnce = atOnce
    self.keepers = keepers
    self.daemons = daemons
    self.isPeer = isPeer
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
        atOnce: ["-t", "0"], keepers: ["conmon"], isPeer: true)
    }
  }

  /// Docker's client, told the socket of a daemon that somebody starts; nil where there is none.
  static func docker(_ place: Place, name: String) -> Engine? {
    guard let client = Runtime.find("docker"), Runtime.find("dockerd") != nil else { return nil }
    return Engine(
      name: name, words: [client, "--host", "unix://\(place.path)/\(name).sock"],
      flags: ["--cgroup-parent", "/" + place.name], keepers: ["containerd-shim"],
      daemons: ["dockerd", "containerd"], isPeer: true)
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
    // Last in, first out: the store goes whatever became of the containers.
    atEnd { () throws(ExperimentError) in try self.remove(["drydock", "drydock-run"]) }
    atEnd { () throws(ExperimentError) in try self.clear(engine) }
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
      // conmon calls podman once more when its container has ended, which mounts the store again.
      try Place.told { () throws(SystemError) in
        try self.place.removeCgroups(called: "conmon")
      }
      try self.remove(["podman", "podman-run"])
    }
    atEnd { () throws(ExperimentError) in try self.clear(engine) }
    return engine
  }

  /// Docker with a daemon of its own, where it is installed, answers, and peers are wanted.
  ///
  /// The daemon is started in the network namespace that the caller is in, and ended with the
  /// experiment. One that did not answer once is not asked again in this run.
  ///
  /// - Parameters:
  ///   - name: what its arms and the daemon's files are called.
  ///   - flags: what the daemon does with links and rules.
  /// - Returns: the engine; nil where an experiment has to do without it.
  /// - Throws: `ExperimentError` when it cannot be started at all.
  public func docker(
    _ name: String = "docker", _ flags: [String]
  ) throws(ExperimentError) -> Engine? {
    guard hasPeers, !missing.contains(where: { $0.name == name }) else { return nil }
    guard let engine = Engine.docker(place, name: name), let program = Runtime.find("dockerd")
    else {
      absent("docker", Bilingual(en: "it is not installed", zh: "未安装"))
      return nil
    }
    let daemon = try Daemon(engine, program, place, flags)
    return try serve(engine, by: daemon) ? engine : nil
  }

  /// Whether a daemon answers; one that does not is ended at once, and named.
  func serve(
    _ engine: Engine, by daemon: Daemon, seconds: UInt64 = 60
  ) throws(ExperimentError) -> Bool {
    if let complaint = daemon.complaint(within: seconds) {
      try daemon.end()
      try remove(daemon.folders)
      if Interrupt.isPending { throw ExperimentError("interrupted") }
      absent(engine.name, Bilingual(complaint))
      return false
    }
    atEnd { () throws(ExperimentError) in
      try daemon.end()
      try self.remove(daemon.folders)
    }
    atEnd { () throws(ExperimentError) in try self.clear(engine) }
    return true
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

  /// Ends what still runs; what does not run is only files.
  private func clear(_ engine: Engine) throws(ExperimentError) {
    let running = try Command.must(engine("ps", "-q")).split(separator: "\n").map { String($0) }
    if !running.isEmpty { try Command.must(engine.remove(running)) }
  }

  /// Removes directories of the place, with what engines keep mounted there (podman: its store).
  private func remove(_ folders: [String]) throws(ExperimentError) {
    for path in folders.map({ "\(place.path)/\($0)" }) where File.exists(path) {
      try Place.told { () throws(SystemError) in
        // Fields of proc_pid_mountinfo(5); what was mounted last comes off first.
        let points = (Kernel.read("/proc/self/mountinfo") ?? "").split(separator: "\n")
          .compactMap { $0.split(separator: " ").dropFirst(4).first.map { String($0) } }
        for point in points.reversed() where point.hasPrefix(path + "/") {
          try Mounts.unmount(point, detached: true)
        }
        try File.removeTree(path)
      }
    }
  }
}

/// dockerd, below a place: whoever starts it ends it.
final class Daemon {
  /// The directories that it keeps below the place.
  let folders: [String]
  let pid: Int32
  private let docker: Engine
  private let path: String

  /// Starts it, in a session of its own, so that Ctrl-C is for its starter, with whom it ends.
  ///
  /// - Throws: `ExperimentError` when it cannot be started.
  init(
    _ docker: Engine, _ program: String, _ place: Place, _ flags: [String]
  ) throws(ExperimentError) {
    self.docker = docker
    folders = [docker.name, docker.name + "-exec"]
    let path = "\(place.path)/\(docker.name)"
    self.path = path
    pid = try Place.told { () throws(SystemError) in
      try File.replace(path + ".json", with: "{}".utf8)
      let log = try File.open(path + ".log", [.writeOnly, .create])
      let null = try File.open("/dev/null", .readWrite)
      // setsid(1) becomes the program: the child of a fork leads no process group yet.
      let words =
        [
          "/usr/bin/setsid", program, "--config-file=\(path).json", "--host=unix://\(path).sock",
          "--data-root=\(path)", "--exec-root=\(path)-exec", "--pidfile=\(path).pid",
          "--log-level=error",
        ] + flags
      let child = try Child(
        words[0], words, input: null.raw, output: log.raw, error: log.raw,
        deathSignal: Signal.term)
      let pid = child.pid
      child.letGo()
      return pid
    }
  }

  /// Waits until it answers; nil, or why it does not.
  func complaint(within seconds: UInt64) -> String? {
    let deadline = Clock.now + seconds * 1_000_000_000
    var why = "no socket within \(seconds) s"
    while Clock.now < deadline, !Interrupt.isPending {
      guard Processes.isAlive(pid) else {
        why = "it ended"
        break
      }
      if File.exists(path + ".sock") {
        do throws(ExperimentError) {
          let answer = try Command.output(docker("version"))
          if answer.complaint == nil { return nil }
          why = answer.complaint ?? why
        } catch {
          why = error.text
          break
        }
      }
      Clock.sleep(100_000_000)
    }
    return "\(docker.name): its daemon does not answer, \(why): "
      + (Kernel.read(path + ".log") ?? "").suffix(300)
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
