import Foundation
import Linux
import OCI
import Testing

/// A bundle with a busybox root filesystem in a directory of its own, with its own `--root` and
/// cgroups.
///
/// Whatever a test leaves is an issue, and is removed with the bundle.
final class Bundle {
  /// Holds everything; also the mark by which its processes are found.
  let path: String
  /// The runtime's `--root`.
  let root: String
  /// The first component of its cgroups' paths.
  let cgroup: String
  /// The runtime, and what it is called through.
  var caller = [Machine.runtime]
  /// What `write` writes.
  var config: Config

  var rootfs: String { path + "/rootfs" }

  private static let applets = [
    "sh", "ash", "awk", "cat", "chmod", "cut", "dd", "df", "dmesg", "echo", "env", "false", "grep",
    "head", "hostname", "id", "ifconfig", "kill", "ln", "ls", "mkdir", "mknod", "mount", "mv",
    "nproc", "od", "printf", "ps", "pwd", "readlink", "rm", "sed", "seq", "sleep", "sort", "stat",
    "stty",
    "sync", "tail", "tee", "test", "touch", "tr", "true", "tty", "umount", "uname", "wc", "yes",
  ]

  init(_ change: (inout Config) -> Void = { _ in }) throws {
    let name = "drydock-test-\(Processes.current)-\(Machine.unique())"
    path = "/tmp/" + name
    root = path + "/run/runtime"
    cgroup = "/" + name
    config = Config.standard
    config.root.readonly = false
    config.process?.terminal = false
    config.process?.args = ["sh", "-c", "exit 0"]
    config.process?.env.append("DRYDOCK_TEST=" + path)
    config.linux.cgroupsPath = cgroup + "/c"
    change(&config)
    try File.makeDirectories(rootfs + "/bin", mode: 0o755)
    for folder in ["proc", "sys", "dev", "tmp", "etc", "root"] {
      try File.makeDirectory(rootfs + "/" + folder)
    }
    try #require(run(["/bin/cp", "/bin/busybox", rootfs + "/bin/busybox"]).code == 0)
    for applet in Bundle.applets { try File.makeLink(rootfs + "/bin/" + applet, to: "busybox") }
    try write()
  }

  deinit {
    do {
      for name in (try? File.list(root)) ?? [] where !name.hasPrefix(".") {
        try runtime("delete", "--force", name)
      }
      try File.removeTree(path)
    } catch { Issue.record(error) }
  }

  /// Writes config.json anew.
  func write() throws {
    try File.replace(path + "/config.json", with: config.encode(pretty: true))
  }

  /// Writes a config.json that is what the test says.
  func write(json text: String) throws {
    try File.replace(path + "/config.json", with: text.utf8)
  }

  /// A configuration for one of several containers, in cgroups of its own.
  func file(for id: String) throws -> String {
    var config = config
    config.linux.cgroupsPath = cgroup + "/" + id
    let file = path + "/config-" + id + ".json"
    try File.replace(file, with: config.encode(pretty: false))
    return file
  }

  /// The words of a call of the runtime.
  func words(_ words: [String]) -> [String] { caller + ["--root", root] + words }

  /// Calls the runtime and waits for it.
  @discardableResult
  func runtime(_ words: String..., input: String? = nil) throws -> Outcome {
    try run(self.words(words), input: input)
  }

  /// `drydock doctor` on what has been left in `--root`.
  func doctor(_ flags: String...) throws -> Outcome {
    try run(
      [
        Machine.binaries + "/drydock", "--root", path + "/root", "--run-root", path + "/run",
        "doctor",
      ] + flags)
  }

  /// Runs a shell script as the container's program, in the foreground.
  func shell(_ script: String, flags: [String] = [], input: String? = nil) throws -> Outcome {
    config.process?.args = ["sh", "-c", script]
    try write()
    return try run(words(["run", "--bundle", path] + flags + ["c"]), input: input)
  }

  /// Runs a shell script that must succeed, and returns what it prints, without the last line end.
  func output(_ script: String, flags: [String] = []) throws -> String {
    let outcome = try shell(script, flags: flags)
    #expect(outcome.code == 0, "\(outcome.error)")
    return outcome.output.hasSuffix("\n") ? String(outcome.output.dropLast()) : outcome.output
  }

  /// `create`, which must succeed.
  func create(_ id: String = "c", _ flags: [String] = []) throws {
    let outcome = try run(words(["create", "--bundle", path] + flags + [id]))
    try #require(outcome.code == 0, "\(outcome.error)")
  }

  /// `status` as `state` prints it; empty when there is no such container.
  func status(_ id: String = "c") throws -> String {
    let outcome = try runtime("state", id)
    guard outcome.code == 0 else { return "" }
    return try State.parse(Array(outcome.output.utf8)).status.rawValue
  }

  func state(_ id: String = "c") throws -> State {
    let outcome = try runtime("state", id)
    try #require(outcome.code == 0, "\(outcome.error)")
    return try State.parse(Array(outcome.output.utf8))
  }

  /// The directory with a container's files of a controller.
  func directory(_ controller: String, _ id: String = "c") throws -> String {
    let cgroups = try state(id).cgroups
    let entry = cgroups.first {
      $0.controllers.isEmpty || $0.controllers.split(separator: ",").contains { $0 == controller }
    }
    return try #require(entry).path
  }

  /// Nothing of the container is on the host any more.
  func expectNothingLeft(
    _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let state = try HostState(of: self)
    #expect(state == HostState(), comment, sourceLocation: sourceLocation)
  }

  /// The same, for what ends by itself a moment later: init, when the runtime was killed.
  func expectNothingLeftSoon(
    _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    _ = try eventually { try HostState(of: self).processes.isEmpty }
    try expectNothingLeft(comment, sourceLocation: sourceLocation)
  }
}

/// What a bundle's containers have on the host at one moment.
struct HostState: Equatable {
  /// Lines of mountinfo.
  var mounts: [String] = []
  /// Directories.
  var cgroups: [String] = []
  /// Command lines, of init before execve(2) too.
  var processes: [String] = []
  /// Entries of `--root`.
  var containers: [String] = []

  init() {}

  init(of bundle: Bundle) throws {
    let mark = bundle.path + "/"
    mounts = try MountInfo.list().map { $0.line }.filter { $0.contains(mark) }
    for tree in try CgroupLayout.detect().trees {
      cgroups += HostState.tree(tree.mountPoint + bundle.cgroup)
    }
    if File.exists(bundle.root) {
      containers = try File.list(bundle.root).filter { !$0.hasPrefix(".") }
    }
    let words = Data(mark.utf8)
    let variable = Data(("=" + bundle.path + "\0").utf8)
    for name in try FileManager.default.contentsOfDirectory(atPath: "/proc") {
      guard let pid = Int32(name), pid != Processes.current else { continue }
      // A process may end while it is looked at.
      guard let command = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline"),
        let environment = FileManager.default.contents(atPath: "/proc/\(pid)/environ"),
        command.range(of: words) != nil || environment.range(of: variable) != nil
      else { continue }
      processes.append(
        "\(pid) " + String(decoding: command.map { $0 == 0 ? 32 : $0 }, as: UTF8.self))
    }
  }

  private static func tree(_ directory: String) -> [String] {
    guard let status = try? File.status(directory, follow: false), status.isDirectory else {
      return []
    }
    let names = (try? File.list(directory)) ?? []
    return [directory] + names.flatMap { tree(directory + "/" + $0) }
  }
}
