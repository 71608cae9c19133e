// benchmark-trust: whether the verdicts of the trust rules can be trusted, for `Benchmarks/run trust`.
//
//   main.swift    the command line, the table, trust.json
//   Series.swift  many A/B runs, and what was claimed
//   Work.swift    the piece of work
//   Hogs.swift, load   the load on purpose
//
//                 load on and off       no load
//   A and B alike   false claims        –
//   B 10 % more     –                   found
//
// Each in turn, then both at once on two CPUs (duet).

import ArgumentParser
import Linux
import Measure
import Report

struct Request: ParsableArguments {
  @Option(help: "Runs without a difference, on a machine loaded on purpose.") var loaded = 200
  @Option(help: "Runs with 10 % more work, on a quiet one.") var quiet = 100
  @Option(help: "Rounds of each run.") var rounds = 11
  @Option(help: "Length of the work.") var microseconds = 2000
  @Option(help: "One of them: loaded, quiet, loaded-duet or quiet-duet.") var only: String?
  @Option(help: "Seed of all orders.") var seed = SeededRandom.freshSeed()
  @Option(name: .shortAndLong, help: "Where trust.json goes.") var out = "benchmark-trust"
  @Option(help: .hidden) var binaries: String
  @Option(help: .hidden) var source: String

  func validate() throws {
    for number in [loaded, quiet, rounds, microseconds] where !(1...10_000).contains(number) {
      throw ValidationError("\(number): a number from 1 to 10000")
    }
  }

  /// The command that repeats it.
  var command: String {
    "sudo Benchmarks/run trust --loaded \(loaded) --quiet \(quiet) --rounds \(rounds)"
      + " --microseconds \(microseconds)" + (only.map { " --only \($0)" } ?? "") + " --seed \(seed)"
  }
}

func run(_ request: Request) throws(ExperimentError) -> Bool {
  let only = request.only
  var all = [
    Series("loaded", factor: 1, isDuet: false), Series("quiet", factor: 1.1, isDuet: false),
    Series("loaded-duet", factor: 1, isDuet: true), Series("quiet-duet", factor: 1.1, isDuet: true),
  ].filter { only == nil || $0.name == only }
  guard !all.isEmpty else {
    throw ExperimentError(
      "--only \(only ?? ""): there are loaded, quiet, loaded-duet and quiet-duet")
  }
  let work = Work(milliseconds: Double(request.microseconds) / 1000)
  var seeds = SeededRandom(seed: request.seed)
  for index in all.indices {
    let isLoaded = all[index].factor == 1
    let wanted = isLoaded ? request.loaded : request.quiet
    File.report("==> \(all[index].name): \(wanted) runs of \(request.rounds) rounds\n")
    try fill(&all[index], wanted, isLoaded ? request : nil, work, request.rounds, &seeds)
    File.report(line(all[index]))
  }
  try write(all, request)
  return all.allSatisfy(\.isAsPromised)
}

/// Runs a series; with the load, where there is a request that says where it is.
func fill(
  _ series: inout Series, _ wanted: Int, _ loaded: Request?, _ work: Work, _ rounds: Int,
  _ seeds: inout SeededRandom
) throws(ExperimentError) {
  if let loaded {
    let hogs = try Hogs(
      script: loaded.source + "/Benchmarks/trust/load", stress: loaded.binaries + "/stress",
      seed: seeds.next())
    for _ in 0..<wanted { try series.run(work, rounds: rounds, seed: seeds.next()) }
    _ = consume hogs
  } else {
    for _ in 0..<wanted { try series.run(work, rounds: rounds, seed: seeds.next()) }
  }
}

func line(_ series: Series) -> String {
  let what = series.factor == 1 ? "false claims (at most 5 %)" : "10 % found (at least 90 %)"
  let share = Decimals.percent(Double(series.count) / Double(max(1, series.runs.count)))
  let bounds = "\(Decimals.percent(series.bounds.low)) to \(Decimals.percent(series.bounds.high))"
  let discards = series.runs.reduce(0) { $0 + $1.discards }
  let noise = Statistics.median(series.runs.compactMap(\.noise)) ?? 0
  let same = series.runs.count { $0.verdict == .same }
  return "\(series.name): \(series.count) of \(series.runs.count) \(what): \(share), "
    + "true share \(bounds); A/A noise \(Decimals.percent(noise)) in the median, "
    + "\(same) times \"same\", \(discards) rounds run again: "
    + "\(series.isAsPromised ? "as promised" : "NOT as promised")\n"
}

func write(_ all: [Series], _ request: Request) throws(ExperimentError) {
  let environment = Environment.capture(
    path: request.binaries, binary: request.binaries + "/benchmark-trust", source: request.source)
  let json = JSON.object([
    "schema": .number("1"), "command": .string(request.command),
    "seed": .number("\(request.seed)"), "kernel": .string(environment.kernel),
    "cpu": .string("\(environment.cpuModel) × \(environment.cpus)"),
    "started_at": .string(Stopwatch.timestamp), "series": .array(all.map(\.json)),
  ])
  do throws(SystemError) {
    try File.makeDirectories(request.out)
    try File.replace(request.out + "/trust.json", with: json.text.utf8)
    File.report("\(request.out)/trust.json\n")
  } catch { throw ExperimentError(error.text) }
}

do {
  Processes.exit(try run(Request.parseOrExit()) ? 0 : 2)
} catch {
  File.report("benchmark-trust: \(error.text)\n")
  Processes.exit(1)
}
