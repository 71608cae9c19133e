// benchmark-engine: the engine against podman and Docker, for `sudo Benchmarks/run engine`.
//
//   main.swift     the command line, the order of things
//   Engines.swift  the arms: how each engine is called, and what serves its containers
//   Lives.swift    run, exec, run -d and rm -f, ps
//   Loading.swift  load of a Debian image, beside tar
//   Many.swift     many running at once: time and memory
//
// This program is two processes. The first makes the place, waits and clears it away whatever
// happens (Ctrl-C too); everything that is started meanwhile is its descendant. The second measures,
// in a mount namespace of its own.

import BenchmarkKit
import Linux
import Measure

func measure(_ request: Request, in place: Place) throws(ExperimentError) {
  try place.enter()
  let bench = try Bench(request, place)
  let environment = Environment.capture(
    path: place.path, binary: request.binaries + "/drydock", source: request.source)
  var document = ResultDocument(
    title: Bilingual(en: "Drydock beside podman and Docker", zh: "Drydock 与 podman、Docker 的比较"),
    command: request.command, seed: request.seed, environment: environment)
  for part in try bench.parts() {
    let start = Clock.now
    File.report("==> \(part.name)\n")
    document.experiments += try part.run()
    File.report("    \((Clock.now - start) / 1_000_000_000) s\n")
  }
  try Publishing.publish(document, to: request.out)
}

func run() throws(ExperimentError) -> Int32 {
  let request = try Request(
    Array(CommandLine.arguments.dropFirst()), name: "engine", rounds: 21,
    numbers: ["--many": 1000, "--stopped": 500], texts: ["--only", "--disk"],
    inner: ["--layer", "--place"])
  if let path = request.texts["--place"] {
    try measure(request, in: Place(path: path, isOnDisk: request.texts["--disk"] != nil))
    return 0
  }
  return try Place.make("engine", on: request.texts["--disk"]).lend {
    Array(CommandLine.arguments) + ["--place", $0]
  }
}

do {
  Processes.exit(try run())
} catch {
  File.report("benchmark-engine: \(error.text)\n")
  Processes.exit(1)
}
