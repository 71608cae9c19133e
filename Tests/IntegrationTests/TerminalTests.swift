import Linux
import OCI
import Testing

/// Terminals: relayed by a foreground run, or handed over a socket.
@Suite(.enabled(if: Machine.isReady, Machine.reason))
struct TerminalTests {
  let bundle: Bundle

  init() throws { bundle = try Bundle { $0.process?.terminal = true } }

  private func shell(_ script: String) throws -> [String] {
    bundle.config.process?.args = ["sh", "-c", script]
    try bundle.write()
    return bundle.words(["run", "--bundle", bundle.path, "c"])
  }

  @Test func aForegroundTerminalIsRelayed() throws {
    var person = try Person(
      try shell("tty; stty size; read -r x; echo got:$x; exit 6"), rows: 33, columns: 101)
    #expect(try person.sees("/dev/"))
    #expect(try person.sees("33 101"))
    try person.type("hello\r")
    #expect(try person.sees("got:hello"))
    #expect(try person.leave() == 6)
    try bundle.expectNothingLeft()
  }

  @Test func execGetsATerminalOfTheRightSize() throws {
    bundle.config.process?.terminal = false
    bundle.config.process?.args = ["sleep", "300"]
    try bundle.write()
    try #require(try bundle.runtime("run", "-d", "--bundle", bundle.path, "c").code == 0)
    var person = try Person(
      bundle.words(["exec", "-t", "c", "sh", "-c", "stty size; read -r x; exit 8"]), rows: 31,
      columns: 99)
    #expect(try person.sees("31 99"))
    try person.type("\r")
    #expect(try person.leave() == 8)
    #expect(try bundle.runtime("delete", "--force", "c").code == 0)
    try bundle.expectNothingLeft()
  }

  @Test func resizingReachesTheProgram() throws {
    var person = try Person(
      try shell("trap 'stty size' WINCH; echo ready; while :; do sleep 0.02; done"))
    #expect(try person.sees("ready"))
    try Terminal.resize(person.master.raw, TerminalSize(rows: 50, columns: 132))
    // The terminal's foreground group would be told by the kernel; here we are no session leader.
    try person.child.signal(Signal.windowChanged)
    #expect(try person.sees("50 132"))
    #expect(try bundle.runtime("kill", "c", "KILL").code == 0)
    #expect(try person.leave() == 137)
    try bundle.expectNothingLeft()
  }

  @Test func controlCIsAByteForTheProgram() throws {
    var person = try Person(
      try shell("trap 'echo interrupted; exit 5' INT; echo ready; while :; do sleep 0.02; done"))
    #expect(try person.sees("ready"))
    try person.type("\u{3}")
    #expect(try person.sees("interrupted"))
    #expect(try person.leave() == 5)
    try bundle.expectNothingLeft()
  }

  @Test func theTerminalIsAsBeforeAfterwards() throws {
    var person = try Person(try shell("echo ready; exit 0"))
    #expect(try person.sees("ready"))
    #expect(try eventually { try person.child.ended(within: 0) })
    // The slave echoes and translates again: raw mode was left.
    try person.type("typed\r")
    #expect(try person.sees("typed\r\n"))
    #expect(try person.leave() == 0)
  }

  @Test func bytesPassUnchanged() throws {
    var person = try Person(
      try shell("stty raw -echo; echo ready; head -c 4 | od -An -tx1; sleep 0.1"))
    #expect(try person.sees("ready"))
    try person.type("\u{1}\u{11}\u{1a}\u{7f}")
    #expect(try person.sees("01 11 1a 7f"))
    #expect(try person.leave() == 0)
    try bundle.expectNothingLeft()
  }

  @Test func moreOutputThanTheTerminalHolds() throws {
    var person = try Person(try shell("seq 1 20000; echo the-end"))
    #expect(try person.sees("the-end"))
    #expect(person.seen.contains("\r\n19999\r\n20000\r\n"))
    #expect(try person.leave() == 0)
  }

  @Test func withoutATerminalOutsideOutputStillComes() throws {
    let outcome = try run(try shell("tty; echo out; cat; exit 3"), input: "in\n")
    #expect(outcome.code == 3)
    #expect(outcome.output.contains("out\r\n") && outcome.output.contains("in\r\n"))
    try bundle.expectNothingLeft()
  }

  @Test(arguments: [true, false])
  func stepModeWaitsForEnter(toTheEnd: Bool) throws {
    bundle.config.process?.terminal = false
    bundle.config.process?.args = ["sh", "-c", "echo program-ran"]
    try bundle.write()
    let words = bundle.words(["run", "--step", "--lang", "en", "--bundle", bundle.path, "c"])
    // script(1) gives it a controlling terminal, which --step reads from.
    let outcome = try run(
      ["/usr/bin/script", "-qec", words.joined(separator: " "), "/dev/null"],
      input: toTheEnd ? String(repeating: "\n", count: 400) : "\n\nq\n")
    #expect(outcome.output.contains("[Enter] next"), "\(outcome.output)")
    #expect(outcome.output.contains("program-ran") == toTheEnd)
    #expect((outcome.code == 0) == toTheEnd, "\(outcome.output)")
    if !toTheEnd { #expect(outcome.output.contains("3  ") && !outcome.output.contains("\n4  ")) }
    try bundle.expectNothingLeft()
  }

  @Test(arguments: ["create", "run", "exec"])
  func theMasterGoesOverTheConsoleSocket(command: String) throws {
    let path = bundle.path + "/console.sock"
    // A stream socket, as engines have it: socat's place is taken by a few lines of Python.
    let receiver = try Running([
      "/usr/bin/python3", "-c",
      """
      import socket, os, sys, array
      s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(1)
      print("listening", flush=True)
      c, _ = s.accept()
      data, fds, _, _ = socket.recv_fds(c, 4096, 4)
      print("name", data.decode(), "count", len(fds), flush=True)
      out = b""
      while b"done" not in out:
          try: piece = os.read(fds[0], 4096)
          except OSError: break
          if not piece: break
          out += piece
      print(out.decode(), flush=True)
      """, path,
    ])
    #expect(try eventually { try receiver.written() == "listening\n" })
    bundle.config.process?.consoleHeight = 44
    bundle.config.process?.consoleWidth = 99
    if command == "exec" {
      bundle.config.process?.terminal = false
      bundle.config.process?.args = ["sleep", "300"]
      try bundle.write()
      try #require(try bundle.runtime("run", "-d", "--bundle", bundle.path, "c").code == 0)
      let outcome = try bundle.runtime(
        "exec", "--tty", "--detach", "--console-socket", path, "c", "sh", "-c",
        "test -t 0 && test -t 1 && test -t 2 && echo all-three; stty size; echo done")
      #expect(outcome.code == 0, "\(outcome.error)")
    } else {
      bundle.config.process?.args = [
        "sh", "-c", "test -t 0 && test -t 1 && test -t 2 && echo all-three; stty size; echo done",
      ]
      try bundle.write()
      let flags = ["--bundle", bundle.path, "--console-socket", path, "c"]
      let words = command == "run" ? ["run", "--detach"] + flags : ["create"] + flags
      let outcome = try run(bundle.words(words))
      #expect(outcome.code == 0, "\(outcome.error)")
      if command == "create" { #expect(try bundle.runtime("start", "c").code == 0) }
    }
    let received = try receiver.finish()
    #expect(received.output.contains("count 1"), "\(received.output)\(received.error)")
    #expect(received.output.contains("all-three"))
    #expect(received.output.contains("44 99"))
    #expect(try bundle.runtime("delete", "--force", "c").code == 0)
    try bundle.expectNothingLeft()
  }
}
