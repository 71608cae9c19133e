import Linux
import Testing

/// What `drydock run --init` puts before the command.
///
/// What it does as process 1 (reaping, hearing signals for which
/// it has no handler) lab 4 shows in a container.
@Suite(.enabled(if: File.exists(Machine.initProgram), "needs a built drydock-init"))
struct InitTests {
  @Test func theExitCodeIsTheCommands() throws {
    #expect(try run([Machine.initProgram, "sh", "-c", "exit 7"]).code == 7)
    #expect(try run([Machine.initProgram, "sh", "-c", "kill -9 $$"]).code == 137)
  }

  @Test func whatCannotBeExecutedIsToldAsShellsDo() throws {
    let missing = try run([Machine.initProgram, "no-such-command"])
    #expect(missing.code == 127 && missing.error.contains("no-such-command"))
    #expect(try run([Machine.initProgram, "/etc/passwd"]).code == 126)
    #expect(try run([Machine.initProgram]).code == 125)
  }

  @Test func signalsReachTheCommand() throws {
    let running = try Running([
      Machine.initProgram, "sh", "-c", "trap 'echo heard; exit 9' TERM; echo up; sleep 60 & wait",
    ])
    #expect(try eventually { try running.written() == "up\n" })
    try running.signal(Signal.term)
    let outcome = try running.finish()
    #expect(outcome.code == 9 && outcome.output == "up\nheard\n")
  }
}

extension Machine {
  static let initProgram = binaries + "/drydock-init"
}
