internal import CLinux
internal import Linux

/// Where the lines of `stress` go, in the classic tool's format.
///
///     PROG: info: [PID] text              stdout, hidden by -q
///     PROG: dbug: [PID] text              stdout, only with -v
///     PROG: FAIL: [PID] (number) text     stderr, always
///     PROG: WARN: [PID] (number) text     stderr, hidden by -q
///
/// The number is the source line that speaks. Each line is one write(2): the workers and the
/// dispatcher share the descriptors, and nothing may be buffered across the fork.
struct Journal {
  /// What is shown: the classic tool's three levels of talk.
  enum Verbosity { case quiet, normal, verbose }

  /// The name that starts each line: the last part of argv[0].
  let program: String
  /// Set by -q and -v; the later one wins.
  var verbosity = Verbosity.normal
  /// Where info and dbug lines go: 1, or 2 when stdout is kept for JSON.
  var talk: Int32 = 1

  init(program: String) {
    self.program = String(program.split(separator: "/").last ?? "stress")
  }

  func info(_ text: String) {
    if verbosity != .quiet { line(talk, "info", "", text) }
  }

  func debug(_ text: @autoclosure () -> String) {
    if verbosity == .verbose { line(talk, "dbug", "", text()) }
  }

  func fail(_ text: String, at number: Int = #line) { line(2, "FAIL", " (\(number))", text) }

  func warn(_ text: String, at number: Int = #line) {
    if verbosity != .quiet { line(2, "WARN", " (\(number))", text) }
  }

  /// Writes text as it is (usage, version, JSON); false when the descriptor refuses it.
  @discardableResult
  func raw(_ text: String, to fd: Int32 = 1) -> Bool {
    do throws(SystemError) {
      try File.write(fd, text.utf8, name: "output")
      return true
    } catch {
      return false
    }
  }

  // A lost line (closed pipe, full disk) is no reason to stop: SIGPIPE reaches the dispatcher as
  // any other signal that ends it.
  private func line(_ fd: Int32, _ level: String, _ number: String, _ text: String) {
    raw("\(program): \(level): [\(lx_getpid())]\(number) \(text)\n", to: fd)
  }
}

extension Errno {
  /// The text as glibc's strerror(3) writes it: with a capital.
  var strerror: String { message.prefix(1).uppercased() + message.dropFirst() }
}
