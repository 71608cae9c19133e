import Linux
import Testing

/// podman with its configuration, storage and network folder below an `EngineHome`.
///
/// It is told the runtime by its path. podman writes errors in JSON only for file names it knows
/// (crun, runc, youki), so the name is part of a test.
struct Podman {
  let home: EngineHome
  let program: String

  static let isInstalled = EngineHome.isInstalled("/usr/bin/podman", "/usr/bin/conmon")
  static let reason: Comment = "needs root, podman, busybox-static and a built drydock-runtime"

  private init(_ home: EngineHome, _ name: String) throws {
    self.home = home
    program = home.path + "/bin/" + name
    let path = home.path
    for folder in ["net", "home", "hooks", "tmp"] {
      try File.makeDirectory(path + "/" + folder)
    }
    // Low limits: podman's usual ones can only be set with CAP_SYS_RESOURCE.
    try File.replace(
      path + "/containers.conf",
      with: """
        [containers]
        default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
        netns = "none"
        log_driver = "k8s-file"
        [network]
        network_backend = "cni"
        cni_plugin_dirs = ["/usr/lib/cni"]
        network_config_dir = "\(path)/net"
        [engine]
        cgroup_manager = "cgroupfs"
        events_logger = "file"
        hooks_dir = ["\(path)/hooks"]
        lock_type = "file"
        runtime = "\(program)"
        static_dir = "\(path)/storage/libpod"
        tmp_dir = "\(path)/tmp"
        volume_path = "\(path)/storage/volumes"
        """.utf8)
    try File.replace(
      path + "/storage.conf",
      with: """
        [storage]
        driver = "\(EngineHome.hasOverlay ? "overlay" : "vfs")"
        graphroot = "\(path)/storage"
        runroot = "\(path)/run"
        """.utf8)
  }

  /// Its whole life: image loaded, body run, everything removed, nothing left.
  static func use(runtime name: String = "crun", _ body: (Podman) throws -> Void) throws {
    let podman = try Podman(EngineHome(), name)
    let path = podman.home.path
    do {
      try podman.output("load", "-q", "-i", path + "/image.tar")
      try body(podman)
    } catch { Issue.record(error) }
    try podman.output("pod", "rm", "--all", "--force", "--time=0")
    try podman.output("rm", "--all", "--force", "--time=0")
    // conmon's cgroup and the parent are podman's own; it keeps them. Its storage driver binds its
    // folder to itself, and two podmans at once may leave that.
    let parent = podman.home.name
    _ = try eventually { try EngineTraces.processes(of: path, parent).isEmpty }
    let storage = path + "/storage/overlay"
    if try MountInfo.list().contains(where: { $0.target == storage }) {
      _ = try podman.home.call(["/bin/umount", storage], [])
    }
    try podman.home.finish(leaving: [parent, parent + "/conmon"])
  }

  var variables: [String] {
    let path = home.path
    return [
      "CONTAINERS_CONF=\(path)/containers.conf", "CONTAINERS_STORAGE_CONF=\(path)/storage.conf",
      "HOME=\(path)/home", "XDG_RUNTIME_DIR=\(path)/home", "TMPDIR=\(path)/tmp",
    ]
  }

  /// Any command.
  @discardableResult
  func callAsFunction(_ words: String..., input: String? = nil) throws -> Outcome {
    try home.call(["/usr/bin/podman"] + words, variables, input: input)
  }

  /// A command that must succeed, and what it prints.
  @discardableResult
  func output(_ words: String..., sourceLocation: SourceLocation = #_sourceLocation) throws
    -> String
  {
    let outcome = try home.call(["/usr/bin/podman"] + words, variables)
    #expect(outcome.code == 0, "\(words): \(outcome.text)", sourceLocation: sourceLocation)
    return outcome.output.trimmed
  }

  /// `podman run` in the home's cgroup parent; without a network when none is named.
  @discardableResult
  func run(_ flags: String..., command: [String], input: String? = nil) throws -> Outcome {
    try home.call(words(flags, command), variables, input: input)
  }

  /// `podman run --rm` of a shell script that must succeed, and what it prints.
  func shell(
    _ script: String, _ flags: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> String {
    let outcome = try home.call(words(["--rm"] + flags, ["sh", "-c", script]), variables)
    #expect(outcome.code == 0, "\(flags): \(outcome.text)", sourceLocation: sourceLocation)
    return outcome.output.trimmed
  }

  /// Somebody at a terminal who types a podman command.
  func person(_ words: [String], rows: UInt16, columns: UInt16) throws -> Person {
    try Person(
      ["/usr/bin/env"] + variables + ["/usr/bin/podman"] + words, rows: rows, columns: columns)
  }

  private func words(_ flags: [String], _ command: [String]) -> [String] {
    ["/usr/bin/podman", "run", "--cgroup-parent=/" + home.name] + flags
      + [EngineHome.image] + command
  }
}
