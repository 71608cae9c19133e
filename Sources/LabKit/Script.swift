internal import CLinux
internal import Linux
internal import Measure

/// The learner's shell script, run with a time limit.
public struct Script: Sendable {
  /// Where it is.
  public let path: String

  /// What a run came to.
  public struct Result: Sendable {
    /// The exit code, 128+n by signal.
    public var code: Int32
    /// Standard output.
    public var output: String
    /// Standard error.
    public var errors: String
    /// Whether it was ended because it took too long.
    public var timedOut: Bool

    /// The lines of the output without blank ones.
    public var lines: [String] {
      output.split(separator: "\n").map { line in
        line.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      }.filter { !$0.isEmpty }
    }

    /// The last line of standard error, cut: what a message quotes.
    public var complaint: String {
      String((errors.split(separator: "\n").last ?? "").prefix(160))
    }
  }

  /// Names a script.
  public init(path: String) { self.path = path }

  /// Runs it with /bin/sh.
  ///
  /// - Parameters:
  ///   - arguments: `$1` and so on.
  ///   - seconds: after these it is killed.
  /// - Returns: what it wrote, and how it ended.
  /// - Throws: `SystemError`; `Interrupted`.
  public func run(_ arguments: [String], within seconds: Double = 10) throws -> Result {
    let outFile = "\(path).out"
    let errorFile = "\(path).err"
    defer {
      _ = unsafe lx_unlinkat(currentDirectory, outFile, 0)
      _ = unsafe lx_unlinkat(currentDirectory, errorFile, 0)
    }
    let flags: OpenFlags = [.writeOnly, .create, .truncate, .noFollow]
    let out = try File.open(outFile, flags)
    let errors = try File.open(errorFile, flags)
    let input = try File.open("/dev/null", .readOnly)
    // Its children die with the time limit too: they are a session of their own.
    let child = try Child(
      "/bin/sh", ["sh", path] + arguments, input: input.raw, output: out.raw, error: errors.raw,
      deathSignal: 9)
    let deadline = Clock.now + UInt64(seconds * 1e9)
    var timedOut = false
    while try !child.ended(within: 50) {
      try Interrupt.check()
      guard Clock.now > deadline else { continue }
      timedOut = true
      try child.signal(9)
      break
    }
    let ending = try child.wait()
    return Result(
      code: ending.code, output: try File.text(outFile, limit: 1 << 20),
      errors: try File.text(errorFile, limit: 1 << 20), timedOut: timedOut)
  }
}
