// benchmark-start: what starting a container costs, for `sudo Benchmarks/run start`.
//
//   main.swift    the command line, the order of things
//   Bench.swift   the scratch place: a mount namespace, a tmpfs, bundles, cgroups
//   Runtimes.swift  the command lines of the arms
//   Memory.swift  peak memory, and the smallest limit under which a start works
//   Many.swift    100 starts from several callers
//   Facts.swift   what a probe in the container must find
//   GlassCost.swift  the price of a step that nobody watches
//   floor.c       the C program that makes the same system calls
//   peak.c        what the largest process of a command had in memory

import Linux
import Measure
import Report

/// What the command line asked for.
struct Request {
  var binaries = ""
  var source = "."
  var rounds = 41
  var out = "benchmark-start"
  var seed = SeededRandom.freshSeed()

  init(_ words: [String]) throws(ExperimentError) {
    var rest = words[...]
    while let word = rest.popFirst() {
      guard let value = rest.popFirst() else { throw ExperimentError("\(word) needs a value") }
      switch word {
      case "--binaries": binaries = value
      case "--source": source = value
      case "--out": out = value
      case "--rounds":
        guard let number = Int(value), (1...10_000).contains(number) else {
          throw ExperimentError("--rounds \(value): a number from 1 to 10000")
        }
        rounds = number
      case "--seed":
        guard let number = UInt64(value) else { throw ExperimentError("--seed \(value): a number") }
        seed = number
      default: throw ExperimentError("unknown flag \(word): --rounds, --out or --seed")
      }
    }
  }

  /// The command that repeats this run.
  var command: String { "sudo Benchmarks/run start --rounds \(rounds) --seed \(seed)" }
}

/// Every arm with its multiple of the floor, by the clock and by CPU time: the latter is steadier
/// on a busy machine.
///
/// Medians of the ratios within a round.
func table(_ result: ExperimentResult) -> String {
  func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.utf8.count))
  }
  func cpu(_ round: Round, _ arm: String) -> Double? {
    round.samples.first { $0.arm == arm && $0.isValid }?.cpuNanoseconds.map { Double($0) }
  }
  func times(_ ratios: [Double]) -> String {
    Statistics.median(ratios).map { Decimals.fixed($0, 2) } ?? "-"
  }
  let floor = result.floor ?? result.arms[0].name
  var text = result.id + "\n"
  for row in [
    ["arm", "median", "× \(floor)", "CPU ms", "× \(floor)"]
  ]
    + result.arms.map(\.name).map({ arm in
      let ratios = result.kept.compactMap { round -> Double? in
        guard let a = cpu(round, arm), let b = cpu(round, floor), b > 0 else { return nil }
        return a / b
      }
      return [
        arm, Statistics.median(result.values(arm)).map { result.unit.text($0) } ?? "-",
        times(result.pairs(arm, floor).map { $0.a / $0.b }),
        times(result.kept.compactMap { round in cpu(round, arm).map { $0 / 1e6 } }), times(ratios),
      ]
    })
  {
    text += "  " + row.map { padded($0, 12) }.joined() + "\n"
  }
  return text + "\n"
}

func run() throws(ExperimentError) {
  let request = try Request(Array(CommandLine.arguments.dropFirst()))
  let environment = Environment.capture(
    path: request.binaries, binary: request.binaries + "/drydock-runtime", source: request.source)
  let bench = try Bench(request)
  defer { bench.remove() }
  var document = ResultDocument(
    title: Bilingual(en: "Starting a container", zh: "启动一个容器"), command: request.command,
    seed: request.seed, environment: environment)
  for experiment in try bench.experiments() {
    var experiment = experiment
    // A sample of these is 100 starts, or a search: they are long, and steadier.
    let isLong = experiment.id.hasPrefix("start.many") || experiment.id == "start.limit"
    experiment.rounds = isLong ? min(request.rounds, 11) : request.rounds
    File.report("==> \(experiment.id): \(experiment.rounds) rounds\n")
    document.experiments.append(try experiment.run(seed: request.seed))
  }
  File.report("\n" + TerminalReport(width: 100).text(document) + "\n")
  for experiment in document.experiments { File.report(table(experiment)) }
  do {
    for path in try ReportFiles.write(document, to: request.out) { File.report("\(path)\n") }
  } catch { throw ExperimentError("\(error.text)") }
}

do {
  try run()
} catch {
  File.report("benchmark-start: \(error.text)\n")
  Processes.exit(1)
}
