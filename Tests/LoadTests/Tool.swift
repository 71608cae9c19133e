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

  private static func modified(_ file: URL) -> Date {
    let values = try? file.resolvingSymlinksInPath().resourceValues(
      forKeys: [.contentModificationDateKey])
    return values?.contentModificationDate ?? .distantPast
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
final class Running {
  private let process = Process()
  private let scratch: Scratch
  var pid: Int32 { process.processIdentifier }

  init(_ path: String, _ arguments: [String], in folder: URL) throws {
    scratch = try Scratch()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try scratch.file("stdout")
    process.standardError = try scratch.file("stderr")
    try process.run()
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

  func wait() throws -> Outcome {
    process.waitUntilExit()
    let bySignal = process.terminationReason == .uncaughtSignal
    return Outcome(
      code: process.terminationStatus + (bySignal ? 128 : 0), bySignal: bySignal,
      stdout: try stdout, stderr: try scratch.text("stderr"))
  }

  deinit {
    if process.isRunning { kill(pid, SIGKILL) }
  }
}

/// A folder that goes with its owner.
final class Scratch: Sendable {
  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "stress-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  func file(_ name: String) throws -> FileHandle {
    let file = folder.appending(path: name)
    try Data().write(to: file)
    return try FileHandle(forWritingTo: file)
  }

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
