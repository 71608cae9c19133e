import Foundation
import Testing

/// Debian's stress and ours with the same command lines: same lines, same streams, same codes.
///
/// PIDs, seconds, source line numbers and temporary names are replaced before comparing. No run is
/// shorter than four seconds: the dispatcher counts whole ones of the clock, and gives up when none
/// is left.
@Suite(.enabled(if: Tool.classicIsInstalled, "needs /usr/bin/stress (apt-get install stress)"))
struct ControlTests {
  private let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    try #require(
      FileManager.default.isExecutableFile(atPath: Tool.ours.path),
      "no \(Tool.ours.path): swift build --product stress, or set DRYDOCK_BIN_DIR")
  }

  /// Replaces what differs from run to run.
  private func normalised(_ text: String) -> [String] {
    text.replacing(/\[\d+\]( \(\d+\))?/) { $0.1 == nil ? "[PID]" : "[PID] (LINE)" }
      .replacing(/<-- worker \d+/, with: "<-- worker PID")
      .replacing(/completed in \d+s/, with: "completed in Ns")
      .replacing(/timeout to \d+s/, with: "timeout to Ns")
      .replacing(/\.\/stress\.\w{6}/, with: "./stress.NAME")
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  /// How long the workers were given, in seconds: less by what passed before each was forked.
  private func timeouts(_ outcome: Outcome) -> [Int] {
    outcome.stdout.matches(of: /timeout to (\d+)s/).compactMap { Int($0.1) }
  }

  /// Runs both at once, each in a folder of its own unless one is given; `meanwhile` is called
  /// for each while it runs.
  private func both(
    _ line: String, in folder: URL? = nil, meanwhile: (Running) throws -> Void = { _ in }
  ) throws -> (classic: Outcome, ours: Outcome) {
    let words = line.split(separator: " ").map { $0 == "''" ? "" : String($0) }
    let classic = try Tool.classic.start(words, in: try folder ?? scratch.folder("classic"))
    let ours = try Tool.ours.start(words, in: try folder ?? scratch.folder("ours"))
    try meanwhile(classic)
    try meanwhile(ours)
    return (try classic.wait(), try ours.wait())
  }

  @Test(
    "Refused command lines",
    arguments: [
      "--bogus", "foo", "''", "--", "-h", "-V", "-vv", "-cn 1", "-c1", "--cpu=1", "--verb",
      "-c 1 foo -n", "-d 1 --hdd-noclean -n",
      "-c", "--cpu", "-i", "-m", "-d", "-t", "--backoff", "--vm-bytes", "--vm-stride",
      "--vm-hang", "--hdd-bytes", "--cpu -n", "-c -K", "-c -", "-t -x", "--backoff -n",
      "-c 0", "--cpu 0", "-c -1", "--io 0", "--vm 0", "--hdd 0", "-c 08", "-n -c 1 -t 0 -v",
      "-t -1 -c 1", "-n --timeout -5 -c 1", "--backoff -1 -c 1", "--vm-bytes 0 -m 1",
      "--vm-bytes -1 -m 1", "--vm-stride 0 -m 1", "--vm-stride -1 -m 1", "--vm-hang -1 -m 1",
      "--hdd-bytes 0 -d 1", "--hdd-bytes -1 -d 1",
      "-c 2x", "-c abc", "-c +", "-c 0x", "-i 1%", "-t 1Q", "-t 1z", "--vm-bytes 1z",
      "--vm-bytes 1d -m 1", "--vm-bytes 0x1f -m 1", "--vm-hang 1s -m 1", "--hdd-bytes 1h -d 1",
      "-c K", "-c x1", "-c .5", "-t x1", "-t m", "--backoff abc", "-c ''", "-t ''",
      "--vm-bytes ''", "--backoff ''", "-q --bogus", "-v --backoff 1k --bogus",
      "--bogus --help", "-c 1 -t 1 --version=1",
    ])
  func refused(line: String) throws {
    let (classic, ours) = try both(line)
    #expect(classic.code == 1)
    #expect(ours.code == classic.code)
    #expect(normalised(ours.stdout) == normalised(classic.stdout))
    #expect(normalised(ours.stderr) == normalised(classic.stderr))
  }

  @Test(
    "Asked for nothing: usage and success",
    arguments: [
      "", "-v", "-q", "-n", "-?", "--help",
      "-t 1", "--help --bogus", "-c 1 --help", "--vm-keep",
    ])
  func usage(line: String) throws {
    let (classic, ours) = try both(line)
    #expect(classic.code == 0)
    #expect(ours.code == 0)
    #expect(classic.stdout.contains("Usage:"))
    #expect(ours.stdout.hasPrefix(classic.stdout), "the classic usage comes first")
    #expect(ours.stderr == classic.stderr)
  }

  @Test("The version starts as the classic one's", arguments: ["--version", "--version --bogus"])
  func version(line: String) throws {
    let (classic, ours) = try both(line)
    #expect(classic.stdout.hasPrefix("stress 1.0."))
    #expect(ours.stdout.hasPrefix("stress 1.0."))
    #expect(ours.code == classic.code)
  }

  @Test(
    "Runs that end by themselves or at their timeout",
    arguments: [
      "-n -c 1", "-n -c 2 -i 1 -m 1 -d 1", "-n -v -c 2 -i 1 -m 1 -d 1", "-n -q -c 2",
      "-q -v -c 1 -n", "-v -q -c 1 -n", "-n -v -c 2 -t 2", "-n -v -c 1 -t 1M", "-n -v -c 1 -t 1h",
      "-n -v -c 1 -t 1D", "-n -v -c 1 -t 1y", "-n -v -c 1 -t 0x10", "-n -v -c 1 -t 1e2",
      "-n -v -c 1 -t 1s2", "-n -v -c 1 -t 99999999999999999999", "-n -c 2.5", "-n -c 0x10",
      "-n -c 010", "-n -c +2", "-n -c 1 -c 2", "-n -v -c 1 --backoff 0", "-n -c 1 --backoff 7 -v",
      "-n -c 1 -v --backoff 12abc", "-n -v --backoff 0x10 -c 1", "-n -m 1 --vm-bytes 1g",
      "-n -m 1 --vm-bytes 0x1b", "-n -m 1 --vm-hang 5M --vm-stride 1K --vm-keep",
      "--vm-hang 0 -n -m 1",
      "-n -v -m 3 -d 2", "-q -c 1 -t 4", "-v -c 2 -t 4",
    ])
  func succeeds(line: String) throws {
    let (classic, ours) = try both(line)
    #expect(classic.code == 0)
    expectSameRun(ours, classic)
  }

  /// Worker loops: how often a line comes depends on the machine, which lines come does not.
  @Test(
    "What the workers say",
    arguments: [
      "-v -t 4 -m 1 --vm-bytes 20M -d 1 --hdd-bytes 20971525",
      "-v -t 4 -c 1 -m 1 --vm-bytes 1M --vm-hang 0",
      "-v -t 4 -m 1 --vm-bytes 1M --vm-hang 5 --vm-stride 1",
      "-v -t 4 -m 1 --vm-bytes 20M --vm-keep",
    ])
  func workerLines(line: String) throws {
    let (classic, ours) = try both(line)
    #expect(ours.code == classic.code)
    #expect(Set(normalised(ours.stdout)) == Set(normalised(classic.stdout)))
    #expect(ours.stderr == classic.stderr)
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.folder("ours").path) == [])
  }

  @Test(
    "A worker that fails ends the run",
    arguments: [
      "-m 1 --vm-bytes 999999G -t 9", "-m 1 --vm-bytes 999999G -t 9 -q",
      "-c 2 -m 1 --vm-bytes 999999G -t 9 -v", "-c 2 -m 1 --vm-bytes 999999G",
    ])
  func memoryFails(line: String) throws {
    let (classic, ours) = try both(line)
    #expect(classic.code == 1)
    #expect(classic.stderr.contains("hogvm malloc failed: Cannot allocate memory"))
    expectSameRun(ours, classic)
  }

  @Test("A directory that takes no file") func diskFails() throws {
    let (classic, ours) = try both("-d 1 -t 9 -c 1", in: URL(filePath: "/proc"))
    #expect(classic.stderr.contains("mkstemp failed"))
    expectSameRun(ours, classic)
  }

  @Test("A worker that gets a signal", arguments: [SIGKILL, SIGTERM, SIGSEGV, SIGALRM, SIGUSR1])
  func signalled(signal: Int32) throws {
    let (classic, ours) = try both("-v -c 2 -t 4") { run in
      let worker = try run.find(/hogcpu worker 1 \[(\d+)\] forked/)
      usleep(50_000)  // past its prctl(2) and its backoff
      kill(try #require(Int32(worker)), signal)
    }
    #expect(classic.code == ([SIGALRM, SIGUSR1].contains(signal) ? 0 : 1))
    expectSameRun(ours, classic)
  }

  @Test("A signal to the dispatcher ends it by that signal", arguments: [SIGTERM, SIGINT, SIGHUP])
  func terminated(signal: Int32) throws {
    let (classic, ours) = try both("-v -c 1 -t 5") { run in
      _ = try run.find(/hogcpu worker 1 \[(\d+)\] forked/)
      run.signal(signal)
    }
    #expect(classic.bySignal && ours.bySignal)
    #expect(classic.code == 128 + signal)
    #expect(ours.code == 128 + signal)
    #expect(ours.stderr == classic.stderr)
  }

  /// Same code, same lines on the same streams, and the dispatcher's lines in the same order.
  ///
  /// The order in which workers end and speak is the scheduler's.
  private func expectSameRun(_ ours: Outcome, _ classic: Outcome) {
    #expect(ours.code == classic.code)
    for (mine, theirs) in zip(timeouts(ours), timeouts(classic)) {
      #expect(abs(mine.distance(to: theirs)) <= 3, "timeouts of \(mine) and \(theirs) s")
    }
    for (mine, theirs) in [(ours.stdout, classic.stdout), (ours.stderr, classic.stderr)] {
      let (mine, theirs) = (normalised(mine), normalised(theirs))
      #expect(mine.sorted() == theirs.sorted())
      let dispatched = { (lines: [String]) in
        lines.filter { $0.contains("-->") || $0.contains("using") || $0.contains("dispatching") }
      }
      #expect(dispatched(mine) == dispatched(theirs))
      #expect(mine.last == theirs.last)
    }
  }
}
