import Glibc
import Linux
import Synchronization
import Testing

/// What these tests need of the machine, and where the built programs are.
enum Machine {
  /// DRYDOCK_BIN_DIR, else the release build, else the debug build of this package.
  ///
  /// Containers of these tests are on no network unless they name one: bridges and rules would stay
  /// on the host for as long as a test's root lives. Tests of networks have a host of their own.
  static let binaries: String = {
    unsafe setenv("DRYDOCK_NETWORK", "none", 1)
    for entry in Processes.environment where entry.hasPrefix("DRYDOCK_BIN_DIR=") {
      return String(entry.dropFirst(16))
    }
    let package = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let release = "/" + package + "/.build/release"
    return File.exists(release + "/drydock-runtime") ? release : "/" + package + "/.build/debug"
  }()

  static let runtime = binaries + "/drydock-runtime"

  static let isReady =
    Identity.effectiveUser == 0 && File.exists(runtime) && File.exists("/bin/busybox")

  static let reason: Comment =
    "needs root, Debian's busybox-static and a built drydock-runtime (or DRYDOCK_BIN_DIR)"

  private static let serial = Atomic<Int>(0)

  /// A number nobody else in this process has.
  static func unique() -> Int { serial.add(1, ordering: .relaxed).newValue }
}

/// What a program that ended left.
struct Outcome {
  let status: Linux.ExitStatus
  let output: String
  let error: String

  var code: Int32 { status.code }
}

/// A program that was started, with its output kept in memory.
struct Running: ~Copyable {
  private let child: Child
  private let output: Descriptor
  private let error: Descriptor

  /// Its pid.
  var pid: Int32 { child.pid }

  /// Starts a program; `input` becomes its standard input.
  init(_ words: [String], input: String? = nil) throws {
    let program = try #require(words.first)
    let output = try File.memory("output")
    let error = try File.memory("error")
    let source = try Running.source(input)
    let child = try Child(
      program, words, input: source.raw, output: output.raw, error: error.raw)
    self.child = child
    self.output = output
    self.error = error
  }

  private static func source(_ input: String?) throws -> Descriptor {
    guard let input else { return try File.open("/dev/null", .readOnly) }
    let file = try File.memory("input")
    try File.write(file.raw, input.utf8, name: "input")
    return try File.open(file.procPath, .readOnly)
  }

  /// What it has written to standard output so far.
  func written() throws -> String { try File.text(output.procPath) }

  func signal(_ number: Int32) throws { try child.signal(number) }

  /// Waits for its end; a program that hangs is killed and the test fails.
  consuming func finish(within seconds: Int32 = 30) throws -> Outcome {
    if try !child.ended(within: seconds * 1000) {
      Issue.record("still running after \(seconds) s, killed")
      try child.signal(Signal.kill)
    }
    let status = try child.wait()
    return Outcome(
      status: status, output: try File.text(output.procPath), error: try File.text(error.procPath))
  }
}

/// Runs a program to its end.
@discardableResult
func run(_ words: [String], input: String? = nil, within seconds: Int32 = 30) throws -> Outcome {
  let program = try Running(words, input: input)
  return try program.finish(within: seconds)
}

/// Waits until something holds, up to ten seconds.
func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
  for _ in 0..<2000 {
    if try condition() { return true }
    Clock.sleep(5_000_000)
  }
  return try condition()
}

/// A stream socket at a path, on which somebody may connect.
func listeningSocket(_ path: String) throws -> Descriptor {
  let fd = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
  try #require(fd >= 0)
  let socket = Descriptor(owning: fd)
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  unsafe withUnsafeMutableBytes(of: &address.sun_path) { target in
    for (index, byte) in path.utf8.enumerated() { unsafe target[index] = byte }
  }
  let bound = unsafe withUnsafePointer(to: &address) { pointer in
    unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      unsafe bind(fd, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
    }
  }
  try #require(bound == 0 && Glibc.listen(fd, 4) == 0)
  return socket
}
