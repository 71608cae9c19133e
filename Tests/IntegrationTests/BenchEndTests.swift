import Linux
import Testing

private let program = Machine.binaries + "/drydock-bench"

/// `drydock bench run` ended in the middle, in every way there is: what was measured is kept, and
/// nothing is left.
@Suite(
  .enabled(if: Machine.isReady, Machine.reason),
  .enabled(if: File.exists(program), "needs drydock-bench, built"))
struct BenchEndTests {
  private let out = "/tmp/bench-end.\(Processes.current).\(Machine.unique())"

  /// A run whose first experiment has ended, and whose second takes minutes.
  private func begun() throws -> Running {
    let running = try Running([
      program, "run", "start.step", "density.memory", "--rounds", "20", "--out", out,
    ])
    // The first experiment is short enough to have ended: its result is there.
    try #require(eventually { File.exists(out + "/report.html") }, "no result in \(out)")
    return running
  }

  private func clear() {
    do { try File.removeTree(out) } catch { Issue.record("\(error)") }
  }

  /// The second process of a run: the one that measures.
  private func measurer(of pid: Int32) throws -> Int32 {
    let place = "/tmp/bench-bench.\(pid)"
    let found = try File.list("/proc").compactMap { Int32($0) }.first { other in
      // What ends meanwhile is not it.
      other != pid
        && (try? File.text("/proc/\(other)/cmdline"))?.contains("--place\0\(place)") == true
    }
    return try #require(found, "no process has the place \(place)")
  }

  private func leftovers(of pid: Int32) throws -> [String] {
    var found = File.exists("/tmp/bench-bench.\(pid)") ? ["/tmp/bench-bench.\(pid)"] : []
    for tree in try File.list("/sys/fs/cgroup") {
      let path = "/sys/fs/cgroup/\(tree)/bench-bench.\(pid)"
      if File.exists(path) { found.append(path) }
    }
    return found
  }

  @Test func anInterruptKeepsWhatWasMeasured() throws {
    defer { clear() }
    let running = try begun()
    let pid = running.pid
    try Processes.kill(pid, 2)  // SIGINT
    let outcome = try running.finish()
    #expect(outcome.code == 130)
    #expect(outcome.output.contains("report.html"), "the report is shown, in a pipe too")
    let result = try File.text(out + "/result.json")
    #expect(result.contains(#""isInterrupted": true"#))
    #expect(result.contains(#""id": "start.step""#))
    #expect(try leftovers(of: pid) == [])
  }

  @Test func killingWhoMeasuresLeavesNothing() throws {
    defer { clear() }
    let running = try begun()
    let pid = running.pid
    try Processes.kill(try measurer(of: pid), Signal.kill)
    let outcome = try running.finish()
    #expect(outcome.code == 137)
    #expect(try File.text(out + "/result.json").contains(#""id": "start.step""#))
    #expect(try leftovers(of: pid) == [])
  }

  @Test func killingTheFirstProcessLeavesNothing() throws {
    defer { clear() }
    let running = try begun()
    let pid = running.pid
    try Processes.kill(pid, Signal.kill)
    _ = try running.finish()
    #expect(try eventually { try leftovers(of: pid).isEmpty }, "some of \(pid) stays")
  }

  @Test func whatTwoKillsLeftTheNextRunClearsAway() throws {
    defer { clear() }
    let running = try begun()
    let pid = running.pid
    let measurer = try measurer(of: pid)
    try Processes.kill(pid, 19)  // SIGSTOP: it must not clear away
    try Processes.kill(measurer, Signal.kill)
    try Processes.kill(pid, Signal.kill)
    _ = try running.finish()
    #expect(try leftovers(of: pid) != [])
    let next = try run([
      program, "run", "start.step", "--rounds", "1", "--out", out,
    ])
    #expect(next.code == 0, "\(next.error)")
    #expect(next.error.contains("clearing away /tmp/bench-bench.\(pid)"))
    #expect(try leftovers(of: pid) == [])
  }

  @Test func aRuntimeThatHangsIsEndedAndNamed() throws {
    defer { clear() }
    try File.makeDirectories(out)
    let runtime = out + "/hangs"
    try File.replace(runtime, with: "#!/bin/sh\nsleep 654321 & sleep 654321\n".utf8, mode: 0o755)
    let outcome = try run([
      "/usr/bin/env", "DRYDOCK_BENCH_PATIENCE=1", program, "run", "start.life",
      "--no-peers", "--rounds", "2", "--runtime", runtime, "--out", out,
    ])
    #expect(outcome.error.contains("hangs"))
    #expect(outcome.error.contains("no end within 1 s"))
    #expect(outcome.code == 1, "nothing was measured")
    let sleepers = try File.list("/proc").compactMap { Int32($0) }.filter { pid in
      // What ends meanwhile is none.
      (try? File.text("/proc/\(pid)/cmdline"))?.hasPrefix("sleep\0654321") == true
    }
    #expect(sleepers == [])
  }

  @Test func aReplayIsComparedWithWhatItReplays() throws {
    defer { clear() }
    let (old, new) = (out + "/old", out + "/new")
    let first = try run([program, "run", "start.step", "--rounds", "6", "--out", old])
    #expect(first.code == 0, "\(first.error)")
    let replay = try run([program, "replay", old + "/result.json", "--out", new])
    // The same, worse, cannot tell, better: all but an error.
    #expect([0, 2, 3, 4].contains(replay.code), "\(replay.error)")
    #expect(replay.output.contains("start.step: "))
    for word in [#""seed": "#, #""command": "#] {
      func line(_ path: String) throws -> Substring? {
        try File.text(path + "/result.json").split(separator: "\n").last { $0.contains(word) }
      }
      #expect(try line(old) == line(new))
    }
  }

  @Test func wrongWordsAreNamedBeforeAnythingIsMade() throws {
    for (words, said) in [
      (["run", "nonsense"], "no experiment nonsense"),
      (["run", "start.nonsense"], "start.run"),
      (["run", "--runtime", "/nowhere"], "/nowhere"),
      (["run", "--rounds", "0"], "--rounds"),
      (["run", "--profile", "slow"], "smoke"),
      (["run", "--out", "/proc/nowhere"], "/proc/nowhere"),
      (["report", "/nowhere"], "/nowhere"),
      (["compare", "/dev/null", "/dev/null"], "/dev/null"),
      (["replay", "/etc/passwd"], "/etc/passwd"),
    ] {
      let outcome = try run([program] + words)
      #expect(outcome.code == 1, "\(words)")
      #expect(outcome.error.contains(said), "\(words): \(outcome.error)")
    }
  }

  @Test func aFullDiskIsSaidBeforeAnythingIsMeasured() throws {
    try File.makeDirectories(out)
    try Mounts.mount("tmpfs", on: out, type: "tmpfs", [], data: "size=4k")
    defer {
      do { try Mounts.unmount(out, detached: true) } catch { Issue.record("\(error)") }
      clear()
    }
    let outcome = try run([
      program, "run", "start.step", "--rounds", "2", "--out", out,
    ])
    #expect(outcome.code == 1)
    #expect(outcome.error.contains("no space left on device"))
    #expect(!outcome.error.contains("start.step"), "nothing was begun")
    #expect(try File.list(out) == [])
  }
}
