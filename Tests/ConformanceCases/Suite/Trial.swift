// One container under trial: a bundle of its own, its own cgroups, and the runtime's commands on it.

internal import CConformance
internal import Glibc
internal import Linux

/// What a command left.
struct Outcome {
  let status: ExitStatus
  let output: String
  let error: String

  var succeeded: Bool { status == .exited(0) }
  /// The last lines of what it complained about.
  var complaint: String {
    let lines = error.split(separator: "\n").suffix(2)
    return lines.joined(separator: " / ")
  }
}

/// The runtime being tried and where the suite works.
struct Bench {
  /// The runtime's executable and arguments that come before all others.
  let runtime: [String]
  /// Holds everything.
  let folder: String
  /// The runtime's `--root`.
  var root: String { folder + "/root" }
  /// A folder with the programs of every root filesystem.
  var programs: String { folder + "/programs" }
  /// The first component of all cgroup paths.
  let cgroup: String
  /// Milliseconds after which a command counts as hung.
  let patience: Int32 = 20_000
}

/// A bundle, its container and what can be done with them.
final class Trial {
  let bench: Bench
  /// The container's name, and that of its folder.
  let id: String
  /// What `write` writes to config.json.
  var config: Value
  /// init's pid on the host, from the pid file.
  private(set) var pid: Int32 = 0
  /// What the container writes to descriptors 1 and 2.
  private var output: Descriptor
  private var created = false
  private var ended: ExitStatus?

  var bundle: String { bench.folder + "/" + id }
  var rootfs: String { bundle + "/rootfs" }
  /// The path of the container's cgroup below every hierarchy.
  var cgroupsPath: String { bench.cgroup + "/" + id }

  init(_ bench: Bench, id: String) throws {
    self.bench = bench
    self.id = id
    config = Fixture.config
    output = try File.memory("output")
    config["linux.cgroupsPath"] = .string(cgroupsPath)
    try Fixture.makeRoot(rootfs, programs: bench.programs)
  }

  /// Removes whatever there still is; what the runtime left is not hidden, `left` was asked before.
  func clear() throws {
    if created { _ = try? call(["delete", "--force", id]) }
    if pid > 0, (try? Processes.poll(pid)) ?? nil == nil, ended == nil {
      try? Processes.kill(pid, Signal.kill)
      _ = try? Processes.wait(pid)
    }
    for mount in try MountInfo.list().reversed() where mount.target.hasPrefix(bundle + "/") {
      try? Mounts.unmount(mount.target, detached: true)
    }
    try File.removeTree(bundle)
  }

  // MARK: The runtime's commands

  func write() throws { try File.replace(bundle + "/config.json", with: config.text.utf8) }

  /// Calls the runtime with words of the caller's.
  func call(_ words: [String], container: Bool = false) throws -> Outcome {
    let all = bench.runtime + ["--root", bench.root] + words
    let null = try File.open("/dev/null", .readWrite)
    // A container keeps its descriptors, so they are not those of the command's own answer.
    let answer = try File.memory("answer")
    let error = try File.memory("error")
    let child = try Child(
      all[0], all, input: null.raw, output: container ? output.raw : answer.raw, error: error.raw)
    guard try child.ended(within: bench.patience) else {
      try child.signal(Signal.kill)
      throw Failure(text: "`\(words.joined(separator: " "))` did not return")
    }
    let status = try child.wait()
    return Outcome(
      status: status, output: try File.text(answer.procPath), error: try File.text(error.procPath))
  }

  /// `create`, whatever comes of it.
  func attempt(_ flags: [String] = []) throws -> Outcome {
    try write()
    let file = bundle + "/pid"
    let words = ["create", "--bundle", bundle, "--pid-file", file] + flags + [id]
    let outcome = try call(words, container: true)
    if outcome.succeeded {
      created = true
      pid = Int32(try File.text(file).filter { $0 != "\n" }) ?? 0
    }
    return outcome
  }

  /// `create`, which must succeed.
  func create(_ flags: [String] = []) throws {
    let outcome = try attempt(flags)
    try expect(outcome.succeeded, "create failed: \(outcome.complaint)")
    try expect(pid > 0, "the pid file holds no pid")
  }

  /// `start`, which must succeed.
  func start() throws {
    let outcome = try call(["start", id])
    try expect(outcome.succeeded, "start failed: \(outcome.complaint)")
  }

  /// The state as `state` prints it.
  func state() throws -> Value {
    let outcome = try call(["state", id])
    try expect(outcome.succeeded, "state failed: \(outcome.complaint)")
    do { return try Value(parsing: outcome.output) } catch {
      throw Failure(text: "state is not JSON: \(error)")
    }
  }

  func status() throws -> String { try state()["status"]?.string ?? "" }

  func kill(_ signal: String = "KILL") throws {
    let outcome = try call(["kill", id, signal])
    try expect(outcome.succeeded, "kill failed: \(outcome.complaint)")
  }

  func delete() throws {
    let outcome = try call(["delete", id])
    try expect(outcome.succeeded, "delete failed: \(outcome.complaint)")
    created = false
  }

  /// Waits for the container's program, which the suite has adopted, and returns how it ended.
  @discardableResult
  func wait() throws -> ExitStatus {
    if let ended { return ended }
    let handle = try Processes.handle(of: pid)
    guard try Events.wait([handle.raw], milliseconds: bench.patience) != 0 else {
      throw Failure(text: "the container's program did not end")
    }
    let status = try Processes.wait(pid).0
    ended = status
    return status
  }

  // MARK: Whole experiments

  /// What the container has written so far, without the last line end.
  func written() throws -> String {
    let text = try File.text(output.procPath)
    return text.hasSuffix("\n") ? String(text.dropLast()) : text
  }

  /// Makes a shell script the container's program.
  func script(_ text: String) { config["process.args"] = ["sh", "-c", .string(text)] }

  /// Creates, starts, waits, and returns what the script wrote; it must succeed.
  func run(_ text: String) throws -> String {
    script(text)
    return try runProgram()
  }

  /// The same with `process.args` as they are.
  func runProgram() throws -> String {
    try create()
    try start()
    let status = try wait()
    let text = try written()
    try expect(status == .exited(0), "the program ended with \(status): \(text)")
    return text
  }

  /// The script must write exactly this.
  func see(_ text: String, _ expected: String) throws {
    let got = try run(text)
    try expect(got == expected, "`\(text)` gave \"\(got)\", not \"\(expected)\"")
  }

  /// Creates and starts a container that stays.
  func hold() throws {
    script("trap 'exit 0' TERM; echo up; while :; do sleep 0.05; done")
    try create()
    try start()
    try eventually("the program did not start") { try written().hasPrefix("up") }
  }

  /// `create` must fail and leave nothing (runtime.md, "Errors").
  func refused(_ why: String) throws {
    let outcome = try attempt()
    try expect(!outcome.succeeded, "create succeeded: \(why)")
    try expect(!outcome.error.isEmpty || !(try written().isEmpty), "create failed without a word")
    try nothingLeft()
  }

  /// `create` or `start` must fail: not every error can be known before the program is executed.
  func refusedAtLast(_ why: String) throws {
    guard try attempt().succeeded else { return }
    let outcome = try call(["start", id])
    try expect(!outcome.succeeded, "create and start succeeded: \(why)")
  }

  /// No container of this name, no cgroup and no mount may be there.
  func nothingLeft() throws {
    let state = try call(["state", id])
    try expect(!state.succeeded, "the container still has a state")
    let cgroups = try Fixture.cgroups(cgroupsPath)
    try expect(cgroups.isEmpty, "cgroups are left: \(cgroups)")
    let mounts = try MountInfo.list().filter { $0.target.hasPrefix(rootfs) }
    try expect(mounts.isEmpty, "mounts are left: \(mounts.map(\.target))")
  }

  func expect(_ condition: @autoclosure () throws -> Bool, _ text: @autoclosure () -> String) throws
  {
    if try !condition() { throw Failure(text: text()) }
  }

  func equal<T: Equatable>(_ got: T, _ wanted: T, _ what: @autoclosure () -> String) throws {
    if got != wanted { throw Failure(text: "\(what()): \(got), not \(wanted)") }
  }

  func eventually(_ text: @autoclosure () -> String, _ condition: () throws -> Bool) throws {
    for _ in 0..<1000 {
      if try condition() { return }
      Clock.sleep(5_000_000)
    }
    throw Failure(text: text())
  }
}
