// What a lab does besides starting containers: it types commands on the host, stops containers as
// people do, and asks for what must be refused.

public import Engine
public import Linux
internal import Measure

extension Stage {
  /// A new directory of the session's own; what is mounted in it is unmounted when the session is
  /// cleaned up, whatever happens.
  ///
  /// - Throws: `SystemError` naming the path.
  public func folder(_ name: String) throws(SystemError) -> String {
    let path = "\(containers.runRoot)/\(name)"
    try File.makeDirectories(path)
    return path
  }

  /// The command for a shell script of several lines, set so that it can be read where the whole
  /// command is shown.
  public static func shell(_ lines: String...) -> [String] {
    ["sh", "-c", lines.joined(separator: "\n        ")]
  }

  /// Runs a command on the host and shows it as it could have been typed.
  ///
  /// - Parameters:
  ///   - words: the command and its arguments.
  ///   - isShown: whether the learner sees it.
  /// - Returns: its standard output without the last line feed.
  /// - Throws: `LabError` with what it complained of; `SystemError`; `Interrupted`.
  @discardableResult
  public func host(_ words: [String], isShown: Bool = true) throws -> String {
    try Interrupt.check()
    let command = words.map(Typed.quoted).joined(separator: " ")
    if isShown { audience?.ran(ShownRun(command: command, steps: [], stepCount: 0)) }
    let result = try Child.run("/bin/sh", ["sh", "-c", "exec \"$@\"", "sh"] + words)
    guard result.status.code == 0 else {
      // Ctrl-C reaches the command too.
      try Interrupt.check()
      throw LabError(
        "\(command): exit code \(result.status.code)",
        hint: String(decoding: result.error, as: UTF8.self).trimmedLine)
    }
    return String(decoding: result.output, as: UTF8.self).trimmedLine
  }

  /// The host name that a process has, read in its UTS namespace.
  ///
  /// - Throws: as `host` does.
  public func hostName(of pid: Int32) throws -> String {
    try host(["nsenter", "-t", "\(pid)", "-u", "hostname"], isShown: false)
  }

  /// `drydock stop -t GRACE`: SIGTERM, and SIGKILL to what still lives after the grace.
  ///
  /// - Returns: the exit code, and how long it took.
  /// - Throws: `EngineError`; `Interrupted`.
  public func stop(
    _ container: any LabContainer, grace seconds: Int
  ) throws -> (code: Int32, seconds: Double) {
    try Interrupt.check()
    let command = "drydock stop -t \(seconds) \(container.id.prefix(12))"
    audience?.ran(ShownRun(command: command, steps: [], stepCount: 0))
    let start = Clock.now
    try container.stop(grace: Double(seconds))
    let took = Double(Clock.now - start) / 1e9
    forget(container)
    return (try container.wait(), took)
  }

  /// Asks for a container that should be refused.
  ///
  /// - Returns: the refusal; nil when it was started, and then it has been stopped again.
  /// - Throws: `Interrupted`.
  public func refusal(_ options: RunOptions) throws -> EngineError? {
    audience?.ran(ShownRun(command: Typed.drydock(options), steps: [], stepCount: 0))
    do {
      try stop(try start(options))
      return nil
    } catch let error as EngineError {
      return error
    }
  }

  /// A container that stands for a machine: the learner's script runs in it as root, with the
  /// power to make namespaces and mounts, and no mistake in it reaches the real one.
  ///
  /// Afterwards it goes on for a minute, so that one can look; the script's exit code is the last
  /// line of the output, as `exit 0`.
  ///
  /// - Throws: `EngineError`; `Interrupted`.
  public func machine(
    _ script: Script, _ arguments: [String], change: (inout RunOptions) -> Void = { _ in }
  ) throws -> any LabContainer {
    let place = "/root/" + (script.path.split(separator: "/").last.map(String.init) ?? "script.sh")
    var options = RunOptions(image: "busybox")
    options.volumes = ["\(script.path):\(place):ro"]
    options.capAdd = ["SYS_ADMIN"]
    options.securityOptions = ["seccomp=unconfined"]
    options.command =
      ["sh", "-c", "sh \"$@\"; echo \"exit $?\"; exec sleep 60", "sh", place] + arguments
    change(&options)
    return try start(options)
  }

  /// Waits until a condition holds, at most so many seconds.
  ///
  /// - Returns: whether it came to hold.
  /// - Throws: `Interrupted`, and what the condition throws.
  public func wait(
    within seconds: Double = 10, until condition: () throws -> Bool
  ) throws -> Bool {
    let deadline = Clock.now + UInt64(seconds * 1e9)
    while try !condition() {
      guard Clock.now < deadline else { return false }
      try Interrupt.sleep(milliseconds: 20)
    }
    return true
  }
}

extension Stage {
  /// Waits for the end of the script in a `machine`; when it does not come, that is the finding.
  ///
  /// - Returns: its exit code, and the lines it wrote.
  /// - Throws: `Interrupted`; an error that ends the judging quietly when the script did not end.
  public func result(
    of machine: any LabContainer, within seconds: Double = 10
  ) throws -> (code: Int32, lines: [String]) {
    var lines = [String]()
    let ended = try wait(within: seconds) {
      lines = try machine.output().split(separator: "\n").map(String.init)
      return lines.last?.hasPrefix("exit ") == true
    }
    guard ended, let code = lines.popLast().flatMap({ Int32($0.dropFirst(5)) }) else {
      let reason = Words.scriptTimedOut.with(["seconds": Decimals.short(seconds)])
      find(
        Finding(
          "script", Words.scriptEnds, expected: "0", seen: "-", .fail(reason.bilingual),
          cause: "timeout"))
      throw ScriptRefused()
    }
    return (code, lines)
  }
}
