// benchmark-network: what ways through networks cost, for `sudo Benchmarks/run network`.
//
//   main.swift      the command line, the order of things
//   Space.swift     a network namespace
//   Stage.swift     the hosts, with an engine each
//   Ways.swift      the ways between them
//   Way.swift       one way: how it is measured, and what shows that it was taken
//   Paths.swift     all ways in every round
//   Starting.swift  starts with networks, and where the time goes
//   Crowds.swift    many containers on one bridge, at once, and gone again
//   traffic         the program at both ends
//
// Two processes, as in benchmark-engine (Benchmarks/kit/Place.swift). The second one is in a network
// namespace of its own and makes the others.

import BenchmarkKit
import Linux
import Measure

func measure(_ request: Request, in place: Place) throws(ExperimentError) {
  try place.enter(.network)
  let stage = try Stage(request, place)
  let environment = Environment.capture(
    path: place.path, binary: request.binaries + "/drydock", source: request.source)
  var document = ResultDocument(
    title: Bilingual(en: "Networks", zh: "网络"), command: request.command, seed: request.seed,
    environment: environment)
  for part in try stage.parts() {
    let start = Clock.now
    File.report("==> \(part.name)\n")
    try part.run(&document)
    File.report("    \((Clock.now - start) / 1_000_000_000) s\n")
  }
  try Publishing.publish(document, to: request.out)
}

func run() throws(ExperimentError) -> Int32 {
  let request = try Request(
    Array(CommandLine.arguments.dropFirst()), name: "network", rounds: 11,
    numbers: ["--most": 500, "--crowd": 100], texts: ["--only", "--ways"], inner: ["--place"])
  if let path = request.texts["--place"] {
    try measure(request, in: Place(path: path))
    return 0
  }
  return try Place.make("network").lend {
    Array(CommandLine.arguments) + ["--place", $0]
  }
}

do {
  Processes.exit(try run())
} catch {
  File.report("benchmark-network: \(error.text)\n")
  Processes.exit(1)
}
