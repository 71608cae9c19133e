import Linux
import Testing

/// containerd and `ctr` below an `EngineHome`, with the runtime as the shim's `BinaryName`.
struct Containerd {
  let home: EngineHome
  private let socket: String

  static let isInstalled = EngineHome.isInstalled(
    "/usr/bin/containerd", "/usr/bin/ctr", "/usr/bin/containerd-shim-runc-v2")
  static let reason: Comment = "needs root, containerd, busybox-static and a built drydock-runtime"

  /// Its whole life: daemon, image, body, everything removed, nothing left.
  static func use(_ body: (Containerd) throws -> Void) throws {
    let home = try EngineHome()
    let path = home.path
    try File.makeDirectory(path + "/fifo")
    try File.replace(
      path + "/config.toml",
      with: """
        version = 2
        root = "\(path)/root"
        state = "\(path)/state"
        disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt",
          "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
          "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs"]
        [grpc]
          address = "\(path)/containerd.sock"
        """.utf8)
    let containerd = Containerd(home: home, socket: path + "/containerd.sock")
    let daemon = try Daemon(["/usr/bin/containerd", "--config", path + "/config.toml"]) {
      try containerd("version").code == 0
    }
    do {
      try containerd.output(
        "image", "import", "--snapshotter", EngineHome.snapshotter, path + "/image.tar")
      try body(containerd)
    } catch { Issue.record(error) }
    try containerd.removeAll()
    daemon.stop()
    // The namespace's cgroup is containerd's own; it keeps it.
    try home.finish(leaving: [home.name])
  }

  private func removeAll() throws {
    for task in try output("task", "ls", "-q").lines { try self("task", "rm", "--force", task) }
    for container in try output("container", "ls", "-q").lines {
      try output("container", "rm", container)
    }
    for image in try output("image", "ls", "-q").lines {
      try output("image", "rm", "--sync", image)
    }
  }

  /// `ctr` with any command.
  @discardableResult
  func callAsFunction(_ words: String..., input: String? = nil) throws -> Outcome {
    try home.call(ctr + words, [], input: input)
  }

  /// A command that must succeed, and what it prints.
  @discardableResult
  func output(_ words: String..., sourceLocation: SourceLocation = #_sourceLocation) throws
    -> String
  {
    let outcome = try home.call(ctr + words, [])
    #expect(outcome.code == 0, "\(words): \(outcome.text)", sourceLocation: sourceLocation)
    return outcome.output.trimmed
  }

  /// `ctr run` of a container `id`.
  @discardableResult
  func run(
    _ flags: String..., id: String, command: [String], input: String? = nil
  ) throws -> Outcome {
    try home.call(words(flags, id, command), [], input: input)
  }

  /// `ctr run --rm` of a shell script that must succeed, and what it prints.
  func shell(
    _ script: String, _ flags: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> String {
    let id = "c\(Machine.unique())"
    let outcome = try home.call(words(["--rm"] + flags, id, ["sh", "-c", script]), [])
    #expect(outcome.code == 0, "\(flags): \(outcome.text)", sourceLocation: sourceLocation)
    return outcome.output.trimmed
  }

  /// `exec` in a container.
  @discardableResult
  func exec(
    _ id: String, _ flags: String..., command: [String], input: String? = nil
  ) throws -> Outcome {
    try home.call(ctr + execWords(id, flags, command), [], input: input)
  }

  /// A task's status as `ctr task ls` shows it; empty when there is none.
  func status(_ id: String) throws -> String {
    let line = try output("task", "ls").lines.first { $0.hasPrefix(id + " ") }
    return String(line?.split(separator: " ").last ?? "")
  }

  /// Somebody at a terminal who runs or executes something.
  func person(_ words: [String], rows: UInt16, columns: UInt16) throws -> Person {
    try Person(["/usr/bin/env"] + words, rows: rows, columns: columns)
  }

  var ctr: [String] { ["/usr/bin/ctr", "--address", socket, "--namespace", home.name] }

  func execWords(_ id: String, _ flags: [String], _ command: [String]) -> [String] {
    ["task", "exec", "--exec-id", "e\(Machine.unique())", "--fifo-dir", home.path + "/fifo"]
      + flags + [id] + command
  }

  func words(_ flags: [String], _ id: String, _ command: [String]) -> [String] {
    ctr + [
      "run", "--runc-binary", home.path + "/bin/runc", "--runc-root", home.path + "/runc",
      "--fifo-dir", home.path + "/fifo", "--snapshotter", EngineHome.snapshotter,
    ] + flags + [EngineHome.image, id] + command
  }
}
