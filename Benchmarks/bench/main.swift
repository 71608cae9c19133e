// drydock-bench: the benchmark suite, as `drydock bench` runs it.
//
//   main.swift      the commands
//   Running.swift   run: two processes, as Benchmarks/kit/Place.swift has them
//   Listing.swift   list
//   Reporting.swift report, compare, replay
//
// Exit codes: 0, or of compare: 0 same, 2 worse, 4 better, 3 cannot tell; 1 for errors;
// 130 after Ctrl-C.

import ArgumentParser
import Linux

struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drydock bench", abstract: "What a container costs, here.",
    subcommands: [
      List.self, Run.self, CompareResults.self, Report.self, Replay.self,
    ])
}

do {
  var command = try Bench.parseAsRoot()
  try command.run()
} catch let complaint as Complaint {
  File.report("drydock bench: \(complaint.description)\n")
  Processes.exit(1)
} catch let code as ExitCode {
  Bench.exit(withError: code)  // exit(3), which writes what is still buffered
} catch {
  // Help is what was asked for; everything else is an error, whose exit code is not compare's.
  guard Bench.exitCode(for: error) != .success else { Bench.exit(withError: error) }
  File.report(Bench.fullMessage(for: error) + "\n")
  Processes.exit(1)
}
