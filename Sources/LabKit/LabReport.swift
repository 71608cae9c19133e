internal import Engine
internal import Linux
internal import Measure
internal import Report

extension LabCommand {
  /// The result document of some labs.
  private func document(
    _ outcomes: [LabOutcome], _ starts: [Waterfall] = []
  ) -> ResultDocument {
    let command = "drydock lab run --yes " + outcomes.map { "\($0.number)" }.joined(separator: " ")
    return ResultDocument(
      title: Words.reportTitle.bilingual, command: command,
      environment: Environment.capture(
        path: options.root, binary: Kernel.read("/proc/self/exe"),
        source: Kernel.read("/proc/self/cwd")),
      labs: outcomes, waterfalls: starts)
  }

  /// Writes the result document to standard output.
  ///
  /// - Returns: the exit code.
  /// - Throws: `DocumentError` when it cannot be put into JSON.
  func put(_ outcomes: [LabOutcome]) throws -> Int32 {
    Plain.put(try document(outcomes).json().trimmedLine)
  }

  /// Writes report.html, report.md, result.json and the tables into the directory of `--out`.
  ///
  /// - Throws: `DocumentError` naming the file that could not be written.
  func write(_ outcomes: [LabOutcome], starts: [Waterfall]) throws {
    let paths = try ReportFiles.write(
      document(outcomes, starts), to: options.out, language: options.language)
    screen.line()
    for path in paths {
      screen.paragraph(Words.reportWritten.with(["path": path])[screen.language])
    }
  }
}

extension Waterfall {
  /// A container's start, from the steps the runtime took for it.
  init(_ trace: Trace, command: String) {
    self.init(
      title: Words.startTitle.bilingual,
      steps: trace.steps.map { step in
        Waterfall.Step(
          id: step.id, phase: step.phase, side: step.side, startNanoseconds: step.startNs,
          durationNanoseconds: step.durationNs)
      },
      totalNanoseconds: trace.totalNs, unaccountedNanoseconds: trace.unaccountedNs,
      command: "drydock run --trace trace.json" + command.dropFirst("drydock run".count))
  }
}
