import Foundation
import Testing

/// A `stress` on disk: Debian's, or ours.
struct Tool: Sendable, CustomTestStringConvertible {
  let path: String
  var testDescription: String { path }

  /// Debian's, the control.
  static let classic = Tool(path: "/usr/bin/stress")
  static var classicIsInstalled: Bool { FileManager.default.isExecutableFile(atPath: classic.path) }

  /// Ours, as built: in DRYDOCK_BIN_DIR, else the newer one of the release and the debug build.
  static let ours: Tool = {
    if let folder = ProcessInfo.processInfo.environment["DRYDOCK_BIN_DIR"] {
      return Tool(path: folder + "/stress")
    }
    let package = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let built = ["release", "debug"].map { package.appending(path: ".build/\($0)/stress") }
    let newest = built.max { modified($0) < modified($1) } ?? built[0]
    return Tool(path: newest.path(percentEncoded: false))
  }()

  /// Seconds of the last change; 0 for what is not there.
  private static func modified(_ file: URL) -> Int {
    var info = stat()
    return unsafe stat(file.path(percentEncoded: false), &info) == 0 ? info.st_mtim.tv_sec : 0
  }

  /// Starts it as the leader of a process group, which the classic tool needs to reap its workers.
  func start(_ arguments: [String], in folder: URL) throws -> Running {
    try Running(path, arguments, in: folder)
  }

  /// Runs it to its end.
  func run(_ arguments: [String], in folder: URL) throws -> Outcome {
    try start(arguments, in: folder).wait()
  }
}

/// How a run ended.
struct Outcome: Equatable {
  /// The exit code, or 128 + n by signal n.
  let code: Int32
  let bySignal: Bool
  let stdout: String
  let stderr: String
}

/// A process whose output goes to files, so that nothing blocks and all of it can be read while
/// it runs.
///
/// Spawned by hand, because Foundation's Process hands down the signal mask of the thread that
/// calls it. A test's thread has most signals blocked, and the classic tool then never sees its
/// own SIGALRM.
final class Running {
  let pid: Int32
  private let scratch: Scratch
  private var status: Int32?

  init(_ path: String, _ arguments: [String], in folder: URL) throws {
    scratch = try Scratch()
    var actions = unsafe posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    unsafe posix_spawn_file_actions_init(&actions)
    unsafe posix_spawnattr_init(&attributes)
    defer {
      unsafe posix_spawn_file_actions_destroy(&actions)
      unsafe posix_spawnattr_destroy(&attributes)
    }
    let flags = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND
    unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_addopen(&actions, 1, scratch.path("stdout"), flags, 0o600)
    unsafe posix_spawn_file_actions_addopen(&actions, 2, scratch.path("stderr"), flags, 0o600)
    // The leader of a process group, with no signal blocked and none ignored.
    var (none, all) = (sigset_t(), sigset_t())
    unsafe sigemptyset(&none)
    unsafe sigfillset(&all)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    unsafe posix_spawnattr_setsigdefault(&attributes, &all)
    unsafe posix_spawnattr_setpgroup(&attributes, 0)
    unsafe posix_spawnattr_setflags(
      &attributes,
      Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
    // The shell only changes the directory; the pid stays.
    let words =
      ["sh", "-c", "cd \"$0\" && exec \"$@\"", folder.path(percentEncoded: false), path]
      + arguments
    var argv = unsafe words.map { unsafe strdup($0) } + [nil]
    defer { unsafe argv.forEach { unsafe free($0) } }
    var child: pid_t = 0
    let error = unsafe posix_spawn(&child, "/bin/sh", &actions, &attributes, &argv, environ)
    guard error == 0 else { throw SpawnFailed(path: path, errno: error) }
    pid = child
  }

  struct SpawnFailed: Error {
    let path: String
    let errno: Int32
  }

  var stdout: String { get throws { try scratch.text("stdout") } }

  /// Waits until the first group of a pattern is in the output, and returns it.
  func find(_ pattern: Regex<(Substring, Substring)>) throws -> String {
    for _ in 0..<2000 {
      if let match = try stdout.firstMatch(of: pattern) { return String(match.1) }
      usleep(5000)
    }
    throw NotFound(output: try stdout)
  }

  struct NotFound: Error { let output: String }

  func signal(_ number: Int32) { kill(pid, number) }

  /// Waits for the end; one that does not come within twenty seconds is a failure of its own.
  func wait() throws -> Outcome {
    var raw: Int32 = 0
    var tries = 0
    while unsafe waitpid(pid, &raw, WNOHANG) == 0 {
      guard tries < 10000 else { throw NeverEnds(output: try stdout) }
      tries += 1
      usleep(2000)
    }
    status = raw
    let signal = raw & 0x7F
    return Outcome(
      code: signal == 0 ? raw >> 8 & 0xFF : 128 + signal, bySignal: signal != 0,
      stdout: try stdout, stderr: try scratch.text("stderr"))
  }

  struct NeverEnds: Error { let output: String }

  deinit {
    guard status == nil else { return }
    kill(-pid, SIGKILL)
    var raw: Int32 = 0
    unsafe waitpid(pid, &raw, 0)
  }
}

/// A folder that goes with its owner.
final class Scratch: Sendable {
  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "stress-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  /// A folder inside, made when missing.
  func folder(_ name: String) throws -> URL {
    let inside = folder.appending(path: name)
    try FileManager.default.createDirectory(at: inside, withIntermediateDirectories: true)
    return inside
  }

  func path(_ name: String) -> String { folder.appending(path: name).path(percentEncoded: false) }

  func text(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: folder.appending(path: name)), as: UTF8.self)
  }

  deinit {
    do {
      try FileManager.default.removeItem(at: folder)
    } catch {
      Issue.record("\(folder.path()) stays behind: \(error)")
    }
  }
}
