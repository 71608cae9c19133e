import Linux
import Testing

/// dockerd and `docker` below an `EngineHome`, with the runtime as dockerd's default.
struct Docker {
  let home: EngineHome

  static let isInstalled = EngineHome.isInstalled("/usr/bin/docker", "/usr/sbin/dockerd")
  static let reason: Comment = "needs root, docker.io, busybox-static and a built drydock-runtime"

  /// Its whole life: daemon, image, body, everything removed, nothing left.
  ///
  /// It touches no rules, no bridge but those that a test makes, and no setting of the host; on a host of
  /// the test's own it does with networks whatever it does.
  static func use(on host: NetworkHost? = nil, _ body: (Docker) throws -> Void) throws {
    let home = try EngineHome()
    let path = home.path
    let docker = Docker(home: home)
    try File.replace(path + "/daemon.json", with: "{}".utf8)
    let place = host.map { ["/usr/bin/nsenter", "--net=/proc/\($0.holder)/ns/net", "--"] } ?? []
    let networks =
      host == nil
      ? [
        "--bridge=none", "--iptables=false", "--ip-forward=false", "--ip-masq=false",
        "--userland-proxy=false",
      ] : []
    let words = [
      "/usr/sbin/dockerd", "--config-file=\(path)/daemon.json", "--host=unix://\(path)/docker.sock",
      "--data-root=\(path)/data", "--exec-root=\(path)/exec", "--pidfile=\(path)/dockerd.pid",
      "--add-runtime=drydock=\(path)/bin/drydock-runtime", "--default-runtime=drydock",
      "--cgroup-parent=/" + home.name, "--log-level=error",
    ]
    let daemon = try Daemon(place + words + networks) { try docker("version").code == 0 }
    do {
      try docker.output("load", "--quiet", "--input", path + "/image.tar")
      try body(docker)
    } catch { Issue.record(error) }
    for id in try docker.output("ps", "--all", "--quiet").lines {
      try docker.output("rm", "--force", id)
    }
    for id in try docker.output("network", "ls", "--quiet", "--filter=type=custom").lines {
      try docker.output("network", "rm", id)
    }
    daemon.stop()
    // dockerd's own: the mount of the host's network namespace, and the cgroup parent.
    let namespace = path + "/exec/netns/default"
    if File.exists(namespace) { _ = try home.call(["/bin/umount", namespace], []) }
    try home.finish(leaving: [home.name])
  }

  var variables: [String] {
    ["DOCKER_HOST=unix://\(home.path)/docker.sock", "DOCKER_CONFIG=\(home.path)/client"]
  }

  /// `docker` with any command.
  @discardableResult
  func callAsFunction(_ words: String..., input: String? = nil) throws -> Outcome {
    try home.call(["/usr/bin/docker"] + words, variables, input: input)
  }

  /// A command that must succeed, and what it prints.
  @discardableResult
  func output(_ words: String..., sourceLocation: SourceLocation = #_sourceLocation) throws
    -> String
  {
    let outcome = try home.call(["/usr/bin/docker"] + words, variables)
    #expect(outcome.code == 0, "\(words): \(outcome.text)", sourceLocation: sourceLocation)
    return outcome.output.trimmed
  }

  /// `docker run`.
  @discardableResult
  func run(_ flags: String..., command: [String], input: String? = nil) throws -> Outcome {
    try home.call(
      ["/usr/bin/docker", "run"] + flags + [EngineHome.image] + command, variables, input: input)
  }

  /// `docker run --rm` of a shell script that must succeed, and what it prints.
  func shell(
    _ script: String, _ flags: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> String {
    let outcome = try home.call(
      ["/usr/bin/docker", "run", "--rm"] + flags + [EngineHome.image, "sh", "-c", script],
      variables)
    #expect(outcome.code == 0, "\(flags): \(outcome.text)", sourceLocation: sourceLocation)
    return outcome.output.trimmed
  }

  /// A field of `docker inspect`.
  func inspect(_ format: String, _ name: String) throws -> String {
    try output("inspect", "--format={{\(format)}}", name)
  }

  /// Somebody at a terminal who types a docker command.
  func person(_ words: [String], rows: UInt16, columns: UInt16) throws -> Person {
    try Person(
      ["/usr/bin/env"] + variables + ["/usr/bin/docker"] + words, rows: rows, columns: columns)
  }
}
