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

import BenchmarkKit
import Linux
import Measure

func run() throws(ExperimentError) {
  let request = try Request(
    Array(CommandLine.arguments.dropFirst()), name: "start", rounds: 41)
  let bench = try Bench(request)
  defer { bench.remove() }
  var experiments: [ExperimentResult] = []
  for experiment in try bench.experiments() {
    var experiment = experiment
    // A sample of these is 100 starts, or a search: they are long, and steadier.
    let isLong = experiment.id.hasPrefix("start.many") || experiment.id == "start.limit"
    experiment.rounds = isLong ? min(request.rounds, 11) : request.rounds
    File.report("==> \(experiment.id): \(experiment.rounds) rounds\n")
    experiments.append(try experiment.run(seed: request.seed))
  }
  // Last, since the digest reads the program as a whole: see Benchmarks/run.
  let environment = Environment.capture(
    path: request.binaries, binary: request.binaries + "/drydock-runtime", source: request.source)
  var document = ResultDocument(
    title: Bilingual(en: "Starting a container", zh: "启动一个容器"), command: request.command,
    seed: request.seed, environment: environment)
  document.experiments = experiments
  try Publishing.publish(document, to: request.out)
}

do {
  try run()
} catch {
  File.report("benchmark-start: \(error.text)\n")
  Processes.exit(1)
}
