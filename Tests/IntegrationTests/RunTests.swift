import Linux
import Testing

/// `drydock` as people type it, on the real kernel, in directories of its own.
///
/// The executables are those of `DRYDOCK_BIN_DIR`, else of .build/release, else of .build/debug.
final class Drydock {
  let scratch: String
  let binaries: String

  init() throws {
    binaries = try #require(Drydock.binaries)
    scratch = "/tmp/drydock-run-test-\(UInt64.random(in: 0...UInt64.max))"
    try File.makeDirectory(scratch, mode: 0o755)
  }

  deinit {
    // What a failed test left running would keep the directory busy.
    do {
      let left = try run(["ps", "-a", "-q"]).output.split(separator: "\n").map { String($0) }
      if !left.isEmpty { _ = try run(["rm", "-f"] + left) }
      try File.removeTree(scratch)
    } catch { Issue.record("\(error)") }
  }

  static let binaries: String? =
    ["drydock", "drydock-runtime"].allSatisfy { File.exists(Machine.binaries + "/" + $0) }
    ? Machine.binaries : nil

  /// Whether the image stress can be made.
  static var hasStress: Bool { binaries.map { File.exists($0 + "/stress") } ?? false }

  /// Whether these tests can run: as root, with the executables built.
  static var isReady: Bool { binaries != nil && isRoot }

  private static var isRoot: Bool {
    do { return try File.text("/proc/self/status").contains("\nUid:\t0\t") } catch { return false }
  }

  struct Result {
    let code: Int32
    let output: String
    let error: String
  }

  var roots: [String] { ["--root", scratch + "/root", "--run-root", scratch + "/run"] }

  /// Runs a command to its end.
  func run(_ words: [String]) throws -> Result {
    let result = try Child.run(binaries + "/drydock", ["drydock"] + roots + words)
    return Result(
      code: result.status.code, output: String(decoding: result.output, as: UTF8.self),
      error: String(decoding: result.error, as: UTF8.self))
  }

  /// Starts a command and leaves it running, its output in a file.
  func start(_ words: [String], output: String = "output") throws -> Child {
    let null = try File.open("/dev/null", .readWrite)
    let file = try File.open(
      "\(scratch)/\(output)", [.writeOnly, .create, .append])
    return try Child(
      binaries + "/drydock", ["drydock"] + roots + words, input: null.raw, output: file.raw,
      error: file.raw)
  }

  /// Waits until a condition holds; an issue after ten seconds.
  func until(_ what: String, _ condition: () throws -> Bool) throws {
    for _ in 0..<1000 {
      if try condition() { return }
      Clock.sleep(10_000_000)
    }
    Issue.record("never: \(what)")
  }

  /// What any container of these roots would leave behind.
  func leftovers() throws -> [String] {
    var left = [String]()
    for place in ["root/containers", "run/containers", "run/runtime"] {
      let path = "\(scratch)/\(place)"
      // Dot files are the runtime's caches.
      if File.exists(path) { left += try File.list(path).filter { !$0.hasPrefix(".") } }
    }
    for line in try File.text("/proc/self/mountinfo").split(separator: "\n")
    where line.contains(scratch) { left.append(String(line)) }
    return left
  }
}

@Suite("drydock run", .serialized, .enabled(if: Drydock.isReady, "needs root and the executables"))
struct RunTests {
  private let drydock: Drydock

  init() throws { drydock = try Drydock() }

  @Test("Output, errors and exit codes are the program's; --rm leaves nothing")
  func codes() throws {
    let result = try drydock.run(
      ["run", "--rm", "busybox", "sh", "-c", "echo out; echo err >&2; exit 7"])
    #expect(result.code == 7 && result.output == "out\n" && result.error == "err\n")
    #expect(try drydock.run(["run", "--rm", "busybox", "true"]).code == 0)
    #expect(try drydock.run(["run", "--rm", "busybox", "no-such-program"]).code == 127)
    #expect(try drydock.run(["run", "--rm", "busybox", "/etc/passwd"]).code == 126)
    #expect(try drydock.leftovers() == [])
  }

  @Test(
    "Refused with 125, one line and a hint, before anything is made",
    arguments: [
      (["nginx"], "Unable to find image 'nginx' locally"),
      (["-m", "1k", "busybox"], "Minimum memory limit allowed is 6MB"),
      (["--cpus", "nan", "busybox"], "failed to parse nan as a rational number"),
      (["--cpus", "1000", "busybox"], "Range of CPUs is from 0.01 to"),
      (["--cpuset-cpus", "8000", "busybox"], "Requested CPUs are not available"),
      (["--memory-swap", "1g", "busybox"], "You should always set the Memory limit"),
      (["--name", "../x", "busybox"], "Invalid container name (../x)"),
      (["--bogus", "busybox"], "unknown flag: --bogus"),
      (["-m", "ten", "busybox"], "invalid size: 'ten'"),
      ([], "requires at least 1 argument"),
      (["-u", "nobody-here", "busybox"], "unable to find user nobody-here"),
      (
        ["--security-opt", "seccomp=/absent", "busybox"], "opening seccomp profile (/absent) failed"
      ),
    ])
  func refused(words: [String], message: String) throws {
    let result = try drydock.run(["run"] + words)
    #expect(result.code == 125)
    #expect(result.error.hasPrefix("drydock: ") && result.error.contains(message))
    #expect(result.output == "")
    #expect(try drydock.leftovers() == [])
  }

  @Test("Options stop at the image")
  func passThrough() throws {
    let result = try drydock.run(
      ["run", "--rm", "busybox", "echo", "--rm", "-m", "1k", "--", "--help"])
    #expect(result.output == "--rm -m 1k -- --help\n")
  }

  @Test("Short options may be joined with their values, and flags with each other")
  func joined() throws {
    let result = try drydock.run(
      [
        "run", "--rm", "-e", "A=1", "-w/tmp", "-m64m", "-c512", "-u", "nobody", "busybox", "sh",
        "-c",
        "echo $A; pwd; id -un",
      ])
    #expect(result.output == "1\n/tmp\nnobody\n", "\(result)")
  }

  @Test(
    "64 MB are enough for 40 and not for 150: the kernel's SIGKILL, stress's words",
    .enabled(if: Drydock.hasStress, "needs the executable stress"))
  func stress() throws {
    let fits = try drydock.run(
      [
        "run", "--rm", "-m", "64m", "stress", "--vm", "1", "--vm-bytes", "40M", "--timeout", "1",
      ])
    #expect(fits.code == 0 && fits.output.contains("successful run completed"), "\(fits)")
    let dies = try drydock.run(
      [
        "run", "--rm", "-m", "64m", "stress", "--vm", "1", "--vm-bytes", "150M", "--vm-hang", "0",
      ])
    #expect(dies.code == 1 && dies.error.contains("got signal 9"), "\(dies)")
  }

  @Test("Of eight that ask for one name at once, one gets it")
  func race() throws {
    var codes = [Int32]()
    func take(_ count: Int) throws {
      let child = try drydock.start(["run", "--name", "one", "busybox", "true"])
      if count > 1 { try take(count - 1) }
      codes.append(try child.wait().code)
    }
    try take(8)
    #expect(codes.sorted() == [0] + Array(repeating: 125, count: 7))
    #expect(try drydock.run(["ps", "-a", "-q"]).output.split(separator: "\n").count == 1)
    #expect(try drydock.run(["images", "-q"]).output.split(separator: "\n").count == 1)
  }

  @Test("Inside: its own name, pid 1, only lo, its own root; the limits are the kernel's")
  func inside() throws {
    let script = """
      hostname; echo $$; ls /sys/class/net; cat /proc/self/status | grep -E 'CapEff|Seccomp:'
      cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null
      grep overlay /proc/mounts | cut -d' ' -f1-3; ls /proc/self/fd
      """
    let result = try drydock.run(
      ["run", "--rm", "--hostname", "web", "-m", "64m", "busybox", "sh", "-c", script])
    let lines = result.output.split(separator: "\n").map { String($0) }
    #expect(lines.starts(with: ["web", "1", "lo"]), "\(result)")
    #expect(lines.contains("CapEff:\t00000000a80425fb"))
    #expect(lines.contains("Seccomp:\t2"))
    #expect(lines.contains("67108864"))
    #expect(lines.contains("overlay / overlay"))
    // Standard streams, the directory being listed, and nothing of ours.
    #expect(lines.suffix(4) == ["0", "1", "2", "3"])
  }

  @Test("Written files stay with the container and never reach the image")
  func layers() throws {
    #expect(try drydock.run(["run", "--name", "layers", "busybox", "touch", "/mark"]).code == 0)
    let other = try drydock.run(["run", "--rm", "busybox", "ls", "/mark"])
    #expect(other.code == 1)
    #expect(try drydock.run(["run", "--rm", "--read-only", "busybox", "touch", "/x"]).code == 1)
  }

  @Test("Standard input is empty without -i and ours with it")
  func input() throws {
    let words = ["--rm", "busybox", "cat"]
    #expect(try drydock.run(["run"] + words).output == "")
    let pipe = """
      printf hello | "$0" "$@"
      """
    let result = try Child.run(
      "/bin/sh",
      ["sh", "-c", pipe, drydock.binaries + "/drydock"] + drydock.roots + ["run", "-i"] + words)
    #expect(String(decoding: result.output, as: UTF8.self) == "hello")
  }

  @Test("-t without a terminal is refused in Docker's words")
  func noTerminal() throws {
    let result = try drydock.run(["run", "--rm", "-it", "busybox"])
    #expect(result.error.contains("the input device is not a TTY"))
    #expect(result.code == 1)
  }

  @Test("With a terminal: it is one, and the exit code comes through")
  func terminal() throws {
    let line =
      ([drydock.binaries + "/drydock"] + drydock.roots
      + ["run", "--rm", "-it", "busybox", "sh", "-c", "'tty; stty size; exit 9'"])
      .joined(separator: " ")
    let result = try Child.run(
      "/usr/bin/script", ["script", "-qec", "stty rows 33 cols 77; " + line, "/dev/null"])
    let text = String(decoding: result.output, as: UTF8.self)
    #expect(text.contains("/dev/pts/0") || text.contains("/dev/console"), "\(text)")
    #expect(text.contains("33 77"), "\(text)")
    #expect(result.status.code == 9)
  }

  @Test("A signal to drydock run reaches the program, once")
  func signals() throws {
    let child = try drydock.start(
      [
        "run", "--name", "signals", "busybox", "sh", "-c",
        "trap 'echo got' USR1; trap 'exit 5' TERM; echo up; while :; do sleep 0.1; done",
      ])
    let output = drydock.scratch + "/output"
    try drydock.until("up") { try File.text(output).contains("up") }
    try child.signal(10)
    try drydock.until("got") { try File.text(output).contains("got") }
    try child.signal(15)
    #expect(try child.wait().code == 5)
    #expect(try File.text(output) == "up\ngot\n")
    let list = try drydock.run(["ps", "-a"]).output
    #expect(list.contains("Exited (5)"))
  }

  @Test("ps, exec, kill and rm of a living container")
  func living() throws {
    let child = try drydock.start(["run", "--name", "web", "busybox", "sleep", "1000"])
    try drydock.until("listed") { try drydock.run(["ps"]).output.contains("Up ") }
    #expect(try drydock.run(["ps"]).output.contains("web"))
    let inside = try drydock.run(
      [
        "exec", "-e", "A=1", "-w", "/tmp", "-u", "nobody", "web", "sh", "-c",
        "id -un; pwd; echo $A",
      ])
    #expect(inside.output == "nobody\n/tmp\n1\n", "\(inside)")
    #expect(try drydock.run(["exec", "web", "sh", "-c", "exit 3"]).code == 3)
    #expect(try drydock.run(["exec", "web", "no-such"]).code == 127)
    let refused = try drydock.run(["rm", "web"])
    #expect(refused.code == 1 && refused.error.contains("cannot remove a running container"))
    #expect(try drydock.run(["run", "--name", "web", "busybox"]).error.contains("Conflict."))
    #expect(try drydock.run(["kill", "-s", "KILL", "web"]).output == "web\n")
    #expect(try child.wait().code == 137)
    #expect(try drydock.run(["exec", "web", "true"]).error.contains("is not running"))
    #expect(try drydock.run(["rm", "web"]).code == 0)
    #expect(try drydock.leftovers() == [])
  }

  @Test("drydock run is killed: the container goes on, is listed, and can be removed")
  func killedClient() throws {
    let child = try drydock.start(["run", "--rm", "--name", "killed", "busybox", "sleep", "1000"])
    try drydock.until("listed") { try drydock.run(["ps"]).output.contains("Up ") }
    try child.signal(9)
    #expect(try child.wait().code == 137)
    #expect(try drydock.run(["ps"]).output.contains("Up "))
    #expect(try drydock.run(["rm", "-f", "killed"]).code == 0)
    #expect(try drydock.run(["ps", "-a", "-q"]).output == "")
    try drydock.until("clean") { try drydock.leftovers() == [] }
  }

  @Test("drydock run is killed at any moment: the next commands find something they can handle")
  func killedAnywhere() throws {
    // The image first: its preparation has tests of its own.
    #expect(try drydock.run(["run", "--rm", "busybox", "true"]).code == 0)
    for delay in stride(from: UInt64(1), through: 60, by: 3) {
      let child = try drydock.start(["run", "--rm", "busybox", "sleep", "1000"])
      Clock.sleep(delay * 1_000_000)
      try child.signal(9)
      _ = try child.wait()
      let listed = try drydock.run(["ps", "-a", "-q"])
      #expect(listed.code == 0, "\(delay) ms: \(listed.error)")
      for id in listed.output.split(separator: "\n") {
        // It may end by itself between the two commands.
        let removed = try drydock.run(["rm", "-f", String(id)])
        #expect(
          removed.code == 0 || removed.error.contains("No such container"),
          "\(delay) ms: \(removed.error)")
      }
      try drydock.until("clean after \(delay) ms") {
        try drydock.run(["ps", "-a", "-q"]).output == "" && drydock.leftovers() == []
      }
    }
  }

  @Test("The glass reaches the runtime: a trace is written, a fault fails and leaves nothing")
  func glass() throws {
    let trace = drydock.scratch + "/trace.json"
    let plain = try drydock.run(["run", "--rm", "--trace", trace, "busybox", "true"])
    #expect(plain.code == 0)
    #expect(try File.text(trace).contains("process.exec"))
    let told = try drydock.run(["run", "--rm", "--explain", "--lang", "zh", "busybox", "true"])
    #expect(told.code == 0 && told.error.contains("rootfs.pivot"))
    let failed = try drydock.run(
      ["run", "--rm", "--fault", "uts.sethostname:EPERM", "busybox", "true"])
    #expect(failed.code == 125, "\(failed)")
    #expect(try drydock.leftovers() == [])
  }
}
