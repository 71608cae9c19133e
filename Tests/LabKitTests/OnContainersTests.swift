import CLinux
import Glibc
import Linux
import Measure
import Testing

@testable import LabKit

/// The labs on real containers, through the command, as learners run them.
///
/// Needs root and the executables beside the test's own.
@Suite(.serialized, .enabled(if: Command.isPossible)) final class OnContainersTests {
  let directory: String

  /// All labs, or those that `LABS` names (`LABS=veth,bridge`): who writes one need not wait for
  /// the others.
  static let chosen: [Lab] = {
    let wanted = Processes.environment.first { $0.hasPrefix("LABS=") }?.dropFirst(5)
      .split(separator: ",").map(String.init)
    return allLabs.filter { wanted?.contains($0.name) ?? true }
  }()

  init() throws {
    directory = "/tmp/labkit-\(Processes.current)-\(Clock.now)"
    try File.makeDirectories(directory)
  }

  deinit {
    do { try File.removeTree(directory) } catch { Issue.record("\(error)") }
  }

  /// The verdict is the kernel's and the machine's: a busy one may leave it open, none may fail.
  @Test(arguments: chosen.map(\.name)) func theLabRuns(_ name: String) throws {
    let (code, text) = try command(["start", name, "--yes", "--json"])
    #expect(code == 0 || code == 2, "\(text)")
    #expect(text.contains("\"id\": \"\(name)\""), "\(text)")
    #expect(leftovers() == [])
  }

  /// With a second load on every CPU nothing can be said, and nothing must be called wrong.
  @Test(arguments: ["cpu-shares", "cpu-quota", "cpuset"])
  func aBusyMachineLeavesItOpen(_ name: String) throws {
    let null = try File.open("/dev/null", .readWrite)
    let count = try File.text("/proc/stat").split(separator: "\n")
      .filter { $0.hasPrefix("cpu") && !$0.hasPrefix("cpu ") }.count
    // A hog pinned to each CPU; they end with the shell's SIGTERM, or by themselves.
    let script = """
      trap 'kill $hogs' TERM
      for cpu in $(seq 0 \(count - 1)); do
        taskset -c $cpu \(Command.stress) --quiet --cpu 1 --timeout 120 &
        hogs="$hogs $!"
      done
      wait
      """
    let load = try Child(
      "/bin/sh", ["sh", "-c", script], input: null.raw, output: null.raw, error: null.raw)
    let (code, text) = try command(["start", name, "--yes", "--json"])
    try load.signal(15)
    _ = try load.wait()
    #expect(code == 2, "\(text)")
    #expect(leftovers() == [])
  }

  @Test(arguments: chosen.map(\.name)) func theSolutionsPass(_ name: String) throws {
    let lab = try #require(allLabs.first { $0.name == name })
    for part in Part.allCases {
      let (code, text) = try check(lab, part, part.of(lab).solution)
      #expect(code == 0 || code == 2, "\(part): \(text)")
    }
  }

  @Test(arguments: chosen.map(\.name)) func thePlantedWrongOnesFail(_ name: String) throws {
    let lab = try #require(allLabs.first { $0.name == name })
    for part in Part.allCases {
      for planted in part.of(lab).wrong {
        let (code, text) = try check(lab, part, planted.script)
        #expect(code == 1, "\(part), \(planted.name): \(text)")
        #expect(
          text.contains("\"cause\":\"\(planted.cause)\""), "\(part), \(planted.name): \(text)")
      }
      let (code, text) = try check(lab, part, part.of(lab).start)
      #expect(code == 1, "\(part), as given: \(text)")
    }
  }

  /// The first container is being made, or all of it runs: for as long as the lab surely lasts.
  static let moments: [(String, Int)] =
    chosen.map { ($0.name, 0) } + chosen.filter { 13...16 ~= $0.number }.map { ($0.name, 1500) }
    + [
      ("capabilities", 300), ("seccomp", 300), ("bridge", 600), ("ports", 1500), ("hosts", 1000),
    ]
    .filter { moment in
      chosen.contains { $0.name == moment.0 }
    }

  @Test(arguments: moments) func ctrlCLeavesNothing(_ name: String, _ delay: Int) throws {
    try interrupt(name, delay, signal: 2) { code in
      #expect(code == 130)
      #expect(leftovers() == [])
    }
  }

  @Test(arguments: moments) func resetCleansAfterAKill(_ name: String, _ delay: Int) throws {
    try interrupt(name, delay, signal: 9) { code in
      #expect(code == 137)
      let (reset, text) = try command(["reset"])
      #expect(reset == 0, "\(text)")
      #expect(text.contains("cleaned up"))
      #expect(leftovers() == [])
      #expect(try command(["reset"]).text.contains("Nothing was left behind"))
    }
  }

  /// Starts a lab and sends it a signal so many milliseconds after its first container began.
  private func interrupt(
    _ name: String, _ delay: Int, signal: Int32, _ body: (Int32) throws -> Void
  ) throws {
    let out = try File.open("\(directory)/out", [.writeOnly, .create, .truncate])
    let null = try File.open("/dev/null", .readOnly)
    let child = try Child(
      Command.path, arguments(["start", name, "--yes"]), input: null.raw, output: out.raw,
      error: out.raw)
    let labs = "\(directory)/run/labs"
    let deadline = Clock.now + 60_000_000_000
    while Kernel.list(labs).flatMap({ Kernel.list("\(labs)/\($0)/containers") }).isEmpty {
      try #require(Clock.now < deadline, "no container was started")
      Clock.sleep(2_000_000)
    }
    Clock.sleep(UInt64(delay) * 1_000_000)
    try child.signal(signal)
    let ending = try child.wait()
    try body(ending.code)
  }

  /// What of a session is still there: directories, cgroups, processes, mounts.
  private func leftovers() -> [String] {
    let marks = ["\(directory)/run/labs/"]
    let state = HostState.read()
    var found = state.differences(since: HostState(items: [:]), marks: marks)
      .filter { ["mount", "process"].contains($0.kind) && $0.isOurs }.map(\.text)
    found += Kernel.list("\(directory)/run/labs")
    return found
  }

  private func check(_ lab: Lab, _ part: Part, _ script: String) throws -> (Int32, String) {
    let folder = "\(directory)/work/\(lab.folder)/\(part.rawValue)"
    try File.makeDirectories(folder)
    try File.replace("\(folder)/\(part.of(lab).file)", with: Array(script.utf8), mode: 0o755)
    return try command(["check", lab.name, part.rawValue, "--json"])
  }

  private func arguments(_ words: [String]) -> [String] {
    ["drydock", "--root", Command.root, "--run-root", "\(directory)/run", "lab"] + words
      + ["--workdir", "\(directory)/work", "--lang", "en"]
  }

  /// What a command answers.
  ///
  /// Its text is one line: where prose is broken at 80 columns depends on how long the paths in it
  /// are, and those hold process ids.
  private func command(_ words: [String]) throws -> (code: Int32, text: String) {
    let path = "\(directory)/output"
    let out = try File.open(path, [.writeOnly, .create, .truncate])
    let null = try File.open("/dev/null", .readOnly)
    let child = try Child(
      Command.path, arguments(words), input: null.raw, output: out.raw, error: out.raw)
    let code = try child.wait().code
    let text = try File.text(path).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return (code, text)
  }
}

/// The built `drydock`.
enum Command {
  /// Beside the test's executable, in any of the layouts that SwiftPM uses.
  static let path: String = {
    let own = Kernel.read("/proc/self/exe") ?? ""
    let folder = own.split(separator: "/").dropLast().map { "/" + $0 }.joined()
    return "\(folder)/drydock"
  }()

  static let stress = path.split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/stress"

  /// Images are prepared once for all tests, and go with the process: no test knows that it is the last.
  static let root: String = {
    atexit {
      do { try File.removeTree(Command.root) } catch { File.report("\(error)\n") }
    }
    return "/tmp/labkit-root-\(Processes.current)"
  }()

  static var isPossible: Bool {
    Kernel.status(Processes.current, "Uid")?.hasPrefix("0 ") == true && File.exists(path)
      && File.exists(path + "-runtime")
  }
}
