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

struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drydock bench", abstract: "What a container costs, here.",
    subcommands: [
      List.self, Run.self, CompareResults.self, Report.self, Replay.self,
    ])
}

Bench.main()
