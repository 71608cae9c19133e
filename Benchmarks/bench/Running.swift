public import ArgumentParser
import BenchmarkExperiments
public import BenchmarkKit
import Linux
import Measure
import Report

/// `drydock bench run`.
struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Measures, and writes a report.",
    discussion: """
      Without names, all experiments of the profile: smoke takes at most a minute, quick four, full \
      forty. With names (start.run) or groups (start), those. Ctrl-C keeps what was measured.
      """)

  @Option(help: "smoke, quick or full.")
  var profile = Profile.quick

  @Option(
    help: ArgumentHelp(
      "The OCI runtime that the run is about, instead of drydock-runtime.", valueName: "path"))
  var runtime: String?

  @Option(help: ArgumentHelp("Rounds of each experiment.", valueName: "number"))
  var rounds: Int?

  @Option(help: ArgumentHelp("Seed of all orders; drawn when not given.", valueName: "number"))
  var seed: UInt64?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Where the report goes.", valueName: "directory"))
  var out = "benchmark"

  @Flag(help: "Without crun, runc, podman and Docker, installed or not.")
  var noPeers = false

  @Option(
    help: ArgumentHelp(
      "A plain tar of a Debian root, for engine.load; Benchmarks/run makes one.", valueName: "file")
  )
  var layer: String?

  @OptionGroup var words: LanguageOption

  @Option(help: .hidden) var place: String?

  @Argument(help: "Experiments or groups.")
  var experiments: [String] = []

  func validate() throws {
    if let rounds, !(1...100_000).contains(rounds) {
      throw ValidationError("--rounds \(rounds): a number from 1 to 100000")
    }
  }

  func run() throws {
    var code: Int32 = 0
    do throws(ExperimentError) {
      let plan = try Plan(Suite.all, names: experiments, profile: profile, rounds: rounds)
      if let place {
        code = try Running(self, plan).measure(in: Place(path: place))
      } else {
        try Running(self, plan).prepare()
        try Place.sweep("bench")
        code = try Place.make("bench").lend {
          CommandLine.arguments + ["--place", $0, "--seed", "\(seed ?? SeededRandom.freshSeed())"]
        }
      }
    } catch { throw Complaint(error.text) }
    if code != 0 { throw ExitCode(code) }
  }
}

extension Profile: ExpressibleByArgument {}

/// An error as people see it: its text, nothing else.
struct Complaint: Error, CustomStringConvertible {
  let description: String
  init(_ text: String) { description = text }
}

/// One run, from its command line to its report.
struct Running {
  private let run: Run
  private let plan: Plan

  init(_ run: Run, _ plan: Plan) {
    self.run = run
    self.plan = plan
  }

  /// Where this project's programs are: beside this one.
  static func binaries() throws(ExperimentError) -> String {
    let path = try Place.told { () throws(SystemError) in try File.link("/proc/self/exe") }
    return String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
  }

  /// Everything that can be known to be wrong before anything is made.
  func prepare() throws(ExperimentError) {
    guard Identity.effectiveUser == 0 else {
      throw ExperimentError("drydock bench run needs root: sudo drydock bench run")
    }
    if let path = run.runtime, !File.exists(path) {
      throw ExperimentError("--runtime \(path): no such file")
    }
    if let path = run.layer, !path.hasPrefix("/") || !File.exists(path) {
      throw ExperimentError("--layer \(path): no such file, or no absolute path")
    }
    let binaries = try Running.binaries()
    let own = [
      "benchmark-true", "benchmark-floor", "benchmark-inside", "benchmark-peak", "stress",
      "drydock-runtime",
    ]
    for path in own.map({ "\(binaries)/\($0)" }) + ["/bin/busybox"] where !File.exists(path) {
      throw ExperimentError(
        "\(path) is missing: build with `swift build -c release`, and apt-get install busybox-static"
      )
    }
    try writes()
  }

  /// Whether the report can be written, before an hour is spent on it.
  private func writes() throws(ExperimentError) {
    let out = run.out
    try Place.told { () throws(SystemError) in
      try File.makeDirectories(out)
      // A result of one short experiment has 16 KiB.
      try File.replace(out + "/.writable", with: [UInt8](repeating: 0, count: 1 << 14))
      try File.remove(out + "/.writable")
    }
  }

  /// The second process; its exit code.
  func measure(in place: Place) throws(ExperimentError) -> Int32 {
    Interrupt.arm()
    let binaries = try Running.binaries()
    let out = run.out.hasPrefix("/") ? run.out : try Running.directory() + "/" + run.out
    // Before the v2 tree of a hybrid machine is covered.
    let mode = Environment.capture().cgroupMode
    try place.enter()
    let (runtime, peers, missing) = runtimes(place, binaries)
    let ground = try Ground(
      place: place, binaries: binaries, runtime: runtime, peers: peers, hasPeers: !run.noPeers,
      layer: run.layer, profile: plan.profile)
    var document = ResultDocument(
      title: Bilingual(en: "What a container costs", zh: "一个容器的代价"), command: command,
      seed: run.seed ?? 0,
      environment: Environment.capture(
        path: place.path, binary: runtime.words[0], source: binaries))
    document.environment.cgroupMode = mode
    document.profile = plan.profile.rawValue
    document.missing = missing
    let runner = Runner(plan, on: ground, progress: Progress()) {
      document throws(ExperimentError) in
      do throws(DocumentError) {
        try ReportFiles.write(document, to: out, language: run.words.language)
      } catch { throw ExperimentError(error.text) }
    }
    try runner.run(&document)
    show(document, out)
    try place.clearAwayIfAlone()
    if document.isInterrupted { return 130 }
    if document.experiments.isEmpty { throw ExperimentError("nothing was measured") }
    return 0
  }

  private func show(_ document: ResultDocument, _ out: String) {
    let isTerminal = Terminal.isTerminal(1)
    let plain = !isTerminal || Processes.environment.contains { $0.hasPrefix("NO_COLOR=") }
    let width = isTerminal ? Int(Terminal.size(1)?.columns ?? 80) : 120
    print(
      TerminalReport(language: run.words.language, width: min(width, 140), plain: plain)
        .text(document))
    print("\(out)/report.html")
  }

  private static func directory() throws(ExperimentError) -> String {
    try Place.told { () throws(SystemError) in try File.link("/proc/self/cwd") }
  }

  /// The runtime that the run is about, the others that are installed, and those that are not.
  private func runtimes(_ place: Place, _ binaries: String) -> (Runtime, [Runtime], [Missing]) {
    let own = Runtime(binaries + "/drydock-runtime", name: "drydock", in: place, isPeer: false)
    var subject = own
    var peers: [Runtime] = []
    var missing: [Missing] = []
    if let path = run.runtime {
      subject = Runtime(path, in: place, isPeer: false)
      peers.append(Runtime(own.words[0], name: "drydock", in: place, isPeer: true))
    }
    guard !run.noPeers else { return (subject, peers, missing) }
    for name in ["crun", "runc"] where name != subject.name {
      if let path = Runtime.find(name) {
        peers.append(Runtime(path, in: place, isPeer: true))
      } else {
        missing.append(Missing(name, Bilingual(en: "it is not installed", zh: "未安装")))
      }
    }
    return (subject, peers, missing)
  }

  /// The command that repeats this run.
  private var command: String {
    var words = ["sudo drydock bench run --profile \(plan.profile.rawValue)"]
    if let runtime = run.runtime { words.append("--runtime \(runtime)") }
    if let rounds = run.rounds { words.append("--rounds \(rounds)") }
    if run.noPeers { words.append("--no-peers") }
    if let layer = run.layer { words.append("--layer \(layer)") }
    return (words + run.experiments + ["--seed \(run.seed ?? 0)"]).joined(separator: " ")
  }
}
