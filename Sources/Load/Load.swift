internal import CLinux
internal import Linux

/// The load generator behind the `stress` command: compatible with the classic tool of that name,
/// and more (see `Help`).
public enum Load {
  /// Runs `stress` with a whole command line, the program's name first.
  ///
  /// Forks, so that the calling process must have one thread, and blocks all its signals. After
  /// SIGINT, SIGTERM or the like it does not return, but ends the process by that signal.
  ///
  /// - Returns: the exit code: 0 success, 1 bad arguments, else the number of errors.
  public static func main(_ arguments: [String]) -> Int32 {
    var journal = Journal(program: arguments.first ?? "stress")
    let words = Array(arguments.dropFirst())
    do throws(Amounts.Refused) {
      switch try CommandLineReader.read(words, &journal) {
      case .help: journal.raw(Help.usage(journal.program))
      case .version: journal.raw(Help.version(journal.program))
      case .run(let options):
        let plan = try Plan(options, cgroup: Cgroup(), journal)
        return run(plan, words, journal)
      }
      return 0
    } catch {
      journal.fail(error.text, at: error.line)
      return 1
    }
  }

  private static func run(_ plan: Plan, _ words: [String], _ journal: Journal) -> Int32 {
    do throws(SystemError) {
      // Opened first: a run whose result cannot be kept is not started.
      let output = try metricsFile(plan.options)
      var dispatcher = try Dispatcher(plan, journal, samplesTo: output)
      dispatcher.run()
      let written = report(dispatcher, words, journal, output)
      if let signal = dispatcher.stopSignal { endBySignal(signal) }
      let errors = dispatcher.errors + (written ? 0 : 1)
      let seconds = dispatcher.elapsedNs / 1_000_000_000
      guard errors == 0 else {
        journal.fail("failed run completed in \(seconds)s")
        return Int32(min(errors, 255))
      }
      journal.info("successful run completed in \(seconds)s")
      return 0
    } catch {
      journal.fail(error.text)
      return 1
    }
  }

  /// A descriptor for `--metrics-json`; -1 when it was not asked for.
  private static func metricsFile(_ options: Options) throws(SystemError) -> Int32 {
    guard let path = options.metricsJSON else { return -1 }
    if path == "-" { return 1 }
    return try File.open(path, [.writeOnly, .create, .truncate], mode: 0o644).release()
  }

  /// Shows what was asked for; false when the JSON could not be written.
  private static func report(
    _ run: borrowing Dispatcher, _ words: [String], _ journal: Journal, _ output: Int32
  ) -> Bool {
    if run.plan.options.metrics {
      journal.info(Totals.heading)
      for kind in Options.Kind.allCases {
        if let totals = Totals(kind, run.workers) { journal.info(totals.row) }
      }
    }
    guard output >= 0 else { return true }
    let ended =
      if let signal = run.stopSignal {
        "signal \(signal)"
      } else if run.errors > 0 {
        "failure"
      } else {
        run.timedOut ? "timeout" : "done"
      }
    if journal.raw(MetricsJSON.text(run, arguments: words, ended: ended), to: output) {
      return true
    }
    journal.fail("cannot write the JSON to \(run.plan.options.metricsJSON ?? "-")")
    return false
  }

  /// Ends as a program does that never caught the signal, so that the caller sees the signal.
  ///
  /// As process 1 of a container the kernel does not deliver it; then the code is a shell's.
  private static func endBySignal(_ signal: Int32) -> Never {
    lx_signals_default()
    _ = lx_kill(Int32(lx_getpid()), signal)
    lx_exit(128 + signal)
  }
}
